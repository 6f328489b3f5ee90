import type { Json } from '../../domain/json.ts';
import { WireNumber } from '../jsonrpc/exact-json.ts';
import type { OdooCodec } from '../jsonrpc/odoo.ts';
import { toOdoo } from '../jsonrpc/odoo-values.ts';
import type { TrytonCodec } from '../jsonrpc/tryton.ts';
import { toTryton, typedFromTryton } from '../jsonrpc/tryton-values.ts';
import { Typed, type WireValue } from '../jsonrpc/typed.ts';
import { readAnswer, writeCall, XmlRpcTyped, type XmlRpcReading, type XmlRpcValue } from './codec.ts';

/** `20261129T14:05:51` or `2026-11-29T14:05:51`, in UTC as both systems keep moments. */
function utc(text: string): string {
  const parts = /^(\d{4})-?(\d{2})-?(\d{2})T(\d{2}:\d{2}:\d{2})/.exec(text);
  if (parts === null) throw new SyntaxError(`"${text.slice(0, 40)}" is no moment.`);
  return `${parts[1]}-${parts[2]}-${parts[3]}T${parts[4]}Z`;
}

const trytonReading: XmlRpcReading = { struct: (value) => typedFromTryton(value) as Json, moment: utc };
const odooReading: XmlRpcReading = { struct: (value) => value, moment: utc };

/** Fault codes of Tryton's exceptions (trytond/exceptions.py, protocols/xmlrpc.py); the text holds message and description. */
const trytonFaults: Readonly<Record<string, string>> = { 1: 'UserError', 2: 'UserWarning', 3: 'LoginException', 4: 'ConcurrencyException' };

/** Tryton's XML-RPC: the same address, sessions and types as its JSON-RPC. A warning has no name here, so none can be answered. */
export const trytonXml: TrytonCodec = {
  contentType: 'text/xml',
  write: (method, params) => writeCall(method, params.map((param) => trytonToXml(param))),
  read: (body) => {
    const answer = readAnswer(body, trytonReading);
    if ('result' in answer) return answer;
    const name = trytonFaults[String(answer.faultCode)];
    const message = answer.faultString.replace(/ - $/, '');
    return { error: name === undefined ? [message, ''] : [name, name === 'UserWarning' || name === 'LoginException' ? ['', message] : [message]] };
  },
};

function trytonToXml(value: WireValue): XmlRpcValue {
  if (value instanceof Typed && value.type === 'datetime') return new XmlRpcTyped('dateTime.iso8601', value.text.slice(0, 19).replaceAll('-', ''));
  if (value instanceof Typed && value.type === 'bytes') return new XmlRpcTyped('base64', value.text);
  if (value instanceof Typed) return toTryton(value) as XmlRpcValue;
  if (value instanceof WireNumber || value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((each: WireValue) => trytonToXml(each));
  return Object.fromEntries(Object.entries(value as { readonly [key: string]: WireValue }).map(([name, each]) => [name, trytonToXml(each)]));
}

/** Fault codes of `/xmlrpc/2` (odoo/addons/base, controllers/rpc.py). */
const odooFaults: Readonly<Record<string, string>> = { 2: 'odoo.exceptions.UserError', 3: 'odoo.exceptions.AccessDenied', 4: 'odoo.exceptions.AccessError' };

/** Odoo's XML-RPC 2. */
export const odooXml: OdooCodec = {
  contentType: 'text/xml',
  path: (service) => `/xmlrpc/2/${service}`,
  write: (_service, method, params) => writeCall(method, params.map((param) => toOdoo(param) as XmlRpcValue)),
  read: (body) => {
    const answer = readAnswer(body, odooReading);
    if ('result' in answer) return answer;
    // The method has returned nothing, which this protocol of Odoo cannot say: it is done, and committed.
    if (answer.faultString.includes('cannot marshal None unless allow_none is enabled')) return { result: null };
    return { fault: { name: odooFaults[String(answer.faultCode)] ?? '', message: answer.faultString } };
  },
};
