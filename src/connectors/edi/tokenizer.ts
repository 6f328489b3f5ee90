import { decode, edifactCharset, edifactCharsetNames, isLevelA } from './charset.ts';
import { finding, shown } from './place.ts';
import type { EdiFault, EdiFinding, EdiLimits, EdiStandard, Element, Segment, Separators } from './types.ts';
import { defaultLimits } from './types.ts';

/** A segment, or something wrong about the bytes; `begins` goes with the header of an interchange. */
export type Token =
  | { readonly kind: 'segment'; readonly segment: Segment; readonly begins?: SyntaxOf }
  | { readonly kind: 'finding'; readonly finding: EdiFinding };

export interface SyntaxOf {
  readonly standard: EdiStandard;
  readonly separators: Separators;
  readonly charset: string;
  readonly serviceString: boolean;
  /** Blanks and line ends before the interchange. */
  readonly lead: string;
}

const BLANK = /[\r\n\t ]/;
const TAG = /^[A-Z][A-Z0-9]{1,2}$/;
/** Lengths of ISA01 to ISA16 (X12.5 §4.2): the only segment whose elements have places. */
const ISA_LENGTHS = [2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1];
const ISA_BYTES = 106;
const EDIFACT_DEFAULT: Separators = { component: ':', element: '+', decimal: '.', release: '?', segment: "'" };

/** Cuts bytes, in pieces of any size, into segments. Holds no more than one segment and one piece. */
export class Tokenizer {
  readonly #limits: EdiLimits;
  readonly #x12Charset: string;
  #text = '';
  #offset = 0;
  #line = 1;
  #syntax: SyntaxOf | undefined;
  #total = 0;
  #stopped = false;
  #blanks = '';
  #out: Token[] = [];
  #awaitsUnb = false;
  /** Character set as UNB names it. */
  #level = '';

  /** X12 names no character set: `latin1` keeps every byte; `utf-8` when it is known that both sides mean it. */
  constructor(limits: Partial<EdiLimits> = {}, x12Charset = 'latin1') {
    this.#limits = { ...defaultLimits, ...limits };
    this.#x12Charset = x12Charset;
  }

  /** Nothing more will be read. */
  get stopped(): boolean { return this.#stopped; }

  /** Blanks and line ends after the last segment so far. */
  get blanks(): string { return this.#blanks; }

  push(chunk: Uint8Array): Token[] {
    this.#total += chunk.length;
    this.#text += Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).toString('latin1');
    this.#cut(false);
    if (this.#total > this.#limits.bytes && !this.#stopped) this.#stop('too-large', `more than ${this.#limits.bytes} bytes have come; send it in several interchanges.`);
    return this.#taken();
  }

  end(): Token[] {
    this.#cut(true);
    const syntax = this.#syntax;
    if (!this.#stopped && syntax !== undefined && /^(?:IEA|UNZ)[^A-Z0-9]\d+[^A-Z0-9][^\n]*$/i.test(this.#text.trimEnd())) {
      this.#find('unterminated', 'the last segment has no terminator.', 'warning');
      this.#text = this.#text.trimEnd() + syntax.separators.segment;
      this.#cut(true);
    }
    if (!this.#stopped && this.#text !== '') this.#stop('unterminated', `the file ends in the middle of the segment ${shown(this.#text.slice(0, 20))}; it is cut off, ask for it again.`);
    return this.#taken();
  }

  #taken(): Token[] {
    const tokens = this.#out;
    this.#out = [];
    return tokens;
  }

  #find(code: EdiFault, problem: string, severity?: 'warning', segment?: Segment): void {
    const place = segment === undefined ? { offset: this.#offset, line: this.#line } : { offset: segment.offset, line: segment.line, tag: segment.tag };
    this.#out.push({ kind: 'finding', finding: finding(code, problem, place, severity === undefined ? {} : { severity }) });
  }

  #stop(code: EdiFault, problem: string): void {
    if (this.#stopped) return;
    this.#find(code, problem);
    this.#stopped = true;
    this.#text = '';
  }

  #skip(length: number): void {
    for (let at = 0; at < length; at += 1) if (this.#text[at] === '\n') this.#line += 1;
    this.#offset += length;
    this.#text = this.#text.slice(length);
  }

  #skipBlanks(): void {
    // A byte order mark, as UTF-8 writes it.
    if (this.#offset === 0 && this.#text.startsWith('\u00EF\u00BB\u00BF')) this.#skip(3);
    let at = 0;
    for (; at < this.#text.length; at += 1) {
      const character = this.#text[at] ?? '';
      if (!BLANK.test(character) || character === this.#syntax?.separators.segment || character === this.#syntax?.separators.element) break;
    }
    this.#blanks += this.#text.slice(0, at);
    this.#skip(at);
  }

  #cut(atEnd: boolean): void {
    while (!this.#stopped) {
      this.#skipBlanks();
      if (this.#text === '') return;
      const opens = /^(ISA|UNA|UNB)/.exec(this.#text)?.[1];
      if (this.#syntax === undefined || opens === 'ISA' || opens === 'UNA' || (opens === 'UNB' && !this.#awaitsUnb)) {
        if (this.#text.length < 3 && !atEnd) return;
        if (opens === undefined) {
          this.#stop('not-edi', `${shown(this.#text.slice(0, 12))} begins neither an X12 interchange (ISA) nor an EDIFACT one (UNA or UNB).`);
          return;
        }
        if (!this.#begin(opens, atEnd)) return;
        continue;
      }
      if (!this.#next(this.#syntax)) return;
    }
  }

  /** Reads separators; answers whether it got on. */
  #begin(opens: string, atEnd: boolean): boolean {
    if (opens === 'ISA') return this.#beginX12(atEnd);
    if (opens === 'UNA') {
      if (this.#text.length < 9) return false;
      const [component = '', element = '', decimal = '', release = '', repetition = '', segment = ''] = this.#text.slice(3, 9);
      const given = [component, element, release, segment].filter((each) => each !== ' ');
      if (new Set(given).size !== given.length || /[A-Z0-9]/i.test(given.join('')) || component === ' ' || element === ' ' || segment === ' ') {
        this.#stop('separators', `UNA declares ${shown(this.#text.slice(3, 9))}: separators must differ from each other and be no letters or digits.`);
        return false;
      }
      const blanks = this.#blanks;
      this.#skip(9);
      const separators = { component, element, decimal, segment, ...(release === ' ' ? {} : { release }), ...(repetition === ' ' ? {} : { repetition }) };
      this.#blanks = '';
      this.#syntax = { standard: 'edifact', separators, charset: 'ascii', serviceString: true, lead: blanks };
      this.#awaitsUnb = true;
      return true;
    }
    this.#syntax = { standard: 'edifact', separators: EDIFACT_DEFAULT, charset: 'ascii', serviceString: false, lead: this.#blanks };
    this.#blanks = '';
    this.#awaitsUnb = true;
    return true;
  }

  #beginX12(atEnd: boolean): boolean {
    if (this.#text.length < ISA_BYTES && !atEnd) return false;
    const element = this.#text[3] ?? '';
    if (element === '' || /[A-Z0-9 \r\n]/i.test(element)) {
      this.#stop('header-damaged', `the character after ISA is the element separator, and ${shown(element)} cannot be one.`);
      return false;
    }
    const parts: string[] = [];
    let at = 4;
    for (let number = 1; number <= 15; number += 1) {
      const to = this.#text.indexOf(element, at);
      if (to < 0 || to - at > 64) {
        if (to < 0 && !atEnd && this.#text.length < this.#limits.segmentBytes) return false;
        this.#stop('header-damaged', `ISA has 16 elements, and the end of element ${number} was not found; it is cut off or its separators are damaged.`);
        return false;
      }
      const part = this.#text.slice(at, to);
      parts.push(decode(part, this.#x12Charset) ?? part);
      at = to + 1;
    }
    const component = this.#text[at] ?? '';
    const segment = this.#text[at + 1] ?? '';
    if (segment === '' || new Set([component, segment, element]).size !== 3 || /[A-Z0-9]/i.test(component + segment)) {
      this.#stop('separators', `ISA ends with the component separator and the segment terminator, and ${shown(component + segment)} cannot be these two.`);
      return false;
    }
    if ([element, component, segment].some((each) => each > '\u00BF') && this.#x12Charset === 'utf-8') {
      this.#stop('separators', 'a separator is a character that UTF-8 writes with several bytes; separators are single bytes, for example * > ~.');
      return false;
    }
    const wrong = parts.findIndex((part, index) => part.length !== ISA_LENGTHS[index]);
    if (wrong >= 0) this.#find('header-damaged', `ISA element ${wrong + 1} has ${parts[wrong]?.length ?? 0} characters instead of ${ISA_LENGTHS[wrong] ?? 0}; pad it with blanks.`);
    const repetition = parts[10] ?? '';
    const separators: Separators = { element, component, segment, ...((parts[11] ?? '') >= '00402' && /^[^A-Za-z0-9 ]$/.test(repetition) ? { repetition } : {}) };
    const raw = this.#text.slice(0, at + 1);
    this.#syntax = { standard: 'x12', separators, charset: this.#x12Charset, serviceString: false, lead: this.#blanks };
    const found: Segment = { tag: 'ISA', elements: [...parts, component].map((part) => [[part]]), offset: this.#offset, line: this.#line, before: '', raw };
    this.#skip(at + 2);
    this.#blanks = '';
    this.#out.push({ kind: 'segment', segment: found, begins: this.#syntax });
    return true;
  }

  /** One segment; answers whether it got on. */
  #next(syntax: SyntaxOf): boolean {
    const { separators } = syntax;
    const end = terminatorAt(this.#text, separators);
    if (end < 0 || end > this.#limits.segmentBytes) {
      if (this.#text.length > this.#limits.segmentBytes) this.#stop('segment-too-long', `a segment is longer than ${this.#limits.segmentBytes} bytes; its terminator ${shown(separators.segment)} is missing.`);
      return false;
    }
    const raw = this.#text.slice(0, end);
    const place = { offset: this.#offset, line: this.#line, before: this.#blanks, raw };
    this.#skip(end + 1);
    if (raw === '' && BLANK.test(separators.segment)) {
      this.#blanks += separators.segment;
      return true;
    }
    this.#blanks = '';
    if (this.#awaitsUnb) return this.#unb(raw, place, syntax);
    const segment = this.#parsed(raw, place, syntax);
    this.#out.push({ kind: 'segment', segment });
    if (segment.tag === 'IEA' || segment.tag === 'UNZ') this.#syntax = undefined;
    return true;
  }

  #unb(raw: string, place: Omit<Segment, 'tag' | 'elements'>, syntax: SyntaxOf): boolean {
    this.#awaitsUnb = false;
    const first = splitSegment(raw, { ...syntax.separators, repetition: '' });
    const [identifier = '', version = ''] = first.elements[0]?.[0] ?? [];
    if (first.tag !== 'UNB') {
      this.#stop('header-damaged', `after UNA the segment UNB must follow, and ${shown(raw.slice(0, 12))} does.`);
      return false;
    }
    const charset = edifactCharset(identifier);
    if (charset === undefined) this.#find('charset', `the character set ${shown(identifier)} is not known; known are ${edifactCharsetNames.join(', ')}. It is read as UNOC.`);
    const { repetition: declared, ...rest } = syntax.separators;
    const repetition = version >= '4' ? declared ?? (syntax.serviceString ? undefined : '*') : undefined;
    const separators: Separators = { ...rest, ...(repetition === undefined ? {} : { repetition }) };
    this.#syntax = { ...syntax, separators, charset: charset ?? 'latin1' };
    this.#level = identifier;
    const segment = this.#parsed(raw, place, this.#syntax);
    this.#out.push({ kind: 'segment', segment, begins: this.#syntax });
    return true;
  }

  #parsed(raw: string, place: Omit<Segment, 'tag' | 'elements'>, syntax: SyntaxOf): Segment {
    const text = decode(raw, syntax.charset);
    const segment: Segment = { ...splitSegment(text ?? raw, syntax.separators), ...place };
    if (text === undefined) {
      this.#find('character', syntax.charset === 'ascii' ? `there are bytes above 7F, which ${this.#level} does not have; the sender must declare UNOC or another set.` : `there are bytes that are no ${syntax.charset}.`, undefined, segment);
    } else if (this.#level === 'UNOA' && syntax.standard === 'edifact' && segment.tag !== 'UNB' && segment.elements.some((element) => element.some((each) => !each.every(isLevelA)))) {
      this.#find('character', 'there are lower case letters or other characters that UNOA does not have.', 'warning', segment);
    }
    if (segment.tag === '' && segment.elements.length === 0) this.#find('empty-segment', 'there is a segment terminator with no segment before it.', undefined, segment);
    else if (!TAG.test(segment.tag)) this.#find('segment-tag', `${shown(segment.tag)} is no segment tag (two or three capitals or digits, the first a letter); the segment is damaged or a separator before it is missing.`, undefined, segment);
    const long = segment.elements.findIndex((element) => element.some((each) => each.some((component) => component.length > this.#limits.elementLength)));
    if (long >= 0) this.#find('element-too-long', `element ${long + 1} is longer than ${this.#limits.elementLength} characters.`, undefined, segment);
    return segment;
  }
}

/** Where the segment ends, or -1; a terminator after a release character is text. */
function terminatorAt(text: string, { segment, release }: Separators): number {
  for (let at = text.indexOf(segment); at >= 0; at = text.indexOf(segment, at + 1)) {
    if (release === undefined) return at;
    let released = 0;
    while (released < at && text[at - 1 - released] === release) released += 1;
    if (released % 2 === 0) return at;
  }
  return -1;
}

/** Cuts at a separator that is not released. */
function cut(text: string, separator: string | undefined, release: string | undefined): string[] {
  if (separator === undefined || separator === '') return [text];
  if (release === undefined || !text.includes(release)) return text.split(separator);
  const parts: string[] = [];
  let from = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === release) at += 1;
    else if (text[at] === separator) {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  parts.push(text.slice(from));
  return parts;
}

function released(text: string, release: string | undefined): string {
  if (release === undefined || !text.includes(release)) return text;
  let plain = '';
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === release && at + 1 < text.length) at += 1;
    plain += text[at] ?? '';
  }
  return plain;
}

/** Tag and elements of a segment's text. */
export function splitSegment(text: string, { element, component, repetition, release }: Separators): { readonly tag: string; readonly elements: readonly Element[] } {
  const [tag = '', ...elements] = cut(text, element, release);
  return { tag, elements: elements.map((each) => cut(each, repetition, release).map((one) => cut(one, component, release).map((part) => released(part, release)))) };
}
