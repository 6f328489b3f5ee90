import { OpcUaIntakeError } from './errors.ts';

/** Forms of a node id (OPC UA Part 6, 5.1.12). */
const NODE_ID = /^(?:ns=(\d{1,5});|nsu=([^;]+);)?([isgb]=.+)$/s;
const GUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/** Whether a text is a node id: `i=85`, `ns=3;s=Line.Tag`, or `nsu=urn:line;s=Line.Tag`. */
export function isNodeId(text: string): boolean {
  return parse(text) !== undefined;
}

/**
 * The node id as a server has it now: `nsu=urn:line;s=Tag` → `ns=3;s=Tag`.
 * @param namespaces the server's NamespaceArray
 * @throws OpcUaIntakeError when it is none, or the server does not have the namespace.
 */
export function localNodeId(text: string, namespaces: readonly string[]): string {
  const parsed = parse(text);
  if (parsed === undefined) throw new OpcUaIntakeError('config', `"${text}" is no node id; choose a tag in the browser, or write it as nsu=<namespace>;s=<name>.`);
  const { index, uri, identifier } = parsed;
  if (uri === undefined) return index === 0 ? identifier : `ns=${index};${identifier}`;
  const at = namespaces.indexOf(uri);
  if (at < 0) throw new OpcUaIntakeError('config', `The server has no namespace "${uri}" (tag ${text}); it has ${namespaces.slice(1).join(', ') || 'none of its own'}. Choose the tag again in the browser.`);
  return at === 0 ? identifier : `ns=${at};${identifier}`;
}

/** The node id with the name of its namespace in the place of the number, which a server may give anew when it starts. */
export function lastingNodeId(text: string, namespaces: readonly string[]): string {
  const parsed = parse(text);
  const uri = parsed?.uri ?? (parsed === undefined || parsed.index === 0 ? undefined : namespaces[parsed.index]);
  return parsed === undefined || uri === undefined ? text : `nsu=${uri.replaceAll('%', '%25').replaceAll(';', '%3B')};${parsed.identifier}`;
}

function parse(text: string): { readonly index: number; readonly uri?: string; readonly identifier: string } | undefined {
  const [, index, uri, identifier] = NODE_ID.exec(text.trim()) ?? [];
  if (identifier === undefined) return undefined;
  const value = identifier.slice(2);
  if (identifier.startsWith('i=') && !(/^\d{1,10}$/.test(value) && Number(value) <= 0xffff_ffff)) return undefined;
  if (identifier.startsWith('g=') && !GUID.test(value)) return undefined;
  if (identifier.startsWith('b=') && !/^[A-Za-z0-9+/]+={0,2}$/.test(value)) return undefined;
  return { index: Number(index ?? 0), identifier, ...(uri === undefined ? {} : { uri: uri.replaceAll(/%3B/gi, ';').replaceAll('%25', '%') }) };
}
