/** How figures are written on docs/benchmarks.md. */

export function count(value: number): string {
  return Math.round(value).toLocaleString('en');
}
export function ms(value: number): string {
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
}
export function megabytes(bytes: number): string {
  return `${count(bytes / 1e6)} MB`;
}
export function kilobytes(bytes: number): string {
  return `${(bytes / 1e3).toFixed(1)} kB`;
}
export function share(part: number, whole: number): string {
  return whole === 0 ? 'n/a' : `${(100 * part / whole).toFixed(part / whole < 0.1 ? 1 : 0)} %`;
}
export function times(part: number, whole: number): string {
  return whole === 0 ? 'n/a' : `${(part / whole).toFixed(1)} ×`;
}
export function met(ok: boolean): string {
  return ok ? 'yes' : '**no**';
}
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return `${[line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')}\n`;
}
