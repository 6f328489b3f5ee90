import type { JsonObject } from '../../domain/json.ts';
import type { LineSettings } from '../driver.ts';
import type { Parameter } from './binding.ts';
import type { Statement } from './statement.ts';

/** A statement with the values of its parameters, as {@link wireText} has them. */
export interface Query { readonly statement: Statement; readonly parameters: ReadonlyMap<string, Parameter>; readonly values: ReadonlyMap<string, string | null> }

/** What an error of a database means for the transaction in which it came, which is rolled back. */
export type Meaning =
  /** The values are not taken. */
  | 'refused'
  /** A key is there already. */
  | 'duplicate'
  /** Later it may be taken: a lock, a time that was up, a server that starts. */
  | 'again'
  /** Tables, rights or statements have to be mended first. */
  | 'mend'
  | 'sign-in'
  /** The connection is gone; what was under way is rolled back unless it was a COMMIT. */
  | 'lost';

/** Why a database did not do what it was asked for; `message` is one sentence. */
export class SqlFailure extends Error {
  override readonly name = 'SqlFailure';
  readonly meaning: Meaning;
  /** SQLSTATE, where the server said one. */
  readonly code: string | undefined;

  constructor(meaning: Meaning, message: string, code?: string, cause?: unknown) {
    super(message, { cause });
    this.meaning = meaning;
    this.code = code;
  }
}

const words: Readonly<Record<Exclude<Meaning, 'lost'>, (message: string) => string>> = {
  'refused': (message) => `The database does not take it: ${message}.`,
  'duplicate': (message) => `The database has it already: ${message}.`,
  'again': (message) => `The database could not do it now: ${message}.`,
  'mend': (message) => `The statement does not fit the database: ${message}. The owner of the service has to mend it, or the rights of its user.`,
  'sign-in': (message) => `The database does not take the sign-in: ${message}.`,
};

/** What a server said, in one sentence. */
export function saidFailure(meaning: Exclude<Meaning, 'lost'>, message: string, code: string, cause: unknown): SqlFailure {
  return new SqlFailure(meaning, words[meaning](oneLine(message)), code, cause);
}

/** What the network, or a library, said. */
export function lostFailure(message: string, cause: unknown): SqlFailure {
  return new SqlFailure('lost', `The connection to the database failed (${oneLine(message)}).`, undefined, cause);
}

function oneLine(message: string): string {
  return message.replace(/\s+/g, ' ').replace(/\.$/, '').slice(0, 300);
}

/** More than is read of one answer: rows, or bytes. */
export class TooMuch extends Error {
  override readonly name = 'TooMuch';
}

/** Bytes that are read for one statement. */
export const mostBytes = 4 * 1_048_576;

/** One connection. Every method rejects with SqlFailure; after one that is `lost`, and after {@link TooMuch}, it is of no more use. */
export interface SqlSession {
  readonly usable: boolean;
  /** @param timeoutMs how long the server may be at work on one statement */
  begin(readOnly: boolean, timeoutMs: number): Promise<void>;
  /** At most `maxRows`; rejects with TooMuch where there is more. */
  rows(query: Query, maxRows: number): Promise<readonly JsonObject[]>;
  /** How many rows were changed. */
  change(query: Query): Promise<number>;
  commit(): Promise<void>;
  rollback(): Promise<void>;
  /** Ends it in order. */
  end(): void;
  /** Ends it at once: what waits is `lost`. */
  destroy(): void;
}

export interface SqlDialect {
  readonly defaultPort: number;
  /** @throws SqlFailure, SecretError */
  open(settings: LineSettings, needsPassword: boolean, connectMs: number): Promise<SqlSession>;
}

/** Loads the library of a dialect. @throws SqlFailure that says how it comes in */
export async function loaded<T>(name: string, what: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND' && (error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
    throw new SqlFailure('mend', `Calls of ${what} need the package "${name}": run "npm install ${name}" in Node-RED's user directory, and restart.`, undefined, error);
  }
}

/** One object of a row; two columns of one name would be one. */
export function rowOf(names: readonly string[], values: readonly (JsonObject[string])[]): JsonObject {
  return Object.fromEntries(names.map((name, index) => [name, values[index] ?? null]));
}

/** @throws SqlFailure */
export function checkNames(names: readonly string[]): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new SqlFailure('mend', `The statement answers two columns named "${twice}"; its owner has to give each a name of its own.`);
}
