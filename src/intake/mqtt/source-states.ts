import type { SourceState } from './scan-source.ts';

/** The state of a source and who wants to know of its changes. */
export class SourceStates {
  #state: SourceState;
  readonly #listeners = new Set<(state: SourceState) => void>();

  constructor(state: SourceState) {
    this.#state = state;
  }

  get state(): SourceState {
    return this.#state;
  }

  set(state: SourceState): void {
    if (state.kind === this.#state.kind && state.reason === this.#state.reason) return;
    this.#state = state;
    for (const listener of [...this.#listeners]) listener(state);
  }

  on(listener: (state: SourceState) => void): () => void {
    this.#listeners.add(listener);
    return () => { this.#listeners.delete(listener); };
  }
}
