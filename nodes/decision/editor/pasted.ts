import type { ColumnType } from '../migrations.ts';

/** Rows of cells as a spreadsheet puts them on the clipboard (tabs and lines; a cell with line breaks stands in quotes). */
export function readPasted(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let quoted = false;
  for (let i = 0; i < text.length; i += 1) {
    const c = text[i] ?? '';
    if (quoted) {
      if (c === '"' && text[i + 1] === '"') {
        cell += '"';
        i += 1;
      } else if (c === '"') quoted = false;
      else cell += c;
    } else if (c === '"' && cell === '' && spreadsheetQuotes(text, i)) quoted = true;
    else if (c === '\t' || c === '\n') {
      row.push(cell.replace(/\r$/, ''));
      cell = '';
      if (c === '\n') {
        rows.push(row);
        row = [];
      }
    } else cell += c;
  }
  row.push(cell.replace(/\r$/, ''));
  if (row.length > 1 || row[0] !== '') rows.push(row);
  return rows;
}

/** A spreadsheet quotes a whole cell, and only one that holds quotes or breaks; `"dc-1"` of FEEL holds neither inside. */
function spreadsheetQuotes(text: string, at: number): boolean {
  const inner = /^"((?:[^"]|"")*)"(?=[\t\r\n]|$)/.exec(text.slice(at))?.[1];
  return inner !== undefined && (inner.includes('""') || /[\t\n]/.test(inner));
}

const READABLE = /^(?:-|"|<|>|=|\[|\(|\]|not\s*\(|null\b|true\b|false\b|date\s*\(|@")/;

/** A cell that comes from a spreadsheet as FEEL: plain words get their quotes, days their `date()`, truth values their English name. */
export function asCell(value: string, type: ColumnType, names: readonly string[]): string {
  const text = value.trim();
  if (text === '' || READABLE.test(text) || names.includes(text)) return text;
  switch (type) {
    case 'string': return text.split(',').map((word) => JSON.stringify(word.trim())).join(', ');
    case 'date': return /^\d{4}-\d{2}-\d{2}$/.test(text) ? `date("${text}")` : text;
    case 'boolean': return { TRUE: 'true', FALSE: 'false', WAHR: 'true', FALSCH: 'false' }[text.toUpperCase()] ?? text;
    case 'number':
    case 'decimal': return text;
  }
}
