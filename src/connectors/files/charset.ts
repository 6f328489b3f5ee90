import type { Charset } from './layout.ts';

let windows: ReadonlyMap<string, number> | undefined;

/** Undefined when the bytes are none of that character set. */
export function decodeText(bytes: Uint8Array, charset: Charset): string | undefined {
  if (charset === 'latin1') return Buffer.from(bytes).toString('latin1');
  try {
    return new TextDecoder(charset === 'cp1252' ? 'windows-1252' : 'utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

/** The bytes, or the first character that the set does not have. */
export function encodeText(text: string, charset: Charset): Buffer | { readonly character: string } {
  if (charset === 'utf-8') return Buffer.from(text);
  if (charset === 'latin1') {
    const character = /[^\0-\xFF]/u.exec(text)?.[0];
    return character === undefined ? Buffer.from(text, 'latin1') : { character };
  }
  const table = windows ??= new Map(Array.from({ length: 256 }, (_none, byte) => [new TextDecoder('windows-1252').decode(Uint8Array.of(byte)), byte]));
  const bytes: number[] = [];
  for (const character of text) {
    const byte = table.get(character);
    if (byte === undefined) return { character };
    bytes.push(byte);
  }
  return Buffer.from(bytes);
}
