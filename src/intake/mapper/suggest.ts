/** From a few sample messages to a format and its fields: what a person would find by looking at them. */
import { parseGs1 } from '../gs1/index.ts';
import { createScanMapper } from './mapper.ts';
import { isObject } from './presets.ts';
import type { FieldPointers, MapperOptions, MapperPreset } from './types.ts';

export interface Suggestion {
  readonly preset: MapperPreset;
  readonly pointers?: FieldPointers;
  /** What stands in the place of FNC1, when it is not ASCII 29. */
  readonly fnc1?: string;
  /** How many of the messages can be read so. */
  readonly readable: number;
}

type Field = Exclude<keyof FieldPointers, 'items'>;

const decoder = new TextDecoder('utf-8');
/** Most telling first: `auto` alone would take all of them, but says less about what the devices are. */
const PRESETS: readonly MapperPreset[] = ['plain-text', 'proglove', 'zebra-rfd', 'waybill'];
const FNC1_STAND_INS = ['|', '~', '^', '{GS}', '<GS>', '#'];
const MOST_PATHS = 500;
const DEEPEST = 6;

/** What a field's name is called by those who build devices. */
const NAMES: Readonly<Record<Field, RegExp>> = {
  code: /(^|[_/-])(code|barcode|bar_?code|scan(ned)?_?(code|data|value)?|label|data|value|text|epc(id)?|sscc|gtin|decoded)/i,
  id: /^(id|uuid|guid|(event|message|msg|scan|transaction)[_-]?(id|uuid))$/i,
  sequence: /^(seq(uence)?([_-]?(no|nr|num|number))?|counter|count(er)?_?no|event_?num(ber)?)$/i,
  device: /(device|scanner|terminal|reader|serial|host_?name|mac|imei)/i,
  operator: /(operator|user|badge|employee|worker|login|personnel)/i,
  area: /^(area|zone|hall|department|bereich)$/i,
  station: /^(station|dock|gate|lane|workplace|position_?name)$/i,
  time: /(time|date|stamp|created|scanned_?at|^ts$|^at$)/i,
  po: /^(po|po_?(no|nr|num|number)|purchase_?order.*|order(_?(no|nr|number|id))?)$/i,
  line: /^((po|order)?_?line.*|pos(ition)?|item_?no)$/i,
  quantity: /^(qty|quantity|amount|pieces|count|menge)$/i,
  baseUnits: /^(base_?units|units_?per_?(case|pack(age)?|carton)|pack_?size|inner_?qty)$/i,
  deliveryNote: /^(delivery_?note.*|dn|asn|despatch.*|lieferschein.*)$/i,
  final: /^(final|last|is_?final|complete)$/i,
  reverse: /^(reverse|reversal|cancel(led)?|undo|storno)$/i,
};

/** What fits the messages best; undefined where nothing can be read out of them. @param receivedAt epoch ms, for two-digit years */
export function suggestMapper(messages: readonly Uint8Array[], receivedAt: number): Suggestion | undefined {
  if (messages.length === 0) return undefined;
  const candidates = PRESETS.map((preset): Suggestion => withFnc1({ preset }, messages, receivedAt));
  const pointers = pointersOf(messages);
  if (pointers !== undefined) candidates.push(withFnc1({ preset: 'custom', pointers }, messages, receivedAt));
  const best = candidates.reduce((first, other) => (other.readable > first.readable ? other : first));
  if (best.readable === 0) return undefined;
  const auto = withFnc1({ preset: 'auto' }, messages, receivedAt);
  return auto.readable > best.readable ? auto : best; // devices of several kinds
}

function withFnc1(options: Pick<MapperOptions, 'preset' | 'pointers'>, messages: readonly Uint8Array[], receivedAt: number): Suggestion {
  const tried = [undefined, ...FNC1_STAND_INS].map((fnc1): Suggestion => {
    const map = createScanMapper({ ...options, ...(fnc1 === undefined ? {} : { fnc1Substitutes: [fnc1] }) });
    const readable = messages.filter((message) => {
      const mapped = map(message, { receivedAt });
      return mapped.ok && mapped.rejections.length === 0;
    }).length;
    return { ...options, ...(fnc1 === undefined ? {} : { fnc1 }), readable };
  });
  return tried.reduce((first, other) => (other.readable > first.readable ? other : first));
}

/** Where the fields stand in JSON that no preset knows. */
function pointersOf(messages: readonly Uint8Array[]): FieldPointers | undefined {
  const documents = messages.flatMap((message) => {
    const document = jsonOf(message);
    return document === undefined ? [] : [document];
  });
  if (documents.length === 0) return undefined;
  const items = itemsOf(documents[0]);
  const entries = documents.flatMap((document) => (items === undefined ? [document] : listAt(document, items)));
  const paths = new Map<string, unknown[]>();
  for (const entry of entries) collect(entry, '', 0, paths);
  const taken = new Set<string>();
  const found: Partial<Record<Field, string>> = {};
  for (const field of Object.keys(NAMES) as Field[]) {
    const best = bestPath(field, paths, taken, entries.length);
    if (best === undefined) continue;
    taken.add(best);
    found[field] = best;
  }
  return found.code === undefined ? undefined : { ...(items === undefined ? {} : { items }), ...found, code: found.code };
}

function jsonOf(message: Uint8Array): unknown {
  const text = decoder.decode(message).trim();
  if (!/^[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Pointer to the first list of objects, '' for the document itself. */
function itemsOf(document: unknown): string | undefined {
  const waiting: (readonly [value: unknown, pointer: string])[] = [[document, '']];
  for (let seen = 0; seen < MOST_PATHS; seen += 1) {
    const next = waiting.shift();
    if (next === undefined) return undefined;
    const [value, pointer] = next;
    if (Array.isArray(value)) {
      if (value.length > 0 && value.every(isObject)) return pointer;
    } else if (isObject(value)) {
      for (const [key, child] of Object.entries(value)) waiting.push([child, `${pointer}/${escaped(key)}`]);
    }
  }
  return undefined;
}

function listAt(document: unknown, pointer: string): readonly unknown[] {
  const value = pointer.split('/').slice(1).reduce<unknown>((at, token) => (isObject(at) ? at[token.replaceAll('~1', '/').replaceAll('~0', '~')] : undefined), document);
  return Array.isArray(value) ? value : [];
}

function collect(value: unknown, pointer: string, depth: number, paths: Map<string, unknown[]>): void {
  if (isObject(value)) {
    if (depth < DEEPEST) for (const [key, child] of Object.entries(value)) collect(child, `${pointer}/${escaped(key)}`, depth + 1, paths);
    return;
  }
  if (Array.isArray(value) || value === null || value === '') return;
  const values = paths.get(pointer) ?? [];
  if (values.length === 0 && paths.size >= MOST_PATHS) return;
  values.push(value);
  paths.set(pointer, values);
}

function bestPath(field: Field, paths: ReadonlyMap<string, readonly unknown[]>, taken: ReadonlySet<string>, entries: number): string | undefined {
  let best: { readonly path: string; readonly score: number } | undefined;
  for (const [path, values] of paths) {
    if (taken.has(path)) continue;
    const score = scoreOf(field, path, values, entries);
    if (score > 0 && (best === undefined || score > best.score)) best = { path, score };
  }
  return best?.path;
}

/** 0 for what cannot be the field. */
function scoreOf(field: Field, path: string, values: readonly unknown[], entries: number): number {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const named = NAMES[field].test(name) ? 1 : 0;
  const everywhere = values.length === entries ? 0.5 : 0;
  switch (field) {
    case 'code': {
      const texts = values.flatMap((value) => (typeof value === 'string' || typeof value === 'number' ? [String(value)] : []));
      const labels = texts.filter((text) => text.length >= 8 && FNC1_STAND_INS.some((fnc1) => parseGs1(text, { referenceYear: 2000, fnc1Substitutes: [fnc1] }).ok)).length;
      return labels === 0 ? 0 : labels / texts.length * 3 + named + everywhere;
    }
    case 'id':
    case 'sequence': return named > 0 && new Set(values).size === values.length ? named + everywhere : 0;
    case 'time': return named > 0 && values.every(isTime) ? named + everywhere : 0;
    case 'baseUnits':
    case 'quantity': return named > 0 && values.every((value) => /^\d+(\.\d+)?$/.test(String(value))) ? named + everywhere : 0;
    case 'final':
    case 'reverse': return named > 0 && values.every((value) => typeof value === 'boolean') ? named : 0;
    default: return named > 0 && values.every((value) => typeof value !== 'boolean') ? named + everywhere : 0;
  }
}

function isTime(value: unknown): boolean {
  return typeof value === 'number' ? value > 946_684_800 : /^\d{4}-\d\d-\d\dT/.test(String(value));
}

function escaped(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}

