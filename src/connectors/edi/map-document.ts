import { controlNumberOf, messageTypeOf } from './reader.ts';
import { refuseUnknownMembers } from './members.ts';
import { finding } from './place.ts';
import type { CodeLists, EdiDocument, JsonSegment, MessageMap, Rest, SegmentSpec } from './map-types.ts';
import { isPresent, positionOf, readSegment, segmentFromJson, segmentToJson, writeSegment } from './segment-codec.ts';
import type { Context, Draft } from './segment-codec.ts';
import type { EdiFinding, EdiPlace, Message, Segment, Separators } from './types.ts';

/** An object that is being filled: the loop that it stands for, and how far in its segments. */
interface Level {
  readonly specs: readonly SegmentSpec[];
  readonly object: Draft;
  /** Index of the spec that was filled last. */
  at: number;
  /** Own segments and loops so far. */
  units: number;
  readonly opened: SegmentSpec | undefined;
}

/** Where a message stands, for findings. */
export function placeOfMessage(message: Message, standard: 'x12' | 'edifact', around: Partial<EdiPlace>): EdiPlace {
  return { ...around, message: controlNumberOf(standard, message.header), messageType: messageTypeOf(message.header), offset: message.header.offset, line: message.header.line };
}

const fits = (spec: SegmentSpec, segment: Segment): boolean => {
  if (spec.tag !== segment.tag) return false;
  if (spec.when === undefined) return true;
  const [element, component] = positionOf(spec.when.at);
  return spec.when.in.includes(segment.elements[element - 1]?.[0]?.[component - 1] ?? '');
};

/** A message as a document. Whatever the map does not know is in a `rest`; findings are about what is missing or no value. */
export function readMessage(map: MessageMap, message: Message, codes: CodeLists, separators: Separators, place: EdiPlace): { readonly document: EdiDocument; readonly findings: readonly EdiFinding[] } {
  const document: Draft = { type: map.document };
  const context: Context = { codes, root: document, decimalMark: separators.decimal ?? '.' };
  const levels: Level[] = [{ specs: map.segments, object: document, at: -1, units: 0, opened: undefined }];
  const findings: EdiFinding[] = [];
  const missing = (level: Level): void => { findings.push(...missingOf(level, place)); };

  message.segments.forEach((segment, index) => {
    const here: EdiPlace = { ...place, segment: index + 2, tag: segment.tag, offset: segment.offset, line: segment.line };
    const found = findSpec(levels, segment);
    if (found === undefined) {
      const level = levels.at(-1);
      if (level !== undefined) keepSegment(level.object, level.units, segmentToJson(segment));
      return;
    }
    while (levels.length - 1 > found.depth) missing(levels.pop() as Level);
    const level = levels[found.depth] as Level;
    const spec = level.specs[found.at] as SegmentSpec;
    level.at = found.at;
    level.units += 1;
    const target = spec.list === undefined ? level.object : newItem(level.object, spec.list);
    findings.push(...readSegment(spec, segment, target, context, here, separators));
    if (spec.loop !== undefined) levels.push({ specs: spec.loop, object: target, at: -1, units: 0, opened: spec });
  });
  while (levels.length > 0) missing(levels.pop() as Level);
  return { document: document as EdiDocument, findings };
}

/** The innermost loop that has a place for the segment; order is kept, so that it is written where it stood. */
function findSpec(levels: readonly Level[], segment: Segment): { readonly depth: number; readonly at: number } | undefined {
  for (let depth = levels.length - 1; depth >= 0; depth -= 1) {
    const level = levels[depth] as Level;
    for (let at = Math.max(level.at, 0); at < level.specs.length; at += 1) {
      const spec = level.specs[at] as SegmentSpec;
      // What comes once was here already.
      if (at === level.at && spec.list === undefined) continue;
      if (fits(spec, segment)) return { depth, at };
    }
  }
  return undefined;
}

function newItem(object: Draft, list: string): Draft {
  const item: Draft = {};
  if (!Array.isArray(object[list])) object[list] = [];
  (object[list] as Draft[]).push(item);
  return item;
}

function keepSegment(object: Draft, after: number, segment: JsonSegment): void {
  const rest = (object['rest'] ?? {}) as Rest;
  object['rest'] = { ...rest, segments: [...rest.segments ?? [], { after, segment }] };
}

function missingOf(level: Level, place: EdiPlace): EdiFinding[] {
  return level.specs.filter((spec) => spec.required === true && (spec.list === undefined ? !isPresent(spec, level.object) : !Array.isArray(level.object[spec.list])))
    .map((spec) => finding('segment-missing', `the segment ${spec.tag} is missing${level.opened === undefined ? '' : ` in a loop ${level.opened.tag}`}.`, { ...place, tag: spec.tag }));
}

/** The segments of a document, without header and trailer. @throws EdiError for values that the message cannot have */
export function writeMessage(map: MessageMap, document: EdiDocument, codes: CodeLists, decimalMark = '.'): Pick<Segment, 'tag' | 'elements'>[] {
  refuseUnknownMembers(map.segments, document, document.type);
  const out: Pick<Segment, 'tag' | 'elements'>[] = [];
  writeLevel(map.segments, document as Draft, { codes, decimalMark, root: document as Draft }, document.type, out);
  return out;
}

function writeLevel(specs: readonly SegmentSpec[], object: Draft, context: Context, where: string, out: Pick<Segment, 'tag' | 'elements'>[]): void {
  const unknown = [...(object['rest'] as Rest | undefined)?.segments ?? []];
  let units = 0;
  const flush = (upTo: number): void => { while (unknown.length > 0 && (unknown[0]?.after ?? 0) <= upTo) out.push(segmentFromJson(unknown.shift()?.segment ?? [])); };
  for (const spec of specs) {
    const items = spec.list === undefined ? (isPresent(spec, object) ? [object] : []) : itemsOf(object, spec.list);
    items.forEach((item, index) => {
      const name = spec.list === undefined ? where : `${where}, ${spec.list} ${index + 1}`;
      flush(units);
      units += 1;
      out.push(writeSegment(spec, item, context, name));
      if (spec.loop !== undefined) writeLevel(spec.loop, item, context, name, out);
    });
  }
  flush(Infinity);
}

const itemsOf = (object: Draft, list: string): readonly Draft[] => (Array.isArray(object[list]) ? object[list] as Draft[] : []);
