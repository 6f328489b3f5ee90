import { hash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { decodeHttp } from '../../intake/cloudevents/index.ts';
import { nameFilter } from '../../intake/events/index.ts';
import type { EventOutcome, NameFilter, ReceivedEvents } from '../../intake/events/index.ts';
import type { EventSender } from './event-intake.ts';

/** An answer to a sender; `problem` by RFC 9457. */
export interface EventAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly problem?: { readonly code: string; readonly title: string; readonly detail: string };
  readonly results?: readonly { readonly id?: string; readonly became: EventOutcome['kind']; readonly message?: string }[];
}

export interface EventEndpointOptions {
  readonly path: string;
  readonly senders: readonly EventSender[];
  /** Hosts whose webhooks are answered. */
  readonly origins: readonly string[];
  readonly perSecond: number;
  readonly maxBytes: number;
  readonly accepting: () => boolean;
  readonly take: (received: ReceivedEvents) => Promise<readonly EventOutcome[]>;
  readonly clock: () => number;
}

interface Sender { readonly digest: Buffer; readonly mayBe: NameFilter; window: number; used: number }

/** How long a request waits for the ledger before its sender is told to come again, ms. */
const PATIENCE_MS = 10_000;
/** How long a path is answered with "come again" after its node was taken away: a deploy is under way. */
const HANDOVER_MS = 30_000;
const again = (seconds: number): Readonly<Record<string, string>> => ({ 'Retry-After': String(seconds) });

function refused(status: number, code: string, title: string, detail: string, headers: Readonly<Record<string, string>> = {}): EventAnswer {
  return { status, headers, problem: { code, title, detail } };
}

/** The HTTP address of one event in node: who may send, how fast, and what each is answered (CloudEvents HTTP Webhook 1.0.2). */
export class EventEndpoint {
  readonly options: EventEndpointOptions;
  readonly #senders: readonly Sender[];

  /** Throws RangeError with a sentence when nobody could send. */
  constructor(options: EventEndpointOptions) {
    if (!/^[A-Za-z0-9][A-Za-z0-9.-]{0,63}$/.test(options.path)) throw new RangeError('This node has no address; give it 1 to 64 letters, digits, dots and dashes, and deploy.');
    if (options.senders.length === 0) throw new RangeError('Nobody may send to this address; name the senders, each with a token, and deploy.');
    const bare = options.senders.find(({ tokenHash }) => !/^[A-Za-z0-9_-]{43}$/.test(tokenHash));
    if (bare !== undefined) throw new RangeError(`The sender ${bare.source} has no token; make one in the form, and deploy.`);
    this.options = options;
    this.#senders = options.senders.map(({ source, tokenHash }) => ({ digest: Buffer.from(tokenHash, 'base64url'), mayBe: nameFilter([source]), window: 0, used: 0 }));
  }

  /** The handshake before a webhook is used (§4): only origins that are named are answered. */
  handshake(headers: IncomingHttpHeaders): EventAnswer {
    const origin = headers['webhook-request-origin'];
    if (typeof origin !== 'string' || !this.options.origins.some((allowed) => allowed.toLowerCase() === origin.trim().toLowerCase())) {
      return refused(403, 'origin-not-allowed', 'This origin may not send events here.', 'Whoever looks after this site can add the origin to the event in node.');
    }
    const asked = Number(headers['webhook-request-rate']);
    const most = this.options.perSecond * 60; // §4.1.3: requests per minute
    return { status: 200, headers: { 'Allow': 'POST', 'WebHook-Allowed-Origin': origin.trim(), 'WebHook-Allowed-Rate': String(Number.isInteger(asked) && asked > 0 ? Math.min(asked, most) : most) } };
  }

  /** Who sends, by the headers alone: the body is not read of somebody who may not send. */
  admit(headers: IncomingHttpHeaders): { readonly sender: NameFilter } | EventAnswer {
    const token = /^Bearer +([A-Za-z0-9\-._~+/]+=*)$/i.exec(headers.authorization ?? '')?.[1]; // RFC 6750 §2.1
    const digest = hash('sha256', token ?? '', 'buffer');
    let found: Sender | undefined;
    // every digest is compared, so that the time tells nothing
    for (const sender of this.#senders) if (timingSafeEqual(sender.digest, digest)) found ??= sender;
    if (token === undefined || found === undefined) {
      return refused(401, 'token-invalid', 'The token is missing or unknown.', 'Send the token of this sender as "Authorization: Bearer …".', { 'WWW-Authenticate': 'Bearer realm="waybill events"' });
    }
    const window = Math.floor(this.options.clock() / 1_000);
    if (found.window !== window) Object.assign(found, { window, used: 0 });
    found.used += 1;
    if (found.used > this.options.perSecond) return refused(429, 'too-many-events', 'Too many requests.', `This sender may make ${this.options.perSecond} requests in a second; send several events in one.`, again(1));
    if (headers['content-encoding'] !== undefined && headers['content-encoding'] !== 'identity') return refused(415, 'media-type', 'The body is encoded.', 'Send the event as it is, without Content-Encoding.');
    if (!this.options.accepting()) return unavailable();
    // one token may stand for several sources
    const mine = this.#senders.filter(({ digest: other }) => other.equals(digest));
    return { sender: (source) => mine.some(({ mayBe }) => mayBe(source)) };
  }

  tooLarge(): EventAnswer {
    return refused(413, 'event-too-large', 'The body is too large.', `At most ${this.options.maxBytes} bytes are taken here.`);
  }

  /** Resolves when all of it is recorded, or the sender is to come again. */
  async take(headers: IncomingHttpHeaders, body: Uint8Array, sender: NameFilter): Promise<EventAnswer> {
    const decoded = decodeHttp(headers, body, { maxBytes: this.options.maxBytes });
    if (!decoded.ok && decoded.code === 'event-format') return refused(415, decoded.code, 'This is no CloudEvent.', `${decoded.message} (${decoded.detail ?? ''})`);
    let late = false;
    const patience = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => {
      late = true;
      patience.resolve(undefined);
    }, PATIENCE_MS);
    try {
      const outcomes = await Promise.race([this.options.take({ decoded, bytes: bytesOf(decoded, headers, body), origin: `http/${this.options.path}`, mayBe: sender, gone: () => late }), patience.promise]);
      return outcomes === undefined ? unavailable() : answerOf(outcomes);
    } catch (error) {
      if (error instanceof Error && error.name === 'MqttIntakeError') return unavailable(); // the node was taken away, or the time is up
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }
}

/** What stands in quarantine is JSON, also where it came in binary mode. */
function bytesOf(decoded: ReceivedEvents['decoded'], headers: IncomingHttpHeaders, body: Uint8Array): Uint8Array {
  if (headers['ce-specversion'] === undefined) return body;
  const attributes = Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('ce-')).map(([name, value]) => [name.slice(3), value]));
  const [one] = decoded.ok ? decoded.events : [];
  const data = one?.ok === true ? one.event.data : undefined;
  const said = data === undefined ? { data_base64: Buffer.from(body).toString('base64') } : data.kind === 'binary' ? { data_base64: data.base64 } : { data: data.value };
  return Buffer.from(JSON.stringify({ ...attributes, ...(headers['content-type'] === undefined ? {} : { datacontenttype: headers['content-type'] }), ...said }));
}

function unavailable(): EventAnswer {
  return refused(503, 'engine-not-ready', 'Events cannot be recorded now.', 'Nothing is lost: send it again in a moment, under the same id.', again(2));
}

function answerOf(outcomes: readonly EventOutcome[]): EventAnswer {
  const results = outcomes.map(({ id, kind, message }) => ({ ...(id === undefined ? {} : { id }), became: kind, ...(message === undefined ? {} : { message }) }));
  const wrong = outcomes.filter(({ kind }) => kind === 'quarantined');
  const [first] = wrong;
  if (first === undefined) return { status: 200, results };
  const detail = wrong.length === 1 ? first.message ?? '' : `${wrong.length} of ${outcomes.length} events were put aside; the first: ${first.message ?? ''}`;
  const foreign = wrong.every(({ code }) => code === 'event-source');
  return { ...refused(foreign ? 403 : 422, first.code ?? 'event-refused', foreign ? 'The token does not stand for this source.' : 'The event was put aside.', detail), results };
}

interface Place { endpoint: EventEndpoint | undefined; goneAt: number }

/** One for the process: nodes and web are loaded apart. */
function places(): Map<string, Place> {
  const holder = globalThis as { [key: symbol]: unknown };
  return (holder[Symbol.for('waybill.event-endpoints')] ??= new Map<string, Place>()) as Map<string, Place>;
}

/** Puts an endpoint up; returns what takes it away. Throws RangeError when another node has the path. */
export function openEventEndpoint(endpoint: EventEndpoint): (removed: boolean) => void {
  const { path } = endpoint.options;
  const known = places().get(path);
  if (known?.endpoint !== undefined) throw new RangeError(`Another event in node has the address "${path}"; choose another one.`);
  const place: Place = { endpoint, goneAt: 0 };
  places().set(path, place);
  return (removed) => {
    place.endpoint = undefined;
    place.goneAt = Date.now();
    if (removed && places().get(path) === place) places().delete(path);
  };
}

/** The endpoint of a path, or what a sender is told. */
export function eventEndpoint(path: string, now: number = Date.now()): EventEndpoint | EventAnswer {
  const place = places().get(path);
  if (place?.endpoint !== undefined) return place.endpoint;
  return place !== undefined && now - place.goneAt < HANDOVER_MS ? unavailable() : refused(404, 'not-found', 'No event in node has this address.', 'Look at the address; a node that takes events shows it in its form.');
}
