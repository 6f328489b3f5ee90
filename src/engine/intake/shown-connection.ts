import type { ConnectionState } from './intake-status.ts';

/** Where a source of documents stands, for whoever shows it. */
export class ShownConnection {
  readonly #listeners = new Set<() => void>();
  #state: ConnectionState = { kind: 'connecting' };

  state(): ConnectionState {
    return this.#state;
  }

  onState(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => { this.#listeners.delete(listener); };
  }

  set(state: ConnectionState): void {
    if (state.kind === this.#state.kind && state.reason === this.#state.reason) return;
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}
