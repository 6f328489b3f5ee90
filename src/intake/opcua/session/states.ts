/** Where a connection to an OPC UA server stands. */
export interface OpcUaState {
  readonly kind: 'connecting' | 'connected' | 'disconnected' | 'refused' | 'closed';
  /** One sentence that says what is wrong and what to do; absent when connected. */
  readonly reason?: string;
}

export interface OpcUaProblem {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly reason: string;
}

/** A state and who wants to know of its changes. */
export class OpcUaStates {
  #state: OpcUaState = { kind: 'connecting', reason: 'Connecting to the OPC UA server.' };
  lastProblem: OpcUaProblem | undefined;
  readonly #listeners = new Set<(state: OpcUaState) => void>();

  get state(): OpcUaState {
    return this.#state;
  }

  set(state: OpcUaState): void {
    if (state.kind === this.#state.kind && state.reason === this.#state.reason) return;
    this.#state = state;
    if (state.reason !== undefined && (state.kind === 'disconnected' || state.kind === 'refused')) this.lastProblem = { at: Date.now(), reason: state.reason };
    for (const listener of [...this.#listeners]) listener(state);
  }

  on(listener: (state: OpcUaState) => void): () => void {
    this.#listeners.add(listener);
    return () => { this.#listeners.delete(listener); };
  }
}
