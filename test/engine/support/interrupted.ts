import process from 'node:process';
import type { Engine } from '../../../src/engine/engine.ts';
import type { AppendResult, Commit, Ledger } from '../../../src/ledger/port.ts';
import type { Boundary } from './boundary.ts';

/** How long a commit is held back before the process ends: enough for an acknowledgement that does not wait for it to get out. */
const heldBackMs = 40;

/** Counts the boundaries that this process passes, and ends it at the one that was asked for. */
export class Interrupter {
  readonly #kill: Boundary | undefined;
  readonly counts = { append: 0, send: 0, answer: 0 };
  #sendsPassed = 0;

  constructor(kill: Boundary | undefined) {
    this.#kill = kill;
  }

  /** As a power failure would: nothing is flushed, nobody is told. */
  #at(kind: Boundary['kind'], n: number, at: Boundary['at']): void {
    if (this.#is(kind, n, at)) process.kill(process.pid, 'SIGKILL');
  }
  #is(kind: Boundary['kind'], n: number, at: Boundary['at']): boolean {
    return this.#kill?.kind === kind && this.#kill.n === n && this.#kill.at === at;
  }

  beforeSend(): void {
    this.#at('send', ++this.counts.send, 'before');
  }
  afterSend(): void {
    this.#at('send', ++this.#sendsPassed, 'after');
  }

  /** The ledger, with an end before or after one of its commits. */
  ledger<T extends Ledger>(ledger: T): T {
    const append = async (commit: Commit): Promise<AppendResult> => {
      const n = ++this.counts.append;
      if (this.#is('append', n, 'before')) {
        // Not on disk: whoever has been told of it by now, or acts on it, did so too early.
        await new Promise((resolve) => { setTimeout(resolve, heldBackMs); });
        this.#at('append', n, 'before');
      }
      const result = await ledger.append(commit);
      this.#at('append', n, 'after');
      return result;
    };
    return new Proxy(ledger, {
      get(target, name): unknown {
        if (name === 'append') return append;
        const value = Reflect.get(target, name, target) as unknown;
        return typeof value === 'function' ? (value as (...args: unknown[]) => unknown).bind(target) : value;
      },
    });
  }

  /** Ends the process when the n-th answer of intake or to a person is about to leave; `after` is left to who receives it. */
  answers(engine: Engine): void {
    const openCase = engine.openCase.bind(engine);
    engine.openCase = async (input) => this.#answer(await openCase(input));
    const { decideTask, resolveException } = engine;
    Object.assign(engine, {
      decideTask: async (input: Parameters<typeof decideTask>[0]) => this.#answer(await decideTask(input)),
      resolveException: async (input: Parameters<typeof resolveException>[0]) => this.#answer(await resolveException(input)),
    });
  }
  #answer<T>(answer: T): T {
    this.#at('answer', ++this.counts.answer, 'before');
    return answer;
  }
}
