import type { ClientSession } from 'node-opcua-client';
import type { Json } from '../../../domain/json.ts';
import type { PlcTrigger } from '../../../domain/plc/trigger.ts';
import { limitedLog, type LimitedLog } from '../../limited-log.ts';
import type { OpcUaConnection } from '../session/connection.ts';
import { keepsHistory, readHistory } from '../subscription/history.ts';
import { localNodeId } from '../node-ids.ts';
import { memoryJson, signatureOf, type PlcMemory } from './plc-memory.ts';
import { plcOpening, type PlcEventOptions } from './plc-opening.ts';
import { PlcReader, type BatchReading } from './plc-reader.ts';
import { PlcRecorder, type PlcIntakePort } from './plc-recorder.ts';
import { keyOf, namespacesFor, watchedItems, type PlcTag } from './plc-tags.ts';
import { OpcUaSubscription } from '../subscription/subscription.ts';
import { tagRead } from '../tags/tags.ts';
import { troubleText } from './trouble-text.ts';
import { tagsOf, TriggerSet, type SetOutcome, type TagReading } from '../triggers/index.ts';
import type { ItemProblem, SubscriptionPosition, WatchedBatch } from '../subscription/watched.ts';

export interface PlcIntakeOptions extends PlcEventOptions {
  readonly connection: OpcUaConnection;
  /** `instance/stepId` of the node: names its events over restarts. */
  readonly address: string;
  readonly tags: readonly PlcTag[];
  readonly triggers: readonly PlcTrigger[];
  readonly publishingMs: number;
  /** Longest outage to survive without a loss, ms. */
  readonly outageMs: number;
  /** Of the last process, or of this node before a deploy. */
  readonly memory?: PlcMemory;
  readonly newKey: () => string;
  readonly clock: () => number;
  readonly onOutcome?: (outcome: PlcOutcome) => void;
  readonly onReading?: (reading: TagReading) => void;
  /** What a person should know now changed: see `problems`. */
  readonly onProblems?: () => void;
  readonly log?: (level: 'info' | 'warn', text: string) => void;
  readonly retry?: { readonly minMs: number; readonly maxMs: number };
}

export interface PlcOutcome {
  readonly kind: 'opened' | 'duplicate' | 'repeat' | 'quarantined' | 'gap' | 'trouble' | 'told';
  /** Epoch milliseconds by the controller. */
  readonly at: number;
  readonly title: string;
  readonly caseId?: string;
  readonly message?: string;
}

/**
 * From the values of a controller to cases: a subscription, the triggers over it, one case for each event. A notification is
 * acknowledged when the cases of its events are durable, and what the triggers have to remember is too.
 */
export class PlcIntake {
  readonly #options: PlcIntakeOptions;
  readonly #recorder: PlcRecorder;
  readonly #reader: PlcReader;
  readonly #triggers: TriggerSet;
  readonly #subscription: OpcUaSubscription;
  readonly #warn: LimitedLog;
  readonly #told: { [trigger: string]: number };
  /** In order: each batch is done when its own work is, and that of all before it. */
  #tail: Promise<void> | undefined;
  #signature: string;
  /** The last batch that the triggers have seen. */
  #taken: { readonly sequence: number; readonly seenAt: number } = { sequence: 0, seenAt: 0 };
  #wake: NodeJS.Timeout | undefined;
  #primed = false;
  #notices: readonly string[] = [];
  #itemProblems: readonly ItemProblem[] = [];
  readonly #troubles = new Map<string, string>();
  #closed = false;
  readonly counters = { events: 0, opened: 0, duplicate: 0, repeat: 0, quarantined: 0, gaps: 0, lastAt: undefined as number | undefined };
  lastProblem: { readonly at: number; readonly reason: string } | undefined;

  constructor(port: PlcIntakePort, options: PlcIntakeOptions) {
    this.#options = options;
    const { memory, tags, triggers } = options;
    this.#warn = limitedLog(options.log ?? (() => undefined), 10_000, options.clock);
    this.#recorder = new PlcRecorder(port, options.site, options.log ?? (() => undefined), options.retry);
    this.#reader = new PlcReader(tags, (name, by) => { port.count(name, by); }, (text) => { this.#say(text); });
    this.#triggers = new TriggerSet(triggers, tags.map(({ name }) => name), memory?.triggers ?? {});
    this.#told = { ...memory?.told };
    this.#reader.until = memory?.until ?? {};
    this.#signature = signatureOf(triggers, this.#triggers.memory());
    this.#taken = { sequence: memory?.subscription.sequence ?? 0, seenAt: memory?.subscription.seenAt ?? 0 };
    this.#subscription = new OpcUaSubscription({
      connection: options.connection, publishingMs: options.publishingMs, outageMs: options.outageMs, newKey: options.newKey,
      items: (session) => watchedItems(session, tags, options.publishingMs, options.outageMs),
      ...(memory === undefined ? {} : { position: memory.subscription }),
    }, {
      onOpened: (position, how) => this.#opened(position, how),
      onBatch: (batch) => this.#take(batch),
      onMissing: (fromMs, toMs) => this.#missing(fromMs, toMs),
      onLost: () => {
        this.#triggers.lost();
        clearTimeout(this.#wake);
      },
      onNotice: (notices, problems) => {
        const before = new Set([...this.#notices, ...this.#itemProblems.map(({ message }) => message)]);
        for (const text of [...notices, ...problems.map(({ message }) => message)]) if (!before.has(text)) this.#warn(text, text); // what stands is said once
        this.#notices = notices;
        this.#itemProblems = problems;
        options.onProblems?.();
      },
      log: (level, text) => options.log?.(level, text),
    });
  }

  get read(): PlcReader['counters'] {
    return this.#reader.counters;
  }

  get watched(): OpcUaSubscription['counters'] {
    return this.#subscription.counters;
  }

  /** What is not as it should be now, one sentence each: tags first. */
  get problems(): readonly string[] {
    return [...this.#itemProblems.map(({ message }) => message), ...this.#troubles.values(), ...this.#reader.problems, ...this.#notices];
  }

  /** Tags that the server does not watch, one sentence each: nothing comes of them. */
  get unwatched(): readonly string[] {
    return this.#itemProblems.filter(({ status }) => status !== 'deadband').map(({ message }) => message);
  }

  /** @param removed no successor will come: the server forgets what was watched */
  async close(removed: boolean): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#wake);
    const left = this.#subscription.close(removed ? 'delete' : 'keep');
    this.#options.connection.hold(left);
    await left;
    this.#recorder.close();
    const unrecorded = await this.#tail?.then(() => false, () => true); // it is not acknowledged: it comes again
    if (removed && unrecorded === true) this.#say('What the controller reported last was not recorded before the node was removed, and nobody asks for it any more.');
  }

  async #opened(position: SubscriptionPosition, how: 'new' | 'continued' | 'transferred'): Promise<void> {
    if (how !== 'transferred') await this.#keep(position);
    if (position.missed !== undefined) await this.#fill(position, position.missed);
    else this.#triggers.restored(false);
    if (how !== 'new' && !this.#primed) await this.#prime();
    this.#primed = true;
    this.#sleep();
  }

  /** What did not change meanwhile is not reported again: it is read once, so that events have all their facts. */
  async #prime(): Promise<void> {
    const { tags, connection } = this.#options;
    const read = await connection.withSession(async (session) => {
      const namespaces = await namespacesFor(session, tags);
      return session.read(tags.map(({ nodeId }) => ({ nodeId: localNodeId(nodeId, namespaces), attributeId: 13 })));
    });
    const known: { [tag: string]: Json } = {};
    tags.forEach(({ name }, at) => {
      const value = read[at];
      const tag = value === undefined ? undefined : tagRead(value);
      if (tag?.good === true && tag.value !== undefined) known[name] = tag.value;
    });
    this.#triggers.know(known);
  }

  #take(batch: WatchedBatch): Promise<void> | undefined {
    this.counters.lastAt = batch.receivedAt;
    const before = this.#reader.problems.length;
    const read = this.#reader.read(batch);
    for (const reading of read.readings) this.#options.onReading?.(reading);
    const gap = read.overflow === undefined ? undefined : this.#gap('queue-overflow', read.overflow.fromMs, read.overflow.toMs);
    if (gap !== undefined) this.#triggers.restored(true);
    const outcomes = this.#triggers.take(read.readings);
    this.#taken = { sequence: batch.sequence, seenAt: batch.wholeAt };
    this.#sleep();
    const work = this.#follow(outcomes, batch, read, gap);
    if (this.#mended() || before !== this.#reader.problems.length) this.#options.onProblems?.();
    return work;
  }

  /** All that came of something the triggers saw; undefined when there is nothing to wait for. */
  #follow(outcomes: readonly SetOutcome[], batch: WatchedBatch | undefined, read: BatchReading | undefined, gap?: Promise<void>): Promise<void> | undefined {
    const work: Promise<void>[] = gap === undefined ? [] : [gap];
    outcomes.forEach((outcome, at) => {
      if (outcome.kind === 'fired') work.push(this.#open(outcome, this.#idOf(outcome, batch, read, at)));
      else this.#trouble(outcome);
    });
    const triggers = this.#triggers.memory();
    const signature = signatureOf(this.#options.triggers, triggers);
    const changed = signature !== this.#signature;
    this.#signature = signature;
    if (work.length === 0 && !changed && this.#tail === undefined) return undefined;
    const told = { ...this.#told };
    const { until } = this.#reader;
    const taken = this.#taken;
    const before = this.#tail;
    const tail = (async () => {
      const results = await Promise.allSettled(work);
      await before;
      const failed = results.find((result) => result.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
      const position = this.#subscription.position;
      if (changed && position !== undefined) await this.#recorder.keep(taken.sequence, memoryJson({ subscription: { ...position, ...taken }, triggers, told, until }));
    })();
    this.#tail = tail;
    tail.then(() => { if (this.#tail === tail) this.#tail = undefined; }, () => undefined);
    return tail;
  }

  /** Told by its time, so that the same event is the same from the server's history; by its place where the time is of no use for that. */
  #idOf(fired: SetOutcome & { kind: 'fired' }, batch: WatchedBatch | undefined, read: BatchReading | undefined, at: number): string {
    const { trigger, at: time } = fired;
    const before = this.#told[trigger];
    const later = before === undefined || time > before;
    if (later) this.#told[trigger] = time;
    if (later && read?.unsteady !== true) return `${this.#options.address}/${trigger}/${time}`;
    return batch === undefined ? `${this.#options.address}/${trigger}/${time}/${JSON.stringify(fired.after)}` : `${batch.subscription}/${batch.sequence}/${trigger}/${at}`;
  }

  async #open(fired: SetOutcome & { kind: 'fired' }, id: string): Promise<void> {
    this.counters.events += 1;
    const opening = plcOpening(fired, id, this.#options.clock(), this.#options);
    const result = await this.#recorder.open(opening);
    this.counters[result.kind] += 1;
    this.#options.onOutcome?.({
      kind: result.kind, at: fired.at, title: opening.title,
      ...('caseId' in result ? { caseId: result.caseId } : {}), ...(result.message === undefined ? {} : { message: result.message }),
    });
  }

  #trouble(trouble: SetOutcome & { kind: 'trouble' }): void {
    const { tag, code, at } = trouble;
    const text = troubleText(trouble);
    this.#say(text);
    if (code !== 'type-changed') this.#troubles.set(tag, text);
    this.#options.onOutcome?.({ kind: 'trouble', at, title: tag, message: text });
    this.#options.onProblems?.();
  }

  /** Forgets the troubles that no trigger has any more. */
  #mended(): boolean {
    if (this.#troubles.size === 0) return false;
    const states = Object.values(this.#triggers.memory());
    const before = this.#troubles.size;
    for (const tag of this.#troubles.keys()) if (!states.some(({ state }) => Object.hasOwn(state.troubles, tag))) this.#troubles.delete(tag);
    return this.#troubles.size !== before;
  }

  #missing(fromMs: number, toMs: number): Promise<void> {
    this.#triggers.restored(true);
    const gap = this.#gap('notifications-lost', fromMs, toMs);
    return this.#follow([], undefined, undefined, gap) ?? gap;
  }

  async #gap(reason: keyof typeof GAPS, fromMs: number, toMs: number): Promise<void> {
    this.counters.gaps += 1;
    await this.#recorder.gap({ reason, fromMs, toMs });
    const message = gapText(reason, fromMs, toMs);
    this.#options.onOutcome?.({ kind: 'gap', at: toMs, title: reason, message });
    this.#say(message);
  }

  /** A new subscription after a loss: what the server's history has is looked at first, and the gap is recorded as filled or not. */
  async #fill(position: SubscriptionPosition, { fromMs }: { readonly fromMs: number }): Promise<void> {
    const { connection, clock, tags, triggers } = this.#options;
    const toMs = Math.max(fromMs, clock() + (connection.clockSkewMs ?? 0));
    const needed = new Set(triggers.flatMap((trigger) => tagsOf(trigger)));
    const watched = tags.filter(({ name }) => needed.has(name));
    const found = await connection.withSession((session) => historyOf(session, watched, fromMs + 1, toMs));
    const filled = found.filter(({ history }) => history?.whole === true).length;
    const reason = filled === 0 ? 'subscription-lost' : filled === watched.length ? 'subscription-lost-filled' : 'subscription-lost-part-filled';
    this.#triggers.restored(reason !== 'subscription-lost-filled');
    const receivedAt = clock();
    const values = found.flatMap(({ tag, history }) => (history?.values ?? []).map((value) => ({ key: keyOf(tag), value, overflow: false })));
    const batch: WatchedBatch = { subscription: `${position.subscription}/history`, sequence: 0, publishedAt: toMs, wholeAt: toMs, receivedAt, values, events: [], again: true };
    const read = this.#reader.read(batch);
    const outcomes = this.#triggers.take(read.readings);
    const last: { [tag: string]: number } = { ...this.#reader.until };
    for (const { tag, at } of read.readings) last[tag] = Math.max(last[tag] ?? 0, at);
    this.#reader.until = last;
    this.#taken = { sequence: position.sequence, seenAt: toMs };
    await this.#follow(outcomes, batch, read, this.#gap(reason, fromMs, toMs));
    this.#subscription.recorded(toMs);
    if (this.#subscription.position !== undefined) await this.#keep(this.#subscription.position);
  }

  /** Where the triggers stand, with a position of the subscription. */
  async #keep(position: SubscriptionPosition): Promise<void> {
    await this.#tail;
    await this.#recorder.keep(position.sequence, memoryJson({ subscription: position, triggers: this.#triggers.memory(), told: { ...this.#told }, until: this.#reader.until }));
  }

  /** Durations end without another value. */
  #sleep(): void {
    clearTimeout(this.#wake);
    const at = this.#triggers.wakeAt();
    if (at === undefined || this.#closed) return;
    this.#wake = setTimeout(() => {
      const outcomes = this.#triggers.tick(this.#options.clock());
      this.#follow(outcomes, undefined, undefined)?.catch((error: unknown) => { this.#say(error instanceof Error ? error.message : String(error)); });
      this.#sleep();
    }, Math.min(Math.max(1, at - this.#options.clock() + 1), 2 ** 31 - 1));
  }

  #say(text: string): void {
    this.lastProblem = { at: this.#options.clock(), reason: text };
    this.#warn(text, text);
  }
}

const GAPS = {
  'queue-overflow': 'were dropped by the server before we fetched them, its queue was full',
  'notifications-lost': 'were missed, the server gave up what nobody had acknowledged',
  'subscription-lost': 'were missed, the server was started again or the outage was longer than it keeps them',
  'subscription-lost-part-filled': 'were missed, the server was started again or the outage was longer than it keeps them; its history had some of the tags',
  'subscription-lost-filled': 'were not kept by the server for us and were fetched from its history',
} as const;

function gapText(reason: keyof typeof GAPS, fromMs: number, toMs: number): string {
  const at = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
  return `The values from ${at(fromMs)} to ${at(toMs)} ${GAPS[reason]}. The ledger has the gap.`;
}

async function historyOf(session: ClientSession, tags: readonly PlcTag[], fromMs: number, toMs: number): Promise<readonly { readonly tag: PlcTag; readonly history: Awaited<ReturnType<typeof readHistory>> }[]> {
  const namespaces = await namespacesFor(session, tags);
  const found: { readonly tag: PlcTag; readonly history: Awaited<ReturnType<typeof readHistory>> }[] = [];
  for (const tag of tags) {
    const nodeId = localNodeId(tag.nodeId, namespaces);
    found.push({ tag, history: await keepsHistory(session, nodeId) ? await readHistory(session, nodeId, fromMs, toMs) : undefined });
  }
  return found;
}
