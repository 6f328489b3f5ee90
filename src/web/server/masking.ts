import type { Json, JsonObject } from '../../domain/json.ts';
import type { RecordedEvent } from '../../domain/envelope.ts';
import { VEIL } from '../../engine/services/exchange-veil.ts';
import type { ExchangeVeil } from '../../engine/services/exchange-veil.ts';
import type { FieldMask } from './masking-settings.ts';

/** What stands in the place of a value that the caller's roles do not let them see. */
export const MASK = VEIL;
/** Values shorter than this are hidden where the pointer leads, not wherever they stand. */
const MIN_EQUAL = 2;
const MIN_WITHIN = 4;

interface Hidden { readonly pointer: string; readonly segments: readonly string[] }
type Node = Record<string, unknown>;

function segmentsOf(pointer: string): readonly string[] {
  return pointer.slice(1).split('/').map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** Keys of declared facts are paths themselves: `receipt`, `/order/price`, `order.price`. */
function keySegments(key: string): readonly string[] {
  return key.split(/[/.]/).filter((each) => each !== '');
}

function startsWith(segments: readonly string[], start: readonly string[]): boolean {
  return start.length > 0 && start.length <= segments.length && start.every((each, index) => segments[index] === '*' || segments[index] === each);
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null;
}

/** Calls `found` for every place of `node` to which the segments lead from there. */
function places(node: Node, segments: readonly string[], found: (holder: Node, key: string) => void): void {
  for (const key of Object.keys(node)) {
    const own = Array.isArray(node) ? [key] : keySegments(key);
    for (const start of own.length > 1 ? [own] : [[key]]) {
      if (!startsWith(segments, start)) continue;
      const rest = segments.slice(start.length);
      if (rest.length === 0) found(node, key);
      else if (isNode(node[key])) places(node[key], rest, found);
    }
  }
}

function everyNode(value: unknown, visit: (node: Node) => void): void {
  if (!isNode(value)) return;
  visit(value);
  for (const each of Object.values(value)) everyNode(each, visit);
}

function leaves(value: unknown, into: Set<string>): void {
  if (isNode(value)) for (const each of Object.values(value)) leaves(each, into);
  else if ((typeof value === 'string' || typeof value === 'number') && String(value) !== MASK) into.add(String(value));
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/**
 * Hides facts from a caller, by where they stand and by their value: parts of a case document stand in
 * events, requests and facts at other depths, so a pointer is looked for from every object on.
 */
export class Masker {
  readonly #hidden: readonly Hidden[];

  constructor(masks: readonly FieldMask[], roles: readonly string[]) {
    this.#hidden = masks.filter((mask) => !mask.roles.some((role) => roles.includes(role))).map(({ pointer }) => ({ pointer, segments: segmentsOf(pointer) }));
  }

  /** False for a caller who sees everything. */
  get active(): boolean {
    return this.#hidden.length > 0;
  }

  /** The hidden values that stand in these parts of a case, and the pointers that led to them. */
  find(...parts: readonly unknown[]): HiddenValues {
    const values = new Set<string>();
    const pointers = new Set<string>();
    for (const { pointer, segments } of this.#hidden) {
      for (const part of parts) {
        everyNode(part, (node) => {
          places(node, segments, (holder, key) => {
            pointers.add(pointer);
            leaves(holder[key], values);
          });
        });
      }
    }
    return new HiddenValues(this.#hidden, values, [...pointers]);
  }
}

/** What is hidden in one case. */
export class HiddenValues {
  readonly #hidden: readonly Hidden[];
  readonly #values: ReadonlySet<string>;
  readonly #within: readonly string[];
  /** Pointers of the masks that hide something here. */
  readonly pointers: readonly string[];
  readonly #all: ReadonlySet<string>;
  readonly #veil: ExchangeVeil | undefined;

  constructor(hidden: readonly Hidden[], values: ReadonlySet<string>, pointers: readonly string[], veil?: ExchangeVeil) {
    this.#all = values;
    this.#veil = veil;
    this.#hidden = hidden;
    this.#values = new Set([...values].filter((each) => each.length >= MIN_EQUAL));
    this.#within = [...values].filter((each) => each.length >= MIN_WITHIN).sort((a, b) => b.length - a.length);
    this.pointers = pointers;
  }

  /** The same, and what services mask of the calls of the case. */
  with(veil: ExchangeVeil): HiddenValues {
    return new HiddenValues(this.#hidden, new Set([...this.#all, ...veil.values]), [...new Set([...this.pointers, ...veil.pointers])], veil);
  }

  /** An event without what the service of its call masks; hidden values are left for {@link json}. */
  event<T extends RecordedEvent>(event: T): T {
    return this.#veil?.event(event) ?? event;
  }

  /** A text without the hidden values. */
  text(text: string): string {
    if (this.#values.has(text)) return MASK;
    return this.#within.reduce((rest, value) => rest.replaceAll(value, MASK), text);
  }

  /** A copy without them. */
  json<T>(value: T): T {
    const copy = structuredClone(value);
    for (const { segments } of this.#hidden) everyNode(copy, (node) => { places(node, segments, (holder, key) => { holder[key] = MASK; }); });
    return this.#leaves(copy) as T;
  }

  /** True when the part holds something hidden. */
  holds(value: unknown): boolean {
    return JSON.stringify(this.json(value)) !== JSON.stringify(value);
  }

  #leaves(value: unknown): unknown {
    if (typeof value === 'string') return this.#inner(value);
    if (typeof value === 'number') return this.#values.has(String(value)) ? MASK : value;
    if (Array.isArray(value)) return value.map((each) => this.#leaves(each));
    if (!isNode(value)) return value;
    const entries = Object.entries(value);
    // Bytes of a message, as the ledger writes them.
    if (entries.length === 1 && typeof value['$buffer'] === 'string') {
      const text = Buffer.from(value['$buffer'], 'base64').toString('utf8');
      return this.#inner(text) === text ? value : MASK;
    }
    return Object.fromEntries(entries.map(([key, each]) => [key, this.#leaves(each)]));
  }

  /** A text that is JSON itself, as the raw message of a scan is, hides by place too: short values are found by nothing else. */
  #inner(text: string): string {
    const parsed = /^\s*[[{]/.test(text) ? jsonIn(text) : undefined;
    if (parsed === undefined) return this.text(text);
    const [shown, whole] = [JSON.stringify(this.json(parsed)), JSON.stringify(parsed)];
    return this.text(shown === whole ? text : shown);
  }
}

/** A merge patch without the members that hold only the mask, so that they stay as they are; undefined when a list holds it. */
export function withoutMasks(patch: JsonObject): JsonObject | undefined {
  const clean = (value: Json): Json => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== MASK).map(([key, each]) => [key, clean(each as Json)]));
  };
  const rest = clean(patch) as JsonObject;
  return JSON.stringify(rest).includes(MASK) ? undefined : rest;
}
