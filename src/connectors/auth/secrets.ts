import { readFileSync, statSync } from 'node:fs';

/** What a system may ask for. */
export const SECRET_NAMES = ['user', 'password', 'token', 'apiKey', 'clientId', 'clientSecret'] as const;
export type SecretName = typeof SECRET_NAMES[number];

/** A secret that stands outside: a variable, or a file whose text it is, without the line break at its end. */
export interface SecretSource { readonly from: 'env' | 'file'; readonly name: string }

/** Why no secret can be given; `message` is one sentence without any secret. */
export class SecretError extends Error {
  override readonly name = 'SecretError';
}

const largestFile = 65_536;

/** Secrets of one system, read where they are needed: a file that changes counts from the next request on. */
export class Secrets {
  readonly #given: Readonly<Partial<Record<SecretName, string>>>;
  readonly #sources: Readonly<Partial<Record<SecretName, SecretSource>>>;
  readonly #variable: (name: string) => string | undefined;
  readonly #files = new Map<string, { readonly stamp: string; readonly text: string }>();

  /** @param variable value of an environment variable, as the node sees it */
  constructor(given: Readonly<Partial<Record<SecretName, string>>>, sources: Readonly<Partial<Record<SecretName, SecretSource>>> = {}, variable: (name: string) => string | undefined = (name) => process.env[name]) {
    this.#given = given;
    this.#sources = sources;
    this.#variable = variable;
  }

  /** Undefined when it is given nowhere. @throws SecretError when the place that it is said to be in has none */
  get(name: SecretName): string | undefined {
    const source = this.#sources[name];
    if (source === undefined) return this.#given[name] === '' ? undefined : this.#given[name];
    const value = source.from === 'env' ? this.#variable(source.name) : this.#file(source.name);
    if (value === undefined || value === '') throw new SecretError(source.from === 'env' ? `The variable ${source.name} is not set; the system takes its ${name} from there.` : `The file ${source.name} is empty; the system takes its ${name} from there.`);
    return checked(name, value);
  }

  /** @throws SecretError when there is none */
  need(name: SecretName): string {
    const value = this.get(name);
    if (value === undefined) throw new SecretError(`The system has no ${name}; the service signs in with it, so give the system one.`);
    return checked(name, value);
  }

  #file(name: string): string {
    try {
      const { mtimeMs, size, ino } = statSync(name);
      const stamp = `${mtimeMs}:${size}:${ino}`;
      const known = this.#files.get(name);
      if (known?.stamp === stamp) return known.text;
      if (size > largestFile) throw new SecretError(`The file ${name} is too long for a secret; name another one.`);
      const text = readFileSync(name, 'utf8').replace(/\r?\n$/, '');
      this.#files.set(name, { stamp, text });
      return text;
    } catch (error) {
      if (error instanceof SecretError) throw error;
      const { code, message } = error as NodeJS.ErrnoException;
      throw new SecretError(code === 'ENOENT' ? `The file ${name} is not there; the system takes a secret from it.` : `The file ${name} cannot be read: ${message}`, { cause: error });
    }
  }
}

function checked(name: SecretName, value: string): string {
  if (/[\r\n\0]/.test(value)) throw new SecretError(`The ${name} of the system holds a line break; it is one line.`);
  return value;
}
