import { isDeepStrictEqual } from 'node:util';
import type { SourceProblem, SourceState } from './scan-source.ts';

/** The state of a source and who wants to know of its changes. */
export class SourceStates {
  #state: SourceState;
  lastProblem: SourceProblem | undefined;
  readonly #listeners = new Set<(state: SourceState) => void>();

  constructor(state: SourceState) {
    this.#state = state;
  }

  get state(): SourceState {
    return this.#state;
  }

  set(state: SourceState): void {
    if (isDeepStrictEqual(state, this.#state)) return;
    this.#state = state;
    const reason = state.reason ?? state.refused?.map((one) => one.reason).join(' ');
    if (reason !== undefined && state.kind !== 'connecting' && state.kind !== 'closed') this.lastProblem = { at: Date.now(), reason };
    for (const listener of [...this.#listeners]) listener(state);
  }

  on(listener: (state: SourceState) => void): () => void {
    this.#listeners.add(listener);
    return () => { this.#listeners.delete(listener); };
  }
}

/** The state as a node with this filter has it: while connected, its own topic may be refused all the same. */
export function stateFor(state: SourceState, filter: string): SourceState {
  const refused = state.refused?.find((one) => one.filter === filter);
  return refused === undefined ? state : { kind: 'refused', reason: refused.reason };
}
