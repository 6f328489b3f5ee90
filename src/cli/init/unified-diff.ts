const context = 3;

/** Lines with their ends; a last line without one is marked as diff(1) does. */
function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function shown(sign: string, line: string): string {
  return line.endsWith('\n') ? `${sign}${line.replace(/\r?\n$/, '')}\n` : `${sign}${line}\n\\ No newline at end of file\n`;
}

/**
 * The difference of two texts in unified form, as one hunk from the first to the last line that differs; '' when
 * they are the same. Good for one change in one place.
 */
export function unifiedDiff(before: string, after: string, name: string): string {
  if (before === after) return '';
  const [a, b] = [linesOf(before), linesOf(after)];
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail += 1;
  const from = Math.max(0, head - context);
  const [aEnd, bEnd] = [Math.min(a.length, a.length - tail + context), Math.min(b.length, b.length - tail + context)];
  const range = (start: number, end: number): string => `${end === start ? start : start + 1},${end - start}`;
  return [
    `--- ${name}\n+++ ${name}\n@@ -${range(from, aEnd)} +${range(from, bEnd)} @@\n`,
    ...a.slice(from, head).map((line) => shown(' ', line)),
    ...a.slice(head, a.length - tail).map((line) => shown('-', line)),
    ...b.slice(head, b.length - tail).map((line) => shown('+', line)),
    ...a.slice(a.length - tail, aEnd).map((line) => shown(' ', line)),
  ].join('');
}
