/**
 * Draws the plain part of Markdown that README and rule pages use: headings, paragraphs, lists, tables, code blocks, bold and
 * code within a line. Everything becomes text nodes, so that nothing that a page says can become markup or a script.
 */
export function drawMarkdown(box: JQuery, source: string): void {
  const lines = source.replace(/\r\n?/g, '\n').split('\n');
  let at = 0;
  while (at < lines.length) {
    at = drawBlock(box, lines, at);
  }
}

function drawBlock(box: JQuery, lines: readonly string[], at: number): number {
  const line = lines[at] ?? '';
  const heading = /^(#{1,6})\s+(.*)$/.exec(line);
  if (heading !== null) {
    spans($(heading[1]!.length <= 2 ? '<h4>' : '<h5>').appendTo(box), heading[2] ?? '');
    return at + 1;
  }
  if (line.startsWith('```')) {
    const end = lines.findIndex((other, i) => i > at && other.startsWith('```'));
    const last = end === -1 ? lines.length : end;
    $('<pre>').text(lines.slice(at + 1, last).join('\n')).appendTo(box);
    return last + 1;
  }
  if (/^\s*([-*]|\d+\.)\s+/.test(line)) {
    return drawList(box, lines, at);
  }
  if (line.startsWith('|')) {
    return drawTable(box, lines, at);
  }
  if (line.trim() === '' || /^!\[[^\]]*\]\([^)]*\)$/.test(line.trim())) {
    return at + 1;
  }
  let end = at + 1;
  while (end < lines.length && !/^(\s*$|#|```|\||\s*([-*]|\d+\.)\s)/.test(lines[end] ?? '')) {
    end += 1;
  }
  spans($('<p>').appendTo(box), lines.slice(at, end).join(' '));
  return end;
}

function drawList(box: JQuery, lines: readonly string[], from: number): number {
  const made = $(/^\s*\d/.test(lines[from] ?? '') ? '<ol>' : '<ul>').appendTo(box);
  let at = from;
  while (at < lines.length) {
    const [, said] = /^\s*(?:[-*]|\d+\.)\s+(.*)$/.exec(lines[at] ?? '') ?? [];
    if (said === undefined) {
      break;
    }
    let whole = said;
    while (/^\s+\S/.test(lines[at + 1] ?? '') && !/^\s*([-*]|\d+\.)\s/.test(lines[at + 1] ?? '')) {
      at += 1;
      whole += ` ${(lines[at] ?? '').trim()}`;
    }
    spans($('<li>').appendTo(made), whole);
    at += 1;
  }
  return at;
}

function drawTable(box: JQuery, lines: readonly string[], from: number): number {
  const table = $('<table>').appendTo(box);
  let at = from;
  while ((lines[at] ?? '').startsWith('|')) {
    const cells = (lines[at] ?? '').replace(/^\||\|\s*$/g, '').split('|').map((cell) => cell.trim());
    if (!cells.every((cell) => /^:?-+:?$/.test(cell))) {
      const row = $('<tr>').appendTo(table);
      for (const cell of cells) {
        spans($(at === from ? '<th>' : '<td>').appendTo(row), cell);
      }
    }
    at += 1;
  }
  return at;
}

/** Bold, code, and links as their text. */
function spans(into: JQuery, source: string): void {
  for (const part of source.split(/(\*\*[^*]+\*\*|`[^`]+`|!?\[[^\]]*\]\([^)]*\))/)) {
    if (part.startsWith('**') && part.length > 4) {
      $('<b>').text(part.slice(2, -2)).appendTo(into);
    } else if (part.startsWith('`') && part.length > 2) {
      $('<code>').text(part.slice(1, -1)).appendTo(into);
    } else {
      const [, label] = /^!?\[([^\]]*)\]\([^)]*\)$/.exec(part) ?? [];
      into.append(document.createTextNode(label ?? part));
    }
  }
}
