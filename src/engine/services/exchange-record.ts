import { hash } from 'node:crypto';
import type { Json, JsonObject } from '../../domain/json.ts';
import type { ServiceDefinition } from '../../domain/service/index.ts';
import type { LineNote, WireRequest, WireResult } from '../../connectors/driver.ts';
import { readXml, XmlError } from '../../connectors/xml.ts';
import type { XmlElement } from '../../connectors/xml.ts';
import { maskedNames, veiled, without } from './exchange-veil.ts';

/** Headers that say something of an exchange and nothing secret; all others are left out. */
const told = /^(content-type|accept|if-match|if-none-match|prefer|idempotency-key|etag|retry-after|ratelimit(-.+)?|x-ratelimit-.+|x-request-id|x-correlation-id|traceparent)$/;
const mostExchanges = 8;
const longestBody = 2_048;

/**
 * What was on the wire of one attempt, for the case's timeline: method, path without the values of its query, status, times,
 * hashes, headers that are no secret, and the bodies masked by the service. Where data is restricted, or the driver signs in by
 * itself within the bodies, there are neither bodies nor their hashes.
 */
export class ExchangeRecord {
  readonly notes: JsonObject[] = [];
  /** What stood under masked names in the answers. */
  readonly covered = new Set<string>();
  readonly #bodies: boolean;
  readonly #masked: ReadonlySet<string>;
  readonly #keyHeader: string | undefined;

  constructor({ classification, authentication, masked = [] }: Pick<ServiceDefinition, 'classification' | 'authentication' | 'masked'>, keyHeader: string | undefined) {
    this.#bodies = classification !== 'restricted' && authentication.kind !== 'session';
    this.#masked = maskedNames({ masked });
    this.#keyHeader = keyHeader?.toLowerCase();
  }

  /** @param at when it was sent, ISO 8601 */
  add(request: WireRequest, result: WireResult, durationMs: number, at: string): void {
    if (result.kind === 'response') this.#cover(result.body);
    if (this.notes.length >= mostExchanges) return;
    const answer = result.kind === 'response' ? result : undefined;
    this.notes.push({
      at, method: request.method, path: withoutValues(request.path), durationMs: Math.round(durationMs),
      ...(result.kind === 'response' ? { status: result.status } : { failure: result.errorClass, sent: result.sent }),
      requestHeaders: this.#headers(request.headers), ...(answer === undefined ? {} : { answerHeaders: this.#headers(answer.headers) }),
      ...(this.#bodies ? { ...this.#body('request', request.body), ...this.#body('answer', answer?.body), ...(answer?.truncated === true ? { truncated: true } : {}) } : {}),
    });
  }

  /** What went over a line of a driver's own. */
  addLine({ method, path, request, answer, failure }: LineNote, durationMs: number, at: string): void {
    if (answer !== undefined) veiled(answer, this.#masked, (value) => this.#leaves(value));
    if (this.notes.length >= mostExchanges) return;
    this.notes.push({
      at, method, path: path.slice(0, 500), durationMs: Math.round(durationMs), ...(failure === undefined ? {} : { failure: failure.errorClass, sent: failure.sent }),
      ...(this.#bodies ? { ...this.#body('request', request === undefined ? undefined : JSON.stringify(request)), ...this.#body('answer', answer === undefined ? undefined : JSON.stringify(answer)) } : {}),
    });
  }

  #cover(body: Uint8Array): void {
    if (this.#masked.size === 0 || body.length === 0) return;
    const text = Buffer.from(body).toString('utf8');
    try {
      if (/^\s*</.test(text)) this.#coverXml(readXml(body), false);
      else veiled(JSON.parse(text) as Json, this.#masked, (value) => this.#leaves(value));
    } catch (error) {
      // Of what cannot be read nothing is quoted.
      if (!(error instanceof SyntaxError) && !(error instanceof XmlError)) throw error;
    }
  }

  #coverXml({ name, text, attributes, children }: XmlElement, within: boolean): void {
    const masked = within || this.#masked.has(name.toLowerCase());
    if (masked && text.trim() !== '') this.covered.add(text.trim());
    for (const [attribute, value] of Object.entries(attributes)) if (masked || this.#masked.has(`@${attribute}`.toLowerCase())) this.covered.add(value);
    for (const child of children) this.#coverXml(child, masked);
  }

  #leaves(value: Json): void {
    if (typeof value === 'object' && value !== null) for (const each of Object.values(value as JsonObject)) this.#leaves(each);
    else if (typeof value === 'string' || typeof value === 'number') this.covered.add(String(value));
  }

  #headers(headers: { readonly [name: string]: string }): JsonObject {
    return Object.fromEntries(Object.entries(headers).filter(([name]) => told.test(name) || name === this.#keyHeader).map(([name, value]) => [name, value.slice(0, 200)]));
  }

  #body(which: 'request' | 'answer', body: string | Uint8Array | undefined): JsonObject {
    if (body === undefined || body.length === 0) return {};
    return { [`${which}Hash`]: hash('sha256', body, 'base64url').slice(0, 22), [which]: this.#shown(body) };
  }

  /** JSON with what is masked; of anything else, and of what is long, only how much there is. */
  #shown(body: string | Uint8Array): Json {
    if (body.length > longestBody * 8) return `(${body.length} bytes)`;
    try {
      const masked = quoted(veiled(JSON.parse(typeof body === 'string' ? body : Buffer.from(body).toString('utf8')) as Json, this.#masked), this.covered);
      return JSON.stringify(masked).length > longestBody ? `(${body.length} bytes)` : masked;
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      return `(${body.length} bytes, no JSON)`;
    }
  }
}

/** Sentences of an answer quote what stands in it under a masked name. */
function quoted(value: Json, covered: ReadonlySet<string>): Json {
  if (covered.size === 0) return value;
  if (typeof value === 'string') return without(value, covered);
  if (Array.isArray(value)) return (value as readonly Json[]).map((each) => quoted(each, covered));
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value as JsonObject).map(([name, member]) => [name, quoted(member, covered)])) : value;
}

function withoutValues(path: string): string {
  const [way = '', query] = path.split('?', 2);
  return query === undefined ? way : `${way}?${query.split('&').map((pair) => `${pair.split('=', 1)[0] ?? ''}=…`).join('&')}`.slice(0, 500);
}
