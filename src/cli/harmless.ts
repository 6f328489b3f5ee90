import { stripVTControlCharacters } from 'node:util';

/** Characters that a terminal takes for a command, that turn the direction of writing around, or that nobody sees. */
const COMMANDS = /(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Text of others on a terminal: nothing in it moves the cursor, hides what follows, or shows it in another order. Lines and tabs stay. */
export function harmless(text: string): string {
  return stripVTControlCharacters(text.toWellFormed()).replace(COMMANDS, '·');
}

/** The same on one line. */
export function harmlessLine(text: string): string {
  return harmless(text).replace(/\s+/gu, ' ');
}

/** JSON of what others wrote: the same value, and harmless on a terminal as well. */
export function harmlessJson(value: unknown): string {
  return (JSON.stringify(value, undefined, 2) ?? 'null').replace(COMMANDS, (character) => [...Array(character.length).keys()].map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`).join(''));
}
