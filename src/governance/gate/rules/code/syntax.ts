import { parse } from 'acorn';

/** A node of a syntax tree (ESTree), as far as it is looked at here. */
export interface Syntax { readonly type: string; readonly start: number; readonly end: number; readonly [part: string]: unknown }

/** A piece of a function node's code: what the editor's tab calls it, and its text. */
export interface CodePart { readonly tab: 'On Start' | 'On Message' | 'On Stop'; readonly code: string }

/** Why code cannot be judged, as the end of a sentence, and where. */
export interface Unreadable { readonly why: string; readonly line: number }

/** Longer code is not parsed: nobody reads it either. */
const LONGEST = 200_000;

/**
 * Node-RED runs the code as the body of such a function (10-function.js). It is parsed with it, because code that ends the
 * function early is run all the same.
 */
const HEAD = '(async function(msg,__send__,__done__){\n';
const TAIL = '\n})';

/** Line of a place in the code, beginning with 1. */
export const lineAt = (code: string, at: number): number => code.slice(0, Math.max(0, at - HEAD.length)).split('\n').length;

const isSyntax = (value: unknown): value is Syntax => typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';

/** A part of a node that the grammar says is there, and is a node itself. */
export const partOf = (node: Syntax, part: string): Syntax => node[part] as Syntax;

/** The parts of a node that are nodes themselves, with the name of the part. */
export function partsOf(node: Syntax): readonly (readonly [string, Syntax])[] {
  const parts: (readonly [string, Syntax])[] = [];
  for (const name in node) {
    const value = node[name];
    if (Array.isArray(value)) for (const each of value as readonly unknown[]) { if (isSyntax(each)) parts.push([name, each]); }
    else if (isSyntax(value)) parts.push([name, value]);
  }
  return parts;
}

/** The syntax tree of a piece of code, or why there is none: then Node-RED cannot run it either. */
export function syntaxOf(code: string): Syntax | Unreadable {
  if (code.length > LONGEST) return { why: `is longer than ${LONGEST} characters`, line: 1 };
  try {
    return parse(`${HEAD}${code}${TAIL}`, { ecmaVersion: 'latest', sourceType: 'script' }) as unknown as Syntax;
  } catch (error) {
    // One after the other: to the compiler the two are alike, and it may keep either of them.
    if (error instanceof RangeError) return { why: 'is nested too deep', line: 1 };
    if (!(error instanceof SyntaxError)) throw error;
    if (error.message.startsWith('Not enough stack')) return { why: 'is nested too deep', line: 1 };
    const at = (error as SyntaxError & { readonly pos?: number }).pos ?? 0;
    return { why: `is no JavaScript: ${error.message.replace(/\s*\(\d+:\d+\)$/, '')}`, line: Math.min(lineAt(code, at), code.split('\n').length) };
  }
}
