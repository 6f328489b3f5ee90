/** Longest subject line; longer ones are cut by most programs anyway. */
export const MAX_SUBJECT = 140;

// Control characters, line and paragraph separators, and marks that turn the direction of writing around: none belongs in a heading.
// eslint-disable-next-line no-control-regex
const unprintable = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]+/g;

/** Cut at a whole character, with an ellipsis when something is missing. */
export function cut(text: string, max: number): string {
  const letters = [...text];
  return letters.length <= max ? text : `${letters.slice(0, max - 1).join('').trimEnd()}…`;
}

/** One line for a header or a heading: nothing in it ends the header or begins another (RFC 5322 §2.2). */
export function oneLine(text: string, max: number): string {
  return cut(text.toWellFormed().replace(unprintable, ' ').replace(/\s+/g, ' ').trim(), max);
}

/** Text of several lines without other control characters. */
export function manyLines(text: string, max: number): string {
  const lines = text.toWellFormed().split(/\r\n|[\r\n\u2028\u2029]/).map((line) => line.replace(unprintable, ' ').trimEnd());
  return cut(lines.join('\n').replace(/\n{3,}/g, '\n\n').trim(), max);
}

/** Puts a text into HTML, as content or as an attribute's value. */
export function escapeHtml(text: string): string {
  return text.replace(/[&"'<>]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** One address as people write it; nothing that could name a second recipient or a header. */
const address = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/;

/** Whether a text is one mail address (the dot-atom form of RFC 5322 §3.4.1), at most 254 characters (RFC 5321 §4.5.3.1). */
export function isMailAddress(text: string): boolean {
  return text.length <= 254 && text.indexOf('@') <= 64 && address.test(text);
}
