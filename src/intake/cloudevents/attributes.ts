/** Rules of the context attributes, clause by clause (CloudEvents 1.0.2 §3). */
import { fault } from './faults.ts';
import type { AttributeValue, CloudEvent, EventData, EventFault } from './types.ts';

/** §3.1: names of lower-case ASCII letters and digits. What is longer than any in use is an attack on storage. */
const NAME = /^[a-z0-9]{1,64}$/;
/** §5: intermediaries forward events of 64 KB; no single attribute needs more than this. */
const LONGEST = 4_096;
const MOST_EXTENSIONS = 64;
const CORE = new Set(['id', 'source', 'specversion', 'type', 'subject', 'time', 'datacontenttype', 'dataschema']);
/** RFC 3986: the characters a URI is made of; percent signs only before two hexadecimal digits. */
const URI_REFERENCE = /^(?:[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+$/;
const ABSOLUTE = /^[A-Za-z][A-Za-z0-9+.-]*:/;
/** RFC 2045 §5.1 with RFC 2046: type/subtype and parameters. */
const MEDIA_TYPE = /^[A-Za-z0-9!#$%&'*+.^_`{|}~-]+\/[A-Za-z0-9!#$%&'*+.^_`{|}~-]+(?:\s*;\s*[A-Za-z0-9!#$%&'*+.^_`{|}~-]+=(?:[A-Za-z0-9!#$%&'*+.^_`{|}~-]+|"(?:[^"\\]|\\.)*"))*\s*$/;
/** RFC 3339 §5.6; `t` and `z` may be small, a leap second is allowed. */
const TIMESTAMP = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

type Wrong = { readonly ok: false } & EventFault;
type Checked = { readonly ok: true; readonly event: CloudEvent } | Wrong;

/** Control characters, surrogates that stand alone and non-characters may not stand in a String (§3.1, type system). */
function badString(text: string): string | undefined {
  if (text.length > LONGEST) return `has ${text.length} characters, ${LONGEST} are allowed`;
  // eslint-disable-next-line no-control-regex
  if (!text.isWellFormed() || /[\u0000-\u001f\u007f-\u009f\ufdd0-\ufdef]|[\ufffe\uffff]/u.test(text)) return 'holds a character that is not allowed';
  return undefined;
}

/** True for an RFC 3339 timestamp of a day that there is. */
export function isTimestamp(text: string): boolean {
  const match = TIMESTAMP.exec(text);
  if (match === null) return false;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number);
  const offset = match[8] ?? '';
  if (/^[+-]/.test(offset) && (Number(offset.slice(1, 3)) > 23 || Number(offset.slice(4)) > 59)) return false;
  // years come round every 400, which keeps the first century out of Date's way
  return month >= 1 && month <= 12 && day >= 1 && day <= new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate() && hour <= 23 && minute <= 59 && second <= 60;
}

/** Years in which a sender's clock is believed: 2000 to 2199. */
const EARLIEST = Date.UTC(2000, 0, 1);
const LATEST = Date.UTC(2200, 0, 1);

/** The instant of a timestamp as ISO 8601 in UTC; undefined when it is none, or of a clock that cannot be believed. */
export function instantOf(text: string): string | undefined {
  if (!isTimestamp(text)) return undefined;
  const ms = Date.parse(text.toUpperCase().replace(/:60(?=[.Z+-])/, ':59').replace(/(\.\d{3})\d+/, '$1'));
  return ms >= EARLIEST && ms < LATEST ? new Date(ms).toISOString() : undefined;
}

/** What is wrong with one of the attributes that CloudEvents names itself; undefined when nothing is. */
function coreProblem(name: string, value: string): string | undefined {
  switch (name) {
    case 'source': return URI_REFERENCE.test(value) ? undefined : 'is no URI reference (RFC 3986)';
    case 'dataschema': return URI_REFERENCE.test(value) && ABSOLUTE.test(value) ? undefined : 'is no absolute URI (RFC 3986)';
    case 'datacontenttype': return MEDIA_TYPE.test(value) ? undefined : 'is no media type (RFC 2046)';
    case 'time': return isTimestamp(value) ? undefined : 'is no timestamp (RFC 3339), for example 2026-03-01T08:15:00Z';
    default: return undefined;
  }
}

function extensionProblem(value: unknown): string | undefined {
  if (typeof value === 'string') return badString(value);
  if (typeof value === 'boolean') return undefined;
  // Integer: a whole number of 32 bits
  if (typeof value === 'number') return Number.isInteger(value) && value >= -2_147_483_648 && value <= 2_147_483_647 ? undefined : 'is no whole number of 32 bits';
  return 'is neither text, a whole number nor true or false';
}

/** Checks attributes as they were found, without the data; what is null was not set (JSON Event Format §2.2). */
export function checkAttributes(found: ReadonlyMap<string, unknown>, data: EventData | undefined): Checked {
  const core: Record<string, string> = {};
  const extensions: Record<string, AttributeValue> = {};
  let count = 0;
  for (const [name, value] of found) {
    if (!NAME.test(name)) return fault('event-attribute', `“${name.slice(0, 40)}” is no name of an attribute: small letters and digits only`);
    if (value === null || value === undefined) continue;
    if (!CORE.has(name)) {
      count += 1;
      if (count > MOST_EXTENSIONS) return fault('event-attribute', `more than ${MOST_EXTENSIONS} extensions`);
      const wrong = extensionProblem(value);
      if (wrong !== undefined) return fault('event-attribute', `${name} ${wrong}`);
      extensions[name] = value as AttributeValue;
      continue;
    }
    if (typeof value !== 'string') return fault('event-attribute', `${name} is no text`);
    const wrong = value === '' ? 'is empty' : (badString(value) ?? (name === 'specversion' ? undefined : coreProblem(name, value)));
    if (wrong !== undefined) return fault('event-attribute', `${name} ${wrong}`);
    core[name] = value;
  }
  const { specversion, id, source, type, time, subject, datacontenttype, dataschema } = core;
  const missing = ['specversion', 'id', 'source', 'type'].find((name) => core[name] === undefined);
  if (missing !== undefined || id === undefined || source === undefined || type === undefined) return fault('event-attribute-missing', `${missing ?? 'id'} is missing`);
  if (specversion !== '1.0') return fault('event-version', `specversion is ${specversion ?? ''}`);
  const occurredAt = time === undefined ? undefined : instantOf(time);
  return {
    ok: true,
    event: {
      id, source, type, extensions,
      ...(subject === undefined ? {} : { subject }), ...(time === undefined ? {} : { time }), ...(occurredAt === undefined ? {} : { occurredAt }),
      ...(datacontenttype === undefined ? {} : { datacontenttype }), ...(dataschema === undefined ? {} : { dataschema }), ...(data === undefined ? {} : { data }),
    },
  };
}

/** True for a media type that says JSON: a subtype `json` or a suffix `+json` (JSON Event Format §3.1). */
export function saysJson(contentType: string | undefined): boolean {
  return contentType === undefined || /^[^/;]+\/(?:[^;]*\+)?json\s*(?:;|$)/i.test(contentType.trim());
}

/** The attributes of an event as they are written, `specversion` first; the data is not among them. */
export function attributesOf(event: CloudEvent): readonly (readonly [string, AttributeValue])[] {
  const { id, source, type, subject, time, datacontenttype, dataschema, extensions } = event;
  const core: readonly (readonly [string, string | undefined])[] = [
    ['specversion', '1.0'], ['id', id], ['source', source], ['type', type], ['subject', subject], ['time', time], ['datacontenttype', datacontenttype], ['dataschema', dataschema],
  ];
  return [...core.flatMap(([name, value]): (readonly [string, AttributeValue])[] => (value === undefined ? [] : [[name, value]])), ...Object.entries(extensions)];
}
