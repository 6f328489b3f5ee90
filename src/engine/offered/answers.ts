import type { Json } from '../../domain/json.ts';
import type { CaseState } from '../../domain/case/state.ts';
import type { Recorded } from '../recorded.ts';
import type { RequestOrigin } from './service-intake.ts';

/** A request as the ledger has it. */
export interface RequestState {
  readonly origin: RequestOrigin;
  readonly site: string;
  /** Outcome of the case, once it is closed. */
  readonly closed?: string;
  readonly answer?: { readonly status: number; readonly refusal: boolean; readonly body?: Json };
}

/** The request that opened a case; undefined when something else did. */
export function requestState({ status, origin, site, outcome, answer }: CaseState): RequestState | undefined {
  if (status === 'absent' || origin === undefined || !(['service', 'operation', 'caller', 'key', 'requestHash'] as const).every((member) => typeof origin[member] === 'string')) return undefined;
  return {
    origin: origin as RequestOrigin, site, ...(status === 'closed' ? { closed: outcome ?? '' } : {}),
    ...(answer === undefined ? {} : { answer: { status: answer.status, refusal: answer.refusal, ...(answer.body === undefined ? {} : { body: answer.body }) } }),
  };
}

export const isSettled = (state: RequestState): boolean => state.answer !== undefined || state.closed !== undefined;

interface Source {
  onRecorded(listener: (recorded: Recorded) => void): () => void;
  serviceRequest(caseId: string): Promise<RequestState | undefined>;
}

/** Who waits for the answer of a case: by what is recorded, never by what a node says. */
export class Answers {
  readonly #source: Source;
  readonly #waiting = new Map<string, Set<() => void>>();
  #stop: (() => void) | undefined;

  constructor(source: Source) {
    this.#source = source;
  }

  /** The request when it is answered, its case closed, or the time up, whatever comes first; undefined when the case is of no request. */
  async when(caseId: string, ms: number, gone: Promise<unknown>): Promise<RequestState | undefined> {
    const told = Promise.withResolvers<undefined>();
    const tell = (): void => { told.resolve(undefined); };
    const forget = this.#listen(caseId, tell);
    const timer = setTimeout(tell, ms);
    gone.then(tell, tell);
    try {
      // What was recorded before we listened is read; what comes afterwards is heard.
      const now = await this.#source.serviceRequest(caseId);
      if (now === undefined || isSettled(now) || ms <= 0) return now;
      await told.promise;
      return await this.#source.serviceRequest(caseId);
    } finally {
      clearTimeout(timer);
      forget();
    }
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  #listen(caseId: string, tell: () => void): () => void {
    this.#stop ??= this.#source.onRecorded(({ caseId: of, events }) => {
      if (of === undefined || !this.#waiting.has(of) || !events.some(({ type }) => type === 'ServiceAnswered' || type === 'CaseClosed')) return;
      for (const each of this.#waiting.get(of) ?? []) each();
    });
    const mine = this.#waiting.get(caseId) ?? new Set();
    mine.add(tell);
    this.#waiting.set(caseId, mine);
    return () => {
      mine.delete(tell);
      if (mine.size === 0) this.#waiting.delete(caseId);
      if (this.#waiting.size > 0) return;
      this.#stop?.();
      this.#stop = undefined;
    };
  }
}
