import type { Json } from '../../domain/json.ts';
import { DriverError } from '../driver.ts';
import { childrenOf, readXml, XmlError, type XmlElement } from '../xml.ts';
import { exactNumber, plainDecimal, WireNumber } from '../jsonrpc/exact-json.ts';

/** A value that has a type of its own in XML-RPC. */
export class XmlRpcTyped {
  readonly type: 'dateTime.iso8601' | 'base64';
  readonly text: string;
  constructor(type: XmlRpcTyped['type'], text: string) {
    this.type = type;
    this.text = text;
  }
}

export type XmlRpcValue = string | number | boolean | null | WireNumber | XmlRpcTyped | readonly XmlRpcValue[] | { readonly [name: string]: XmlRpcValue };

/** What came back. */
export type XmlRpcAnswer = { readonly result: Json } | { readonly faultCode: number | string; readonly faultString: string };

/** How structs and moments become ours. */
export interface XmlRpcReading {
  struct(value: { readonly [name: string]: Json }): Json;
  /** Of `20261129T14:05:51`. */
  moment(text: string): Json;
}

/** A call as XML (xmlrpc.com/spec, with `nil` and `i8` of its usual extensions). @throws DriverError for text that no XML can hold */
export function writeCall(method: string, params: readonly XmlRpcValue[]): string {
  return `<?xml version="1.0"?>\n<methodCall><methodName>${escaped(method)}</methodName><params>${params.map((param) => `<param>${written(param)}</param>`).join('')}</params></methodCall>`;
}

function written(value: XmlRpcValue): string {
  return `<value>${inner(value)}</value>`;
}

const mostI4 = 2_147_483_647;

function inner(value: XmlRpcValue): string {
  if (value === null) return '<nil/>';
  if (value instanceof WireNumber) return `<double>${value.text}</double>`;
  if (value instanceof XmlRpcTyped) return `<${value.type}>${escaped(value.text)}</${value.type}>`;
  if (Array.isArray(value)) return `<array><data>${(value as readonly XmlRpcValue[]).map(written).join('')}</data></array>`;
  switch (typeof value) {
    case 'string': return `<string>${escaped(value)}</string>`;
    case 'boolean': return `<boolean>${value ? 1 : 0}</boolean>`;
    case 'number':
      if (!Number.isSafeInteger(value)) throw new DriverError(`${value} is no whole number; give a decimal as text, with its type.`);
      return Math.abs(value) <= mostI4 ? `<int>${value}</int>` : `<i8>${value}</i8>`;
    default: return `<struct>${Object.entries(value as { readonly [name: string]: XmlRpcValue }).map(([name, member]) => `<member><name>${escaped(name)}</name>${written(member)}</member>`).join('')}</struct>`;
  }
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#13;' };

function escaped(text: string): string {
  // XML 1.0 §2.2: what no document can hold, escaped or not.
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(text) || !text.isWellFormed()) throw new DriverError('A text holds a control character that XML cannot carry; take it out.');
  return text.replace(/[&<>\r]/g, (character) => entities[character] ?? character);
}

/**
 * Reads an answer. Whole numbers that a double holds are numbers, all others decimal text; base64 without line breaks.
 * @throws SyntaxError for what is none: a document type, another element, a number that is none
 */
export function readAnswer(body: Uint8Array, reading: XmlRpcReading): XmlRpcAnswer {
  const root = parsed(body);
  if (root.name !== 'methodResponse') throw new SyntaxError(`It is <${root.name}> instead of <methodResponse>.`);
  const fault = childrenOf(root, 'fault')[0];
  if (fault !== undefined) {
    const said = valueOf(only(fault, 'value'), reading) as { readonly faultCode?: Json; readonly faultString?: Json };
    return { faultCode: typeof said.faultCode === 'number' || typeof said.faultCode === 'string' ? said.faultCode : 0, faultString: typeof said.faultString === 'string' ? said.faultString : '' };
  }
  return { result: valueOf(only(only(only(root, 'params'), 'param'), 'value'), reading) };
}

function parsed(body: Uint8Array): XmlElement {
  try {
    return readXml(body);
  } catch (error) {
    if (error instanceof XmlError) throw new SyntaxError(error.message, { cause: error });
    throw error;
  }
}

function only(element: XmlElement, name: string): XmlElement {
  const [child] = childrenOf(element, name);
  if (child === undefined || element.children.length !== 1) throw new SyntaxError(`<${element.name}> has to hold one <${name}>.`);
  return child;
}

function valueOf(value: XmlElement, reading: XmlRpcReading): Json {
  const [typed] = value.children;
  if (typed === undefined) return value.text;
  if (value.children.length > 1) throw new SyntaxError('<value> holds more than one value.');
  const text = typed.text.trim();
  switch (typed.name) {
    case 'string': return typed.text;
    case 'int': case 'i1': case 'i2': case 'i4': case 'i8': case 'biginteger': case 'long':
      if (!/^[+-]?\d+$/.test(text)) throw new SyntaxError(`"${text.slice(0, 40)}" is no whole number.`);
      return exactNumber(text.replace(/^\+/, ''));
    case 'double': case 'float': case 'bigdecimal': {
      const decimal = plainDecimal(text);
      return typed.name === 'bigdecimal' ? decimal : String(exactNumber(decimal.includes('.') ? decimal : `${decimal}.0`));
    }
    case 'boolean':
      if (text !== '0' && text !== '1') throw new SyntaxError(`"${text.slice(0, 40)}" is neither 0 nor 1.`);
      return text === '1';
    case 'nil': return null;
    case 'base64': return typed.text.replace(/\s+/g, '');
    case 'dateTime.iso8601': return reading.moment(text);
    case 'array': return childrenOf(only(typed, 'data'), 'value').map((each) => valueOf(each, reading));
    case 'struct': return reading.struct(Object.fromEntries(childrenOf(typed, 'member').map((member): readonly [string, Json] => {
      const [name] = childrenOf(member, 'name');
      const [held] = childrenOf(member, 'value');
      if (name === undefined || held === undefined) throw new SyntaxError('<member> has to hold a <name> and a <value>.');
      return [name.text, valueOf(held, reading)];
    })));
    default: throw new SyntaxError(`<${typed.name}> is no type of XML-RPC.`);
  }
}
