import { randomUUID } from 'node:crypto';
import { constants, existsSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Fetcher } from 'tuf-js';
import { DownloadHTTPError } from 'tuf-js/dist/error.js';
import { replaceFile } from '../../files.ts';
import { LIMITS } from '../limits.ts';
import { CatalogueRefusal } from '../refusal.ts';

/** The line to the source is down, or nothing is there: what is kept goes on being used. */
export class SourceUnreachable extends Error {
  override readonly name = 'SourceUnreachable';
}

const NOT_THERE = new Set([403, 404, 410]);

const HOW = 'it is a folder, or an address such as https://templates.example.com/';

/** The address of a source: an http(s) address, or a folder. A publisher's folder stands for its public part. */
export function sourceUrl(source: string): URL {
  if (/^https?:/i.test(source)) return addressOf(source);
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(source)) throw new CatalogueRefusal('root', `WAYBILL_CATALOGUE is ${source.split(':')[0]}://…; ${HOW}.`);
  const folder = path.resolve(source);
  return pathToFileURL(`${existsSync(path.join(folder, 'public', 'metadata')) ? path.join(folder, 'public') : folder}${path.sep}`);
}

function addressOf(source: string): URL {
  const url = /^https?:\/\//i.test(source) ? URL.parse(source.endsWith('/') ? source : `${source}/`) : null;
  if (url === null) throw new CatalogueRefusal('root', `WAYBILL_CATALOGUE is "${shownSource(source)}", which is no address; ${HOW}.`);
  // What stands behind a question mark would have to stand behind the name of every file.
  if (url.search !== '' || url.hash !== '') throw new CatalogueRefusal('root', `WAYBILL_CATALOGUE is ${shownSource(source)}; an address with "?" or "#" has no files below it. Serve the folder "public" at an address of its own.`);
  return url;
}

/** The source as people may see it: without a name and password in the address. */
export function shownSource(source: string): string {
  return source.replace(/\/\/[^/]*@/, '//').replace(/[?#].*$/, '');
}

/** Name and password of an address go along as a header: they are no part of what is fetched, nor of any sentence. */
function withoutPassword(base: URL): { readonly base: URL; readonly authorization: string | undefined } {
  if (base.username === '' && base.password === '') return { base, authorization: undefined };
  const plain = new URL(base.href);
  [plain.username, plain.password] = ['', ''];
  return { base: plain, authorization: `Basic ${Buffer.from(`${decoded(base.username)}:${decoded(base.password)}`).toString('base64')}` };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return text;
    throw error;
  }
}

/** What a failed fetch is in truth: the line, a certificate, a proxy that asks for a password. */
function firstCause(error: Error): NodeJS.ErrnoException {
  return error.cause instanceof Error ? firstCause(error.cause) : error;
}

/** A page for people where a file should be: of a network that asks to sign in, of a proxy, or of a server that never says 404. */
function isPage(bytes: Buffer): boolean {
  return /^\s*</.test(bytes.subarray(0, 64).toString('utf8'));
}

/**
 * Fetches from a folder or over http(s) for tuf-js: bounded in bytes and time, never outside the folder, and remembering the
 * metadata that it was served, so that a refusal can be explained from it.
 */
export class SourceFetcher implements Fetcher {
  readonly served = new Map<string, Buffer>();
  /** What kept a file from coming; tuf-js hands on its text alone. */
  failure: CatalogueRefusal | SourceUnreachable | undefined;
  /** Without a name and password. */
  readonly base: URL;
  readonly #authorization: string | undefined;
  readonly #shown: string;
  readonly #timeoutMs: number;
  readonly #scratch: string;

  constructor(options: { readonly base: URL; readonly shown: string; readonly timeoutMs: number; readonly scratch: string }) {
    const { base, authorization } = withoutPassword(options.base);
    this.base = base;
    this.#authorization = authorization;
    this.#shown = options.shown;
    this.#timeoutMs = options.timeoutMs;
    this.#scratch = options.scratch;
  }

  async downloadBytes(url: string, maxLength: number): Promise<Buffer> {
    const bytes = await this.#get(url, maxLength);
    const name = url.slice(url.lastIndexOf('/') + 1);
    if (url.startsWith(new URL('metadata/', this.base).href)) this.served.set(decodeURIComponent(name), bytes);
    return bytes;
  }

  async downloadFile<T>(url: string, maxLength: number, handler: (file: string) => Promise<T>): Promise<T> {
    const file = path.join(this.#scratch, randomUUID());
    await replaceFile(file, await this.#get(url, maxLength), 0o600);
    try {
      return await handler(file);
    } finally {
      await rm(file, { force: true });
    }
  }

  async #get(url: string, maxLength: number): Promise<Buffer> {
    try {
      return await this.#bounded(url, maxLength);
    } catch (error) {
      if (error instanceof CatalogueRefusal || error instanceof SourceUnreachable) this.failure = error;
      throw error;
    }
  }

  async #bounded(url: string, maxLength: number): Promise<Buffer> {
    const name = url.slice(this.base.href.length) || url;
    if (!url.startsWith(this.base.href)) throw new CatalogueRefusal('name', `The catalogue names a file outside of itself: ${url.slice(0, 200)}.`);
    // A signed announcement may be of any length; the bound is ours.
    const most = Math.min(maxLength, name.startsWith('targets/') ? LIMITS.target : LIMITS.targets);
    const bytes = this.base.protocol === 'file:' ? await this.#inTime(this.#read(url, name, most)) : await this.#download(url, name, most);
    if (isPage(bytes)) throw new SourceUnreachable(`${this.#shown} answers ${name} with a web page instead of a file: a sign-in page or a proxy stands in between, or the server does not answer 404 to what is not there.`);
    if (bytes.length > most) throw new CatalogueRefusal('too-large', `${name} is larger than the ${most} bytes that are allowed; it was not read to its end.`);
    return bytes;
  }

  /** A share whose server is gone lets whoever reads wait for minutes. */
  async #inTime(reading: Promise<Buffer>): Promise<Buffer> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => { reject(new SourceUnreachable(`${this.#shown} cannot be reached: no answer within ${Math.round(this.#timeoutMs / 1_000)} s.`)); }, this.#timeoutMs);
    });
    try {
      return await Promise.race([reading, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #read(url: string, name: string, maxLength: number): Promise<Buffer> {
    let handle;
    try {
      // A pipe in the folder would hold whoever opens it.
      handle = await open(fileURLToPath(url), constants.O_RDONLY | constants.O_NONBLOCK);
      if (!(await handle.stat()).isFile()) throw new CatalogueRefusal('malformed', `${name} is no file.`);
      const buffer = Buffer.alloc(maxLength + 1);
      let length = 0;
      while (length < buffer.length) {
        const { bytesRead } = await handle.read(buffer, length, buffer.length - length);
        if (bytesRead === 0) break;
        length += bytesRead;
      }
      return buffer.subarray(0, length);
    } catch (error) {
      if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) throw this.#notThere(name, 404);
      if (error instanceof CatalogueRefusal) throw error;
      throw new SourceUnreachable(`The catalogue in ${this.#shown} cannot be read: ${(error as Error).message}`, { cause: error });
    } finally {
      await handle?.close();
    }
  }

  async #download(url: string, name: string, maxLength: number): Promise<Buffer> {
    try {
      const response = await fetch(url, { headers: { 'User-Agent': 'waybill', Accept: 'application/json', ...(this.#authorization === undefined ? {} : { Authorization: this.#authorization }) }, signal: AbortSignal.timeout(this.#timeoutMs) });
      if (NOT_THERE.has(response.status)) throw this.#notThere(name, response.status);
      if (!response.ok) throw new SourceUnreachable(`${this.#shown} answers ${response.status} to ${name}.`);
      const chunks: Uint8Array[] = [];
      let length = 0;
      for await (const chunk of response.body ?? []) {
        chunks.push(chunk);
        length += chunk.length;
        // Leaving the loop cancels the rest, endless or not.
        if (length > maxLength) break;
      }
      return Buffer.concat(chunks);
    } catch (error) {
      if (error instanceof SourceUnreachable || error instanceof DownloadHTTPError) throw error;
      const { message, code } = firstCause(error as Error);
      const why = (error as Error).name === 'TimeoutError' ? `no answer within ${Math.round(this.#timeoutMs / 1_000)} s` : message || code;
      throw new SourceUnreachable(`${this.#shown} cannot be reached: ${why ?? 'the line is down'}.`, { cause: error });
    }
  }

  /** tuf-js ends its search for newer roots at such an answer (TUF specification 5.3.3); anywhere else the file is missing. */
  #notThere(name: string, status: number): Error {
    if (/^metadata\/\d+\.root\.json$/.test(name)) return new DownloadHTTPError(`${name} is not there`, 404);
    if (name === 'metadata/timestamp.json') return new SourceUnreachable(`There is no catalogue at ${this.#shown}: ${name} is missing${this.base.protocol === 'file:' ? '' : ` (${status})`}.`);
    return new CatalogueRefusal('missing', `${this.#shown} lacks ${name}, which its signed list names.`);
  }
}
