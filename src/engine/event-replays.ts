import { addressKey } from '../domain/envelope.ts';
import type { AnyEvent, JsonObject, RecordedEvent } from '../domain/index.ts';
import type { Ledger } from '../ledger/port.ts';
import { LedgerError } from '../ledger/port.ts';
import type { EventReplay, Outcome, PersonIdentity, ReplayEvents, ReplayEventsResult } from './api.ts';
import type { Circuits } from './circuits.ts';
import { eventsOfType, firstAt } from './event-range.ts';
import { inScope, notRecorded } from './people.ts';
import type { SiteLog } from './site-log.ts';
import type { StepRegistry } from './step-registry.ts';
import type { Clock } from './support/clock.ts';
import type { Pseudonyms } from './support/hashing.ts';
import { uuidv7 } from './support/ids.ts';
import { once } from './support/reporting.ts';

const STREAM = 'event-replays';
/** How far it has come is recorded so often, ms: as much may be sent once more after a crash. */
const TOLD_EVERY_MS = 5_000;
/** Or after so many. */
const TOLD_EVERY = 500;
/** Failures that one event of the ledger names; there, and in what is shown. */
const FAILURES_SHOWN = 50;
const AGAIN_MS = { first: 1_000, most: 60_000 } as const;
/** How soon something that waits for flows or a circuit is looked at again, ms. */
const LOOK_MS = 1_000;
/** Running at once. */
const MOST_RUNNING = 4;

type Intended = Extract<RecordedEvent, { type: 'EffectIntended' }> & { readonly position: number };
type Failure = EventReplay['failed'][number];

interface Replay {
  readonly replayId: string; readonly startedAt: string; readonly fromTime: string; readonly toTime: string; readonly type?: string; readonly node?: string;
  readonly sites: readonly string[]; readonly reason: string; readonly ratePerSecond: number; readonly total: number; readonly last: number;
  status: EventReplay['status']; endedAt?: string; problem?: string;
  /** All up to here are done. */
  position: number;
  sent: number; notSent: number; failures: number;
  failed: Failure[];
  /** Not in the ledger yet. */
  untold: Failure[];
  toldAt: number; sinceTold: number;
}

interface Selection { readonly type?: string | undefined; readonly node?: string | undefined; readonly sites: readonly string[] }

/** Events that event out has sent, sent again from a date: under the same ids, in the order of the ledger, at a bounded rate, over restarts. */
export class EventReplays {
  readonly #ledger: Ledger;
  readonly #siteLog: SiteLog;
  readonly #registry: StepRegistry;
  readonly #circuits: Circuits;
  readonly #pseudonyms: Pseudonyms;
  readonly #clock: Clock;
  readonly #replays = new Map<string, Replay>();
  #loading: Promise<void> | undefined;
  #version = 0;
  #recording: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(options: {
    readonly ledger: Ledger; readonly siteLog: SiteLog; readonly registry: StepRegistry; readonly circuits: Circuits; readonly pseudonyms: Pseudonyms; readonly clock: Clock;
  }) {
    this.#ledger = options.ledger;
    this.#siteLog = options.siteLog;
    this.#registry = options.registry;
    this.#circuits = options.circuits;
    this.#pseudonyms = options.pseudonyms;
    this.#clock = options.clock;
  }

  /** A dry run counts; else the replay is durable when it is answered. */
  async start(input: ReplayEvents): Promise<Outcome<ReplayEventsResult>> {
    const now = this.#clock.iso();
    const { from, to = now } = input;
    if (!(from < to)) return { ok: false, code: 'range-empty', message: 'The time from which to send again has to lie before the time up to which; correct the times.', status: 'invalid' };
    if (input.site !== undefined && !inScope(input.by, input.site)) return { ok: false, code: 'site-unknown', message: `There is no site "${input.site}" among yours.`, status: 'not-found' };
    await this.#load();
    const repeated = await this.#repeated(input);
    if (repeated !== undefined) return repeated;
    const selection: Selection = { type: input.type, node: input.node, sites: input.site === undefined ? input.by.sites : [input.site] };
    const first = await firstAt(this.#ledger, from);
    const last = await firstAt(this.#ledger, to) - 1;
    const found = await this.#count(selection, first, last);
    const total = found.reduce((sum, { events }) => sum + events, 0);
    if (input.dryRun) return { ok: true, replayId: undefined, total, found };
    if (total === 0) return { ok: false, code: 'nothing-to-replay', message: 'No event was stored in this time that fits; choose another time, type or node.', status: 'conflict' };
    if ([...this.#replays.values()].filter(({ status }) => status === 'running').length >= MOST_RUNNING) {
      return { ok: false, code: 'too-many-replays', message: `${MOST_RUNNING} replays are under way; wait for one to end, or stop it.`, status: 'conflict' };
    }
    const replayId = uuidv7();
    const by = this.#pseudonyms.person(input.by.userId);
    const facts = { replayId, fromTime: from, toTime: to, total, ratePerSecond: input.ratePerSecond, sites: selection.sites, last, ...(input.type === undefined ? {} : { type: input.type }), ...(input.node === undefined ? {} : { node: input.node }) };
    try {
      await this.#record({ type: 'EventReplayStarted', data: { ...facts, by, first }, content: { reason: input.reason } }, { actor: { kind: 'person', id: by }, ...(input.commandKey === undefined ? {} : { commandKey: input.commandKey }) });
    } catch (error) {
      return notRecorded(error);
    }
    const replay = running({ ...facts, startedAt: now, reason: input.reason }, first - 1, this.#clock.now());
    this.#replays.set(replayId, replay);
    this.#run(replay);
    return { ok: true, replayId, total, found };
  }

  /** What was asked for under this key before. */
  async #repeated({ dryRun, commandKey }: ReplayEvents): Promise<Outcome<ReplayEventsResult> | undefined> {
    const done = dryRun || commandKey === undefined ? undefined : await this.#ledger.findCommand(commandKey);
    if (done === undefined) return undefined;
    const [event] = await this.#ledger.readStream(STREAM, done.version);
    if (event?.type !== 'EventReplayStarted') return undefined;
    return { ok: true, replayId: event.data.replayId, total: event.data.total, found: [] };
  }

  async #count(selection: Selection, first: number, last: number): Promise<ReplayEventsResult['found']> {
    const counts = new Map<string, { readonly type: string; readonly node: string; events: number }>();
    for await (const event of eventsOfType(this.#ledger, 'EffectIntended', first, last)) {
      const type = eventType(event);
      if (type === undefined || !matches(selection, event, type)) continue;
      const node = nodeOf(event);
      const count = counts.get(`${type}\0${node}`) ?? { type, node, events: 0 };
      count.events += 1;
      counts.set(`${type}\0${node}`, count);
    }
    return [...counts.values()];
  }

  async list(by: PersonIdentity): Promise<readonly EventReplay[]> {
    await this.#load();
    return [...this.#replays.values()].filter((replay) => concerns(replay, by)).reverse().map(({ position: _, last: __, untold: ___, toldAt: ____, sinceTold: _____, ...shown }) => ({ ...shown, failed: [...shown.failed] }));
  }

  /** Nothing more is sent. */
  async stop(replayId: string, by: PersonIdentity): Promise<Outcome> {
    await this.#load();
    const replay = this.#replays.get(replayId);
    if (replay === undefined || !concerns(replay, by)) return { ok: false, code: 'event-replay-unknown', message: 'There is no such replay of events; reload the list.', status: 'not-found' };
    // one that was stopped while the ledger took nothing is recorded now
    if (replay.endedAt !== undefined) return { ok: false, code: 'event-replay-ended', message: 'This replay has ended already.', status: 'conflict' };
    replay.status = 'stopped';
    try {
      await this.#tell(replay);
      await this.#end(replay, 'stopped', this.#pseudonyms.person(by.userId));
      return { ok: true };
    } catch (error) {
      return notRecorded(error);
    }
  }

  /** What had not come to its end when the last epoch ended goes on from where the ledger knows it. */
  async resume(): Promise<void> {
    await this.#load();
    for (const replay of this.#replays.values()) if (replay.status === 'running') this.#run(replay);
  }

  close(): void {
    this.#closed = true;
  }

  #load(): Promise<void> {
    return this.#loading ??= (async () => {
      for (const event of await this.#ledger.readStream(STREAM)) {
        this.#version = event.version;
        this.#apply(event);
      }
    })().catch((error: unknown) => {
      this.#loading = undefined;
      throw error;
    });
  }

  #apply(event: RecordedEvent): void {
    if (event.type === 'EventReplayStarted') {
      const { by: _, first, ...facts } = event.data;
      this.#replays.set(facts.replayId, running({ ...facts, startedAt: event.recordedAt, reason: event.content?.reason ?? '' }, first - 1, this.#clock.now()));
      return;
    }
    const replay = 'replayId' in event.data ? this.#replays.get(event.data.replayId as string) : undefined;
    if (replay === undefined) return;
    if (event.type === 'EventReplayProgressed') {
      const { position, sent, notSent, failures, failed } = event.data;
      Object.assign(replay, { position, sent, notSent, failures, failed: [...replay.failed, ...failed].slice(-FAILURES_SHOWN) });
    } else if (event.type === 'EventReplayEnded') {
      const { reason, sent, notSent, failures } = event.data;
      Object.assign(replay, { status: reason, endedAt: event.recordedAt, sent, notSent, failures });
    }
  }

  #run(replay: Replay): void {
    void this.#work(replay).catch((error: unknown) => once('event-replay', `A replay of events stands still until the next start: ${String(error)}`));
  }

  async #work(replay: Replay): Promise<void> {
    for await (const event of eventsOfType(this.#ledger, 'EffectIntended', replay.position + 1, replay.last)) {
      const type = eventType(event);
      if (type === undefined || !matches(replay, event, type)) continue;
      if (!await this.#one(replay, event)) return;
      replay.position = event.position;
      replay.sinceTold += 1;
      if (replay.sinceTold >= TOLD_EVERY || this.#clock.now() - replay.toldAt >= TOLD_EVERY_MS) await this.#tellUntilRecorded(replay);
      await this.#wait(1_000 / replay.ratePerSecond);
      if (!this.#goesOn(replay)) return;
    }
    if (!this.#goesOn(replay)) return;
    replay.position = replay.last;
    await this.#tellUntilRecorded(replay);
    await this.#untilRecorded(() => this.#end(replay, 'done'));
  }

  /** Sends one until its receiver has it or has refused it for good; false when the replay is not to go on. */
  async #one(replay: Replay, event: Intended): Promise<boolean> {
    const { effectId } = event.data;
    const caseId = event.streamId;
    for (let again: number = AGAIN_MS.first; ; again = Math.min(again * 2, AGAIN_MS.most)) {
      if (!this.#goesOn(replay)) return false;
      const events = await this.#ledger.readStream(event.streamId);
      if (!wasSent(events, effectId)) {
        // its own step sends it, or a person has decided that nobody does
        replay.notSent += 1;
        return true;
      }
      if (!await this.#ready(replay, event.data.system)) return false;
      const code = await this.#send(replay, nodeOf(event), requestOf(events, event), event.data.idempotencyKey);
      if (code === 'again') {
        await this.#wait(again);
        continue;
      }
      delete replay.problem;
      if (code === undefined) replay.sent += 1;
      else {
        const failure = { caseId, effectId, code };
        replay.failures += 1;
        replay.failed = [...replay.failed, failure].slice(-FAILURES_SHOWN);
        replay.untold.push(failure);
      }
      return true;
    }
  }

  /** Undefined when it was sent; `again` when it has to be tried again, else why it never will be. */
  async #send(replay: Replay, node: string, request: JsonObject | undefined, idempotencyKey: string): Promise<string | undefined> {
    if (request === undefined) return 'erased';
    const pattern = this.#registry.byAddress(node)?.registration.pattern;
    if (pattern?.resend === undefined) return 'no-node';
    const resent = await pattern.resend(request, idempotencyKey);
    if (resent.outcome === 'success') return undefined;
    if (resent.outcome === 'permanent') return resent.errorClass ?? 'refused';
    replay.problem = resent.error ?? resent.errorClass ?? 'The receiver did not confirm the event.';
    if (resent.retryAfterMs !== undefined) await this.#wait(Math.min(resent.retryAfterMs, AGAIN_MS.most));
    return 'again';
  }

  /** Waits for flows that run and a circuit that is closed. */
  async #ready(replay: Replay, system: string): Promise<boolean> {
    for (;;) {
      if (!this.#goesOn(replay)) return false;
      if (this.#registry.flowsRunning && !this.#circuits.isOpen(system)) return true;
      replay.problem = this.#registry.flowsRunning ? `The circuit of ${system} is open.` : 'The flows are stopped.';
      await this.#wait(LOOK_MS);
    }
  }

  #goesOn(replay: Replay): boolean {
    return !this.#closed && replay.status === 'running';
  }

  async #tell(replay: Replay): Promise<void> {
    const { replayId, position, sent, notSent, failures } = replay;
    const failed = replay.untold.slice(0, FAILURES_SHOWN);
    await this.#record({ type: 'EventReplayProgressed', data: { replayId, position, sent, notSent, failed, failures } });
    replay.untold = [];
    replay.toldAt = this.#clock.now();
    replay.sinceTold = 0;
  }

  #tellUntilRecorded(replay: Replay): Promise<void> {
    return this.#untilRecorded(() => this.#tell(replay));
  }

  /** While the ledger takes nothing it is tried again; nothing more is sent meanwhile. */
  async #untilRecorded(record: () => Promise<void>): Promise<void> {
    while (!this.#closed) {
      try {
        await record();
        return;
      } catch (error) {
        if (error instanceof LedgerError && error.code === 'closed') return;
        once('event-replay-told', `How far a replay of events has come could not be recorded yet: ${String(error)}`);
      }
      await this.#wait(LOOK_MS);
    }
  }

  async #end(replay: Replay, reason: 'done' | 'stopped', by?: string): Promise<void> {
    const { replayId, sent, notSent, failures } = replay;
    await this.#record({ type: 'EventReplayEnded', data: { replayId, reason, sent, notSent, failures, ...(by === undefined ? {} : { by }) } }, by === undefined ? {} : { actor: { kind: 'person', id: by } });
    replay.status = reason;
    replay.endedAt = this.#clock.iso();
    delete replay.problem;
  }

  /** One after the other: they share a stream. */
  #record(event: AnyEvent, options: Parameters<SiteLog['recordAll']>[3] = {}): Promise<void> {
    const recorded = this.#recording.then(async () => {
      const result = await this.#siteLog.recordAll(STREAM, this.#version, [event], options);
      if (!result.ok) {
        if (result.reason === 'version-conflict') this.#version = result.actualVersion;
        throw new Error(`the replay of events could not be recorded: ${result.reason}`);
      }
      this.#version += 1;
    });
    this.#recording = recorded.catch(() => undefined);
    return recorded;
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => { this.#clock.setTimeout(() => resolve(), ms); });
  }
}

function running(facts: Pick<Replay, 'replayId' | 'startedAt' | 'fromTime' | 'toTime' | 'type' | 'node' | 'sites' | 'reason' | 'ratePerSecond' | 'total' | 'last'>, position: number, now: number): Replay {
  return { ...facts, status: 'running', position, sent: 0, notSent: 0, failures: 0, failed: [], untold: [], toldAt: now, sinceTold: 0 };
}

/** Whose sites it goes over entirely: who sees only some of them cannot judge it. */
function concerns(replay: Pick<Replay, 'sites'>, by: PersonIdentity): boolean {
  return by.sites.includes('*') || replay.sites.every((site) => by.sites.includes(site));
}

/** Type of the CloudEvent that an effect sends; undefined for a call or anything else. */
function eventType(event: Intended): string | undefined {
  if (!event.data.operation.startsWith('event ')) return undefined;
  const attributes = event.content?.request['attributes'];
  // the request of an old event may be erased; the operation has the type, unless that is very long
  if (attributes === undefined) return event.content === undefined ? event.data.operation.slice(6) : undefined;
  const { type } = attributes as JsonObject;
  return typeof type === 'string' ? type : undefined;
}

function wasSent(events: readonly RecordedEvent[], effectId: string): boolean {
  return events.some((event) => (event.type === 'CallEnded' && event.data.effectId === effectId && event.data.outcome === 'success')
    || (event.type === 'OutcomeResolved' && event.data.effectId === effectId && event.data.outcome === 'happened'));
}

/** The request as it was sent in the end: a person may have edited that of a dead letter. Undefined when it was erased. */
function requestOf(events: readonly RecordedEvent[], event: Intended): JsonObject | undefined {
  const edited = events.findLast((one) => one.type === 'Replayed' && one.data.effectId === event.data.effectId && one.data.edited);
  return edited === undefined ? event.content?.request : (edited as Extract<RecordedEvent, { type: 'Replayed' }>).content?.request;
}

function nodeOf(event: Intended): string {
  return event.address === undefined ? '' : addressKey(event.address);
}

function matches({ type, node, sites }: Selection, event: Intended, its: string): boolean {
  return (type === undefined || type === its) && (node === undefined || node === nodeOf(event)) && (sites.includes('*') || sites.includes(event.site));
}
