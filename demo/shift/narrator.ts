/** What the person at the console reads: short lines with the time of the story in front. */
import process from 'node:process';

export interface Narrator {
  /** A new act, with its time. */
  act(text: string): void;
  /** A line that belongs to the act. */
  tell(text: string): void;
  /** Something to look at in the browser. */
  watch(text: string, url: string): void;
  /** Something that was found to be so. */
  checked(text: string): void;
}

const INDENT = '      ';

function stamp(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** Writes to `out`; the clock starts now. Bold and colour only on a terminal that has not asked for none (NO_COLOR). */
export function narrator(out: NodeJS.WriteStream = process.stdout): Narrator {
  const startedAt = performance.now();
  const colour = out.isTTY === true && process.env['NO_COLOR'] === undefined;
  const paint = (code: number, text: string): string => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
  const line = (text: string): void => { out.write(`${text}\n`); };
  return {
    act: (text) => line(`\n${stamp(performance.now() - startedAt).padStart(5)} ${paint(1, text)}`),
    tell: (text) => line(`${INDENT}${text}`),
    watch: (text, url) => line(`${INDENT}${paint(36, '→')} ${text}\n${INDENT}  ${paint(36, url)}`),
    checked: (text) => line(`${INDENT}${paint(32, '✓')} ${text}`),
  };
}
