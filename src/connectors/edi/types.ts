/** What both syntaxes have in common: X12 (ASC X12.5, X12.6) and EDIFACT (ISO 9735). */
export type EdiStandard = 'x12' | 'edifact';

/** The characters that divide an interchange; text of one character each. */
export interface Separators {
  readonly element: string;
  readonly component: string;
  readonly segment: string;
  /** Between repetitions of an element; X12 from 00402 on, EDIFACT from syntax version 4 on. */
  readonly repetition?: string;
  /** EDIFACT only: makes the character after it an ordinary one. */
  readonly release?: string;
  /** EDIFACT only, from UNA: `.` or `,`. */
  readonly decimal?: string;
}

/** An element: its repetitions, each with its components. A plain element is `[['text']]`. */
export type Element = readonly (readonly string[])[];

export interface Segment {
  readonly tag: string;
  /** Element 1 is at 0. */
  readonly elements: readonly Element[];
  /** Byte of the file, from 0. */
  readonly offset: number;
  /** Line of the file, from 1. */
  readonly line: number;
  /** Line ends and blanks that stand before it. */
  readonly before: string;
  /** As it stood, a character a byte, without its terminator. */
  readonly raw: string;
}

/** Where something is, from the file down to the component; what is not known is left out. */
export interface EdiPlace {
  readonly interchange?: string;
  readonly group?: string;
  readonly message?: string;
  readonly messageType?: string;
  /** Number of the segment in its message, its header being 1. */
  readonly segment?: number;
  readonly tag?: string;
  /** From 1, as the standards count. */
  readonly element?: number;
  readonly component?: number;
  readonly offset: number;
  readonly line: number;
}

export type EdiFault =
  | 'not-edi' | 'header-damaged' | 'separators' | 'charset' | 'character'
  | 'too-large' | 'too-many-segments' | 'segment-too-long' | 'element-too-long'
  | 'unterminated' | 'segment-tag' | 'empty-segment' | 'stray-segment'
  | 'missing-trailer' | 'control-number' | 'count' | 'same-control-number' | 'group-type'
  | 'unknown-message' | 'segment-missing' | 'element-missing' | 'element-too-short' | 'number' | 'date' | 'time' | 'parent' | 'check-digit' | 'not-written';

export interface EdiFinding {
  readonly code: EdiFault;
  /** A warning is passed on; an error is a reason to refuse. */
  readonly severity: 'error' | 'warning';
  /** One sentence with its place. */
  readonly sentence: string;
  /** The same without the place. */
  readonly problem: string;
  readonly place: EdiPlace;
  /** What stood there, when it was an element. */
  readonly value?: string;
}

/** How much a reader takes; what is beyond is a finding, and reading ends. */
export interface EdiLimits {
  readonly bytes: number;
  /** In one message: its segments are held in memory together. */
  readonly segments: number;
  readonly segmentBytes: number;
  readonly elementLength: number;
}

export const defaultLimits: EdiLimits = { bytes: 64 * 1024 * 1024, segments: 200_000, segmentBytes: 64 * 1024, elementLength: 8192 };

export interface Message {
  readonly header: Segment;
  readonly segments: readonly Segment[];
  readonly trailer?: Segment;
}

/** A functional group. EDIFACT mostly has none: then it has no header, and all messages. */
export interface Group {
  readonly header?: Segment;
  readonly messages: readonly Message[];
  readonly trailer?: Segment;
}

export interface Interchange {
  readonly standard: EdiStandard;
  readonly separators: Separators;
  /** EDIFACT: UNA was there. */
  readonly serviceString: boolean;
  readonly charset: string;
  /** Blanks before the first segment; they are not written. */
  readonly lead: string;
  /** What stands between segments: nothing, or a line end. */
  readonly newline: string;
  /** What stands after the last segment. */
  readonly tail: string;
  readonly header: Segment;
  /** TA1 and the like, between the header and the first group. */
  readonly loose: readonly Segment[];
  readonly groups: readonly Group[];
  readonly trailer?: Segment;
}

/** What cannot be written, or is no interchange at all. */
export class EdiError extends Error {
  readonly fault: EdiFault;

  constructor(fault: EdiFault, message: string) {
    super(message);
    this.name = 'EdiError';
    this.fault = fault;
  }
}

/** Component of an element of a segment, counted from 1; empty when it is not there. */
export function valueOf(segment: Segment | undefined, element: number, component = 1): string {
  return segment?.elements[element - 1]?.[0]?.[component - 1] ?? '';
}
