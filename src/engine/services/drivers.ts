import type { Protocol } from '../../domain/service/index.ts';
import type { HttpDriver } from '../../connectors/driver.ts';
import { ediDriver } from '../../connectors/edi/index.ts';
import { jsonRpcDriver } from '../../connectors/jsonrpc/index.ts';
import { odataDriver } from '../../connectors/odata/index.ts';
import { restDriver } from '../../connectors/rest/driver.ts';
import { xmlRpcDriver } from '../../connectors/xmlrpc/index.ts';

/** Who speaks which protocol over HTTP. */
const drivers: Readonly<Partial<Record<Protocol, HttpDriver>>> = { 'edi': ediDriver, 'rest': restDriver, 'odata': odataDriver, 'json-rpc': jsonRpcDriver, 'xml-rpc': xmlRpcDriver };

export function driverOf(protocol: Protocol): HttpDriver | undefined {
  return drivers[protocol];
}
