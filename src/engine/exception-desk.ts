import type { CaseCommand } from '../domain/index.ts';
import { LedgerError } from '../ledger/port.ts';
import type { ExceptionRow, Ledger } from '../ledger/port.ts';
import type { ExceptionWork, Outcome, PersonIdentity, WorkException } from './api.ts';
import { inScope, missing } from './people.ts';
import type { People } from './people.ts';
import type { Clock } from './support/clock.ts';
import type { Pseudonyms } from './support/hashing.ts';
import { uuidv7 } from './support/ids.ts';
import { Mailboxes } from './support/mailboxes.ts';
import { once } from './support/reporting.ts';

/** Merged exceptions that are resolved in one go. */
const page = 100;
/** How soon it is tried again when the ledger took no commits, ms. */
const againMs = 1_000;

/** What people do to exceptions besides resolving them, and what follows for the ones that are merged. */
export class ExceptionDesk {
  readonly #ledger: Ledger;
  readonly #people: People;
  readonly #pseudonyms: Pseudonyms;
  readonly #clock: Clock;
  /** One merge after the other: that an exception is no main one is read, not decided in its own case. */
  readonly #merges = new Mailboxes();
  #sweeping = false;
  #again = false;
  #stopped = false;

  constructor(options: { readonly ledger: Ledger; readonly people: People; readonly pseudonyms: Pseudonyms; readonly clock: Clock }) {
    this.#ledger = options.ledger;
    this.#people = options.people;
    this.#pseudonyms = options.pseudonyms;
    this.#clock = options.clock;
  }

  /** Does the work on one exception of a site of the person's. */
  async work(input: WorkException): Promise<Outcome> {
    const row = await this.#ledger.getException(input.exceptionId);
    if (row === undefined || !inScope(input.by, row.site)) return missing('exception');
    if (input.work.do === 'merge') return await this.#merges.run('merge', () => this.#merge(row, input));
    const command = await this.#command(row, input.work, input.by);
    if (!('type' in command)) return command;
    return await this.#people.carryOut(row.case_id, input.by, () => [command], input.commandKey);
  }

  async #command(row: ExceptionRow, work: Exclude<ExceptionWork, { do: 'merge' }>, by: PersonIdentity): Promise<CaseCommand | (Outcome & { ok: false })> {
    const { exception_id: exceptionId } = row;
    switch (work.do) {
      case 'assign': return { type: 'AssignException', exceptionId, assignee: this.#pseudonyms.person(work.assignee), takeOver: work.takeOver };
      case 'release': return { type: 'ReleaseException', exceptionId };
      case 'reclassify': {
        const { do: _do, ...change } = work;
        return { type: 'ReclassifyException', exceptionId, ...change };
      }
      case 'unmerge': return { type: 'UnmergeException', exceptionId, reason: 'person' };
      case 'link': {
        const other = await this.#ledger.getException(work.other);
        return other === undefined || !inScope(by, other.site) ? missing('exception') : { type: 'LinkException', exceptionId, other: work.other };
      }
      case 'reopen': return { type: 'ReopenException', exceptionId, reason: work.reason };
      case 'note': return { type: 'NoteException', exceptionId, noteId: uuidv7(), note: work.note, name: by.name };
    }
  }

  async #merge(row: ExceptionRow, input: WorkException): Promise<Outcome> {
    if (input.work.do !== 'merge') throw new Error('not a merge');
    const main = await this.#ledger.getException(input.work.into);
    if (main === undefined || !inScope(input.by, main.site)) return missing('exception');
    const { items } = await this.#ledger.listExceptions({ mergedInto: row.exception_id, status: 'open' }, { limit: 1 });
    const outcome = await this.#people.carryOut(row.case_id, input.by, () => [{
      type: 'MergeException', exceptionId: row.exception_id, isMain: items.length > 0,
      into: { exceptionId: main.exception_id, caseId: main.case_id, open: main.status === 'open', merged: main.merged_into !== null },
    }], input.commandKey);
    // The main one may have been resolved in the same instant.
    this.sweep();
    return outcome;
  }

  get sweeping(): boolean {
    return this.#sweeping;
  }

  /**
   * Resolves what is merged into exceptions that are resolved by now, in whatever case. It goes by what the ledger says, so that
   * it finishes what a crash, a full disk or another instance left over; nothing is done twice.
   */
  sweep(): void {
    this.#again = true;
    if (this.#sweeping || this.#stopped) return;
    this.#sweeping = true;
    void this.#sweep().catch((error: unknown) => {
      if (error instanceof LedgerError && error.code === 'closed') this.#stopped = true;
      else {
        once('merged-exceptions', `Exceptions that are merged into resolved ones could not be resolved and are tried again: ${String(error)}`);
        this.#clock.setTimeout(() => this.sweep(), againMs);
      }
    }).finally(() => { this.#sweeping = false; });
  }

  async #sweep(): Promise<void> {
    while (this.#again && !this.#stopped) {
      this.#again = false;
      const rows = await this.#ledger.mergedToResolve(page);
      for (const row of rows) {
        const main = row.merged_into === null ? undefined : await this.#ledger.getException(row.merged_into);
        if (main?.status === 'resolved' && !this.#stopped) await this.#people.resolveAlong(row, main);
      }
      if (rows.length === page) this.#again = true;
    }
  }

  stop(): void {
    this.#stopped = true;
  }
}
