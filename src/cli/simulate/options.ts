/** Reading of what stands on the simulator's command lines. Each problem is one sentence. */
import { parseArgs } from 'node:util';
import type { ParseArgsOptionsConfig } from 'node:util';
import { UsageError } from '../accounts.ts';

export { UsageError };

/** The options, and what stands beside them. @throws UsageError for what there is not */
export function parsed<const Options extends ParseArgsOptionsConfig>(args: string[], options: Options, positionals = 0) {
  try {
    const read = parseArgs({ args, options, allowPositionals: positionals > 0 });
    if (read.positionals.length > positionals) throw new UsageError(`"${read.positionals[positionals]}" is one word too many`);
    return read;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    // Node adds how to write a word that begins with a dash; for a wrong option that leads astray.
    throw new UsageError(((error as Error).message.split(/\. (?:To specify|If you want)/)[0] ?? '').replace(/\.$/, ''));
  }
}

export function number(name: string, text: string, low: number, high: number, whole: boolean): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= low && value <= high) || (whole && !Number.isInteger(value))) {
    throw new UsageError(`--${name} ${text}: give a ${whole ? 'whole ' : ''}number from ${low} to ${high}`);
  }
  return value;
}

/** One level of a topic. */
export function level(name: string, text: string): string {
  if (!/^[^/+#\0\s]+$/.test(text)) throw new UsageError(`--${name} ${text}: give one level of a topic, without / + # and blanks`);
  return text;
}

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

/** `90s`, `30m`, `24h`, `2d` in seconds. */
export function duration(name: string, text: string, lowSeconds: number, highSeconds: number): number {
  const match = /^(\d+(?:\.\d+)?)(s|m|h|d)$/.exec(text);
  const seconds = match === null ? Number.NaN : Number(match[1]) * (UNITS[match[2] as string] as number);
  if (!(seconds >= lowSeconds && seconds <= highSeconds)) throw new UsageError(`--${name} ${text}: give a time such as 90s, 30m or 24h, from ${lowSeconds}s to ${Math.floor(highSeconds / 3_600)}h`);
  return seconds;
}

/** `06:30` in seconds of the day. */
export function timeOfDay(name: string, text: string): number {
  const match = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(text);
  if (match === null) throw new UsageError(`--${name} ${text}: give a time of the day, such as 06:30`);
  return Number(match[1]) * 3_600 + Number(match[2]) * 60;
}
