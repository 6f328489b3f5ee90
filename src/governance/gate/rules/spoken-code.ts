/** After these a slash begins a regular expression; after anything else it divides. */
const BEFORE_REGEX = /[(,=:[!&|?{};+\-*%~^<>\n]$|(?:^|[^\w$.])(?:return|typeof|case|in|of|delete|void|throw|new|else|do|await|yield)$/;

/** Position after a quoted text, a comment, or a regular expression that begins at `at`; `at` itself when none begins there. */
function silentEnd(code: string, at: number, before: string): number {
  const [first, second] = [code[at], code[at + 1]];
  if (first === '"' || first === '\'') return quoteEnd(code, at, first);
  if (first !== '/') return at;
  if (second === '/') return lineEnd(code, at);
  if (second === '*') {
    const end = code.indexOf('*/', at + 2);
    return end === -1 ? code.length : end + 2;
  }
  return before === '' || BEFORE_REGEX.test(before) ? regexEnd(code, at) : at;
}

function lineEnd(code: string, at: number): number {
  const end = code.indexOf('\n', at);
  return end === -1 ? code.length : end;
}

/** A text ends with its quote; one that is not closed ends with its line. */
function quoteEnd(code: string, at: number, quote: string): number {
  let end = at + 1;
  for (; end < code.length && code[end] !== '\n'; end += 1) {
    if (code[end] === '\\') end += 1;
    else if (code[end] === quote) return end + 1;
  }
  return end;
}

/** A slash in a class is no end; one that finds no end on its line was no regular expression. */
function regexEnd(code: string, at: number): number {
  let inClass = false;
  for (let end = at + 1; end < code.length && code[end] !== '\n'; end += 1) {
    if (code[end] === '\\') end += 1;
    else if (code[end] === '[') inClass = true;
    else if (code[end] === ']') inClass = false;
    else if (code[end] === '/' && !inClass) return end + 1;
  }
  return at;
}

/** Code without comments, quoted texts and regular expressions, in one pass. Template texts stay: code may stand in them. */
export function spokenCode(code: string): string {
  const parts: string[] = [];
  let from = 0;
  for (let at = 0; at < code.length;) {
    const letter = code[at];
    if (letter !== '"' && letter !== '\'' && letter !== '/') {
      at += 1;
      continue;
    }
    const end = silentEnd(code, at, code.slice(Math.max(from, at - 20), at).replace(/[ \t]+$/, ''));
    if (end === at) {
      at += 1;
      continue;
    }
    parts.push(code.slice(from, at), letter === '/' ? ' ' : '""');
    at = end;
    from = end;
  }
  parts.push(code.slice(from));
  return parts.join('');
}
