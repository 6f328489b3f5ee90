import type { Json, JsonObject } from '../../domain/json.ts';
import type { Opening, OpeningOptions } from '../opening.ts';
import type { ReportEvent } from './report-trigger.ts';

/** What a report is turned into. `document`: `{report, source}`. */
export interface ReportOpening extends Opening {
  readonly message: Opening['message'] & { readonly payload: JsonObject };
  readonly transportId: string;
  readonly scan: Opening['scan'] & { readonly kind: 'sparkplug'; readonly skewSeconds?: number };
}

export interface ReportOpeningOptions extends OpeningOptions {
  readonly enterprise: string;
  /** With `{metric}`, `{value}`, `{device}`, `{edgeNode}`, `{group}` and the names of facts; '' for the usual one. */
  readonly title: string;
  /** Name of a fact → metric of the same device or edge node, whose current value goes along. */
  readonly facts: Readonly<Record<string, string>>;
  /** Fact that is the business key, `value` among them; '' for none. */
  readonly keyFact: string;
  readonly keyType: string;
}

export type ReportOpened = { readonly ok: true; readonly opening: ReportOpening } | { readonly ok: false; readonly code: 'key-missing'; readonly message: string };

/** A source whose clock is further ahead than this is not believed. */
export const MOST_AHEAD_MS = 60_000;
const LONGEST_KEY = 256;
const LONGEST_TITLE = 160;

/** Builds the opening of a case from an event. @param now epoch milliseconds */
export function reportOpening(event: ReportEvent, options: ReportOpeningOptions, now: number): ReportOpened {
  const { report } = event;
  const facts = factsOf(event, options);
  const key = options.keyFact === '' ? undefined : keyText(facts[options.keyFact]);
  if (options.keyFact !== '' && key === undefined) {
    return { ok: false, code: 'key-missing', message: `${report.metric} of ${sourceOf(report)} was reported, but its fact "${options.keyFact}", which is to be the key, has no value that can be one.` };
  }
  const source: JsonObject = { enterprise: options.enterprise, site: options.site, group: report.group, edgeNode: report.edgeNode, ...(report.device === undefined ? {} : { device: report.device }) };
  const title = titleOf(options.title, facts, source);
  const topic = `spBv1.0/${report.group}/${report.device === undefined ? 'NDATA' : 'DDATA'}/${report.edgeNode}${report.device === undefined ? '' : `/${report.device}`}`;
  const ahead = event.at - now;
  return {
    ok: true,
    opening: {
      process: options.process, template: options.template, site: options.site, title,
      keys: key === undefined ? [] : [{ type: options.keyType === '' ? options.keyFact : options.keyType, value: key }],
      document: { report: facts, source },
      message: { payload: facts, topic },
      ...(key === undefined || options.uniqueScope === '' ? {} : { unique: { scope: options.uniqueScope, key } }),
      transportId: transportId(event),
      device: sourceOf(report),
      scan: { kind: 'sparkplug', code: title, topic, fields: { ...source, facts, ...(ahead > MOST_AHEAD_MS ? { clockAheadMs: ahead } : {}), ...(report.properties === undefined ? {} : { properties: report.properties }) } },
      ...(ahead > MOST_AHEAD_MS ? {} : { occurredAt: new Date(event.at).toISOString() }),
    },
  };
}

/** `group/edge node/device`. */
export function sourceOf({ group, edgeNode, device }: Pick<ReportEvent['report'], 'group' | 'edgeNode' | 'device'>): string {
  return device === undefined ? `${group}/${edgeNode}` : `${group}/${edgeNode}/${device}`;
}

function factsOf({ report, at, unseen, folded }: ReportEvent, options: ReportOpeningOptions): JsonObject {
  const facts: Record<string, Json> = {
    metric: report.metric, value: report.value, ...(report.previous === undefined || report.historical ? {} : { before: report.previous }), at: new Date(at).toISOString(),
    ...(report.historical ? { historical: true } : {}),
    ...(unseen ? { unseen: true } : {}),
    ...(folded === 0 ? {} : { folded }),
  };
  const unit = report.properties?.['engUnit'];
  if (typeof unit === 'string') facts['unit'] = unit;
  for (const [name, metric] of Object.entries(options.facts)) {
    const value = metric === report.metric ? report.value : report.beside(metric);
    if (value !== undefined && value !== null) facts[name] = value;
  }
  return facts;
}

/**
 * Names the report, so that the same one opens one case however often it comes: its session and its place in it, and its
 * time, since the sequence begins anew after 256 messages. What was kept by the edge node may come again in another session.
 */
function transportId({ report, at }: ReportEvent): string {
  const { group, edgeNode, device, metric, session, seq, sentAt, index, historical, value } = report;
  const place = historical ? ['kept', JSON.stringify(value)] : [session.bdSeq ?? '', session.birthAt, seq ?? '', sentAt ?? '', index];
  return ['sparkplug', group, edgeNode, device ?? '', metric, ...place, report.at, at].join('/');
}

function keyText(value: Json | undefined): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const text = String(value).trim();
  return text === '' || text.length > LONGEST_KEY ? undefined : text;
}

function titleOf(template: string, facts: JsonObject, source: JsonObject): string {
  const usual = `${source['device'] === undefined ? '{edgeNode}' : '{device}'} {metric}: {value}`;
  const known: JsonObject = { ...source, ...facts };
  const text = (template === '' ? usual : template).replace(/\{(\w{1,64})\}/g, (whole, name: string) => (Object.hasOwn(known, name) ? shown(known[name]) : whole));
  const line = text.replace(/[\s\p{Cc}\p{Cf}]+/gu, ' ').trim();
  return line.length > LONGEST_TITLE ? `${line.slice(0, LONGEST_TITLE)}…` : line;
}

function shown(value: Json | undefined): string {
  return typeof value === 'string' ? value.slice(0, LONGEST_TITLE) : JSON.stringify(value ?? null).slice(0, LONGEST_TITLE);
}
