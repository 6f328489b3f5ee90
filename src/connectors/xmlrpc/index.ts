import type { HttpDriver } from '../driver.ts';
import { rpcDriver } from '../jsonrpc/driver.ts';
import { Odoo } from '../jsonrpc/odoo.ts';
import { Tryton } from '../jsonrpc/tryton.ts';
import { odooXml, trytonXml } from './presets.ts';

/** XML-RPC, by presets: the same sequences of calls as JSON-RPC, in another form on the wire. */
export const xmlRpcDriver: HttpDriver = rpcDriver({ tryton: new Tryton(trytonXml), odoo: new Odoo(odooXml) });
