/** A label's value as the text format 0.0.4 of Prometheus wants it. */
export function metricLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', String.raw`\"`).replaceAll('\n', String.raw`\n`);
}
