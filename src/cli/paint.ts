import process from 'node:process';

/** Colours of a terminal, or nothing where the text goes to a file, a pipe, or to somebody who wants none (no-color.org). */
export interface Paint {
  readonly red: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly bold: (text: string) => string;
}

export function paintFor(stream: { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv = process.env): Paint {
  const coloured = stream.isTTY === true && (env['NO_COLOR'] ?? '') === '';
  const code = (start: number, end: number) => (text: string): string => (coloured ? `\u001b[${start}m${text}\u001b[${end}m` : text);
  return { red: code(31, 39), green: code(32, 39), yellow: code(33, 39), bold: code(1, 22) };
}
