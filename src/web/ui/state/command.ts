import { shallowRef, type ShallowRef } from 'vue';
import { ApiProblem, newIdempotencyKey } from '../api/client.ts';

/** Where a command stands that a person sent. */
export type CommandState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'sending' }
  | { readonly kind: 'sent' }
  /** No answer came, so it is not known whether it arrived; sending again is safe. */
  | { readonly kind: 'not-sent'; readonly problem: ApiProblem }
  | { readonly kind: 'refused'; readonly problem: ApiProblem };

export interface Command<T> {
  readonly state: ShallowRef<CommandState>;
  /** Sends; answers undefined when it was refused or did not get through. */
  readonly run: (send: (idempotencyKey: string) => Promise<T>) => Promise<{ readonly answer: T } | undefined>;
  readonly clear: () => void;
}

/** A command with its key: the key stays the same until the server has answered, so a repeat does it once. */
export function useCommand<T>(): Command<T> {
  const state = shallowRef<CommandState>({ kind: 'idle' });
  let key = newIdempotencyKey();
  return {
    state,
    run: async (send) => {
      if (state.value.kind === 'sending') return undefined;
      state.value = { kind: 'sending' };
      try {
        const answer = await send(key);
        key = newIdempotencyKey();
        state.value = { kind: 'sent' };
        return { answer };
      } catch (error) {
        const problem = error instanceof ApiProblem ? error : new ApiProblem('unknown', 0, String(error));
        const unanswered = problem.status === 0 || problem.status >= 500;
        if (!unanswered) key = newIdempotencyKey();
        state.value = unanswered ? { kind: 'not-sent', problem } : { kind: 'refused', problem };
        return undefined;
      }
    },
    clear: () => {
      state.value = { kind: 'idle' };
    },
  };
}
