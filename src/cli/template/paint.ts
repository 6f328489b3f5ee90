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

/** Text of a template without what a terminal would take for a command. */
export function harmless(text: string): string {
  // eslint-disable-next-line no-control-regex -- these are the characters that are taken out
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '·');
}
