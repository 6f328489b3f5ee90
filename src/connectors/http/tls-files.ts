import { readFileSync, statSync } from 'node:fs';

/** PEM files of a system; absent: what the platform trusts, and no certificate of our own. */
export interface TlsFiles { readonly ca?: string; readonly cert?: string; readonly key?: string }

/** What they hold; `ca` beside the authorities that the platform trusts. */
export interface TlsMaterial { readonly ca?: string; readonly cert?: string; readonly key?: string }

const lookAgainMs = 1_000;

/** Certificates in files, read again when they change: whoever renews them needs no deploy. */
export class TlsStore {
  readonly #files: TlsFiles;
  readonly #now: () => number;
  #material: TlsMaterial | undefined;
  #stamp = '';
  #looked = Number.NEGATIVE_INFINITY;

  constructor(files: TlsFiles, now: () => number = () => performance.now()) {
    this.#files = files;
    this.#now = now;
  }

  /** The same object until a file changes. @throws RangeError when a file cannot be read, in one sentence */
  current(): TlsMaterial {
    if (this.#material !== undefined && this.#now() - this.#looked < lookAgainMs) return this.#material;
    this.#looked = this.#now();
    const names = Object.values(this.#files).filter((name): name is string => name !== undefined && name !== '');
    const stamp = names.map((name) => stampOf(name)).join('|');
    if (this.#material === undefined || stamp !== this.#stamp) {
      this.#material = Object.fromEntries(Object.entries(this.#files).flatMap(([kind, name]: [string, string | undefined]) => (name === undefined || name === '' ? [] : [[kind, read(kind, name)]])));
      this.#stamp = stamp;
    }
    return this.#material;
  }
}

function stampOf(name: string): string {
  try {
    const { mtimeMs, size, ino } = statSync(name);
    return `${mtimeMs}:${size}:${ino}`;
  } catch (error) {
    throw unreadable(name, error);
  }
}

function read(kind: string, name: string): string {
  let text: string;
  try {
    text = readFileSync(name, 'utf8');
  } catch (error) {
    throw unreadable(name, error);
  }
  const wanted = kind === 'key' ? /-----BEGIN [A-Z ]*PRIVATE KEY-----/ : /-----BEGIN (TRUSTED )?CERTIFICATE-----/;
  if (!wanted.test(text)) throw new RangeError(`${name} holds no ${kind === 'key' ? 'private key' : 'certificate'} as PEM; put one there.`);
  return text;
}

function unreadable(name: string, cause: unknown): RangeError {
  const { code, message } = cause as NodeJS.ErrnoException;
  return new RangeError(code === 'ENOENT' ? `The file ${name} is not there; put it there, or name another one in the system.` : `The file ${name} cannot be read: ${message}`, { cause });
}
