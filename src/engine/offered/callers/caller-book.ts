import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { stat, readFile } from 'node:fs/promises';
import path from 'node:path';
import { isObject } from '../../../domain/json.ts';
import { CALLER_NAME, isScope, LONGEST_NAME } from './caller.ts';
import type { Caller } from './caller.ts';

/** The callers cannot be read; the message says what to do. */
export class CallerError extends Error {
  override readonly name = 'CallerError';
}

/** Callers of a home, in a file that only its owner may read: `waybill service caller …` writes it. */
export const callersFile = (home: string): string => path.join(home, 'callers.json');

/** How long what was read is taken for what stands there, ms. */
const FRESH_MS = 500;

const strings = (value: unknown): value is readonly string[] => Array.isArray(value) && value.every((each) => typeof each === 'string');
const records = (value: unknown, ...members: readonly string[]): boolean => Array.isArray(value) && value.every((each) => isObject(each) && members.every((member) => typeof each[member] === 'string'));

function isCaller(value: unknown): value is Caller {
  return isObject(value) && typeof value['name'] === 'string' && value['name'].length <= LONGEST_NAME && CALLER_NAME.test(value['name']) && strings(value['services']) && value['services'].every(isScope)
    && records(value['tokens'], 'id', 'sha256', 'createdAt') && records(value['secrets'], 'id', 'secret', 'createdAt') && records(value['certificates']) && records(value['identities'], 'issuer', 'audience', 'claim', 'value');
}

function parse(text: string, file: string): readonly Caller[] {
  const damaged = (): CallerError => new CallerError(`The file of callers ${file} is damaged; put back a copy of it, or remove it and make the callers anew with "waybill service caller".`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw damaged();
  }
  const callers: unknown = isObject(value) ? value['callers'] : undefined;
  if (!Array.isArray(callers) || !callers.every(isCaller)) throw damaged();
  return callers;
}

/** @throws CallerError */
export function readCallers(home: string): readonly Caller[] {
  const file = callersFile(home);
  return existsSync(file) ? parse(readFileSync(file, 'utf8'), file) : [];
}

/** Whole or not at all. */
export function writeCallers(home: string, callers: readonly Caller[]): void {
  const file = callersFile(home);
  mkdirSync(home, { recursive: true });
  const fresh = `${file}.${process.pid}.new`;
  writeFileSync(fresh, `${JSON.stringify({ callers }, null, 1)}\n`, { mode: 0o600 });
  chmodSync(fresh, 0o600);
  renameSync(fresh, file);
}

/** The callers as they are now: what the command line changes holds for the next request, without a deploy. */
export class CallerBook {
  readonly #file: string;
  #known: readonly Caller[] = [];
  #stamp = '';
  #lookedAt = Number.NEGATIVE_INFINITY;

  constructor(home: string) {
    this.#file = callersFile(home);
  }

  /** @throws CallerError when the file cannot be used: then nobody is let in */
  async callers(now = performance.now()): Promise<readonly Caller[]> {
    if (now - this.#lookedAt < FRESH_MS) return this.#known;
    const stamp = await stat(this.#file).then(({ mtimeMs, size, ino }) => `${mtimeMs} ${size} ${ino}`, (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '';
      throw new CallerError(`The file of callers ${this.#file} cannot be read (${error.code ?? error.message}); give it back to the user that Node-RED runs as.`);
    });
    if (stamp !== this.#stamp) {
      this.#known = stamp === '' ? [] : parse(await readFile(this.#file, 'utf8'), this.#file);
      this.#stamp = stamp;
    }
    this.#lookedAt = now;
    return this.#known;
  }
}
