import { createHash } from 'node:crypto';
import type { ClientSession } from 'node-opcua-client';
import type { Json } from '../../../domain/json.ts';
import { limitedLog, type LimitedLog } from '../../limited-log.ts';
import type { OpcUaConnection } from '../session/connection.ts';
import { OpcUaIntakeError } from '../errors.ts';
import { loadOpcUa } from '../load.ts';
import { lastingNodeId, localNodeId } from '../node-ids.ts';
import { PlcRecorder, type PlcIntakePort, type PlcOpeningResult } from '../values/plc-recorder.ts';
import { OpcUaSubscription } from '../subscription/subscription.ts';
import type { ItemProblem, SubscriptionPosition, WatchedBatch, WatchedItem } from '../subscription/watched.ts';
import { AlarmSet } from './alarm-set.ts';
import { noteCondition } from './condition-book.ts';
import { refreshConditions } from './conditions.ts';
import { alarmKey, type AnswerRules } from './decide.ts';
import { EventAnswers } from './event-answers.ts';
import { readEvent, readStructures, type SelectedField } from './event-fields.ts';
import { eventFilters, type EventWish } from './event-filter.ts';
import { eventMemoryJson, type EventMemory } from './event-memory.ts';
import { eventOpenings, type EventOpeningOptions } from './event-opening.ts';
import { supertypesOf } from './event-types.ts';
import { STANDARD_TYPE, type AlarmChange, type EventOutcome, type EventRules, type KnownAlarm, type OpcUaEvent } from './types.ts';

/** What an intake of events needs of the engine besides what every intake from a controller does. */
export interface EventPort extends PlcIntakePort {
  /** For the cases that wait for it; the same id is the same report. Durable when it resolves. */
  report(report: AlarmReport): Promise<void>;
  onCaseClosed(listener: (caseId: string) => void): () => void;
  isClosed(caseId: string): Promise<boolean>;
}

/** `alarm.inactive`, `alarm.acknowledged`, `alarm.confirmed`, `alarm.disabled`; its key is `plc.alarm` of the case. */
export interface AlarmReport { readonly name: string; readonly key: string; readonly data: Json; readonly id: string }

export interface EventIntakeOptions extends EventOpeningOptions, EventWish {
  readonly connection: OpcUaConnection;
  readonly rules: EventRules;
  readonly answers: AnswerRules;
  readonly publishingMs: number;
  /** Longest outage to survive without a loss, ms. */
  readonly outageMs: number;
  readonly memory?: EventMemory;
  readonly newKey: () => string;
  readonly clock: () => number;
  /** Each event that came, whatever becomes of it. */
  readonly onEvent?: (event: { readonly name: string; readonly severity: number; readonly at: number }) => void;
  readonly onOutcome?: (outcome: EventNews) => void;
  readonly onProblems?: () => void;
  readonly log?: (level: 'info' | 'warn', text: string) => void;
  readonly retry?: { readonly minMs: number; readonly maxMs: number };
}

/** What became of an event, for people who look on. */
export interface EventNews {
  readonly kind: PlcOpeningResult['kind'] | 'quarantined' | 'gap' | AlarmChange | 'answered';
  readonly at: number;
  readonly title: string;
  readonly caseId?: string;
  readonly message?: string;
  readonly severity?: number;
}

/** Events that the server keeps for us while we are away. */
const QUEUE = 10_000;
/** How far we have come is kept this often at least while something comes, so that a gap begins where it does. */
const KEEP_MS = 60_000;
const AGAIN_MS = 500;
const LISTENING = new Set<string>([STANDARD_TYPE.refreshStart, STANDARD_TYPE.refreshEnd, STANDARD_TYPE.refreshRequired, STANDARD_TYPE.overflow]);

interface EventType { readonly name: string; readonly above: readonly string[] }

/**
 * From the events of a server to cases: a subscription to what a node tells, rules over it, one case for each activation of an
 * alarm and for each code of a scan. A notification is acknowledged when what it said is durable. What is of interest at the
 * server is told anew where something may have been missed (ConditionRefresh, OPC UA Part 9 §5.5.7).
 */
export class OpcUaEventIntake {
  readonly #options: EventIntakeOptions;
  readonly #port: EventPort;
  readonly #recorder: PlcRecorder;
  readonly #subscription: OpcUaSubscription;
  readonly #answers: EventAnswers;
  readonly #warn: LimitedLog;
  readonly #unlisten: () => void;
  readonly #alarms: AlarmSet;
  #asked: EventMemory['asked'];
  #tail: Promise<void> = Promise.resolve();
  #taken: { readonly sequence: number; readonly seenAt: number };
  #keptAt = 0;
  #session: { readonly session: ClientSession; readonly namespaces: readonly string[] } | undefined;
  readonly #types = new Map<string, EventType>();
  /** Conditions are heard: there is something to refresh. */
  #conditions = false;
  /** What was asked for changed: what the next refresh does not tell need not be over. */
  #askedAnew = false;
  #lastAt = 0;
  #refreshTimer: NodeJS.Timeout | undefined;
  #refreshedFor = '';
  #notices: readonly string[] = [];
  #itemProblems: readonly ItemProblem[] = [];
  #refreshProblem: string | undefined;
  /** When the server was started that told what is remembered; 0 when it does not say. */
  #startedBefore: number;
  #unrecorded = false;
  #closed = false;
  readonly counters = { events: 0, opened: 0, duplicate: 0, repeat: 0, quarantined: 0, passed: 0, changed: 0, gaps: 0, refreshes: 0, lastAt: undefined as number | undefined };
  lastProblem: { readonly at: number; readonly reason: string } | undefined;

  constructor(port: EventPort, options: EventIntakeOptions) {
    this.#port = port;
    this.#options = options;
    const { memory, connection, clock } = options;
    this.#warn = limitedLog(options.log ?? (() => undefined), 10_000, clock);
    this.#recorder = new PlcRecorder(port, options.site, options.log ?? (() => undefined), options.retry);
    this.#alarms = new AlarmSet(memory?.alarms);
    this.#asked = memory?.asked ?? {};
    this.#startedBefore = memory?.subscription.serverStartedAt ?? 0;
    this.#taken = { sequence: memory?.subscription.sequence ?? 0, seenAt: memory?.subscription.seenAt ?? 0 };
    for (const [key, alarm] of Object.entries(this.#alarms.all())) noteCondition(connection, key, alarm.eventId);
    this.#answers = new EventAnswers({
      connection, rules: options.answers, clock, alarms: () => this.#alarms.all(), namespaces: () => this.#namespaces(),
      onStale: () => { this.#refreshSoon(0); },
      onAnswered: (alarm, what) => { options.onOutcome?.({ kind: 'answered', at: clock(), title: alarm.name, message: what === 'acknowledge' ? 'Acknowledged at the server.' : 'Confirmed at the server.', ...(alarm.caseId === undefined ? {} : { caseId: alarm.caseId }) }); },
      onProblems: () => options.onProblems?.(),
    });
    const unlistenCases = port.onCaseClosed((caseId) => { this.#caseClosed(caseId); });
    this.#subscription = new OpcUaSubscription({
      connection, publishingMs: options.publishingMs, outageMs: options.outageMs, newKey: options.newKey, items: (session) => this.#items(session),
      ...(memory === undefined ? {} : { position: memory.subscription }),
    }, {
      onOpened: (position, how) => this.#opened(position, how),
      onBatch: (batch) => this.#take(batch),
      onMissing: (fromMs, toMs) => this.#enqueue(async () => {
        await this.#gap('notifications-lost', fromMs, toMs);
        this.#refreshSoon(0);
      }),
      onLost: () => { clearTimeout(this.#refreshTimer); },
      onNotice: (notices, problems) => {
        const before = new Set([...this.#notices, ...this.#itemProblems.map(({ message }) => message)]);
        for (const text of [...notices, ...problems.map(({ message }) => message)]) if (!before.has(text)) this.#warn(text, text); // what stands is said once
        this.#notices = notices;
        this.#itemProblems = problems;
        options.onProblems?.();
      },
      log: (level, text) => options.log?.(level, text),
    });
    const unlistenSessions = connection.onSession({ onSession: () => { this.#answers.hurry(); } });
    this.#unlisten = () => {
      unlistenCases();
      unlistenSessions();
    };
    void this.#lookAtCases();
  }

  get watched(): OpcUaSubscription['counters'] {
    return this.#subscription.counters;
  }

  get answered(): EventAnswers['counters'] & { readonly open: number } {
    return { ...this.#answers.counters, open: this.#answers.open };
  }

  /** The server does not tell the events: nothing comes while it is so. */
  get unwatched(): boolean {
    return this.#itemProblems.length > 0;
  }

  /** Whether what is asked for has a state that the server can tell anew. */
  get refreshes(): boolean {
    return this.#conditions;
  }

  /** Alarms that are remembered. */
  get alarms(): readonly KnownAlarm[] {
    return Object.values(this.#alarms.all());
  }

  /** What is not as it should be now, one sentence each. */
  get problems(): readonly string[] {
    return [...this.#itemProblems.map(({ message }) => message), ...(this.#refreshProblem === undefined ? [] : [this.#refreshProblem]), ...this.#answers.problems, ...this.#notices];
  }

  /** @param removed no successor will come: the server forgets what was watched */
  async close(removed: boolean): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#refreshTimer);
    this.#answers.close();
    this.#unlisten();
    const left = this.#subscription.close(removed ? 'delete' : 'keep');
    this.#options.connection.hold(left);
    await left;
    this.#recorder.close();
    await this.#tail; // what was not recorded is not acknowledged: it comes again
    if (removed && this.#unrecorded) this.#say('What the server told last was not recorded before the node was removed, and nobody asks for it any more.');
  }

  /** What the server is asked to tell. */
  async #items(session: ClientSession): Promise<{ readonly items: readonly WatchedItem[]; readonly problems: readonly ItemProblem[] }> {
    const namespaces = await session.readNamespaceArray();
    this.#session = { session, namespaces };
    try {
      const { notifier } = this.#options;
      const { fields, filter, plain, conditions } = await eventFilters(session, this.#options, namespaces);
      this.#conditions = conditions;
      const key = keyOf(this.#options, fields);
      if (this.#asked[key] === undefined) {
        this.#askedAnew = Object.keys(this.#asked).length > 0;
        // what waits at the server was asked by the one before
        this.#asked = { ...Object.fromEntries(Object.entries(this.#asked).slice(-1)), [key]: fields };
      }
      return { items: [{ key, nodeId: localNodeId(notifier, namespaces), kind: 'event', samplingMs: 0, queueSize: QUEUE, filter, fallback: plain }], problems: [] };
    } catch (error) {
      if (error instanceof OpcUaIntakeError) return { items: [], problems: [{ key: '', status: 'config', message: error.message }] };
      throw error;
    }
  }

  async #opened(position: SubscriptionPosition, how: 'new' | 'continued' | 'transferred'): Promise<void> {
    const { missed } = position;
    if (how === 'new') {
      await this.#enqueue(() => {
        this.#alarms.lost(position.serverStartedAt === 0 || position.serverStartedAt !== this.#startedBefore);
        return Promise.resolve();
      });
      this.#types.clear();
    }
    this.#startedBefore = position.serverStartedAt;
    if (how !== 'transferred') await this.#enqueue(() => this.#keep(position));
    if (missed !== undefined) {
      const toMs = Math.max(missed.fromMs, this.#options.clock() + (this.#options.connection.clockSkewMs ?? 0));
      await this.#enqueue(() => this.#gap('subscription-lost', missed.fromMs, toMs));
      this.#subscription.recorded(toMs);
      this.#taken = { sequence: position.sequence, seenAt: toMs };
      const now = this.#subscription.position;
      if (now !== undefined) await this.#enqueue(() => this.#keep(now));
    }
    if (how === 'new') this.#refreshSoon(0);
    this.#answers.poke();
  }

  /** Once for each wish; the server tells it through the subscription. */
  #refreshSoon(ms: number): void {
    if (this.#closed || !this.#conditions) return;
    clearTimeout(this.#refreshTimer);
    this.#refreshTimer = setTimeout(() => { void this.#refresh(); }, ms);
  }

  async #refresh(): Promise<void> {
    const { position } = this.#subscription;
    if (position === undefined || this.#closed) return;
    let problem: string | undefined;
    try {
      const status = await this.#options.connection.withSession((session) => refreshConditions(session, position.serverId));
      if (/^Good/.test(status)) {
        this.counters.refreshes += 1;
        this.#refreshedFor = position.subscription;
      } else if (status === 'BadRefreshInProgress') this.#refreshSoon(1_000);
      else if (!/Subscription/.test(status)) problem = `The server does not tell which alarms stand (${status}): those that became active while nobody listened are not seen.`;
    } catch (error) {
      // the next session refreshes anew, where this subscription goes on as well
      this.#warn('refresh', `The server was not asked which alarms stand: ${textOf(error)}`);
      if (this.#refreshedFor !== position.subscription) this.#refreshSoon(2_000);
    }
    if (problem !== this.#refreshProblem) {
      this.#refreshProblem = problem;
      if (problem !== undefined) this.#say(problem);
      this.#options.onProblems?.();
    }
  }

  #take(batch: WatchedBatch): Promise<void> {
    this.counters.lastAt = batch.receivedAt;
    return this.#enqueue(() => this.#handle(batch));
  }

  /** In order: one after the other. */
  #enqueue(work: () => Promise<void>): Promise<void> {
    const done = this.#tail.then(work);
    this.#tail = done.catch((error: unknown) => {
      this.#unrecorded = true;
      if (!this.#closed) this.#warn('events', `What the server told could not be worked on: ${textOf(error)}`);
    });
    return done;
  }

  async #handle(batch: WatchedBatch): Promise<void> {
    const before = this.#alarms.version;
    const outcomes: EventOutcome[] = [];
    for (const event of await this.#read(batch)) {
      this.counters.events += 1;
      if (!LISTENING.has(event.eventType) && !await this.#fits(event)) {
        outcomes.push({ kind: 'passed', reason: 'known' });
        continue;
      }
      if (!LISTENING.has(event.eventType)) await this.#show(event);
      const told = this.#alarms.tell(event, this.#options.rules);
      if (event.condition !== undefined) noteCondition(this.#options.connection, alarmKey(event.condition), event.eventId);
      const refreshed = event.eventType === STANDARD_TYPE.refreshEnd && this.#askedAnew;
      if (event.eventType === STANDARD_TYPE.refreshEnd) this.#askedAnew = false;
      // what the new wish does not fit is not told: whether it is over nobody knows
      outcomes.push(...(refreshed ? [] : told));
      this.#lastAt = Math.max(this.#lastAt, event.at);
    }
    await this.#follow(outcomes, batch, before);
    this.#answers.poke();
  }

  async #show({ sourceName, eventType, condition, severity, at }: OpcUaEvent): Promise<void> {
    if (this.#options.onEvent === undefined) return;
    const what = condition?.name ?? (await this.#typeOf(eventType)).name;
    this.#options.onEvent({ name: (sourceName === '' ? what : `${sourceName} · ${what}`).slice(0, 120), severity, at });
  }

  async #follow(outcomes: readonly EventOutcome[], { sequence, publishedAt }: WatchedBatch, before: number): Promise<void> {
    const openings = [...new Map(outcomes.filter((outcome) => outcome.kind === 'open').map((outcome) => [outcome.id, outcome])).values()];
    const position = this.#subscription.position;
    // The intention first: an activation has its name before its case, so that what the server tells once more is the same one.
    if (position !== undefined && openings.some(({ key }) => key !== undefined)) await this.#keep(position);
    await allOf(openings.map((opening) => this.#open(opening)));
    for (const outcome of outcomes) {
      if (outcome.kind === 'changed') await this.#changed(outcome);
      else if (outcome.kind === 'overflow') {
        await this.#gap('queue-overflow', Math.min(this.#lastAt || outcome.at, outcome.at), outcome.at);
        this.#refreshSoon(0);
      } else if (outcome.kind === 'refresh-required') this.#refreshSoon(0);
      else if (outcome.kind === 'passed') this.counters.passed += 1;
    }
    this.#taken = { sequence, seenAt: publishedAt };
    const now = this.#subscription.position;
    if (now !== undefined && (this.#alarms.version !== before || this.#options.clock() - this.#keptAt > KEEP_MS)) await this.#keep({ ...now, ...this.#taken });
  }

  async #open(outcome: EventOutcome & { kind: 'open' }): Promise<void> {
    const { event, id, unseen } = outcome;
    const typeName = (await this.#typeOf(event.eventType)).name;
    const openings = eventOpenings({ event, id, typeName, ...(unseen === undefined ? {} : { unseen }) }, this.#options.clock(), this.#options);
    await allOf(openings.map(async (opening) => {
      const result = await this.#recorder.open(opening);
      this.counters[result.kind] += 1;
      const caseId = 'caseId' in result ? result.caseId : undefined;
      if (event.condition !== undefined && caseId !== undefined) this.#alarms.opened(event.condition.id, id, caseId);
      this.#options.onOutcome?.({ kind: result.kind, at: event.at, title: opening.title, severity: event.severity, ...(caseId === undefined ? {} : { caseId }), ...(result.message === undefined ? {} : { message: result.message }) });
    }));
  }

  /** For whoever waits for it: a `wait for event` with the name of this activation as its key. */
  async #changed({ change, alarm, at, event, unseen }: EventOutcome & { kind: 'changed' }): Promise<void> {
    this.counters.changed += 1;
    const data = {
      alarm: alarm.activation, condition: alarm.condition, name: alarm.name, change, ...(at === 0 ? {} : { at: new Date(at).toISOString() }),
      ...(event === undefined ? {} : { message: event.message, severity: event.severity, comment: event.condition?.comment ?? '' }), ...(unseen === undefined ? {} : { unseen: true }),
    };
    // the times tell two acknowledgements of one activation apart, and the same one told again not
    await this.#recorder.durably(() => this.#port.report({ name: `alarm.${change}`, key: alarm.activation.slice(0, LONGEST_EVENT_KEY), data, id: `${this.#options.address}/${alarm.activation}/${change}/${event?.eventId ?? 'unseen'}` }));
    this.#options.onOutcome?.({ kind: change, at: at === 0 ? this.#options.clock() : at, title: alarm.name, ...(alarm.caseId === undefined ? {} : { caseId: alarm.caseId }), ...(unseen === undefined ? {} : { message: 'While nobody listened.' }) });
  }

  async #gap(reason: 'subscription-lost' | 'notifications-lost' | 'queue-overflow', fromMs: number, toMs: number): Promise<void> {
    this.counters.gaps += 1;
    await this.#recorder.gap({ reason, fromMs, toMs });
    const message = reason === 'queue-overflow' ? 'The server dropped events before we fetched them: its queue was full.' : 'Events were missed; alarms that stand are asked for.';
    this.#options.onOutcome?.({ kind: 'gap', at: toMs, title: reason, message });
    this.#say(message);
  }

  async #keep(position: SubscriptionPosition): Promise<void> {
    this.#keptAt = this.#options.clock();
    const subscription = this.#taken.sequence === 0 ? position : { ...position, seenAt: Math.max(position.seenAt, this.#taken.seenAt) };
    await this.#recorder.keep(position.sequence, eventMemoryJson({ subscription, alarms: this.#alarms.all(), asked: this.#asked }));
  }

  #caseClosed(caseId: string): void {
    if (!this.#alarms.has(caseId)) return;
    this.#enqueue(async () => {
      this.#alarms.closed(caseId);
      const { position } = this.#subscription;
      if (position !== undefined) await this.#keep(position);
      this.#answers.poke();
    }).catch((error: unknown) => { if (!this.#closed) this.#say(textOf(error)); });
  }

  /** Cases may have been closed while nobody looked. */
  async #lookAtCases(): Promise<void> {
    for (const { caseId, closed } of this.alarms) {
      if (this.#closed) return;
      if (caseId === undefined || closed === true) continue;
      try {
        if (await this.#port.isClosed(caseId)) this.#caseClosed(caseId);
      } catch (error) {
        this.#say(`Whether the case of an alarm is closed could not be found out: ${textOf(error)}`);
      }
    }
  }

  /** The events of a batch in our words, with the structures that the server defines itself. */
  async #read(batch: WatchedBatch): Promise<readonly OpcUaEvent[]> {
    const { promoteOpaqueStructure } = await loadOpcUa();
    const namespaces = await this.#namespaces();
    await this.#withSession((session) => readStructures(session, (of, values) => promoteOpaqueStructure(of as never, values as never), batch.events.map(({ fields }) => fields)));
    const events: OpcUaEvent[] = [];
    for (const { key, fields } of batch.events) {
      const asked: readonly SelectedField[] | undefined = this.#asked[key];
      const event = asked === undefined ? undefined : readEvent(asked, fields, namespaces, batch.receivedAt);
      if (event !== undefined) events.push(event);
      else this.#say('The server told an event without an id; it was left out.');
    }
    return events;
  }

  /** What a server that takes no where clause tells besides what was asked for is left out here. */
  async #fits({ eventType, source }: OpcUaEvent): Promise<boolean> {
    const { types, sources } = this.#options;
    if (sources.length > 0 && !(await this.#lasting(sources)).includes(source)) return false;
    if (types.length === 0) return true;
    const { above } = await this.#typeOf(eventType);
    return (await this.#lasting(types)).some((type) => above.includes(type));
  }

  async #lasting(nodeIds: readonly string[]): Promise<readonly string[]> {
    const namespaces = await this.#namespaces();
    return nodeIds.map((nodeId) => lastingNodeId(localNodeId(nodeId, namespaces), namespaces));
  }

  /** Name of a type and all that it is, as lasting node ids. */
  async #typeOf(nodeId: string): Promise<EventType> {
    const known = this.#types.get(nodeId);
    if (known !== undefined) return known;
    const namespaces = await this.#namespaces();
    const type = await this.#withSession(async (session): Promise<EventType> => {
      const local = localNodeId(nodeId, namespaces);
      const name = (await session.read({ nodeId: local, attributeId: 3 })).value.value as { readonly name?: string } | null;
      return { name: (name?.name ?? '').slice(0, 200) || nodeId, above: (await supertypesOf(session, local)).map((id) => lastingNodeId(id, namespaces)) };
    });
    this.#types.set(nodeId, type);
    return type;
  }

  async #namespaces(): Promise<readonly string[]> {
    return this.#withSession(async (session) => {
      if (this.#session?.session !== session) this.#session = { session, namespaces: await session.readNamespaceArray() };
      return this.#session.namespaces;
    });
  }

  /** Waits for a connection: what came is with us, and is worked on when the server can be asked about it. */
  async #withSession<T>(work: (session: ClientSession) => Promise<T>): Promise<T> {
    for (;;) {
      if (this.#closed) throw new OpcUaIntakeError('closed', 'The node was closed before it was recorded.');
      try {
        return await this.#options.connection.withSession(work);
      } catch (error) {
        if (error instanceof OpcUaIntakeError && error.code !== 'no-session') throw error;
        this.#warn('session', `What the server told waits: ${textOf(error)}`);
        await new Promise((resolve) => { setTimeout(resolve, AGAIN_MS); });
      }
    }
  }

  #say(text: string): void {
    this.lastProblem = { at: this.#options.clock(), reason: text };
    this.#warn(text, text);
  }
}

/** Longest key of an event that a case waits for. */
const LONGEST_EVENT_KEY = 256;

/** The same over restarts while the same is asked for. */
function keyOf({ notifier, types, leastSeverity, sources }: EventWish, fields: readonly SelectedField[]): string {
  return `${notifier}#${createHash('sha256').update(JSON.stringify([types, leastSeverity, sources, fields])).digest('base64url').slice(0, 16)}`;
}

/** All have ended when it rejects: nothing goes on behind what was given back. */
async function allOf(work: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(work);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
