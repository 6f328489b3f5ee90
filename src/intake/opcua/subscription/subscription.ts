import type { ClientSession, DataValue, NotificationMessage, Variant } from 'node-opcua-client';
import type { OpcUaConnection } from '../session/connection.ts';
import type { OpcUaSessionEvent } from '../session/options.ts';
import type { PublishPump, PublishSink } from './publish-pump.ts';
import { createItems, createSubscription, deleteItems, deleteSubscription, lengthenQueues, modifySubscription, republish, transferSubscription, type CreatedSubscription } from './services.ts';
import { isAfter, nextSequence, type GrantedItem, type ItemProblem, type SubscriptionPosition, type WatchedBatch, type WatchedEvent, type WatchedItem, type WatchedValue } from './watched.ts';

/** What a subscription tells whoever made it. */
export interface SubscriptionHandlers {
  /** Called before the first batch of a subscription: a new one's position has to be durable before it is read. `missed`: it is another one than before. */
  onOpened(position: SubscriptionPosition, how: 'new' | 'continued' | 'transferred'): Promise<void>;
  /** In order. Acknowledged to the server when the promise resolves, at once when there is none, never when it rejects. */
  onBatch(batch: WatchedBatch): Promise<void> | undefined;
  /** Notifications of this subscription that the server no longer had. */
  onMissing(fromMs: number, toMs: number): Promise<void>;
  onLost(): void;
  /** Something about the subscription that a person should know; undefined when all is as asked. */
  onNotice(notices: readonly string[], problems: readonly ItemProblem[]): void;
  log(level: 'info' | 'warn', text: string): void;
}

export interface SubscriptionOptions {
  readonly connection: OpcUaConnection;
  /** What is to be watched; asked for each time the subscription is made, because filters need the server. */
  readonly items: (session: ClientSession) => Promise<{ readonly items: readonly WatchedItem[]; readonly problems: readonly ItemProblem[] }>;
  readonly publishingMs: number;
  /** Longest outage that is to be survived without a loss, ms. */
  readonly outageMs: number;
  /** Of an earlier process, or of the node before a deploy. */
  readonly position?: SubscriptionPosition;
  readonly newKey: () => string;
}

/** What `close` leaves on the server. */
export type Leaving = 'keep' | 'delete';

type Settle = (acknowledge: boolean) => void;

/** A notification, or a keep-alive. `more`: the server says that it has others. */
interface Arrived { readonly message: NotificationMessage; readonly settle: Settle; readonly more: boolean }

const RETRY_MS = 2_000;
/** How often an item that the server did not know is asked for again. */
const ASK_AGAIN_MS = 30_000;

/**
 * One subscription on the server that outlives connections, sessions and this process: continued where the session is the
 * same, transferred where it is another, made anew where the server no longer has it. What came and was not durable comes again.
 */
export class OpcUaSubscription {
  readonly #options: SubscriptionOptions;
  readonly #handlers: SubscriptionHandlers;
  readonly #unlisten: () => void;
  #position: SubscriptionPosition | undefined;
  #created: CreatedSubscription | undefined;
  #byHandle = new Map<number, string>();
  #session: ClientSession | undefined;
  /** The session on which the subscription hangs on the server. */
  #hangsOn: ClientSession | undefined;
  #pump: PublishPump | undefined;
  /** Grows with every session and loss: whatever began before it is over. */
  #round = 0;
  /** The last that came, and whether the next one must be the one after it. */
  #received = 0;
  #exact = false;
  #repairing = false;
  /** Continued without a list of what the server keeps: it comes with the first answer. */
  #unlisted = false;
  readonly #held: Arrived[] = [];
  /** Durable, and not acknowledged yet for want of a connection. */
  #toAcknowledge: number[] = [];
  readonly #unsettled = new Set<number>();
  #heardAt = Date.now();
  #seenAt = 0;
  #problems: readonly ItemProblem[] = [];
  #watch: NodeJS.Timeout | undefined;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;
  readonly counters = { notifications: 0, values: 0, events: 0, again: 0, opened: 0, transferred: 0 };

  constructor(options: SubscriptionOptions, handlers: SubscriptionHandlers) {
    this.#options = options;
    this.#handlers = handlers;
    this.#position = options.position;
    this.#seenAt = options.position?.seenAt ?? 0;
    this.#unlisten = options.connection.onSession({
      onSession: (event) => { this.#begin(event); },
      onLost: () => { this.#lost(); },
    });
  }

  get position(): SubscriptionPosition | undefined {
    return this.#position;
  }

  /** What the server granted for the subscription as a whole. */
  get granted(): CreatedSubscription | undefined {
    return this.#created;
  }

  /** What was missed before this subscription began is in the ledger. */
  recorded(seenAt: number): void {
    if (this.#position === undefined) return;
    const { missed: _recorded, ...position } = this.#position;
    this.#position = { ...position, seenAt };
  }

  /** `keep`: the server goes on collecting for whoever continues it. */
  async close(leaving: Leaving): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#round += 1;
    clearInterval(this.#watch);
    clearTimeout(this.#retry);
    this.#unlisten();
    const { serverId } = this.#position ?? {};
    if (serverId === undefined) return;
    this.#pump?.remove(serverId);
    if (leaving === 'delete' && this.#session !== undefined && this.#session === this.#hangsOn) await deleteSubscription(this.#session, serverId);
  }

  #begin(event: OpcUaSessionEvent): void {
    const round = this.#round += 1;
    this.#session = event.session;
    this.#recover(event, round).catch((error: unknown) => {
      if (round !== this.#round) return;
      this.#handlers.log('warn', `What is watched on ${this.#options.connection.url} could not be set up: ${textOf(error)}; trying again.`);
      this.#handlers.onNotice([`The subscription could not be set up: ${textOf(error)}.`], this.#problems);
      this.#retry = setTimeout(() => {
        if (round === this.#round) this.#begin({ ...event, how: this.#hangsOn === event.session ? 'resumed' : 'new' });
      }, RETRY_MS);
    });
  }

  #lost(): void {
    this.#round += 1;
    this.#session = undefined;
    this.#pump = undefined;
    this.#repairing = false;
    this.#unlisted = false;
    this.#held.length = 0;
    clearInterval(this.#watch);
    clearTimeout(this.#retry);
    this.#handlers.onLost();
  }

  async #recover({ session, how }: OpcUaSessionEvent, round: number): Promise<void> {
    const known = this.#position;
    const sameServer = known !== undefined && (known.serverStartedAt === 0 || known.serverStartedAt === this.#options.connection.serverStartedAt);
    if (known !== undefined && sameServer) {
      if (how === 'resumed' && this.#hangsOn === session) {
        if (await this.#continue(session, round, undefined)) return;
      } else {
        const answer = await transferSubscription(session, known.serverId);
        if (round !== this.#round) return;
        if ('available' in answer) {
          this.#hangsOn = session;
          this.counters.transferred += 1;
          if (await this.#continue(session, round, answer.available)) return;
        } else if (await this.#hangsHere(session, known)) {
          this.#hangsOn = session;
          this.#unlisted = true;
          if (round !== this.#round || await this.#continue(session, round, undefined)) return;
        } else {
          this.#handlers.log('warn', `The server at ${this.#options.connection.url} does not hand over the subscription from before (${answer.refused}); it is made anew.`);
        }
      }
    }
    if (round === this.#round) await this.#create(session, round);
  }

  /** A session that was taken over has its subscriptions: many servers have nothing to transfer then, or cannot. */
  async #hangsHere(session: ClientSession, { serverId, sequence }: SubscriptionPosition): Promise<boolean> {
    return (await republish(session, serverId, nextSequence(sequence))).kind !== 'gone';
  }

  /** True when it goes on as it was. */
  async #continue(session: ClientSession, round: number, available: readonly number[] | undefined): Promise<boolean> {
    const known = this.#position;
    if (known === undefined) return false;
    const first = this.#received === 0 && this.#unsettled.size === 0; // of another process
    if (first) this.#received = known.sequence;
    this.#byHandle = new Map(known.items.map(({ handle, key }) => [handle, key]));
    await this.#handlers.onOpened(known, available === undefined ? 'continued' : 'transferred');
    if (round !== this.#round) return true;
    const pump = this.#options.connection.pumpOf(session);
    // what was received is acknowledged as it becomes durable, what was durable before now
    this.#acknowledgeDurable(available ?? []);
    this.#exact = !first;
    if (!(await this.#fetchRest(session, round, available))) return false;
    if (round !== this.#round) return true;
    const takenOver = this.#created === undefined;
    if (takenOver) await this.#modify(session, known.serverId);
    await this.#adjustItems(session, round, takenOver);
    if (round === this.#round) this.#publish(session, pump);
    return true;
  }

  /** Republishes what is not here yet (OPC UA Part 4 §6.7); false when the server no longer has the subscription. */
  async #fetchRest(session: ClientSession, round: number, available: readonly number[] | undefined): Promise<boolean> {
    const { serverId } = this.#position ?? { serverId: 0 };
    if (available === undefined) {
      for (;;) {
        const next = nextSequence(this.#received);
        const answer = await republish(session, serverId, next);
        if (round !== this.#round) return true;
        if (answer.kind === 'gone') return false;
        if (answer.kind === 'none') return true;
        this.#takeAgain(answer.message);
      }
    }
    for (const sequence of available.filter((one) => isAfter(one, this.#received)).sort((a, b) => (isAfter(a, b) ? 1 : -1))) {
      const answer = await republish(session, serverId, sequence);
      if (round !== this.#round) return true;
      if (answer.kind === 'gone') return false;
      if (answer.kind === 'message') this.#takeAgain(answer.message);
    }
    return true;
  }

  #takeAgain(message: NotificationMessage): void {
    const missing = this.#exact && message.sequenceNumber !== nextSequence(this.#received);
    if (missing) this.#missing(message);
    this.#take({ message, settle: () => undefined, more: true }, true);
  }

  async #create(session: ClientSession, round: number): Promise<void> {
    const before = this.#position;
    const { connection, publishingMs, outageMs } = this.#options;
    if (before !== undefined && this.#hangsOn === session) await deleteSubscription(session, before.serverId).catch(() => undefined); // what it was replaced for is why
    const wanted = await this.#options.items(session);
    if (round !== this.#round) return;
    const created = await createSubscription(session, publishingMs, outageMs);
    const { granted, refused } = await createItems(session, created.serverId, wanted.items, 1);
    if (round !== this.#round) return;
    this.#created = created;
    this.#hangsOn = session;
    this.#received = 0;
    this.#exact = false;
    this.#unlisted = false;
    this.#unsettled.clear();
    this.#toAcknowledge = [];
    this.#byHandle = new Map(granted.map(({ handle, key }) => [handle, key]));
    const seenAt = Math.max(this.#seenAt, before?.seenAt ?? 0);
    const missed = before?.missed ?? (before === undefined || seenAt === 0 ? undefined : { reason: 'subscription-lost', fromMs: seenAt });
    // what comes from now on is watched: the first notification may never arrive
    this.#seenAt = seenAt === 0 ? Date.now() + (connection.clockSkewMs ?? 0) : seenAt;
    this.#position = {
      subscription: this.#options.newKey(), serverId: created.serverId, serverStartedAt: connection.serverStartedAt, sequence: 0, seenAt: this.#seenAt, items: granted,
      ...(missed === undefined ? {} : { missed }),
    };
    this.counters.opened += 1;
    this.#problems = [...wanted.problems, ...refused];
    this.#tell(wanted.items, granted);
    await this.#handlers.onOpened(this.#position, 'new');
    if (round === this.#round) this.#publish(session, connection.pumpOf(session));
  }

  /** Made by another process or before a deploy, and perhaps for another interval or outage than is wanted now. */
  async #modify(session: ClientSession, serverId: number): Promise<void> {
    const { publishingMs, outageMs, connection } = this.#options;
    try {
      this.#created = await modifySubscription(session, serverId, publishingMs, outageMs);
    } catch (error) {
      this.#handlers.log('info', `The subscription on ${connection.url} stays as it was made: ${textOf(error)}`);
    }
  }

  /** The tags may be others than when the subscription was made: adds and takes away, and lets be what is the same. */
  async #adjustItems(session: ClientSession, round: number, takenOver = false): Promise<void> {
    const known = this.#position;
    if (known === undefined) return;
    const wanted = await this.#options.items(session);
    const keys = new Set(wanted.items.map(({ key }) => key));
    const remaining = known.items.filter(({ key }) => keys.has(key));
    const kept = takenOver ? await this.#lengthen(session, known.serverId, remaining, wanted.items) : remaining;
    const have = new Set(kept.map(({ key }) => key));
    const added = wanted.items.filter(({ key }) => !have.has(key));
    if (round !== this.#round) return;
    await deleteItems(session, known.serverId, known.items.filter(({ key }) => !keys.has(key)).map(({ itemId }) => itemId));
    const highest = known.items.reduce((most, { handle }) => Math.max(most, handle), 0);
    const { granted, refused } = added.length === 0 ? { granted: [], refused: [] } : await createItems(session, known.serverId, added, highest + 1);
    if (round !== this.#round) return;
    this.#problems = [...wanted.problems, ...refused];
    const items = [...kept, ...granted];
    for (const { handle, key } of granted) this.#byHandle.set(handle, key);
    if (granted.length > 0 || items.length !== known.items.length || items.some((item, at) => item !== known.items[at])) {
      this.#position = { ...(this.#position ?? known), items };
      await this.#handlers.onOpened(this.#position, 'continued');
    }
    this.#tell(wanted.items, items);
  }

  /** Queues for a longer outage than before; what the server had granted as well as it can stays as it is. */
  async #lengthen(session: ClientSession, serverId: number, granted: readonly GrantedItem[], wanted: readonly WatchedItem[]): Promise<readonly GrantedItem[]> {
    const byKey = new Map(wanted.map((item) => [item.key, item]));
    const short = granted.flatMap((one) => {
      const item = byKey.get(one.key);
      return item !== undefined && item.queueSize > one.queueSize ? [{ item, granted: one }] : [];
    });
    if (short.length === 0) return granted;
    const longer = new Map((await lengthenQueues(session, serverId, short)).filter(({ queueSize }, at) => queueSize > (short[at]?.granted.queueSize ?? 0)).map((one) => [one.key, one]));
    return granted.map((one) => longer.get(one.key) ?? one);
  }

  #publish(session: ClientSession, pump: PublishPump): void {
    const { serverId } = this.#position ?? {};
    if (serverId === undefined) return;
    this.#pump = pump;
    for (const sequence of this.#toAcknowledge.splice(0)) pump.acknowledge(serverId, sequence);
    this.#heardAt = Date.now();
    const sink: PublishSink = {
      onMessage: (message, settle, rest) => { this.#arrived({ message, settle, more: rest.more }, rest.available); },
      onGone: (reason) => { this.#gone(session, reason); },
    };
    pump.add(serverId, sink);
    clearInterval(this.#watch);
    const everyMs = Math.max(1_000, this.#created?.keepAliveMs ?? 5_000);
    let askedAt = Date.now();
    this.#watch = setInterval(() => {
      if (Date.now() - this.#heardAt > 2.5 * everyMs && pump.inWork === 0) this.#verify(session);
      if (this.#problems.length > 0 && Date.now() - askedAt > ASK_AGAIN_MS) {
        askedAt = Date.now();
        this.#adjustItems(session, this.#round).catch((error: unknown) => { this.#handlers.log('info', `Tags were not asked for again: ${textOf(error)}`); });
      }
    }, Math.min(everyMs, 5_000));
    this.#watch.unref();
  }

  /** Heard nothing although the server should have said that it lives: is the subscription still there? */
  #verify(session: ClientSession): void {
    const round = this.#round;
    const { serverId } = this.#position ?? { serverId: 0 };
    republish(session, serverId, nextSequence(this.#received)).then(
      (answer) => {
        if (round !== this.#round) return;
        if (answer.kind === 'gone') this.#gone(session, answer.status);
        else this.#options.connection.renew(session, `The server at ${this.#options.connection.url} has the subscription and sends nothing`, false);
      },
      (error: unknown) => { if (round === this.#round) this.#options.connection.renew(session, textOf(error), false); },
    );
  }

  /** The server has dropped it: a new one, and what lies between is a gap. */
  #gone(session: ClientSession, reason: string): void {
    if (session !== this.#session || this.#closed) return;
    const { serverId } = this.#position ?? {};
    if (serverId !== undefined) this.#pump?.remove(serverId);
    this.#handlers.log('warn', `The server at ${this.#options.connection.url} has ended the subscription (${reason}); it is made anew.`);
    const round = this.#round += 1;
    this.#handlers.onLost();
    this.#hangsOn = undefined;
    this.#create(session, round).catch((error: unknown) => {
      if (round === this.#round) this.#begin({ session, how: 'new', serverRestarted: false });
      this.#handlers.log('warn', textOf(error));
    });
  }

  #arrived(arrived: Arrived, available: readonly number[]): void {
    const { message, settle } = arrived;
    this.#heardAt = Date.now();
    if (this.#unlisted) {
      this.#unlisted = false;
      this.#held.push(arrived);
      void this.#takeListed(available.filter((sequence) => isAfter(message.sequenceNumber, sequence)));
      return;
    }
    if ((message.notificationData?.length ?? 0) === 0) { // a keep-alive
      settle(false);
      return;
    }
    if (this.#repairing) {
      this.#held.push(arrived);
      return;
    }
    const { sequenceNumber } = message;
    if (this.#received !== 0 && !isAfter(sequenceNumber, this.#received)) { // came already
      settle(!this.#unsettled.has(sequenceNumber));
      return;
    }
    if (this.#exact && sequenceNumber !== nextSequence(this.#received)) {
      this.#held.push(arrived);
      void this.#repair();
      return;
    }
    this.#exact = true;
    this.#take(arrived, false);
  }

  /** Of an earlier process on the same session: what the server keeps comes first, then what is held. */
  async #takeListed(available: readonly number[]): Promise<void> {
    const round = this.#round;
    const session = this.#session;
    if (session === undefined) return;
    this.#repairing = true;
    try {
      this.#acknowledgeDurable(available);
      for (const sequence of this.#toAcknowledge.splice(0)) this.#pump?.acknowledge(this.#position?.serverId ?? 0, sequence);
      if (!(await this.#fetchRest(session, round, available))) this.#gone(session, 'BadSubscriptionIdInvalid');
    } catch (error) {
      if (round === this.#round) this.#options.connection.renew(session, textOf(error), false);
    } finally {
      if (round === this.#round) this.#repairing = false;
    }
    // numbers that are neither here nor kept were acknowledged by that process
    const held = round === this.#round ? this.#held.splice(0) : [];
    for (const one of held.sort((a, b) => (isAfter(a.message.sequenceNumber, b.message.sequenceNumber) ? 1 : -1))) this.#arrived(one, []);
  }

  #acknowledgeDurable(available: readonly number[]): void {
    for (const sequence of available) if (!isAfter(sequence, this.#received) && !this.#unsettled.has(sequence)) this.#toAcknowledge.push(sequence);
  }

  /** Something is missing before what is held: asks for it, then goes on in order (OPC UA Part 4 §5.14.5). */
  async #repair(): Promise<void> {
    const round = this.#round;
    const session = this.#session;
    const { serverId } = this.#position ?? { serverId: 0 };
    this.#repairing = true;
    try {
      while (session !== undefined && this.#held.length > 0 && round === this.#round) {
        this.#held.sort((a, b) => (isAfter(a.message.sequenceNumber, b.message.sequenceNumber) ? 1 : -1));
        const next = this.#held[0];
        if (next === undefined) break;
        const expected = nextSequence(this.#received);
        if (isAfter(next.message.sequenceNumber, expected)) {
          const answer = await republish(session, serverId, expected);
          if (round !== this.#round) return;
          if (answer.kind === 'message') {
            this.#takeAgain(answer.message);
            continue;
          }
          this.#missing(next.message);
        }
        this.#held.shift();
        if (isAfter(next.message.sequenceNumber, this.#received)) this.#take(next, false);
        else next.settle(true);
      }
    } catch (error) {
      if (round === this.#round && session !== undefined) this.#options.connection.renew(session, textOf(error), false);
    } finally {
      if (round === this.#round) this.#repairing = false;
    }
  }

  #missing(next: NotificationMessage): void {
    this.#handlers.onMissing(this.#seenAt, timeOf(next)).catch((error: unknown) => { this.#handlers.log('warn', `A gap could not be recorded: ${textOf(error)}`); });
  }

  #take({ message, settle, more }: Arrived, again: boolean): void {
    const { sequenceNumber } = message;
    const position = this.#position;
    if (position === undefined) return;
    this.#received = sequenceNumber;
    // while the server has more, what it has is older than this
    if (!more) this.#seenAt = timeOf(message);
    const batch = this.#batchOf(message, position.subscription, again);
    this.counters.notifications += 1;
    this.counters.values += batch.values.length;
    this.counters.events += batch.events.length;
    if (again) this.counters.again += 1;
    const pump = again ? undefined : this.#pump;
    const durable = this.#handlers.onBatch(batch);
    if (durable === undefined) {
      this.#settled(batch, settle, pump);
      return;
    }
    this.#unsettled.add(sequenceNumber);
    durable.then(
      () => {
        this.#unsettled.delete(sequenceNumber);
        this.#settled(batch, settle, pump);
      },
      (error: unknown) => { // it stays with the server; so does what comes after it
        this.#handlers.log('warn', `What the server reported is not recorded, it keeps it: ${textOf(error)}`);
      },
    );
  }

  /** @param pump of the connection on which it came, absent when it was asked for again */
  #settled({ subscription, sequence, wholeAt }: WatchedBatch, settle: Settle, pump: PublishPump | undefined): void {
    const position = this.#position;
    if (position?.subscription !== subscription) {
      settle(false);
      return;
    }
    if (position.sequence === 0 || isAfter(sequence, position.sequence)) this.#position = { ...position, sequence, seenAt: Math.max(position.seenAt, wholeAt) };
    const here = pump !== undefined && pump === this.#pump;
    settle(here);
    if (here) return;
    if (this.#pump === undefined) this.#toAcknowledge.push(sequence);
    else this.#pump.acknowledge(position.serverId, sequence);
  }

  #batchOf(message: NotificationMessage, subscription: string, again: boolean): WatchedBatch {
    const values: WatchedValue[] = [];
    const events: WatchedEvent[] = [];
    for (const data of message.notificationData ?? []) {
      const part = data as unknown as { monitoredItems?: readonly { clientHandle: number; value: DataValue }[] | null; events?: readonly { clientHandle: number; eventFields: readonly Variant[] | null }[] | null } | null;
      for (const item of part?.monitoredItems ?? []) {
        const key = this.#byHandle.get(item.clientHandle);
        if (key !== undefined) values.push({ key, value: item.value, overflow: (item.value.statusCode.value & 0x480) === 0x480 }); // Part 4 §7.39.1
      }
      for (const event of part?.events ?? []) {
        const key = this.#byHandle.get(event.clientHandle);
        if (key !== undefined) events.push({ key, fields: event.eventFields ?? [] });
      }
    }
    return { subscription, sequence: message.sequenceNumber, publishedAt: timeOf(message), wholeAt: this.#seenAt, receivedAt: Date.now(), values, events, again };
  }

  /** Compares what was granted with what was asked for. */
  #tell(wanted: readonly WatchedItem[], granted: readonly GrantedItem[]): void {
    const notices: string[] = [];
    const { publishingMs, outageMs, connection } = this.#options;
    const created = this.#created;
    if (created !== undefined && created.lifetimeMs < outageMs) notices.push(`The server ends the subscription after ${seconds(created.lifetimeMs)} without us, not after ${seconds(outageMs)}; a longer outage is a gap.`);
    if (connection.grantedSessionMs !== undefined && connection.grantedSessionMs < outageMs) notices.push(`The server ends the session after ${seconds(connection.grantedSessionMs)}, not after ${seconds(outageMs)}; a longer outage is a gap.`);
    if (created !== undefined && created.publishingMs > 2 * publishingMs) notices.push(`The server reports every ${created.publishingMs} ms, not every ${publishingMs} ms.`);
    const byKey = new Map(wanted.map((item) => [item.key, item]));
    for (const { key, samplingMs, queueSize } of granted) {
      const item = byKey.get(key);
      if (item === undefined || item.kind !== 'value') continue;
      if (samplingMs > 1.5 * Math.max(item.samplingMs, 1) && samplingMs > item.samplingMs + 50) notices.push(`The server looks at "${item.nodeId}" every ${samplingMs} ms, not every ${item.samplingMs} ms; what is shorter is not seen.`);
      if (queueSize < item.queueSize) notices.push(`The server keeps ${queueSize} values of "${item.nodeId}", not ${item.queueSize}: enough for ${seconds(queueSize * Math.max(samplingMs, 10))} without us.`);
    }
    this.#handlers.onNotice(notices.length > 5 ? [...notices.slice(0, 5), `And ${notices.length - 5} more like it.`] : notices, this.#problems);
  }
}

function seconds(ms: number): string {
  return ms >= 10_000 ? `${Math.round(ms / 1_000)} s` : `${Math.round(ms / 100) / 10} s`;
}

function timeOf(message: NotificationMessage): number {
  const time = message.publishTime;
  return time instanceof Date && time.getTime() > 0 ? time.getTime() : Date.now();
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
