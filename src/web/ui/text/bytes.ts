/** The bytes of a base64 text; undefined when it is none. */
export function fromBase64(text: string): Uint8Array | undefined {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined;
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
}

const ROW = 16;

/** A hex dump: offset, bytes, printable ASCII. */
export function hexDump(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let start = 0; start < bytes.length; start += ROW) {
    const row = [...bytes.subarray(start, start + ROW)];
    const hex = row.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const ascii = row.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·')).join('');
    lines.push(`${start.toString(16).padStart(4, '0')}  ${hex.padEnd(ROW * 3 - 1)}  ${ascii}`);
  }
  return lines.join('\n');
}

/** A stretch of text; `hidden` names a character that a reader would not see. */
export interface Stretch { readonly text: string; readonly hidden: string | undefined }

/** Characters that could hide or reorder what is read: controls, format characters, fillers and blanks of other kinds, bytes that are no text. */
const HIDDEN = /(?![\t\n])[\p{Cc}\p{Cf}\p{Co}\p{Cn}\u2028\u2029\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\u115f\u1160\u3164\uffa0\ufe00-\ufe0f\ufffd]/gu;

/** Names that people look for. */
const NAMES: Readonly<Record<number, string>> = {
  0x1d: 'GS', 0x1e: 'RS', 0x04: 'EOT', 0x0d: 'CR', 0x00: 'NUL', 0x1b: 'ESC', 0xa0: 'NBSP', 0x200b: 'ZWSP', 0x200d: 'ZWJ', 0x200e: 'LRM', 0x200f: 'RLM', 0x202a: 'LRE', 0x202b: 'RLE', 0x202d: 'LRO', 0x202e: 'RLO',
  0x202c: 'PDF', 0x2066: 'LRI', 0x2067: 'RLI', 0x2069: 'PDI', 0xfeff: 'BOM',
};

function shown(code: number): string {
  // U+2400 and following are pictures of the C0 controls.
  return code < 0x20 ? String.fromCodePoint(0x2400 + code) : code === 0x7f ? '\u2421' : code === 0xfffd ? '\ufffd' : `‹U+${code.toString(16).toUpperCase().padStart(4, '0')}›`;
}

/** A text in stretches, so that what would be invisible can be drawn and named. */
export function stretchesOf(text: string): Stretch[] {
  const found: Stretch[] = [];
  let from = 0;
  for (const match of text.matchAll(HIDDEN)) {
    if (match.index > from) found.push({ text: text.slice(from, match.index), hidden: undefined });
    const code = match[0].codePointAt(0)!;
    found.push({ text: shown(code), hidden: `U+${code.toString(16).toUpperCase().padStart(4, '0')}${NAMES[code] === undefined ? '' : ` ${NAMES[code]}`}` });
    from = match.index + match[0].length;
  }
  if (from < text.length) found.push({ text: text.slice(from), hidden: undefined });
  return found;
}

/** A text in which nothing is hidden. */
export function visibleString(text: string): string {
  return text.replace(HIDDEN, (char) => shown(char.codePointAt(0)!));
}

/** Bytes as text; what is no UTF-8 becomes U+FFFD. */
export function decode(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}
