/** Fields of one line (RFC 4180), trimmed: quoted ones may hold the separator and doubled quotes. Undefined when a quotation mark is never closed. */
export function csvFields(line: string, separator: string): readonly string[] | undefined {
  const fields: string[] = [];
  let field = '';
  let quoted = false;
  for (let at = 0; at < line.length; at += 1) {
    const char = line[at];
    if (quoted) {
      if (char !== '"') field += char;
      else if (line[at + 1] === '"') {
        field += '"';
        at += 1;
      } else quoted = false;
    } else if (char === '"' && field.trim() === '') {
      field = '';
      quoted = true;
    } else if (char === separator) {
      fields.push(field.trim());
      field = '';
    } else field += char;
  }
  if (quoted) return undefined;
  fields.push(field.trim());
  return fields;
}

/** The lines of a list, without a byte order mark. */
export function csvLines(text: string): readonly string[] {
  return text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/);
}

/** Semicolon, tab or comma: the first of them that stands in the line. */
export function csvSeparator(line: string): string {
  return [';', '\t', ','].find((each) => line.includes(each)) ?? ',';
}
