import type { AccessNote, AccountStore } from '../ledger/accounts-port.ts';

/** How often changes made by another process (the command line) are looked for. */
const EVERY_MS = 2_000;
const AT_ONCE = 100;

/**
 * Carries changes of accounts from the store, where they became durable with the change itself, into the
 * ledger. A note is taken out after the ledger has it and recorded under its own id, so a crash in between
 * neither loses nor doubles it.
 */
export class AccessNotes {
  readonly #accounts: AccountStore;
  readonly #record: (note: AccessNote) => Promise<void>;
  readonly #failed: (error: unknown) => void;
  #timer: ReturnType<typeof setInterval> | undefined;
  #running: Promise<void> | undefined;

  /** `record` resolves when the ledger has the note, also when it had it before. */
  constructor(accounts: AccountStore, record: (note: AccessNote) => Promise<void>, failed: (error: unknown) => void) {
    this.#accounts = accounts;
    this.#record = record;
    this.#failed = failed;
  }

  start(): void {
    this.#timer = setInterval(() => { void this.carry(); }, EVERY_MS);
    this.#timer.unref();
    void this.carry();
  }

  /** Carries all that is there now; a failure is told and tried again later. */
  carry(): Promise<void> {
    this.#running ??= this.#all().catch(this.#failed).finally(() => { this.#running = undefined; });
    return this.#running;
  }

  async #all(): Promise<void> {
    for (;;) {
      const notes = await this.#accounts.pendingNotes(AT_ONCE);
      for (const note of notes) {
        await this.#record(note);
        await this.#accounts.removeNote(note.id);
      }
      if (notes.length < AT_ONCE) return;
    }
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }
}
