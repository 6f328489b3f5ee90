import type { BusinessKey } from '../../../domain/envelope.ts';
import type { Json, JsonObject } from '../../../domain/json.ts';
import { believedTime, type PlcOpening, type PlcOpeningOptions } from '../telegrams/telegram-opening.ts';
import type { Gs1Code } from '../../gs1/index.ts';
import { scanResults, type ScanResult } from './scan-results.ts';
import type { OpcUaEvent } from './types.ts';

export interface EventOpeningOptions extends PlcOpeningOptions {
  /** `instance/stepId` of the node: begins the names of its cases. */
  readonly address: string;
  /** Title of the case, with `{message}`, `{source}`, `{event}`, `{severity}`, `{condition}`, `{code}` and `{name}` of any other field; '' for what fits. */
  readonly title: string;
  /** Field whose value is the business key; '' for the code of a scan, or the name of the alarm. */
  readonly keyField: string;
  /** What kind of key it is; '' for what the code says, else `alarm` or `plc`. */
  readonly keyType: string;
}

/** What an event becomes a case of; `typeName`: name of its type. */
export interface OpeningEvent { readonly event: OpcUaEvent; readonly id: string; readonly typeName: string; readonly unseen?: true }

const LONGEST_KEY = 200;
const LONGEST_TITLE = 200;

/**
 * One opening for an alarm or an event, one for each code of a scan (OPC 30010 §7.2: an event has all that one read found).
 * `{plc}` of the document: what the event said; of a condition with its state and the name of this activation.
 */
export function eventOpenings({ event, id, typeName, unseen }: OpeningEvent, now: number, options: EventOpeningOptions): readonly PlcOpening[] {
  const scans = event.condition === undefined ? scanResults(event.fields, new Date(now).getUTCFullYear()) : undefined;
  const about = facts(event, typeName, unseen);
  const transportId = `${options.address}/${id}`;
  if (scans === undefined) {
    const plc: JsonObject = { ...about, ...(event.condition === undefined ? {} : { alarm: id }) };
    return [opening({ plc, event, typeName, transportId, keys: keysOf(plc, event, typeName, options), title: titleOf(plc, event, '', options) }, now, options)];
  }
  return scans.map((scan, at) => {
    const { ScanResult: _all, ...fields } = about['fields'] as JsonObject;
    const plc: JsonObject = { ...about, fields, code: scan.code, codeType: scan.codeType, scan: scan.raw, ...(scan.gs1 === undefined ? {} : { gs1: gs1Facts(scan.gs1) }) };
    return opening({ plc, event, typeName, transportId: scans.length === 1 ? transportId : `${transportId}/${at}`, keys: scanKeys(plc, scan, event, options), title: titleOf(plc, event, scan.code, options, scan), ...(scan.at === undefined ? {} : { at: scan.at }) }, now, options);
  });
}

function facts(event: OpcUaEvent, typeName: string, unseen: true | undefined): JsonObject {
  const { condition } = event;
  return {
    event: typeName, type: event.eventType, eventId: event.eventId, message: event.message, severity: event.severity, source: event.source, sourceName: event.sourceName,
    at: new Date(event.at).toISOString(), fields: event.fields,
    ...(condition === undefined ? {} : { condition: { ...condition, ...(condition.activeSince === undefined ? {} : { activeSince: new Date(condition.activeSince).toISOString() }) } as unknown as JsonObject }),
    ...(unseen === undefined ? {} : { unseen: true }),
  };
}

interface Made { readonly plc: JsonObject; readonly event: OpcUaEvent; readonly typeName: string; readonly transportId: string; readonly keys: readonly BusinessKey[]; readonly title: string; readonly at?: number }

function opening({ plc, event, typeName, transportId, keys, title, at }: Made, now: number, options: EventOpeningOptions): PlcOpening {
  const [key] = keys;
  const occurredAt = believedTime(at, now) ?? believedTime(event.at, now);
  const topic = event.sourceName === '' ? typeName : event.sourceName;
  return {
    process: options.process, template: options.template, site: options.site, title: title.slice(0, LONGEST_TITLE), keys,
    document: { plc }, message: { payload: plc, topic },
    ...(options.uniqueScope === '' || key === undefined ? {} : { unique: { scope: options.uniqueScope, key: key.value } }),
    transportId, device: options.device, ...(occurredAt === undefined ? {} : { occurredAt }),
    scan: { kind: 'plc', code: (typeof plc['code'] === 'string' ? plc['code'] : key?.value ?? title).slice(0, 400), topic: options.device, fields: plc },
  };
}

function keysOf(plc: JsonObject, { condition, sourceName, source }: OpcUaEvent, typeName: string, { keyField, keyType }: EventOpeningOptions): readonly BusinessKey[] {
  const value = keyField === '' ? (condition === undefined ? '' : [sourceName, condition.name].filter((part) => part !== '').join(' ') || condition.id) : fieldText(plc, keyField);
  if (value !== '') return [{ type: keyType === '' ? (condition === undefined ? 'plc' : 'alarm') : keyType, value: value.slice(0, LONGEST_KEY) }];
  const name = sourceName || source || typeName;
  return keyField === '' && name !== '' ? [{ type: keyType === '' ? 'plc' : keyType, value: name.slice(0, LONGEST_KEY) }] : [];
}

function scanKeys(plc: JsonObject, { code, gs1 }: ScanResult, event: OpcUaEvent, options: EventOpeningOptions): readonly BusinessKey[] {
  if (options.keyField !== '') return keysOf(plc, event, '', options);
  if (gs1?.sscc !== undefined) return [{ type: 'sscc', value: gs1.sscc }];
  const gtin = gs1?.gtin ?? gs1?.contentGtin;
  if (gtin !== undefined) return [...(gs1?.serial === undefined ? [] : [{ type: 'sgtin', value: `${gtin}.${gs1.serial}` }]), { type: 'gtin', value: gtin }];
  return code === '' ? [] : [{ type: options.keyType === '' ? 'code' : options.keyType, value: code.slice(0, LONGEST_KEY) }];
}

function gs1Facts({ ok: _ok, elements, ...named }: Gs1Code): JsonObject {
  return { ...named, elements: Object.fromEntries(elements.map(({ ai, value }) => [ai, value])) } as unknown as JsonObject;
}

function titleOf(plc: JsonObject, event: OpcUaEvent, code: string, { title }: EventOpeningOptions, scan?: ScanResult): string {
  if (title !== '') return title.replace(/\{([^{}]+)\}/g, (_whole, name: string) => (name === 'code' ? code : fieldText(plc, name))).trim() || String(plc['event']);
  if (scan?.code === '') return `Not read at ${event.sourceName || String(plc['event'])}`;
  if (scan !== undefined) return scan.gs1?.sscc !== undefined ? `SSCC ${scan.gs1.sscc}` : scan.gs1?.gtin !== undefined ? `GTIN ${scan.gs1.gtin}` : code.slice(0, 80);
  const { sourceName, message, condition } = event;
  const what = message || condition?.name || String(plc['event']);
  return sourceName === '' || what.includes(sourceName) ? what : `${sourceName}: ${what}`;
}

/** A fact by the name that a person uses: what every event has, else one of its own fields. */
function fieldText(plc: JsonObject, name: string): string {
  const condition = plc['condition'] as JsonObject | undefined;
  const value: Json | undefined = name === 'source' ? plc['sourceName'] : name === 'condition' ? condition?.['name'] : plc[name] ?? (plc['fields'] as JsonObject)[name];
  return value === undefined || value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value).trim();
}
