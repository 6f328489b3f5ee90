import { EdiError } from './types.ts';

/** Character sets of EDIFACT (ISO 9735 §5.1, and syntax version 4, data element 0001) by what they are elsewhere. */
const EDIFACT_CHARSETS: Readonly<Record<string, string>> = {
  UNOA: 'ascii', UNOB: 'ascii', UNOC: 'latin1', UNOD: 'iso-8859-2', UNOE: 'iso-8859-5', UNOF: 'iso-8859-7', UNOG: 'iso-8859-3',
  UNOH: 'iso-8859-4', UNOI: 'iso-8859-6', UNOJ: 'iso-8859-8', UNOK: 'iso-8859-9', UNOL: 'iso-8859-15', UNOW: 'utf-8', UNOY: 'utf-8',
  // The same levels under the names that airlines use.
  IATA: 'ascii', IATB: 'ascii',
};

/** Everything that level A has besides the characters of UNA (ISO 9735 §5.2). */
const LEVEL_A = /^[A-Z0-9 .,\-()/=!"%&*;<>'+:?]*$/;

export const edifactCharset = (identifier: string): string | undefined => (Object.hasOwn(EDIFACT_CHARSETS, identifier) ? EDIFACT_CHARSETS[identifier] : undefined);
export const edifactCharsetNames: readonly string[] = Object.keys(EDIFACT_CHARSETS);
export const isLevelA = (text: string): boolean => LEVEL_A.test(text);

interface Table { readonly toText: readonly string[]; readonly toByte: ReadonlyMap<string, number> }

const tables = new Map<string, Table>();

/** Bytes 80 to 9F are controls in all parts of ISO 8859, and letters in what the WHATWG makes of them. */
function tableOf(charset: string): Table {
  const known = tables.get(charset);
  if (known !== undefined) return known;
  const decoder = new TextDecoder(charset);
  const toText = Array.from({ length: 256 }, (_, byte) => (byte < 0xa0 ? String.fromCharCode(byte) : decoder.decode(Uint8Array.of(byte))));
  const table = { toText, toByte: new Map(toText.map((text, byte) => [text, byte] as const).filter(([text]) => text !== '\uFFFD')) };
  tables.set(charset, table);
  return table;
}

const ASCII = /^[\0-\x7F]*$/;

export const isAscii = (text: string): boolean => ASCII.test(text);

/** Text of bytes that are given as a character each; `undefined` when they are none of that character set. */
export function decode(bytes: string, charset: string): string | undefined {
  if (isAscii(bytes)) return bytes;
  if (charset === 'latin1') return bytes;
  if (charset === 'ascii') return undefined;
  if (charset === 'utf-8') {
    const buffer = Buffer.from(bytes, 'latin1');
    const text = buffer.toString('utf8');
    return Buffer.from(text, 'utf8').equals(buffer) ? text : undefined;
  }
  const { toText } = tableOf(charset);
  const text = Array.from(bytes, (character) => toText[character.charCodeAt(0)] ?? '\uFFFD').join('');
  return text.includes('\uFFFD') ? undefined : text;
}

/** @throws EdiError for a character that the set does not have */
export function encode(text: string, charset: string): Buffer {
  if (charset === 'utf-8') return Buffer.from(text, 'utf8');
  // What stood in a file that says ASCII is given back as it was.
  if (charset === 'latin1' || charset === 'ascii') {
    refuse(/[^\0-\xFF]/u.exec(text)?.[0], charset);
    return Buffer.from(text, 'latin1');
  }
  const { toByte } = tableOf(charset);
  return Buffer.from(Array.from(text, (character) => {
    const byte = toByte.get(character);
    if (byte === undefined) refuse(character, charset);
    return byte ?? 0;
  }));
}

function refuse(character: string | undefined, charset: string): void {
  if (character === undefined) return;
  throw new EdiError('character', `The character ${JSON.stringify(character)} cannot be written in ${charset}; choose a character set that has it, for example UNOY (UTF-8).`);
}
