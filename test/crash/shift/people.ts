import { setTimeout as sleep } from 'node:timers/promises';

/** A task or an exception as the API lists it. */
interface ListedTask { readonly taskId: string; readonly factsHash: string }
interface ListedException { readonly exceptionId: string; readonly caseId: string; readonly code: string; readonly class: string }
interface ListedDeadLetter { readonly deadLetterId: string }

export interface OpenWork {
  readonly casesOpen: number; readonly casesClosed: number; readonly tasksOpen: number; readonly exceptionsOpen: number; readonly deadLettersOpen: number;
  readonly tokensLive: number; readonly stepsOpen: number; readonly quarantineHeld: number; readonly events: number;
}

/** What the people did, by what and code. */
export type Deeds = Record<string, number>;

/** Conditions that only the ERP's data make: the goods are not announced, the line is closed. */
const HOPELESS = new Set(['no-asn', 'receipt-refused']);

/** The people of the shift: they approve what is beyond the tolerance and clear exceptions over the API, and try again when nobody answers. */
export class ShiftPeople {
  readonly #url: string;
  readonly #token: string;
  readonly #tried = new Map<string, number>();
  readonly deeds: Deeds = {};

  constructor(url: string, token: string) {
    this.#url = url;
    this.#token = token;
  }

  /** Counts of what is open; undefined while Waybill is down. */
  async openWork(): Promise<OpenWork | undefined> {
    return this.#get<OpenWork>('/kpis');
  }

  /** Approves what waits for an approval. */
  async approve(): Promise<void> {
    const page = await this.#get<{ items: readonly ListedTask[] }>('/tasks?limit=100');
    for (const { taskId, factsHash } of page?.items ?? []) {
      const status = await this.#post(`/tasks/${taskId}/decision`, `approve-${taskId}`, { decision: 'approve', comment: 'counted twice', factsHash });
      if (status === undefined) return;
      this.#did(status < 300 ? 'approved' : `approve refused ${status}`);
    }
  }

  /** Clears what only a person can: cancels what has no announcement or a closed line, retries the rest, and cancels what comes again too often. */
  async clear(): Promise<void> {
    const page = await this.#get<{ items: readonly ListedException[] }>('/exceptions?limit=100');
    for (const { exceptionId, caseId, code } of page?.items ?? []) {
      const tries = this.#tried.get(`${caseId} ${code}`) ?? 0;
      const outcome = HOPELESS.has(code) || tries >= 5 ? 'cancel' : 'retry';
      const status = await this.#post(`/exceptions/${exceptionId}/resolution`, `resolve-${exceptionId}-${outcome}`, { outcome, code: 'cleared' });
      if (status === undefined) return;
      this.#tried.set(`${caseId} ${code}`, tries + 1);
      this.#did(`${outcome} ${code}${status < 300 ? '' : ` refused ${status}`}`);
    }
    const letters = await this.#get<{ items: readonly ListedDeadLetter[] }>('/dead-letters?limit=100');
    for (const { deadLetterId } of letters?.items ?? []) {
      if (await this.#post(`/dead-letters/${deadLetterId}/replay`, `replay-${deadLetterId}`, undefined) === undefined) return;
      this.#did('replayed');
    }
  }

  #did(what: string): void {
    this.deeds[what] = (this.deeds[what] ?? 0) + 1;
  }

  async #get<T>(path: string): Promise<T | undefined> {
    const response = await this.#fetch(path, {});
    if (response === undefined) return undefined;
    if (response.status !== 200) {
      await response.body?.cancel();
      if (response.status >= 500) return undefined; // starting
      throw new Error(`GET ${path}: ${response.status}`);
    }
    return await response.json() as T;
  }

  /** Status of the answer; undefined when there was none. The same key makes a second try harmless. */
  async #post(path: string, key: string, body: object | undefined): Promise<number | undefined> {
    const response = await this.#fetch(path, {
      method: 'POST', headers: { 'content-type': 'application/json', 'idempotency-key': key }, ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    await response?.body?.cancel();
    return response === undefined || response.status >= 500 ? undefined : response.status;
  }

  async #fetch(path: string, init: RequestInit): Promise<Response | undefined> {
    try {
      return await fetch(`${this.#url}/waybill/api/v1${path}`, { ...init, headers: { ...init.headers, authorization: `Bearer ${this.#token}` }, signal: AbortSignal.timeout(20_000) });
    } catch (error) {
      if (!(error instanceof Error) || !['TypeError', 'TimeoutError'].includes(error.name)) throw error;
      await sleep(50); // it was killed, or is not up yet
      return undefined;
    }
  }
}
