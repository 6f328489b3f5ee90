import type { AnyEvent, CaseState, Json, JsonObject } from '../domain/index.ts';
import type { ReplayItemStatus } from '../domain/events.ts';
import type { DeadLetterRow, Ledger, ReplayBatchRow } from '../ledger/port.ts';
import { LedgerError } from '../ledger/port.ts';
import type { Outcome, PersonIdentity, ReplayManyInput, ReplayManyResult } from './api.ts';
import type { CaseExecutor } from './case-executor.ts';
import type { Circuits } from './circuits.ts';
import { inScope, missing, notRecorded } from './people.ts';
import { replayOutcome } from './replay-outcome.ts';
import type { Replays } from './replays.ts';
import type { SiteLog } from './site-log.ts';
import type { Clock } from './support/clock.ts';
import type { Pseudonyms } from './support/hashing.ts';
import { uuidv7 } from './support/ids.ts';
import { once } from './support/reporting.ts';

/** Most dead letters of one batch. */
export const mostReplays = 2_000;
const page = 200;
/** Ids of one event: a leaf is bounded. */
const idsAtOnce = 500;
/** How soon something that cannot be done now is looked at again, ms. */
const againMs = 1_000;

interface Running {
  readonly batchId: string;
  readonly by: string;
  readonly rate: number;
  readonly whenOpen: 'wait' | 'refuse';
  readonly edit: Json | undefined;
  version: number;
  /** Told one after the other. */
  telling: Promise<void>;
  /** Items that are not told for good. */
  open: number;
  stopped: boolean;
  readonly counts: Record<'succeeded' | 'failed-again' | 'refused', number>;
}

/** Replays of many dead letters: durable, at a bounded rate, each told, and followed until it has succeeded or died again. */
export class ReplayBatches {
  readonly #ledger: Ledger;
  readonly #siteLog: SiteLog;
  readonly #executor: CaseExecutor;
  readonly #replays: Replays;
  readonly #circuits: Circuits;
  readonly #pseudonyms: Pseudonyms;
  readonly #clock: Clock;
  readonly #running = new Map<string, Running>();
  /** Replayed items by case. */
  readonly #following = new Map<string, { readonly batch: Running; readonly row: DeadLetterRow }[]>();
  #closed = false;

  constructor(options: {
    readonly ledger: Ledger; readonly siteLog: SiteLog; readonly executor: CaseExecutor; readonly replays: Replays; readonly circuits: Circuits; readonly pseudonyms: Pseudonyms; readonly clock: Clock;
  }) {
    this.#ledger = options.ledger;
    this.#siteLog = options.siteLog;
    this.#executor = options.executor;
    this.#replays = options.replays;
    this.#circuits = options.circuits;
    this.#pseudonyms = options.pseudonyms;
    this.#clock = options.clock;
  }

  /** A dry run says for each what would happen; else the batch is durable when it is answered. */
  async start(input: ReplayManyInput): Promise<Outcome<ReplayManyResult>> {
    const repeated = await this.#repeated(input);
    if (repeated !== undefined) return repeated;
    const found = await this.#rows(input);
    if (!found.ok) return found;
    const { rows, unknown } = found;
    if (input.dryRun) return { ok: true, batchId: undefined, total: rows.length, items: await this.#preview(rows, input), unknown };
    if (rows.length === 0) return { ok: false, code: 'nothing-to-replay', message: 'There is no open dead letter among these; reload the list.', status: 'conflict' };
    const batchId = uuidv7();
    const by = this.#pseudonyms.person(input.by.userId);
    const ids = rows.map((row) => row.dead_letter_id);
    const edited = input.edit !== undefined;
    const events: AnyEvent[] = [{
      type: 'ReplayBatchStarted',
      data: { batchId, by, total: ids.length, ratePerSecond: input.ratePerSecond, whenOpen: input.whenOpen, edited, sites: [...new Set(rows.map((row) => row.site))].sort() },
      content: { ...(input.edit === undefined ? {} : { edit: input.edit }), ...(input.filter === undefined ? {} : { filter: { ...input.filter } as JsonObject }) },
    }];
    for (let i = 0; i < ids.length; i += idsAtOnce) events.push({ type: 'ReplayItemsAdded', data: { batchId, deadLetterIds: ids.slice(i, i + idsAtOnce) } });
    try {
      const result = await this.#siteLog.recordAll(streamOf(batchId), 0, events, { actor: { kind: 'person', id: by }, ...(input.commandKey === undefined ? {} : { commandKey: input.commandKey }) });
      if (!result.ok && result.reason === 'duplicate-command') return { ok: true, batchId: result.streamId.slice(streamOf('').length), total: rows.length, items: [], unknown };
      if (!result.ok) throw new Error(`the batch could not be recorded: ${result.reason}`);
    } catch (error) {
      return notRecorded(error);
    }
    this.#run({ batchId, by, rate: input.ratePerSecond, whenOpen: input.whenOpen, edit: input.edit, version: events.length, open: ids.length });
    return { ok: true, batchId, total: ids.length, items: [], unknown };
  }

  /** What was asked for under this key before: by now nothing may be open that it would find. */
  async #repeated({ dryRun, commandKey }: ReplayManyInput): Promise<Outcome<ReplayManyResult> | undefined> {
    const done = dryRun || commandKey === undefined ? undefined : await this.#ledger.findCommand(commandKey);
    if (done === undefined) return undefined;
    const batchId = done.streamId.slice(streamOf('').length);
    return { ok: true, batchId, total: (await this.#ledger.getReplayBatch(batchId))?.total ?? 0, items: [], unknown: [] };
  }

  /** What was not told for good when the last epoch ended goes on. */
  async resume(): Promise<void> {
    let cursor: string | undefined;
    do {
      const list = await this.#ledger.listReplayBatches({ status: 'running' }, { limit: page, ...(cursor === undefined ? {} : { cursor }) });
      for (const row of list.items) await this.#resumeOne(row);
      cursor = list.next;
    } while (cursor !== undefined);
  }

  async #resumeOne(row: ReplayBatchRow): Promise<void> {
    const events = await this.#ledger.readStream(streamOf(row.batch_id));
    const started = events.find((event) => event.type === 'ReplayBatchStarted');
    const counts = new Map((await this.#ledger.countReplayItems(row.batch_id)).map(({ status, items }) => [status, items]));
    this.#run({
      batchId: row.batch_id, by: row.started_by, rate: row.rate, whenOpen: row.when_open, edit: started?.content?.edit, version: events.length,
      open: (counts.get('waiting') ?? 0) + (counts.get('replayed') ?? 0),
      counts: { succeeded: counts.get('succeeded') ?? 0, 'failed-again': counts.get('failed-again') ?? 0, refused: counts.get('refused') ?? 0 },
    });
  }

  /** Nothing more is sent; what was sent already goes its way. */
  async stop(batchId: string, by: PersonIdentity): Promise<Outcome> {
    const row = await this.visible(batchId, by);
    if (row === undefined) return missing('replay-batch');
    const batch = this.#running.get(batchId);
    if (batch === undefined || batch.stopped) return { ok: false, code: 'batch-ended', message: 'This batch has ended already; look at its items.', status: 'conflict' };
    batch.stopped = true;
    await this.#tell(batch, endOf(batch, 'stopped', this.#pseudonyms.person(by.userId)));
    this.#forget(batch);
    return { ok: true };
  }

  /** The batch, when every site in it is in the person's scope. */
  async visible(batchId: string, by: PersonIdentity): Promise<ReplayBatchRow | undefined> {
    const row = await this.#ledger.getReplayBatch(batchId);
    return row !== undefined && (JSON.parse(row.sites) as readonly string[]).every((site) => inScope(by, site)) ? row : undefined;
  }

  /** A case changed: what was replayed in it may have come to its end. */
  seen(state: CaseState): void {
    const following = this.#following.size === 0 ? undefined : this.#following.get(state.caseId);
    if (following === undefined) return;
    const left = following.filter(({ batch, row }) => !this.#settled(batch, row, state));
    if (left.length === 0) this.#following.delete(state.caseId);
    else this.#following.set(state.caseId, left);
  }

  close(): void {
    this.#closed = true;
  }

  #run(init: Omit<Running, 'telling' | 'stopped' | 'counts'> & { readonly counts?: Running['counts'] }): void {
    const batch: Running = { ...init, telling: Promise.resolve(), stopped: false, counts: init.counts ?? { succeeded: 0, 'failed-again': 0, refused: 0 } };
    this.#running.set(batch.batchId, batch);
    void this.#work(batch).catch((error: unknown) => once('replay-batch', `A batch of replays stands still until the next start: ${String(error)}`));
  }

  async #work(batch: Running): Promise<void> {
    for await (const id of this.#items(batch, 'replayed')) {
      const row = await this.#ledger.getDeadLetter(id);
      if (row !== undefined) await this.#follow(batch, row);
    }
    for await (const id of this.#items(batch, 'waiting')) {
      if (!await this.#send(batch, id)) return;
      await this.#wait(1_000 / batch.rate);
    }
    await this.#endWhenTold(batch);
  }

  async *#items(batch: Running, status: 'waiting' | 'replayed'): AsyncGenerator<string> {
    const ids: string[] = [];
    let cursor: string | undefined;
    do {
      const list = await this.#ledger.listReplayItems({ batchId: batch.batchId, status }, { limit: page, ...(cursor === undefined ? {} : { cursor }) });
      ids.push(...list.items.map((item) => item.dead_letter_id));
      cursor = list.next;
    } while (cursor !== undefined);
    for (const id of ids) {
      if (this.#closed || batch.stopped) return;
      yield id;
    }
  }

  /** Sends one; false when the batch is not to go on. */
  async #send(batch: Running, id: string): Promise<boolean> {
    for (;;) {
      if (this.#closed || batch.stopped) return false;
      const row = await this.#ledger.getDeadLetter(id);
      if (row === undefined) {
        await this.#told(batch, id, 'refused', { code: 'dead-letter-unknown' });
        return true;
      }
      if (batch.whenOpen === 'wait' && this.#circuits.isOpen(row.system)) {
        await this.#wait(againMs);
        continue;
      }
      const result = await this.#replays.replay(row, {
        person: batch.by, whenOpen: batch.whenOpen, batchId: batch.batchId, commandKey: `replay-batch:${batch.batchId}:${id}`, ...(batch.edit === undefined ? {} : { edit: batch.edit }),
      });
      if (result.ok) {
        await this.#told(batch, id, 'replayed', {});
        await this.#follow(batch, row);
        return true;
      }
      if (result.status !== 'unavailable') {
        await this.#told(batch, id, 'refused', { code: result.code });
        return true;
      }
      await this.#wait(againMs);
    }
  }

  async #follow(batch: Running, row: DeadLetterRow): Promise<void> {
    const following = this.#following.get(row.case_id) ?? [];
    this.#following.set(row.case_id, [...following, { batch, row }]);
    this.seen(await this.#executor.settled(row.case_id));
  }

  #settled(batch: Running, row: DeadLetterRow, state: CaseState): boolean {
    const outcome = replayOutcome(state, row);
    if (outcome === undefined) return false;
    void this.#told(batch, row.dead_letter_id, outcome.status, outcome).then(() => this.#endWhenTold(batch));
    return true;
  }

  async #told(batch: Running, deadLetterId: string, status: ReplayItemStatus, more: { readonly code?: string; readonly next?: string }): Promise<void> {
    if (status !== 'replayed') {
      batch.open -= 1;
      batch.counts[status] += 1;
    }
    await this.#tell(batch, {
      type: 'ReplayItemTold',
      data: { batchId: batch.batchId, deadLetterId, status, ...(more.code === undefined ? {} : { code: more.code }), ...(more.next === undefined ? {} : { next: more.next }) },
    });
  }

  async #endWhenTold(batch: Running): Promise<void> {
    if (batch.open > 0 || batch.stopped) return;
    batch.stopped = true;
    await this.#tell(batch, endOf(batch, 'all-told'));
    this.#forget(batch);
  }

  #forget(batch: Running): void {
    this.#running.delete(batch.batchId);
    for (const [caseId, following] of this.#following) {
      const left = following.filter((one) => one.batch !== batch);
      if (left.length === 0) this.#following.delete(caseId);
      else if (left.length < following.length) this.#following.set(caseId, left);
    }
  }

  /** Recorded in order; while the ledger takes nothing it is tried again, and after a restart it is found out anew. */
  #tell(batch: Running, event: AnyEvent): Promise<void> {
    return batch.telling = batch.telling.then(async () => {
      while (!this.#closed) {
        try {
          const result = await this.#siteLog.recordAll(streamOf(batch.batchId), batch.version, [event]);
          if (result.ok) {
            batch.version += 1;
            return;
          }
          if (result.reason === 'version-conflict') batch.version = result.actualVersion;
        } catch (error) {
          if (error instanceof LedgerError && error.code === 'closed') return;
          once('replay-told', `What became of a replay could not be recorded yet: ${String(error)}`);
        }
        await this.#wait(againMs);
      }
    });
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => { this.#clock.setTimeout(() => resolve(), ms); });
  }

  /** The dead letters that are meant, those of other sites left out. */
  async #rows(input: ReplayManyInput): Promise<{ readonly ok: true; readonly rows: readonly DeadLetterRow[]; readonly unknown: readonly string[] } | (Outcome & { readonly ok: false })> {
    if (input.ids !== undefined) {
      const ids = [...new Set(input.ids)];
      const found = await Promise.all(ids.map((id) => this.#ledger.getDeadLetter(id)));
      const rows = found.filter((row): row is DeadLetterRow => row !== undefined && inScope(input.by, row.site));
      const known = new Set(rows.map((row) => row.dead_letter_id));
      return { ok: true, rows, unknown: ids.filter((id) => !known.has(id)) };
    }
    const rows: DeadLetterRow[] = [];
    let cursor: string | undefined;
    do {
      const sites = input.by.sites.includes('*') ? {} : { sites: input.by.sites };
      const list = await this.#ledger.listDeadLetters({ status: 'open', ...sites, ...input.filter }, { limit: page, ...(cursor === undefined ? {} : { cursor }) });
      rows.push(...list.items);
      cursor = list.next;
      if (rows.length > mostReplays) return { ok: false, code: 'too-many-replays', message: `More than ${mostReplays} dead letters fit; narrow the filter, for example to one site or reason.`, status: 'invalid' };
    } while (cursor !== undefined);
    return { ok: true, rows, unknown: [] };
  }

  async #preview(rows: readonly DeadLetterRow[], input: ReplayManyInput): Promise<ReplayManyResult['items']> {
    const person = this.#pseudonyms.person(input.by.userId);
    const items: ReplayManyResult['items'][number][] = [];
    for (const row of rows) {
      const preview = await this.#replays.preview(row, { person, whenOpen: input.whenOpen, ...(input.edit === undefined ? {} : { edit: input.edit }) });
      items.push({ deadLetterId: row.dead_letter_id, caseId: row.case_id, ...preview });
    }
    return items;
  }
}

function streamOf(batchId: string): string {
  return `replay-batch:${batchId}`;
}

function endOf(batch: Running, reason: 'all-told' | 'stopped', by?: string): AnyEvent {
  const { succeeded, refused, 'failed-again': failedAgain } = batch.counts;
  return { type: 'ReplayBatchEnded', data: { batchId: batch.batchId, reason, succeeded, failedAgain, refused, ...(by === undefined ? {} : { by }) } };
}
