import { finding, shown } from './place.ts';
import { Tokenizer } from './tokenizer.ts';
import type { SyntaxOf, Token } from './tokenizer.ts';
import type { EdiFault, EdiFinding, EdiLimits, EdiPlace, EdiStandard, Group, Interchange, Message, Segment } from './types.ts';
import { defaultLimits, valueOf } from './types.ts';

/** What a reader gives out while bytes come: a message at a time, with what is around it. */
export type EdiItem =
  | { readonly kind: 'interchange'; readonly header: Segment; readonly syntax: SyntaxOf }
  | { readonly kind: 'loose'; readonly segment: Segment }
  | { readonly kind: 'group'; readonly header?: Segment }
  | { readonly kind: 'message'; readonly message: Message }
  | { readonly kind: 'group-end'; readonly trailer?: Segment }
  | { readonly kind: 'interchange-end'; readonly trailer?: Segment }
  | { readonly kind: 'finding'; readonly finding: EdiFinding };

/** Functional identifier codes (X12 data element 479) of the messages that we know. */
const GROUP_CODES: Readonly<Record<string, string>> = { 810: 'IN', 850: 'PO', 855: 'PR', 856: 'SH', 940: 'OW', 943: 'AR', 944: 'RE', 945: 'SW', 997: 'FA', 999: 'FA' };

/** Where the names of envelopes differ, the sense does not. */
const NAMES = {
  x12: { interchange: 'ISA', interchangeEnd: 'IEA', group: 'GS', groupEnd: 'GE', message: 'ST', messageEnd: 'SE' },
  edifact: { interchange: 'UNB', interchangeEnd: 'UNZ', group: 'UNG', groupEnd: 'UNE', message: 'UNH', messageEnd: 'UNT' },
} as const;

/** Control number in a header or a trailer. */
export function controlNumberOf(standard: EdiStandard, segment: Segment | undefined): string {
  switch (segment?.tag) {
    case 'ISA': return valueOf(segment, 13);
    case 'GS': return valueOf(segment, 6);
    case 'UNB': return valueOf(segment, 5);
    case 'UNG': return valueOf(segment, 5);
    case 'UNH': return valueOf(segment, 1);
    default: return valueOf(segment, 2);
  }
}

/** `850` or `ORDERS`. */
export const messageTypeOf = (header: Segment): string => valueOf(header, header.tag === 'ST' ? 1 : 2);

interface Open { header?: Segment; count: number; readonly numbers: Set<string> }

/** Puts segments into their envelopes and checks counts and control numbers. Holds one message at a time. */
export class EdiReader {
  readonly #tokens: Tokenizer;
  readonly #limits: EdiLimits;
  #standard: EdiStandard = 'x12';
  #interchange: (Open & { groups: number }) | undefined;
  #group: Open | undefined;
  #message: { readonly header: Segment; readonly segments: Segment[] } | undefined;
  #out: EdiItem[] = [];
  #stopped = false;
  #segments = 0;

  constructor(limits: Partial<EdiLimits> = {}, x12Charset?: string) {
    this.#limits = { ...defaultLimits, ...limits };
    this.#tokens = new Tokenizer(limits, x12Charset);
  }

  get stopped(): boolean { return this.#stopped || this.#tokens.stopped; }

  push(chunk: Uint8Array): EdiItem[] {
    if (!this.stopped) this.#take(this.#tokens.push(chunk));
    return this.#taken();
  }

  end(): EdiItem[] {
    if (!this.#stopped) this.#take(this.#tokens.end());
    if (this.#interchange !== undefined) this.#endInterchange(undefined);
    return this.#taken();
  }

  /** Blanks after the last segment. */
  get blanks(): string { return this.#tokens.blanks; }

  #taken(): EdiItem[] {
    const items = this.#out;
    this.#out = [];
    return items;
  }

  #take(tokens: readonly Token[]): void {
    for (const token of tokens) {
      if (this.#stopped) return;
      if (token.kind === 'segment') this.#segment(token.segment, token.begins);
      else this.#out.push({ kind: 'finding', finding: this.#placed(token.finding) });
    }
  }

  /** A finding about bytes learns in which message they are. */
  #placed(found: EdiFinding): EdiFinding {
    // It comes just before the segment that it is about.
    const number = this.#message === undefined ? {} : { segment: this.#message.segments.length + 2 };
    return finding(found.code, found.problem, { ...this.#around(), ...number, ...found.place }, found.severity === 'warning' ? { severity: 'warning' } : {});
  }

  #around(): Partial<EdiPlace> {
    return {
      ...(this.#interchange?.header === undefined ? {} : { interchange: controlNumberOf(this.#standard, this.#interchange.header) }),
      ...(this.#group?.header === undefined ? {} : { group: controlNumberOf(this.#standard, this.#group.header) }),
      ...(this.#message === undefined ? {} : { message: controlNumberOf(this.#standard, this.#message.header), messageType: messageTypeOf(this.#message.header) }),
    };
  }

  #find(code: EdiFault, problem: string, segment: Segment, more: { readonly element?: number; readonly severity?: 'warning' } = {}): void {
    const { element, ...rest } = more;
    const number = this.#message === undefined ? {} : { segment: segment === this.#message.header ? 1 : this.#message.segments.length + 2 };
    const place = { ...this.#around(), ...number, tag: segment.tag, offset: segment.offset, line: segment.line, ...(element === undefined ? {} : { element }) };
    this.#out.push({ kind: 'finding', finding: finding(code, problem, place, rest) });
  }

  #segment(segment: Segment, begins: SyntaxOf | undefined): void {
    if (begins !== undefined) {
      if (this.#interchange !== undefined) this.#endInterchange(undefined);
      this.#standard = begins.standard;
      this.#interchange = { header: segment, count: 0, groups: 0, numbers: new Set() };
      this.#out.push({ kind: 'interchange', header: segment, syntax: begins });
      if (controlNumberOf(this.#standard, segment) === '') this.#find('control-number', `${segment.tag} has no control number.`, segment, { element: this.#standard === 'x12' ? 13 : 5 });
      return;
    }
    const names = NAMES[this.#standard];
    switch (segment.tag) {
      case names.group: this.#beginGroup(segment); break;
      case names.message: this.#beginMessage(segment); break;
      case names.messageEnd: this.#messageTrailer(segment); break;
      case names.groupEnd: this.#groupTrailer(segment); break;
      case names.interchangeEnd: this.#endInterchange(segment); break;
      default: this.#body(segment);
    }
  }

  #body(segment: Segment): void {
    if (this.#message !== undefined) {
      this.#message.segments.push(segment);
      if (this.#message.segments.length <= this.#limits.segments) return;
      this.#find('too-many-segments', `a message has more than ${this.#limits.segments} segments; its trailer is missing, or it must be sent in parts.`, segment);
      this.#stopped = true;
      return;
    }
    this.#out.push({ kind: 'loose', segment });
    if (this.#standard === 'x12' && (segment.tag === 'TA1' || segment.tag === 'ISB' || segment.tag === 'ISE') && this.#group === undefined) return;
    this.#find('stray-segment', `the segment ${shown(segment.tag)} stands outside of any message.`, segment);
  }

  #beginGroup(segment: Segment): void {
    if (this.#group !== undefined) this.#endGroup(undefined);
    this.#group = { header: segment, count: 0, numbers: new Set() };
    if (this.#interchange !== undefined) this.#interchange.groups += 1;
    this.#out.push({ kind: 'group', header: segment });
    this.#unique(this.#interchange, segment);
  }

  #beginMessage(segment: Segment): void {
    this.#endMessage(undefined);
    if (this.#group === undefined) {
      if (this.#standard === 'x12') this.#find('stray-segment', 'ST stands outside of any group; GS is missing.', segment);
      this.#group = { count: 0, numbers: new Set() };
      this.#out.push({ kind: 'group' });
    }
    this.#message = { header: segment, segments: [] };
    this.#group.count += 1;
    if (this.#interchange !== undefined) this.#interchange.count += 1;
    this.#unique(this.#group, segment);
    const expected = GROUP_CODES[messageTypeOf(segment)];
    const code = valueOf(this.#group.header, 1);
    if (this.#standard === 'x12' && expected !== undefined && this.#group.header !== undefined && code !== expected) {
      this.#find('group-type', `a ${messageTypeOf(segment)} belongs into a group ${expected}, and this is a group ${shown(code)}.`, segment, { element: 1 });
    }
  }

  /** Control numbers within one envelope differ. */
  #unique(within: Open | undefined, segment: Segment): void {
    const number = controlNumberOf(this.#standard, segment);
    if (number === '') this.#find('control-number', `${segment.tag} has no control number.`, segment);
    else if (within?.numbers.has(number) === true) this.#find('same-control-number', `the control number ${shown(number)} comes twice within ${within.header?.tag ?? 'one interchange'}.`, segment);
    within?.numbers.add(number);
  }

  #messageTrailer(segment: Segment): void {
    const message = this.#message;
    if (message === undefined) {
      this.#out.push({ kind: 'loose', segment });
      this.#find('stray-segment', `${segment.tag} ends a message, and none is open.`, segment);
      return;
    }
    this.#counted(segment, message.segments.length + 2, 'segments with header and trailer');
    this.#matching(segment, message.header);
    this.#endMessage(segment);
  }

  #groupTrailer(segment: Segment): void {
    this.#endMessage(undefined);
    if (this.#group?.header === undefined) {
      this.#out.push({ kind: 'loose', segment });
      this.#find('stray-segment', `${segment.tag} ends a group, and none is open.`, segment);
      return;
    }
    this.#counted(segment, this.#group.count, 'messages');
    this.#matching(segment, this.#group.header);
    this.#endGroup(segment);
  }

  #counted(trailer: Segment, counted: number, what: string): void {
    const said = valueOf(trailer, 1);
    if (/^\d{1,10}$/.test(said) && Number(said) === counted) return;
    this.#find('count', `${trailer.tag} says ${said === '' ? 'nothing' : shown(said)}, and there are ${counted} ${what}; something was lost or added on the way.`, trailer, { element: 1 });
  }

  #matching(trailer: Segment, header: Segment): void {
    const [begun, ended] = [controlNumberOf(this.#standard, header), valueOf(trailer, 2)];
    if (begun !== ended) this.#find('control-number', `${trailer.tag} has the control number ${shown(ended)}, and ${header.tag} has ${shown(begun)}.`, trailer, { element: 2 });
  }

  #endMessage(trailer: Segment | undefined): void {
    const message = this.#message;
    if (message === undefined) return;
    if (trailer === undefined) this.#find('missing-trailer', `the message has no ${NAMES[this.#standard].messageEnd}; it is cut off.`, message.header);
    this.#message = undefined;
    this.#out.push({ kind: 'message', message: { ...message, ...(trailer === undefined ? {} : { trailer }) } });
  }

  #endGroup(trailer: Segment | undefined): void {
    this.#endMessage(undefined);
    if (this.#group === undefined) return;
    if (trailer === undefined && this.#group.header !== undefined) this.#find('missing-trailer', `the group has no ${NAMES[this.#standard].groupEnd}; it is cut off.`, this.#group.header);
    this.#group = undefined;
    this.#out.push({ kind: 'group-end', ...(trailer === undefined ? {} : { trailer }) });
  }

  #endInterchange(trailer: Segment | undefined): void {
    this.#endGroup(undefined);
    const open = this.#interchange;
    if (open?.header === undefined) return;
    if (trailer === undefined) this.#find('missing-trailer', `the interchange has no ${NAMES[this.#standard].interchangeEnd}; it is cut off.`, open.header);
    else {
      const grouped = this.#standard === 'x12' || open.groups > 0;
      this.#counted(trailer, grouped ? open.groups : open.count, grouped ? 'groups' : 'messages');
      this.#matching(trailer, open.header);
    }
    this.#interchange = undefined;
    this.#out.push({ kind: 'interchange-end', ...(trailer === undefined ? {} : { trailer }) });
  }
}

export interface EdiFile {
  readonly interchanges: readonly Interchange[];
  readonly findings: readonly EdiFinding[];
}

/** Reads a whole file. X12 in which every byte above 7F is UTF-8 is read as that, all other as ISO 8859-1. */
export function readEdi(bytes: Uint8Array, limits: Partial<EdiLimits> = {}): EdiFile {
  const reader = new EdiReader(limits, isUtf8(bytes) ? 'utf-8' : 'latin1');
  const items = [...reader.push(bytes), ...reader.end()];
  const findings: EdiFinding[] = [];
  const interchanges: Interchange[] = [];
  let open: { header: Segment; syntax: SyntaxOf; loose: Segment[]; groups: Group[] } | undefined;
  let group: { header?: Segment; messages: Message[] } = { messages: [] };
  for (const item of items) {
    switch (item.kind) {
      case 'finding': findings.push(item.finding); break;
      case 'interchange': open = { header: item.header, syntax: item.syntax, loose: [], groups: [] }; break;
      case 'loose': open?.loose.push(item.segment); break;
      case 'group': group = { messages: [], ...(item.header === undefined ? {} : { header: item.header }) }; break;
      case 'message': group.messages.push(item.message); break;
      case 'group-end': open?.groups.push({ ...group, ...(item.trailer === undefined ? {} : { trailer: item.trailer }) }); break;
      case 'interchange-end': {
        if (open === undefined) break;
        const { header, syntax, loose, groups } = open;
        const second = loose[0] ?? groups[0]?.header ?? groups[0]?.messages[0]?.header;
        interchanges.push({ ...syntax, header, loose, groups, newline: second?.before ?? '', tail: '', ...(item.trailer === undefined ? {} : { trailer: item.trailer }) });
        open = undefined;
        break;
      }
    }
  }
  return { interchanges: interchanges.map((each, index) => ({ ...each, tail: interchanges[index + 1]?.lead ?? reader.blanks })), findings };
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
}
