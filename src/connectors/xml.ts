import { Parser } from 'saxen';
import type { Context } from 'saxen';

/** An element with its namespace; attributes without a prefix by their name, others as `{namespace}name`. */
export interface XmlElement {
  /** Local name. */
  readonly name: string;
  readonly namespace: string;
  readonly attributes: { readonly [name: string]: string };
  readonly children: readonly XmlElement[];
  /** All text and CDATA directly in it. */
  readonly text: string;
  /** Namespaces by the prefixes that hold there, where they were asked for: values may be written with them. */
  readonly prefixes?: Readonly<Record<string, string>>;
}

export interface XmlLimits {
  readonly maxBytes: number;
  readonly maxDepth: number;
}

const defaultLimits: XmlLimits = { maxBytes: 16 * 1024 * 1024, maxDepth: 64 };

/** The text is no XML that is taken; `message` is one sentence with the place. */
export class XmlError extends Error {
  override readonly name = 'XmlError';
}

type Building = { -readonly [K in keyof XmlElement]: XmlElement[K] } & { readonly children: XmlElement[]; readonly attributes: { [name: string]: string } };
type Prefixes = Readonly<Record<string, string>>;

/**
 * Reads an XML 1.0 document into elements. A document type declaration is refused before any of it is used, so there are no
 * entities but the five of XML and characters by number: nothing that grows and nothing that is fetched.
 * Names of elements and attributes are ASCII, as they are in all formats that we read.
 *
 * @throws XmlError for what is not well-formed, too long, too deep, or has a DOCTYPE
 */
export function readXml(source: string | Uint8Array, options: Partial<XmlLimits> & { readonly prefixes?: boolean } = {}): XmlElement {
  const { maxBytes, maxDepth } = { ...defaultLimits, ...options };
  if (source.length > maxBytes) throw new XmlError(`The XML is longer than ${maxBytes} bytes; ask the system for a smaller part of it.`);
  const text = (typeof source === 'string' ? source : decode(source)).replace(/^\ufeff/, '');
  const parser = new Parser();
  const open: { readonly element: Building; readonly prefixes: Prefixes }[] = [];
  let root: XmlElement | undefined;
  const damaged = (message: string, context: Context): never => {
    const { line, column } = context();
    throw new XmlError(`The XML is damaged at line ${line + 1}, column ${column + 1}: ${message}.`);
  };
  parser.on('error', (error, context) => damaged(error.message, context));
  // What saxen would overlook, such as an attribute given twice, is damage as well.
  parser.on('warn', (error, context) => damaged(error.message, context));
  parser.on('attention', (_text, _decode, context) => {
    throw new XmlError(`The XML has a DOCTYPE (line ${context().line + 1}); it is refused since entities could swell it or fetch files: ask the system for it without one.`);
  });
  parser.on('openTag', (tag, attributesOf, _decode, _selfClosing, context) => {
    if (open.length >= maxDepth) throw new XmlError(`The XML is nested deeper than ${maxDepth} elements at line ${context().line + 1}; it is refused.`);
    if (root !== undefined && open.length === 0) damaged('a second root element', context);
    const raw = Object.entries(attributesOf() || {}).map(([name, value]) => [name, decoded(value, context)] as const);
    const prefixes = withDeclared(open.at(-1)?.prefixes ?? noPrefixes, raw);
    const named = (name: string, isAttribute: boolean): readonly [namespace: string, local: string] => {
      const colon = name.indexOf(':');
      const prefix = colon < 0 ? '' : name.slice(0, colon);
      if (prefix === '' && isAttribute) return ['', name];
      const namespace = prefixes[prefix] ?? (prefix === '' ? '' : damaged(`the prefix ${prefix} is not declared`, context));
      return [namespace, name.slice(colon + 1)];
    };
    const [namespace, name] = named(tag, false);
    const attributes: { [name: string]: string } = Object.create(null);
    for (const [each, value] of raw) {
      if (each === 'xmlns' || each.startsWith('xmlns:')) continue;
      const [uri, local] = named(each, true);
      attributes[uri === '' ? local : `{${uri}}${local}`] = value;
    }
    const element: Building = { name, namespace, attributes, children: [], text: '', ...(options.prefixes === true ? { prefixes } : {}) };
    open.at(-1)?.element.children.push(element);
    open.push({ element, prefixes });
  });
  const append = (part: string): void => {
    const last = open.at(-1);
    if (last !== undefined) last.element.text += part;
  };
  parser.on('text', (part, _decode, context) => append(decoded(part, context)));
  parser.on('cdata', append);
  parser.on('closeTag', () => { root = open.pop()?.element; });
  parser.parse(text);
  if (root === undefined) throw new XmlError('The XML has no element; it is empty.');
  return root;

  function decoded(part: string, context: Context): string {
    if (!part.includes('&')) return part;
    return part.replace(/&([^;&\s]{0,40};?)/g, (_all, reference: string) => characterOf(reference) ?? damaged(`&${reference} is no entity of XML`, context));
  }
}

const noPrefixes: Prefixes = { '': '', 'xml': 'http://www.w3.org/XML/1998/namespace' };

function withDeclared(known: Prefixes, attributes: readonly (readonly [string, string])[]): Prefixes {
  const declared = attributes.filter(([name]) => name === 'xmlns' || name.startsWith('xmlns:'));
  if (declared.length === 0) return known;
  return { ...known, ...Object.fromEntries(declared.map(([name, uri]) => [name.slice('xmlns:'.length), uri])) };
}

const named: Readonly<Record<string, string>> = { 'amp;': '&', 'lt;': '<', 'gt;': '>', 'quot;': '"', 'apos;': "'" };

/** The character of `amp;`, `#65;` or `#x41;` (XML 1.0 §4.1, §4.6). */
function characterOf(reference: string): string | undefined {
  if (Object.hasOwn(named, reference)) return named[reference];
  const match = /^#(?:x([0-9a-f]{1,6})|([0-9]{1,7}));$/i.exec(reference);
  if (match === null) return undefined;
  const code = match[1] === undefined ? Number(match[2]) : Number.parseInt(match[1], 16);
  const allowed = code === 9 || code === 10 || code === 13 || (code >= 0x20 && code < 0xd800) || (code > 0xdfff && code < 0xfffe) || (code > 0xffff && code <= 0x10ffff);
  return allowed ? String.fromCodePoint(code) : undefined;
}

/** Children of that name, whatever their namespace. */
export function childrenOf(element: XmlElement, name: string): readonly XmlElement[] {
  return element.children.filter((child) => child.name === name);
}

/** The encoding comes from the byte order mark, else from the XML declaration, else it is UTF-8 (XML 1.0 appendix F). */
function decode(bytes: Uint8Array): string {
  const encoding = encodingOf(bytes);
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (error) {
    throw new XmlError(`The XML cannot be read as ${encoding}; the system must send it in the encoding that it declares.`, { cause: error });
  }
}

function encodingOf(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  const start = String.fromCharCode(...bytes.subarray(0, 200));
  return /^(?:\u00ef\u00bb\u00bf)?<\?xml[^>]*\sencoding\s*=\s*["']([\w.:-]{1,40})["']/.exec(start)?.[1] ?? 'utf-8';
}

