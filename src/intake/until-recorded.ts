import { CommitGate, type CommitGateOptions } from './commit-gate.ts';
import type { LimitedLog } from './limited-log.ts';

/** Ledger errors (`LedgerError.code`) that lie in this message alone: no later try would end otherwise. */
const UNRECORDABLE = new Set(['leaf-too-large', 'bad-event']);
/** Tries of a message that fails for another reason than the ledger's state, before it is put aside. */
const TRIES = 3;

export interface UntilRecordedOptions extends CommitGateOptions {
  readonly warn: LimitedLog;
  /** What is thrown after `close()`. */
  readonly closed: () => Error;
  /** Called for each wait. */
  readonly onHeld?: () => void;
}

/** Tries until the ledger has it: waits while it takes nothing, and says what it will never take. */
export class UntilRecorded {
  readonly #options: UntilRecordedOptions;
  readonly #gate: CommitGate;
  #closed = false;

  constructor(options: UntilRecordedOptions) {
    this.#options = options;
    this.#gate = new CommitGate(options);
  }

  /**
   * @param what is recorded, for the log: the beginning of a sentence
   * @param letGo why it need not be recorded any more; thrown
   */
  async run<T>(what: string, act: () => Promise<T>, letGo: () => Error | undefined = () => undefined): Promise<{ readonly value: T } | { readonly unrecordable: string }> {
    for (let tries = 1; ; ) {
      for (let way = this.#gate.wait(); way !== undefined; way = this.#gate.wait()) {
        this.#options.onHeld?.();
        await way;
      }
      if (this.#closed) throw this.#options.closed();
      const reason = letGo();
      if (reason !== undefined) throw reason;
      try {
        const value = await act();
        this.#gate.succeeded();
        return { value };
      } catch (error) {
        const code = ledgerCode(error);
        if (code !== undefined && UNRECORDABLE.has(code)) return { unrecordable: textOf(error) };
        if (code === undefined) {
          this.#options.warn('record', `${what} could not be recorded (try ${tries} of ${TRIES}): ${textOf(error)}`);
          if (tries >= TRIES) return { unrecordable: textOf(error) };
          tries += 1;
        }
        this.#gate.failed();
      }
    }
  }

  /** Wakes everybody for good. */
  close(): void {
    this.#closed = true;
    this.#gate.close();
  }
}

/** `LedgerError.code`, without knowing the ledger. */
function ledgerCode(error: unknown): string | undefined {
  return error instanceof Error && error.name === 'LedgerError' && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
