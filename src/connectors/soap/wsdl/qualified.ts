import type { XmlElement } from '../../xml.ts';
import { WsdlError } from './wsdl-error.ts';

/** A name with its namespace, as `QName` values are written: `{namespace}local`. */
export type Qualified = string;

export const XSD = 'http://www.w3.org/2001/XMLSchema';
export const WSDL = 'http://schemas.xmlsoap.org/wsdl/';

export function qualified(ns: string, name: string): Qualified {
  return `{${ns}}${name}`;
}

/** What `prefix:name` in an attribute means there. The prefixes are those of the element, which the reader kept. @throws WsdlError */
export function resolvedName(text: string, prefixes: Readonly<Record<string, string>>): Qualified {
  const [, prefix = '', name = ''] = /^(?:([^:]+):)?([^:]+)$/.exec(text.trim()) ?? [];
  const ns = prefixes[prefix] ?? (prefix === '' ? '' : undefined);
  if (name === '' || ns === undefined) throw new WsdlError(`"${text.slice(0, 100)}" names nothing in this document: its prefix is not declared.`);
  return qualified(ns, name);
}

export function partsOf(name: Qualified): { readonly ns: string; readonly name: string } {
  const end = name.indexOf('}');
  return { ns: name.slice(1, end), name: name.slice(end + 1) };
}

export const prefixesOf = (element: XmlElement): Readonly<Record<string, string>> => element.prefixes ?? {};
