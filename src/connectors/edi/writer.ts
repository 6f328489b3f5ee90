import { encode } from './charset.ts';
import { shown } from './place.ts';
import { controlNumberOf } from './reader.ts';
import type { Element, Group, Interchange, Message, Segment, Separators } from './types.ts';
import { EdiError } from './types.ts';

type Written = Pick<Segment, 'tag' | 'elements'>;

/** A segment's text with its terminator. @throws EdiError for text that has a separator of X12 in it */
export function segmentText({ tag, elements }: Written, separators: Separators): string {
  const { element, component, segment, repetition, release } = separators;
  // ISA says what the separators are.
  if (tag === 'ISA') return `${[tag, ...elements.map((each) => each[0]?.[0] ?? '')].join(element)}${segment}`;
  const special = [element, component, segment, repetition, release].filter((each) => each !== undefined);
  const plain = (text: string, number: number): string => {
    if (!special.some((each) => text.includes(each))) return text;
    if (release !== undefined) return Array.from(text, (character) => (special.includes(character) ? release + character : character)).join('');
    throw new EdiError('not-written', `${tag} element ${number}: ${shown(text)} has one of the separators ${special.map(shown).join(' ')} in it; choose other separators, or other text.`);
  };
  const one = (each: Element, number: number): string => each.map((parts) => parts.map((part) => plain(part, number)).join(component)).join(repetition ?? element);
  return `${[tag, ...elements.map((each, index) => one(each, index + 1))].join(element)}${segment}`;
}

const plainElement = (text: string): Element => [[text]];

/** A trailer whose count and control number are right; one that was right is written as it was. */
function trailerOf(tag: string, count: number, number: string): Written {
  return { tag, elements: [plainElement(String(count)), plainElement(number)] };
}

function* messageSegments(standard: 'x12' | 'edifact', { header, segments }: Message): Generator<Written> {
  yield header;
  yield* segments;
  yield trailerOf(standard === 'x12' ? 'SE' : 'UNT', segments.length + 2, controlNumberOf(standard, header));
}

function* groupSegments(standard: 'x12' | 'edifact', { header, messages }: Group): Generator<Written> {
  if (header !== undefined) yield header;
  for (const message of messages) yield* messageSegments(standard, message);
  if (header !== undefined) yield trailerOf(standard === 'x12' ? 'GE' : 'UNE', messages.length, controlNumberOf(standard, header));
}

/** All segments of an interchange in their order; counts and control numbers of trailers are made anew. */
export function* interchangeSegments({ standard, header, loose, groups }: Interchange): Generator<Written> {
  yield header;
  yield* loose;
  for (const group of groups) yield* groupSegments(standard, group);
  const grouped = standard === 'x12' || groups.some((group) => group.header !== undefined);
  const count = grouped ? groups.filter((group) => group.header !== undefined).length : groups.reduce((sum, { messages }) => sum + messages.length, 0);
  yield trailerOf(standard === 'x12' ? 'IEA' : 'UNZ', count, controlNumberOf(standard, header));
}

/** The bytes of an interchange. @throws EdiError for what its separators or its character set cannot express */
export function writeInterchange(interchange: Interchange): Buffer {
  const { separators, newline, tail, charset } = interchange;
  if (interchange.standard === 'edifact') {
    const { element, component, segment, release } = separators;
    if (new Set([element, component, segment, release]).size < 4) throw new EdiError('separators', 'The separators of an interchange must differ from each other.');
  }
  const pieces: Buffer[] = [];
  if (interchange.serviceString) {
    const { component, element, decimal = '.', release = ' ', repetition = ' ', segment } = separators;
    pieces.push(Buffer.from(`UNA${component}${element}${decimal}${release}${repetition}${segment}${interchange.header.before}`, 'latin1'));
  }
  let first = true;
  for (const segment of interchangeSegments(interchange)) {
    pieces.push(encode(`${first ? '' : newline}${segmentText(segment, separators)}`, charset));
    first = false;
  }
  pieces.push(Buffer.from(tail, 'latin1'));
  return Buffer.concat(pieces);
}

/** The bytes of a file with several interchanges. */
export const writeInterchanges = (interchanges: readonly Interchange[]): Buffer => Buffer.concat(interchanges.map(writeInterchange));
