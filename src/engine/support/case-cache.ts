import type { CaseState } from '../../domain/index.ts';

/** The states of the cases used last, bounded by number. */
export class CaseCache {
  readonly #max: number;
  readonly #states = new Map<string, CaseState>();
  /** Goes on from what was dropped last: a fresh one would walk over everything that was dropped before. */
  #oldest = this.#states.keys();
  constructor(max: number) {
    this.#max = max;
  }
  get(caseId: string): CaseState | undefined {
    const state = this.#states.get(caseId);
    if (state !== undefined) {
      this.#states.delete(caseId);
      this.#states.set(caseId, state);
    }
    return state;
  }
  put(state: CaseState): void {
    this.#states.delete(state.caseId);
    this.#states.set(state.caseId, state);
    if (this.#states.size > this.#max) this.#dropOldest();
  }
  #dropOldest(): void {
    let oldest = this.#oldest.next();
    if (oldest.done === true) {
      this.#oldest = this.#states.keys();
      oldest = this.#oldest.next();
    }
    if (oldest.done !== true) this.#states.delete(oldest.value);
  }
  drop(caseId: string): void {
    this.#states.delete(caseId);
  }
  get size(): number {
    return this.#states.size;
  }
}
