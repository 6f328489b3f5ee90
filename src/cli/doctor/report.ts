import { renderUnicodeCompact } from 'uqr';
import type { Finding, Level } from './finding.ts';

const colour: Readonly<Record<Level, string>> = { ok: '32', warn: '33', fail: '31;1' };

/** The findings for a person: one line each, and below it what to do. `colours` only for a terminal. */
export function reportText(findings: readonly Finding[], colours: boolean): string {
  const paint = (text: string, code: string): string => (colours ? `\u001b[${code}m${text}\u001b[0m` : text);
  const width = Math.max(...findings.map(({ title }) => title.length));
  const indent = ' '.repeat(width + 9);
  let last = '';
  const lines = findings.flatMap(({ title, level, found, todo }) => {
    const shown = title === last ? '' : title;
    last = title;
    return [`  ${paint(level.padEnd(4), colour[level])}  ${paint(shown.padEnd(width), '1')} ${found}`, ...(todo === undefined ? [] : [`${indent}${paint(`→ ${todo}`, '36')}`])];
  });
  return `${lines.join('\n')}\n`;
}

/** The last line. */
export function verdict(findings: readonly Finding[]): string {
  const count = (level: Level): number => findings.filter((each) => each.level === level).length;
  const [failed, warned] = [count('fail'), count('warn')];
  if (failed === 0 && warned === 0) return 'All is well.';
  const named = (n: number, one: string, many: string): string => `${n} ${n === 1 ? one : many}`;
  return [
    ...(failed === 0 ? [] : [`${named(failed, 'thing does', 'things do')} not work`]),
    ...(warned === 0 ? [] : [`${named(warned, 'thing', 'things')} could be better`]),
  ].join(', ').concat('.');
}

/** A QR code for a terminal. With colours it is black on white whatever the terminal's are; cameras read both. */
export function qrCode(text: string, colours: boolean): string {
  const lines = renderUnicodeCompact(text, { border: 2 }).split('\n').filter((line) => line !== '');
  return lines.map((line) => (colours ? `  \u001b[97;40m${line}\u001b[0m` : `  ${line}`)).join('\n').concat('\n');
}
