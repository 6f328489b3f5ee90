import { commonWords, productWords, sequences } from './common-passwords.ts';

/** Shortest password that a person may set: NIST SP 800-63B-4 §3.1.1.2, for a password that is the only factor (docs/decisions/0021). */
export const MIN_PASSWORD_LENGTH = 15;
/** Longest password; more only costs the server time. */
export const MAX_PASSWORD_LENGTH = 256;
/** Letters that must be left when everything that is easily guessed is taken away. */
const MIN_OWN_LETTERS = 6;

/** Why a new password is not accepted, in one sentence; undefined when it is. `context` are further words that belong to the person or place. */
export function passwordProblem(password: string, name: string, context: readonly string[] = []): string | undefined {
  const normal = password.normalize('NFKC');
  const length = [...normal].length;
  if (length < MIN_PASSWORD_LENGTH) return `The password has ${length} characters; it needs at least ${MIN_PASSWORD_LENGTH}. Four or five words in a row are easy to remember.`;
  if (password.length > MAX_PASSWORD_LENGTH) return `The password is longer than ${MAX_PASSWORD_LENGTH} characters; take a shorter one.`;
  if (name.length >= 4 && normal.toLowerCase().includes(name.toLowerCase())) return 'The password must not contain the sign-in name; take words that have nothing to do with you.';
  if (new Set(normal).size < 5) return 'The password repeats the same few characters; take a few words in a row.';
  if (isSequence(normal)) return 'The password is a row of keys or numbers, which is tried first; take a few words in a row.';
  if (isGuessable(normal, [name, ...context])) return 'The password is made of words that are tried first, such as "password", the product or the site; take a few words that have nothing to do with each other.';
  return undefined;
}

/** Small letters, with the digits and signs undone that stand for letters. */
function plain(text: string): string {
  const signs: Readonly<Record<string, string>> = { '0': 'o', '1': 'i', '3': 'e', '4': 'a', '5': 's', '7': 't', '@': 'a', '$': 's', '!': 'i' };
  return text.toLowerCase().replace(/[013457@$!]/g, (sign) => signs[sign] ?? sign).replace(/[^\p{L}]/gu, '');
}

function isGuessable(password: string, context: readonly string[]): boolean {
  const words = [...commonWords, ...productWords, ...context.flatMap((each) => each.toLowerCase().split(/[^\p{L}]+/u)).filter((each) => each.length >= 3)];
  const longest = [...new Set(words)].sort((a, b) => b.length - a.length);
  return [password.toLowerCase().replace(/[^\p{L}]/gu, ''), plain(password)].some((letters) => {
    let rest = letters;
    for (const word of longest) rest = rest.replaceAll(word, '');
    return rest.length < letters.length && rest.length < MIN_OWN_LETTERS;
  });
}

/** True when it is one stretch of a row, or a short piece said over and over. */
function isSequence(password: string): boolean {
  const text = password.toLowerCase().replace(/[\s\-_.]/g, '');
  const rows = sequences.flatMap((row) => [row + row, [...row + row].reverse().join('')]);
  if (rows.some((row) => row.includes(text))) return true;
  for (let size = 1; size <= text.length / 3; size += 1) {
    if (text === text.slice(0, size).repeat(Math.ceil(text.length / size)).slice(0, text.length)) return true;
  }
  return false;
}
