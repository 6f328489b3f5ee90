import { createHash } from 'node:crypto';
import type { ExportedObject } from './exported-object.ts';

const beginMark = '// >>> waybill init';
const endMark = '// <<< waybill init';
const note = 'these lines go together; "waybill init --undo" takes them out again';

/** The lines that init wrote, as they stand in a file. Offsets cover all that was put in, line ends included. */
export interface Block {
  readonly start: number;
  readonly end: number;
  /** First and last line, from 1. */
  readonly lines: readonly [number, number];
  /** What stands between the two marks, without their indentation. */
  readonly content: readonly string[];
  /** False when somebody has changed it since. */
  readonly untouched: boolean;
}

function checksum(content: readonly string[]): string {
  return createHash('sha256').update(content.join('\n')).digest('hex').slice(0, 12);
}

function eolOf(source: string): string {
  return /\r?\n/.exec(source)?.[0] ?? '\n';
}

/** The rest of a line holds no code: white space, and at most a comment that ends with it. */
const nothingMore = /^[ \t]*(?:\/\/[^\r\n]*|\/\*(?:(?!\*\/)[^\r\n])*\*\/[ \t]*)?(\r?\n|$)/;

/**
 * Puts lines into the object as its first keys: one insertion, so that it can be taken out again exactly. The
 * commas of what is there stay as they are.
 */
export function insertBlock(source: string, object: ExportedObject, content: readonly string[]): string {
  const eol = eolOf(source);
  const rest = nothingMore.exec(source.slice(object.start));
  const whole = rest !== null && rest[1] !== '';
  const at = whole ? object.start + rest[0].length : object.start;
  const indent = ' '.repeat(object.indent ?? 4);
  const lines = [`${beginMark} ${checksum(content)}${whole ? '' : ' +'}: ${note}`, ...content, endMark].map((line) => `${indent}${line}`);
  const text = lines.join(eol) + eol;
  return source.slice(0, at) + (whole ? text : eol + text) + source.slice(at);
}

/** Finds the block; undefined when there is none. Marks that do not belong together count as touched. */
export function findBlock(source: string): Block | undefined {
  const begin = /^[ \t]*\/\/ >>> waybill init(?: ([0-9a-f]{12})( \+)?)?.*\r?\n/m.exec(source);
  if (begin === null) return undefined;
  const after = begin.index + begin[0].length;
  const end = /^[ \t]*\/\/ <<< waybill init[ \t]*(?:\r?\n|$)/m.exec(source.slice(after));
  const lineAt = (offset: number): number => source.slice(0, offset).split('\n').length;
  if (end === null) return { start: begin.index, end: after, lines: [lineAt(begin.index), lineAt(begin.index)], content: [], untouched: false };
  const indent = /^[ \t]*/.exec(begin[0])?.[0] ?? '';
  const content = source.slice(after, after + end.index).split(/\r?\n/).slice(0, -1).map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line));
  // A broken line gets its end back: the line end before the block is ours as well.
  const broken = begin[2] === undefined ? 0 : source[begin.index - 2] === '\r' ? 2 : 1;
  return {
    start: begin.index - broken, end: after + end.index + end[0].length, lines: [lineAt(begin.index), lineAt(after + end.index)],
    content, untouched: begin[1] === checksum(content),
  };
}

/** The source without the block. */
export function removeBlock(source: string, block: Block): string {
  return source.slice(0, block.start) + source.slice(block.end);
}
