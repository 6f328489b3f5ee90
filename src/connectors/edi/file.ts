import { edifactCharset } from './charset.ts';
import { refuseOtherForms } from './json-form.ts';
import { finding } from './place.ts';
import { codeLists, envelopeMap, mapFor } from './maps.ts';
import { placeOfMessage, readMessage, writeMessage } from './map-document.ts';
import type { EdiDocument, JsonSegment, MessageMap, Rest } from './map-types.ts';
import { controlNumberOf, messageTypeOf } from './reader.ts';
import type { EdiFile } from './reader.ts';
import { readSegment, segmentFromJson, segmentToJson, writeSegment } from './segment-codec.ts';
import type { Draft } from './segment-codec.ts';
import type { EdiFinding, EdiPlace, EdiStandard, Group, Interchange, Message, Segment, Separators } from './types.ts';
import { EdiError, valueOf } from './types.ts';

/** An interchange as plain JSON. Members without a comment are those of the header: see maps/envelope.json. */
export interface JsonInterchange {
  readonly standard: EdiStandard;
  readonly separators?: Separators;
  readonly serviceString?: boolean;
  readonly charset?: string;
  readonly newline?: string;
  readonly tail?: string;
  readonly sender?: { readonly id?: string; readonly qualifier?: string };
  readonly receiver?: { readonly id?: string; readonly qualifier?: string };
  readonly controlNumber?: string;
  readonly rest?: Rest;
  readonly loose?: readonly JsonSegment[];
  readonly groups: readonly JsonGroup[];
  readonly [key: string]: unknown;
}
export interface JsonGroup {
  /** False for EDIFACT without UNG. */
  readonly header: boolean;
  readonly messages: readonly JsonMessage[];
  readonly [key: string]: unknown;
}
export interface JsonMessage {
  readonly message: string;
  readonly controlNumber?: string;
  /** The document, when there is a map for the message, … */
  readonly document?: EdiDocument;
  /** … else its segments as they are. */
  readonly segments?: readonly JsonSegment[];
  readonly [key: string]: unknown;
}
export interface JsonFile { readonly interchanges: readonly JsonInterchange[] }

/** Separators that are taken when nothing else is said. */
export const defaultSeparators: Readonly<Record<EdiStandard, Separators>> = {
  x12: { element: '*', component: '>', segment: '~' },
  edifact: { element: '+', component: ':', segment: "'", release: '?', decimal: '.' },
};

/** `004010` or `D.96A`, as the map lists it. */
function releaseOf(standard: EdiStandard, group: Segment | undefined, header: Segment): string {
  return standard === 'x12' ? valueOf(group, 8) : `${valueOf(header, 2, 2)}.${valueOf(header, 2, 3)}`;
}

function headerJson(segment: Segment, around: Partial<EdiPlace>, separators: Separators, findings: EdiFinding[]): Draft {
  const spec = envelopeMap[segment.tag as keyof typeof envelopeMap];
  const object: Draft = {};
  const place = { ...around, tag: segment.tag, offset: segment.offset, line: segment.line };
  findings.push(...readSegment(spec, segment, object, { codes: codeLists, decimalMark: '.', root: object }, place, separators)
    // Dates of an envelope are for people; a wrong one does not stop a document.
    .map((each) => (each.code === 'date' || each.code === 'time' || each.code === 'element-too-short' || each.code === 'element-too-long' ? finding(each.code, each.problem, each.place, { severity: 'warning' }) : each)));
  return object;
}

function messageJson(standard: EdiStandard, group: Group, message: Message, around: EdiPlace, separators: Separators, findings: EdiFinding[]): JsonMessage {
  const head = headerJson(message.header, around, separators, findings);
  const type = messageTypeOf(message.header);
  const map = mapFor(standard, type);
  const place = placeOfMessage(message, standard, around);
  if (map === undefined) {
    findings.push(finding('unknown-message', `there is no map for the message ${type}; its segments stay as they are.`, { ...place, segment: 1, tag: message.header.tag }, { severity: 'warning' }));
    return { ...head, message: type, segments: message.segments.map(segmentToJson) };
  }
  const release = releaseOf(standard, group.header, message.header);
  if (!map.releases.some((each) => release.startsWith(each))) {
    findings.push(finding('unknown-message', `the map of ${map.message} is made for ${map.releases.join(', ')}; ${release} is read by it, and what it does not know is kept as it is.`, { ...place, segment: 1, tag: message.header.tag }, { severity: 'warning' }));
  }
  const { document, findings: found } = readMessage(map, message, codeLists, separators, place);
  findings.push(...found);
  return { ...head, message: type, document };
}

/** A read file as plain JSON, with everything that was found. */
export function toJson({ interchanges, findings: syntax }: EdiFile): { readonly file: JsonFile; readonly findings: readonly EdiFinding[] } {
  const findings = [...syntax];
  const file = { interchanges: interchanges.map((interchange) => interchangeJson(interchange, findings)) };
  return { file, findings: findings.sort((one, other) => one.place.offset - other.place.offset) };
}

function interchangeJson(interchange: Interchange, findings: EdiFinding[]): JsonInterchange {
  const { standard, separators, header } = interchange;
  const inside = { interchange: controlNumberOf(standard, header) };
  const { componentSeparator, repetitionSeparator, ...head } = headerJson(header, inside, separators, findings);
  // They are separators; `U` says that there is no repetition separator.
  const kept = repetitionSeparator !== undefined && repetitionSeparator !== separators.repetition && repetitionSeparator !== 'U' ? { repetitionSeparator } : {};
  if (standard === 'x12' && componentSeparator !== separators.component) throw new EdiError('header-damaged', 'ISA16 is not the component separator.');
  return {
    standard, separators,
    ...(interchange.serviceString ? { serviceString: true } : {}),
    charset: interchange.charset, newline: interchange.newline, tail: interchange.tail,
    ...head, ...kept,
    ...(interchange.serviceString && header.before !== '' ? { afterServiceString: header.before } : {}),
    ...(interchange.loose.length === 0 ? {} : { loose: interchange.loose.map(segmentToJson) }),
    groups: interchange.groups.map((group) => {
      const around: Partial<EdiPlace> = { ...inside, ...(group.header === undefined ? {} : { group: controlNumberOf(standard, group.header) }) };
      return {
        header: group.header !== undefined,
        ...(group.header === undefined ? {} : headerJson(group.header, around, separators, findings)),
        messages: group.messages.map((message) => messageJson(standard, group, message, { ...around, offset: message.header.offset, line: message.header.line }, separators, findings)),
      };
    }),
  };
}

const made = (segment: Pick<Segment, 'tag' | 'elements'>, before = ''): Segment => ({ ...segment, offset: 0, line: 1, before, raw: '' });

function headerOf(tag: keyof typeof envelopeMap, object: Draft): Segment {
  const written = writeSegment(envelopeMap[tag], object, { codes: codeLists, decimalMark: '.', root: object }, 'the envelope');
  const missing = envelopeMap[tag].fields?.find((field) => field.required === true && valueOf(made(written), Number(field.at?.split('.')[0]), Number(field.at?.split('.')[1] ?? 1)).trim() === '');
  if (missing !== undefined) throw new EdiError('element-missing', `The envelope, ${tag}: ${missing.to} is missing.`);
  return made(written);
}

/** Plain JSON as an interchange that can be written. @throws EdiError for what cannot */
export function fromJson(json: JsonInterchange): Interchange {
  refuseOtherForms(json);
  const { standard } = json;
  const separators = json.separators ?? defaultSeparators[standard];
  const head: Draft = { ...json, ...(standard === 'x12' ? { componentSeparator: separators.component, repetitionSeparator: separators.repetition ?? json['repetitionSeparator'] } : {}) };
  const header = headerOf(standard === 'x12' ? 'ISA' : 'UNB', head);
  const groups = json.groups.map((group, index) => groupOf(standard, group, separators, `group ${index + 1}`));
  return {
    standard, separators, lead: '', loose: (json.loose ?? []).map((segment) => made(segmentFromJson(segment))), groups,
    header: { ...header, before: typeof json['afterServiceString'] === 'string' ? json['afterServiceString'] : '' },
    serviceString: json.serviceString ?? false,
    charset: json.charset ?? (standard === 'x12' ? 'utf-8' : edifactCharset(valueOf(header, 1)) ?? 'latin1'),
    newline: json.newline ?? '', tail: json.tail ?? '',
  };
}

function groupOf(standard: EdiStandard, group: JsonGroup, separators: Separators, name: string): Group {
  const grouped = standard === 'x12' || group.header === true;
  const first = group.messages[0]?.message;
  const code = first === undefined ? undefined : mapFor(standard, first)?.group;
  return {
    ...(grouped ? { header: headerOf(standard === 'x12' ? 'GS' : 'UNG', { ...(code === undefined ? {} : { code }), ...group }) } : {}),
    messages: group.messages.map((message, index) => messageOf(standard, message, separators, `${name}, message ${index + 1}`)),
  };
}

function messageOf(standard: EdiStandard, message: JsonMessage, separators: Separators, name: string): Message {
  const header = headerOf(standard === 'x12' ? 'ST' : 'UNH', message as Draft);
  if (message.document === undefined) {
    if (message.segments === undefined) throw new EdiError('not-edi', `The ${name} needs a "document" or "segments".`);
    return { header, segments: message.segments.map((segment) => made(segmentFromJson(segment))) };
  }
  const map: MessageMap | undefined = mapFor(standard, message.message);
  if (map === undefined) throw new EdiError('unknown-message', `There is no map for the message ${message.message}; give its "segments".`);
  if (message.document.type !== map.document) throw new EdiError('not-written', `The ${name}: a ${message.message} is written from a document of type "${map.document}", and this one is "${String(message.document.type)}".`);
  return { header, segments: writeMessage(map, message.document, codeLists, separators.decimal ?? '.').map((segment) => made(segment)) };
}
