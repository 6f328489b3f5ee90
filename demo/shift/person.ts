/** A person of the demo at the web API, with an API token: what the demo does for them, and how it looks whether something is so. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Product } from '../../scripts/lib/product.ts';

/** The story did not happen as it is told. */
export class StoryError extends Error {
  override readonly name = 'StoryError';
}

export interface CaseView { readonly caseId: string; readonly status: 'open' | 'closed'; readonly outcome: string | null; readonly title: string }
export interface TaskView { readonly taskId: string; readonly caseId: string; readonly status: string; readonly question: string; readonly factsHash: string }
export interface ExceptionView { readonly exceptionId: string; readonly caseId: string; readonly code: string; readonly message: string; readonly status: string }
export interface Counts {
  readonly casesOpen: number; readonly casesClosed: number; readonly tasksOpen: number; readonly exceptionsOpen: number;
  readonly deadLettersOpen: number; readonly quarantineHeld: number; readonly tokensLive: number; readonly stepsOpen: number;
}
interface Page<T> { readonly items: readonly T[] }

export class Person {
  readonly #api: string;
  readonly #token: string;

  private constructor(api: string, token: string) {
    this.#api = api;
    this.#token = token;
  }

  /** Makes a token for the account `name` and speaks with it. */
  static async from(product: Product, name: string, scope: string): Promise<Person> {
    const token = await product.cli('token', 'create', '--user', name, '--name', 'demo', '--scope', scope, '--days', '1', '--quiet');
    return new Person(`${product.url}/waybill/api/v1`, token.trim());
  }

  async get<T>(path: string): Promise<T> {
    return JSON.parse(await this.text(path)) as T;
  }

  /** An answer that is plain text. */
  text(path: string): Promise<string> {
    return this.#ask(path, {});
  }

  /** A command; `key` makes a repeat harmless. @throws StoryError with the problem's sentence when it is refused */
  async post<T>(path: string, body: object, key?: string): Promise<T> {
    const answer = await this.#ask(path, {
      method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...(key === undefined ? {} : { 'idempotency-key': key }) },
    });
    return (answer === '' ? undefined : JSON.parse(answer)) as T;
  }

  async caseOf(sscc: string): Promise<CaseView | undefined> {
    return (await this.get<Page<CaseView>>(`/cases?key=${sscc}`)).items[0];
  }

  async tasksOf(caseId: string, status: string): Promise<readonly TaskView[]> {
    return (await this.get<Page<TaskView>>(`/tasks?caseId=${caseId}&status=${status}`)).items;
  }

  async exceptionOf(caseId: string): Promise<ExceptionView | undefined> {
    return (await this.get<Page<ExceptionView>>(`/exceptions?caseId=${caseId}`)).items[0];
  }

  counts(): Promise<Counts> {
    return this.get<Counts>('/kpis');
  }

  async #ask(path: string, init: RequestInit): Promise<string> {
    const response = await fetch(`${this.#api}${path}`, { ...init, headers: { ...init.headers, authorization: `Bearer ${this.#token}` }, signal: AbortSignal.timeout(20_000) });
    const text = await response.text();
    if (response.ok) return text;
    throw new StoryError(`${init.method ?? 'GET'} ${path} was answered with ${response.status}: ${text}`);
  }
}

/**
 * Looks again and again until `look` answers something. @throws StoryError `what` did not happen in `seconds`
 * @param signal ends the waiting with the signal's reason
 */
export async function untilIsSo<T>(what: string, seconds: number, look: () => Promise<T | undefined>, signal?: AbortSignal): Promise<T> {
  const until = performance.now() + seconds * 1_000;
  for (;;) {
    signal?.throwIfAborted();
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > until) throw new StoryError(`${what} did not happen within ${seconds} s.`);
    await sleep(200);
  }
}
