import { lostFailure, saidFailure, SqlFailure } from '../session.ts';
import type { Meaning } from '../session.ts';

type Said = Exclude<Meaning, 'lost'>;

/** What an SQLSTATE means (PostgreSQL, appendix A); the longest beginning counts. */
const meanings: readonly (readonly [beginning: string, meaning: Said])[] = [
  ['23505', 'duplicate'], ['23', 'refused'], ['22', 'refused'], ['44', 'refused'], ['P0001', 'refused'], ['21', 'refused'],
  ['28', 'sign-in'], ['3D', 'sign-in'],
  ['40', 'again'], ['53', 'again'], ['55P03', 'again'], ['57014', 'again'], ['57P', 'again'], ['25P03', 'again'], ['58', 'again'], ['XX', 'again'],
  ['25006', 'mend'], ['42', 'mend'], ['0A', 'mend'], ['0B', 'mend'], ['2B', 'mend'], ['26', 'mend'], ['34', 'mend'], ['3F', 'mend'], ['P0', 'mend'],
];

/** Errors after which the server has ended the connection by itself (class 57, operator intervention; 25P03). */
const ending = /^57P|^25P03|^08/;

/** What the library said of a failure. */
export function failureOf(error: unknown): SqlFailure {
  if (error instanceof SqlFailure) return error;
  const { code = '', message = '', severity } = error as { readonly code?: string; readonly message?: string; readonly severity?: string };
  if (severity === undefined || !/^[0-9A-Z]{5}$/.test(code)) return lostFailure(message || code, error);
  const meaning = meanings.filter(([beginning]) => code.startsWith(beginning)).reduce<readonly [string, Said]>((a, b) => (b[0].length > a[0].length ? b : a), ['', 'again'])[1];
  if (ending.test(code)) return lostFailure(message, error);
  return saidFailure(meaning, message, code, error);
}
