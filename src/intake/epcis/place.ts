/** Where an event happened and where its goods are then, from a pattern of the configuration (EPCIS 2.0 §7.3.5). */
import { isGln, isGlnExtension, type Identifiers } from './identifiers.ts';

/** `{station}`, `{area}`, `{site}`, `{enterprise}`, `{gln}` or another variable of the topic. */
const VARIABLE = /\{([A-Za-z][A-Za-z0-9_-]*)\}/g;
const URI = /^(?:https?:\/\/[^\s/?#]+\S*|urn:[A-Za-z0-9][A-Za-z0-9-]{0,31}:\S+|geo:\S+)$/;

/** What a place is called; undefined when the pattern gives no place with these variables: its text is neither a GLN nor a URI. */
export function placeId(pattern: string, variables: Readonly<Record<string, string>>, identifiers: Identifiers): string | undefined {
  let complete = true;
  // a variable may hold anything that a topic may: what it brings into a URI is written as one segment of it
  const filled = (write: (value: string) => string): string => pattern.replace(VARIABLE, (_, name: string) => {
    const value = variables[name];
    if (value === undefined || value === '') complete = false;
    return write(value ?? '');
  });
  const plain = filled((value) => value);
  if (!complete) return undefined;
  const [gln = '', ...rest] = plain.split('/');
  const extension = rest.join('/');
  if (isGln(gln)) return rest.length === 0 ? identifiers.location(gln) : isGlnExtension(extension) ? identifiers.location(gln, extension) : undefined;
  const uri = filled(encodeURIComponent);
  return URI.test(uri) ? uri : undefined;
}

/** One sentence that says what is wrong with a pattern, whatever its variables hold; undefined when nothing is. */
export function placePatternProblem(pattern: string): string | undefined {
  if (pattern === '') return undefined;
  const wrong = `"${pattern}" is no place: write a GLN (13 digits), a GLN with what tells places within it apart (4012345000009/{station}), or a URI.`;
  if (/[{}]/.test(pattern.replace(VARIABLE, ''))) return wrong;
  const [head = ''] = pattern.split('/');
  if (/^\d+$/.test(head)) return isGln(head) ? undefined : `"${head}" is no GLN: 13 digits, the last of which is the check digit.`;
  return head === '{gln}' || URI.test(pattern.replace(VARIABLE, 'x')) ? undefined : wrong;
}

/** A place that has no number of GS1: a name that is nobody else's within the enterprise. */
export function ownPlaceId(parts: readonly (string | undefined)[]): string {
  return `urn:waybill:${parts.filter((part) => part !== undefined && part !== '').map((part) => encodeURIComponent(part as string)).join(':')}`;
}
