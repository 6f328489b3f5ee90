import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { UsageError } from '../accounts.ts';

/** An answer of the API that is not what was asked for; the message is the server's. */
export class SiteError extends Error {
  override readonly name = 'SiteError';
}

const DEFAULT_URL = 'http://127.0.0.1:1880/waybill';
const TIMEOUT_MS = 20_000;
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** The API of a running Waybill, asked with the token of a person. */
export class SiteApi {
  readonly #base: string;
  readonly #token: string;

  /** @param tokenFile file with the token; else WAYBILL_TOKEN. @param hint how to get one, and what works without. @throws UsageError */
  constructor(url: string | undefined, tokenFile: string | undefined, hint = '"waybill token create --user <name> --name cli --scope read,decide" makes one. With --catalogue <folder> central works without a site.') {
    this.#base = baseOf(url ?? DEFAULT_URL);
    const token = tokenFile === undefined ? process.env['WAYBILL_TOKEN']?.trim() : readToken(tokenFile);
    if (token === undefined || token === '') throw new UsageError(`Say who you are: a token in WAYBILL_TOKEN or --token-file <file>; ${hint}`);
    this.#token = token;
  }

  get<T>(path: string): Promise<T> {
    return this.#ask<T>('GET', path, undefined);
  }
  /** A command under a key of its own: a repeat after a lost answer is made by running the command again. */
  post<T>(path: string, json: object): Promise<T> {
    return this.#ask<T>('POST', path, json);
  }

  async #ask<T>(method: string, path: string, json: object | undefined): Promise<T> {
    let response: Response;
    try {
      response = await fetch(`${this.#base}/api/v1/${path}`, {
        method, redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS),
        headers: { authorization: `Bearer ${this.#token}`, accept: 'application/json', ...(json === undefined ? {} : { 'content-type': 'application/json', 'idempotency-key': randomUUID() }) },
        ...(json === undefined ? {} : { body: JSON.stringify(json) }),
      });
    } catch (error) {
      const { cause, message } = error as Error;
      throw new SiteError(`${this.#base} does not answer (${cause instanceof Error ? cause.message : message}); is Node-RED with Waybill running there?`, { cause: error });
    }
    const text = await response.text();
    let body: unknown;
    try {
      body = JSON.parse(text);
    } catch (error) {
      throw new SiteError(`${this.#base} answers with status ${response.status} and no JSON; is it the address of Waybill, with /waybill at its end?`, { cause: error });
    }
    if (!response.ok) {
      const { detail, code } = body as { detail?: unknown; code?: unknown };
      throw new SiteError(`${typeof detail === 'string' ? detail : response.statusText} (${typeof code === 'string' ? code : response.status})`);
    }
    return body as T;
  }
}

function baseOf(text: string): string {
  let url: URL;
  try {
    url = new URL(text);
  } catch (error) {
    throw new UsageError(`${JSON.stringify(text)} is no address; write it as https://site.example/waybill.`, { cause: error });
  }
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && LOOPBACK.test(url.hostname))) throw new UsageError('A token goes to another machine by https only; write the address as https://….');
  return url.href.replace(/\/+$/, '');
}

function readToken(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new UsageError(`The token file ${file} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}
