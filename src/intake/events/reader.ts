import type { BusinessKey } from '../../domain/envelope.ts';
import type { Json, JsonObject } from '../../domain/json.ts';
import { faultText, toDocument, type CloudEvent, type Decoded } from '../cloudevents/index.ts';
import { pointerTokens, resolvePointer } from '../mapper/json-pointer.ts';
import { nameFilter, type NameFilter } from './filter.ts';

export interface EventReaderOptions {
  /** Types and sources that are taken; whole, or with a `*` at the end; none: all. */
  readonly types: readonly string[];
  readonly sources: readonly string[];
  /** The event must name this schema; '' does not ask. */
  readonly dataschema: string;
  /**
   * Whether the data of an event that names a schema is judged by the contract of that name: `off` not; `known` where the site has
   * it, and others are taken unjudged; `only` others are put aside. A schema is never fetched.
   */
  readonly bySchema: SchemaPolicy;
  /** The contract that the site has under a URI. */
  readonly contractAt?: (uri: string) => NamedContract | undefined;
  /** JSON pointer (RFC 6901) into the event as it is in structured mode, for example `/data/sscc` or `/subject`; '' for none. */
  readonly key: string;
  /** What the key is called as a business key. */
  readonly keyName: string;
  /** What is wrong with the data by the contract; empty when nothing is. */
  readonly contract?: (data: Json) => readonly string[];
}

export type SchemaPolicy = 'off' | 'known' | 'only';

/** A contract of the catalogue: `name@version`, and what is wrong with data by it. */
export interface NamedContract { readonly id: string; readonly faults: (data: Json) => readonly string[] }

/** An event as an intake goes on with it. */
export interface ReadEvent {
  readonly event: CloudEvent;
  /** The schema that the event names, where it is looked at; without `contract` the site does not know it, and nothing was judged. */
  readonly schema?: { readonly uri: string; readonly contract?: string };
  /** The event as it is in structured mode. */
  readonly document: JsonObject;
  readonly key: string | undefined;
  readonly title: string;
  /** What the flow works with: the data, or `{base64}` of bytes. */
  readonly payload: Json;
}

export type Judged =
  | { readonly kind: 'taken'; readonly read: ReadEvent }
  /** It is none of this intake's. */
  | { readonly kind: 'ignored'; readonly title: string; readonly message: string }
  /** `sender`: who sent it can mend it. */
  | { readonly kind: 'wrong'; readonly code: string; readonly message: string; readonly title: string };

/** Sentences of faults that a contract finds, as many as a person reads. */
const SHOWN_FAULTS = 5;
const LONGEST_KEY = 256;

/** Judges events by what an intake is configured to take. Pure. */
export class EventReader {
  readonly #options: EventReaderOptions;
  readonly #types: NameFilter;
  readonly #sources: NameFilter;
  readonly #key: readonly string[] | undefined;

  /** Throws RangeError, with one sentence that says what to mend. */
  constructor(options: EventReaderOptions) {
    this.#options = options;
    this.#types = nameFilter(options.types);
    this.#sources = nameFilter(options.sources);
    this.#key = options.key === '' ? undefined : pointerTokens(options.key);
  }

  judge(decoded: Decoded): Judged {
    if (!decoded.ok) return { kind: 'wrong', code: decoded.code, message: faultText(decoded), title: '' };
    const { event } = decoded;
    const name = `${event.type} ${event.id}`;
    if (!this.#types(event.type)) return { kind: 'ignored', title: name, message: `This intake takes no events of the type ${event.type}.` };
    if (!this.#sources(event.source)) return { kind: 'ignored', title: name, message: `This intake takes no events from ${event.source}.` };
    const { dataschema, contract } = this.#options;
    const wrong = (code: string, message: string): Judged => ({ kind: 'wrong', code, message, title: name });
    if (dataschema !== '' && event.dataschema !== dataschema) {
      return wrong('event-schema', `The event names ${event.dataschema === undefined ? 'no schema' : `the schema ${event.dataschema}`}, and ${dataschema} is agreed.`);
    }
    const named = this.#named(event);
    if (named?.wrong !== undefined) return wrong('event-schema', named.wrong);
    for (const [which, faultsOf] of [['its contract', contract], [`the contract ${named?.contract?.id ?? ''}, whose schema it names`, named?.contract?.faults]] as const) {
      const broken = faultsOf === undefined ? undefined : brokenBy(event, which, faultsOf);
      if (broken !== undefined) return wrong('event-contract', broken);
    }
    const document = toDocument(event);
    const key = this.#keyOf(document);
    if (key === null) return wrong('event-key', `The event has nothing usable at ${this.#options.key}, where its key is to stand.`);
    return { kind: 'taken', read: { event, document, key, title: `${event.type} ${key ?? event.subject ?? event.id}`.slice(0, 200), payload: payloadOf(event), ...(named === undefined ? {} : { schema: { uri: named.uri, ...(named.contract === undefined ? {} : { contract: named.contract.id }) } }) } };
  }

  keysOf(read: ReadEvent): readonly BusinessKey[] {
    return read.key === undefined || this.#options.keyName === '' ? [] : [{ type: this.#options.keyName, value: read.key }];
  }

  /** The schema that an event names, and the contract behind it; undefined where it is not looked at, or none is named. */
  #named({ dataschema: uri }: CloudEvent): { readonly uri: string; readonly contract?: NamedContract; readonly wrong?: string } | undefined {
    const { bySchema, contractAt } = this.#options;
    if (bySchema === 'off') return undefined;
    if (uri === undefined) return bySchema === 'only' ? { uri: '', wrong: 'The event names no schema (dataschema), and only those of known schemas are taken here.' } : undefined;
    const contract = contractAt?.(uri);
    if (contract !== undefined) return { uri, contract };
    return bySchema === 'only' ? { uri, wrong: `The event names the schema ${uri}, which no contract of this site has as its $id; have it published in the catalogue, then admit the event.` } : { uri };
  }

  /** Undefined where no key is asked for, null where it is and there is none. */
  #keyOf(document: JsonObject): string | undefined | null {
    if (this.#key === undefined) return undefined;
    const value = resolvePointer(document, this.#key);
    const text = typeof value === 'string' ? value.trim() : typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
    return text === '' || text.length > LONGEST_KEY ? null : text;
  }
}

function brokenBy(event: CloudEvent, which: string, faultsOf: (data: Json) => readonly string[]): string | undefined {
  if (event.data !== undefined && event.data.kind === 'binary') return 'The contract is about JSON, and the data of the event is bytes.';
  const faults = faultsOf(event.data?.value ?? null);
  if (faults.length === 0) return undefined;
  return `The data of the event breaks ${which}: ${faults.slice(0, SHOWN_FAULTS).join('; ')}${faults.length > SHOWN_FAULTS ? `; and ${faults.length - SHOWN_FAULTS} more` : ''}.`;
}

function payloadOf(event: CloudEvent): Json {
  if (event.data === undefined) return null;
  return event.data.kind === 'binary' ? { base64: event.data.base64 } : event.data.value;
}
