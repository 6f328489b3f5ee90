/**
 * GS1 Digital Link URIs, uncompressed (GS1 Digital Link Standard: URI Syntax 1.4 §4):
 * scheme://domain[/stem]/{primary key AI}/{value}[/{qualifier AI}/{value}…][?{AI}={value}&…].
 */
import { aiNamed, type AiSpec } from './ai-table.ts';
import { isFailure, readElement } from './element.ts';
import { failure, type Gs1Element, type Gs1Failure } from './types.ts';

/** Primary keys and the qualifiers that may follow them, in this order (§4.7 to §4.9). */
const QUALIFIERS: ReadonlyMap<string, readonly string[]> = new Map([
  ['00', []],
  ['01', ['235', '22', '10', '21']],
  ['253', []],
  ['255', []],
  ['401', []],
  ['402', []],
  ['414', ['254', '7040']],
  ['415', ['8020']],
  ['417', ['7040']],
  ['8003', []],
  ['8004', ['7040']],
  ['8006', ['22', '10', '21']],
  ['8010', ['8011']],
  ['8013', []],
  ['8017', ['8019']],
  ['8018', ['8019']],
]);

/** True when `text[start…]` begins as a web address does; §4.3 forbids a scheme in mixed case. */
export function looksLikeUri(text: string, start: number): boolean {
  return text.startsWith('http', start) || text.startsWith('HTTP', start);
}

function decode(text: string): string | undefined {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return undefined; // a stray % or bytes that are no UTF-8
    throw error;
  }
}

/** GTIN-8, -12 and -13 in AI 01 were allowed before version 1.2 (§4.5 there) and are still printed. */
function padGtin(spec: AiSpec, value: string): string {
  return spec.ai === '01' && (value.length === 8 || value.length === 12 || value.length === 13) ? value.padStart(14, '0') : value;
}

function readValue(spec: AiSpec, encoded: string, at: number, referenceYear: number): Gs1Element | Gs1Failure {
  const decoded = decode(encoded);
  if (decoded === undefined) return failure('bad-character', at, `The value of AI ${spec.ai} is not percent-encoded correctly.`);
  const value = padGtin(spec, decoded);
  const element = readElement(spec, value, 0, value.length, referenceYear);
  return isFailure(element) ? failure(element.code, at + Math.min(element.at, encoded.length), element.message) : element;
}

/** Reads `text[start…]` as a Digital Link URI. */
export function readDigitalLink(text: string, start: number, referenceYear: number): readonly Gs1Element[] | Gs1Failure {
  const scheme = ['https://', 'http://', 'HTTPS://', 'HTTP://'].find((candidate) => text.startsWith(candidate, start));
  if (scheme === undefined) return failure('not-gs1', start, 'The web address has no http or https scheme.');
  const fragment = text.indexOf('#', start);
  const uri = fragment === -1 ? text : text.slice(0, fragment);
  const question = uri.indexOf('?', start);
  const path = question === -1 ? uri : uri.slice(0, question);
  const root = path.indexOf('/', start + scheme.length);
  if (root === -1 || root === start + scheme.length) return failure('not-gs1', start, 'The web address carries no GS1 key.');

  const segments = path.slice(root + 1).split('/');
  const elements: Gs1Element[] = [];
  let primary = segments.length - 2;
  while (primary >= 0 && !QUALIFIERS.has(segments[primary] ?? '')) primary -= 2;
  if (primary < 0) return failure('not-gs1', root, 'The web address carries no GS1 key.');

  const order = QUALIFIERS.get(segments[primary] ?? '') ?? [];
  let rank = -1;
  let at = root + 1 + segments.slice(0, primary).reduce((sum, segment) => sum + segment.length + 1, 0);
  for (let i = primary; i < segments.length; i += 2) {
    const ai = segments[i] ?? '';
    const encoded = segments[i + 1] ?? '';
    const spec = aiNamed(ai);
    if (i > primary) {
      const next = order.indexOf(ai);
      if (spec === undefined || next <= rank) return failure('unknown-ai', at, `"${ai.slice(0, 8)}" may not stand here in a Digital Link.`);
      rank = next;
    }
    if (spec === undefined) return failure('unknown-ai', at, `There is no application identifier "${ai.slice(0, 8)}".`);
    const element = readValue(spec, encoded, at + ai.length + 1, referenceYear);
    if (isFailure(element)) return element;
    elements.push(element);
    at += ai.length + encoded.length + 2;
  }
  return question === -1 ? elements : readQuery(uri, question + 1, elements, referenceYear);
}

/** Query parameters: numeric keys are AIs (§4.10), all others belong to whoever wrote the address. */
function readQuery(uri: string, start: number, elements: Gs1Element[], referenceYear: number): readonly Gs1Element[] | Gs1Failure {
  let at = start;
  for (const parameter of uri.slice(start).split('&')) {
    const equals = parameter.indexOf('=');
    const key = equals === -1 ? parameter : parameter.slice(0, equals);
    if (equals !== -1 && /^\d+$/.test(key)) {
      const spec = aiNamed(key);
      if (spec === undefined) return failure('unknown-ai', at, `There is no application identifier "${key.slice(0, 8)}".`);
      const element = readValue(spec, parameter.slice(equals + 1).replaceAll('+', ' '), at + equals + 1, referenceYear);
      if (isFailure(element)) return element;
      elements.push(element);
    }
    at += parameter.length + 1;
  }
  return elements;
}
