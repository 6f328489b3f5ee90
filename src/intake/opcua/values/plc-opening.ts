import type { BusinessKey } from '../../../domain/envelope.ts';
import type { Json, JsonObject } from '../../../domain/json.ts';
import { parseGs1 } from '../../gs1/index.ts';
import { believedTime, type PlcOpening, type PlcOpeningOptions } from '../telegrams/telegram-opening.ts';
import type { TagSnapshot, TriggerFired } from '../triggers/index.ts';

export interface PlcEventOptions extends PlcOpeningOptions {
  /** Tag whose value is the business key of the case; '' for none. */
  readonly keyTag: string;
  /** What kind of key it is: `sscc`, `order`, … */
  readonly keyType: string;
  /** Title of the case, with `{trigger}`, `{tag}` of any name and `{value}`; '' for the trigger's name and the value. */
  readonly title: string;
}

const LONGEST_KEY = 200;
const LONGEST_TITLE = 200;

/** `{plc}` of the document: what happened, what it was before, and all tags of the node at that moment. */
export function plcOpening(fired: TriggerFired & { readonly snapshot: TagSnapshot }, transportId: string, now: number, options: PlcEventOptions): PlcOpening {
  const { trigger, before, after, unseen, folded, snapshot } = fired;
  const tags = finite({ ...snapshot.tags, ...fired.values }) as JsonObject;
  const plc: { [name: string]: Json } = {
    trigger, value: finite(after), ...(before === undefined ? {} : { before: finite(before) }), tags,
    ...(snapshot.unknown.length === 0 ? {} : { unknown: [...snapshot.unknown] }), ...(unseen === undefined ? {} : { unseen }), ...(folded === undefined ? {} : { folded }),
  };
  const key = options.keyTag === '' ? '' : textOf(tags[options.keyTag]);
  const keys = keysOf(key, options.keyType, now);
  const title = titleOf(options.title, { ...plc, value: shownValue(fired) }, tags, key).slice(0, LONGEST_TITLE);
  const occurredAt = believedTime(fired.at, now);
  return {
    process: options.process, template: options.template, site: options.site, title, keys,
    document: { plc }, message: { payload: plc, topic: trigger },
    ...(options.uniqueScope === '' || key === '' ? {} : { unique: { scope: options.uniqueScope, key } }),
    transportId, device: options.device, ...(occurredAt === undefined ? {} : { occurredAt }),
    scan: { kind: 'plc', code: (key === '' ? title : key).slice(0, 400), topic: options.device, fields: plc },
  };
}

function keysOf(key: string, type: string, now: number): readonly BusinessKey[] {
  if (key === '') return [];
  const read = parseGs1(key, { referenceYear: new Date(now).getUTCFullYear() });
  if (read.ok && read.sscc !== undefined) return [{ type: 'sscc', value: read.sscc }];
  return [{ type: type === '' ? 'plc' : type, value: key.slice(0, LONGEST_KEY) }];
}

/** Of a limit that was crossed people want the number, not that it is true. */
function shownValue({ after, values }: TriggerFired): Json {
  const own = Object.values(values);
  const [only] = own;
  return typeof after === 'boolean' && own.length === 1 && typeof only === 'number' ? finite(only) : finite(after);
}

function titleOf(pattern: string, plc: JsonObject, tags: JsonObject, key: string): string {
  if (pattern === '') return `${String(plc['trigger'])}${key === '' ? '' : ` ${key}`}${typeof plc['value'] === 'boolean' ? '' : `: ${textOf(plc['value'])}`}`;
  return pattern.replace(/\{([^{}]+)\}/g, (_whole, name: string) => (name === 'trigger' || name === 'value' || name === 'before' ? textOf(plc[name]) : textOf(tags[name])));
}

function textOf(value: Json | undefined): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value).trim();
}

/** The same without numbers that JSON does not know. */
function finite(value: Json): Json {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((one: Json) => finite(one));
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, finite(one)]));
}
