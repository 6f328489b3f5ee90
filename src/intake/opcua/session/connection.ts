import type { ClientSession, OPCUAClient } from 'node-opcua-client';
import { addressOf } from './address.ts';
import { explainOpcUaFailure } from './connection-texts.ts';
import { OpcUaIntakeError } from '../errors.ts';
import { keptOf } from './kept-session.ts';
import { dropClient, openClient, within, type OpenedClient } from './open-client.ts';
import type { KeptSession, OpcUaConnectionOptions, OpcUaCounters, OpcUaSessionListener } from './options.ts';
import { PortWatch } from './port-watch.ts';
import { PublishPump } from '../subscription/publish-pump.ts';
import { readServerStatus } from './server-status.ts';
import { OpcUaStates, type OpcUaProblem, type OpcUaState } from './states.ts';

const SESSION_TIMEOUT_MS = 60_000;
const BACKOFF = { minMs: 500, maxMs: 15_000 };
/** In the first minute of an outage nobody waits longer than this, ms: most are a restart. */
const SOON_MS = 3_000;
const SOON_FOR_MS = 60_000;
const WATCH_MS = 5_000;
/** A connection that stood this long was a good one: the next loss begins with the shortest wait. */
const STABLE_MS = 10_000;
/** Publish requests that lie at the server, and so the most notifications that are in work here at once. */
const CREDITS = 6;
const KEEP_ALIVE_MS = 10_000;

interface Open extends OpenedClient { readonly since: number; timer?: NodeJS.Timeout }

/**
 * One connection and one session with an OPC UA server, shared by all nodes of the process that use it. After a cut it
 * comes back for ever, with jitter, and takes up the same session while the server has it. What hangs on a session
 * (subscriptions) belongs to the listeners.
 */
export class OpcUaConnection {
  readonly #options: OpcUaConnectionOptions;
  readonly sessionTimeoutMs: number;
  readonly #states = new OpcUaStates();
  readonly #listeners = new Set<OpcUaSessionListener>();
  #open: Open | undefined;
  /** Still there on the server, as far as we know: taken up again after a cut. */
  #before: ClientSession | undefined;
  #startedAt: number | undefined;
  #opening: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #attempt = 0;
  /** Since when there is no connection, epoch milliseconds. */
  #awaySince = Date.now();
  #port: PortWatch | undefined;
  #closing: Promise<void> | undefined;
  readonly #holds = new Set<Promise<unknown>>();
  #pump: { readonly session: ClientSession; readonly pump: PublishPump } | undefined;
  /** Time of the server minus ours at the last sign of life, ms. */
  clockSkewMs: number | undefined;
  readonly #counters = { connects: 0, resumed: 0, sessions: 0, lost: 0, lastAt: undefined as number | undefined };

  constructor(options: OpcUaConnectionOptions) {
    if (!/^opc\.tcp:\/\/[^\s/]+(\/\S*)?$/.test(options.url)) {
      throw new OpcUaIntakeError('url', `"${options.url}" is no address of an OPC UA server; write it like opc.tcp://plc.example:4840.`);
    }
    this.#options = options;
    this.sessionTimeoutMs = Math.max(SESSION_TIMEOUT_MS, options.sessionTimeoutMs ?? SESSION_TIMEOUT_MS);
  }

  get url(): string {
    return this.#options.url;
  }

  get state(): OpcUaState {
    return this.#states.state;
  }

  get lastProblem(): OpcUaProblem | undefined {
    return this.#states.lastProblem;
  }

  get counters(): OpcUaCounters {
    const { lastAt, ...counted } = this.#counters;
    return { ...counted, ...(lastAt === undefined ? {} : { lastAt }) };
  }

  /** When the server was started, epoch milliseconds; 0 when it does not say, or was never reached. */
  get serverStartedAt(): number {
    return this.#startedAt ?? 0;
  }

  /** How long the server keeps the session without a word from us, ms. */
  get grantedSessionMs(): number | undefined {
    return this.#open?.session.timeout;
  }

  /** The Publish requests of the session there is: all that hang a subscription on it share them. */
  pumpOf(session: ClientSession): PublishPump {
    if (this.#pump?.session === session) return this.#pump.pump;
    const pump = new PublishPump(session, { credits: CREDITS, keepAliveMs: KEEP_ALIVE_MS, onBroken: (reason, forget) => { this.renew(session, reason, forget); } });
    this.#pump = { session, pump };
    return pump;
  }

  onState(listener: (state: OpcUaState) => void): () => void {
    return this.#states.on(listener);
  }

  /** Told of every session from now on, and at once of the one there is. Returns what takes the listener away. */
  onSession(listener: OpcUaSessionListener): () => void {
    this.#listeners.add(listener);
    const open = this.#open;
    if (open !== undefined && this.#closing === undefined) queueMicrotask(() => {
      if (this.#listeners.has(listener) && this.#open === open) listener.onSession({ session: open.session, how: 'new', serverRestarted: false });
    });
    return () => { this.#listeners.delete(listener); };
  }

  /** Connects, and connects again whenever the connection is lost, until `close()`. */
  start(): void {
    if (this.#opening === undefined && this.#timer === undefined && this.#open === undefined && this.#closing === undefined) this.#connect();
  }

  /** What was in the way is mended: tries again now, and not after the wait. */
  hurry(): void {
    if (this.#timer === undefined || this.#closing !== undefined) return;
    this.#stopWaiting();
    this.#connect();
  }

  /** Works with the session there is now; rejects with one sentence when there is none. What the work throws is passed on. */
  async withSession<T>(work: (session: ClientSession) => Promise<T>): Promise<T> {
    if (this.#open === undefined || this.#closing !== undefined) {
      throw new OpcUaIntakeError('no-session', this.state.reason ?? `The OPC UA server at ${this.url} is not connected.`);
    }
    return work(this.#open.session);
  }

  /** A listener found the session unusable: drop it and connect anew. */
  renew(session: ClientSession, reason: string, forget = true): void {
    if (this.#open?.session !== session) return;
    if (forget) this.#before = undefined;
    this.#lost(this.#open, new Error(reason));
  }

  /** Waits for what is held (`hold`), closes the session, disconnects. Subscriptions that were left stay on the server. */
  close(): Promise<void> {
    this.#closing ??= this.#shut();
    return this.#closing;
  }

  /** Closing waits for it, a few seconds at most. */
  hold(work: Promise<unknown>): void {
    this.#holds.add(work);
    const forget = (): void => { this.#holds.delete(work); };
    work.then(forget, forget);
  }

  #stopWaiting(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#port?.stop();
    this.#port = undefined;
  }

  async #shut(): Promise<void> {
    this.#stopWaiting();
    await this.#opening;
    await new Promise((resolve) => { setImmediate(resolve); }); // the nodes of the same deploy close in this moment, in any order
    await within(5_000, Promise.allSettled([...this.#holds])).catch(() => undefined);
    const open = this.#open;
    if (open !== undefined) {
      clearInterval(open.timer);
      this.#open = undefined;
      this.#dropPump();
      await this.#closeSession(open.session).catch((error: unknown) => { this.#log('info', `The OPC UA session was not closed in order, the server keeps it for a while: ${String(error)}`); });
      await dropClient(open.client);
    }
    this.#states.set({ kind: 'closed', reason: 'The connection to the OPC UA server was closed.' });
  }

  /** The library closes without a word when the line is broken; what is not closed for certain is kept for who comes next. */
  async #closeSession(session: ClientSession): Promise<void> {
    await within(3_000, readServerStatus(session));
    await within(5_000, session.close(false));
    await this.#options.sessions?.forget();
  }

  #connect(): void {
    this.#opening = this.#tryOnce().finally(() => { this.#opening = undefined; });
  }

  async #tryOnce(): Promise<void> {
    try {
      const opened = await openClient(this.#options, this.sessionTimeoutMs, this.#before, this.#before === undefined ? await this.#kept() : undefined);
      await this.#keep(opened.session);
      const status = await readServerStatus(opened.session).catch(async (error: unknown) => {
        await dropClient(opened.client);
        throw error;
      });
      this.#opened(opened, status);
    } catch (error) {
      this.#failed(error);
    }
  }

  /** Of a process that was killed: once, for after that the session is ours or gone. */
  async #kept(): Promise<KeptSession | undefined> {
    if (this.#counters.connects > 0) return undefined;
    const kept = await this.#options.sessions?.read().catch((error: unknown) => { this.#log('warn', `The OPC UA session of the last run cannot be read, a new one is opened: ${String(error)}`); });
    return kept ?? undefined;
  }

  /** Each activation has another nonce, so it is kept anew. */
  async #keep(session: ClientSession): Promise<void> {
    const kept = keptOf(session);
    if (kept === undefined) return;
    await this.#options.sessions?.keep(kept).catch((error: unknown) => { this.#log('warn', `The OPC UA session cannot be kept; after a crash the server holds it until its timeout: ${String(error)}`); });
  }

  #opened(opened: OpenedClient, status: { readonly startedAt: number; readonly skewMs: number }): void {
    const open: Open = { ...opened, since: Date.now() };
    const serverRestarted = this.#startedAt !== undefined && status.startedAt !== 0 && status.startedAt !== this.#startedAt;
    this.#startedAt = status.startedAt;
    this.clockSkewMs = status.skewMs;
    this.#open = open;
    this.#before = opened.session;
    this.#counters.connects += 1;
    if (opened.resumed) this.#counters.resumed += 1;
    else this.#counters.sessions += 1;
    this.#counters.lastAt = open.since;
    const lost = (): void => { this.#lost(open, undefined); };
    opened.client.on('connection_lost', lost);
    opened.client.on('close', lost);
    this.#watch(open);
    this.#states.set({ kind: 'connected' });
    this.#log('info', `Connected to the OPC UA server at ${this.url}${opened.resumed ? ', with the session from before' : ''}.`);
    if (this.#closing !== undefined) return;
    for (const listener of [...this.#listeners]) listener.onSession({ session: opened.session, how: opened.resumed ? 'resumed' : 'new', serverRestarted });
  }

  /** Asks for a sign of life: a connection that is dead without a word is found here, and keeps the session from timing out. */
  #watch(open: Open): void {
    const everyMs = this.#options.watchMs ?? WATCH_MS;
    let asking = false;
    open.timer = setInterval(() => {
      if (asking) return;
      asking = true;
      within(everyMs * 2, readServerStatus(open.session)).then(
        ({ skewMs }) => { this.clockSkewMs = skewMs; },
        (error: unknown) => {
          if (/SessionIdInvalid|SessionClosed|SessionNotActivated/.test(String(error)) && this.#before === open.session) this.#before = undefined;
          this.#lost(open, error);
        },
      ).finally(() => { asking = false; });
    }, everyMs);
    open.timer.unref();
  }

  #lost(open: Open, error: unknown): void {
    if (this.#open !== open || this.#closing !== undefined) return;
    this.#open = undefined;
    clearInterval(open.timer);
    this.#counters.lost += 1;
    this.#awaySince = Date.now();
    this.#dropPump();
    if (Date.now() - open.since > STABLE_MS) this.#attempt = 0;
    for (const listener of [...this.#listeners]) listener.onLost?.();
    void this.#away(open.client, error ?? new Error('the connection was lost'));
  }

  #dropPump(): void {
    this.#pump?.pump.stop();
    this.#pump = undefined;
  }

  async #away(client: OPCUAClient, error: unknown): Promise<void> {
    this.#states.set({ kind: 'disconnected', reason: explainOpcUaFailure(this.url, error).reason });
    await dropClient(client);
    this.#again(false);
  }

  #failed(error: unknown): void {
    if (this.#closing !== undefined) return;
    const { reason, refused, unreachable } = error instanceof OpcUaIntakeError ? { reason: error.message, refused: true } : explainOpcUaFailure(this.url, error);
    if (this.state.reason !== reason) this.#log('warn', reason);
    this.#states.set({ kind: refused ? 'refused' : 'disconnected', reason });
    this.#again(refused, unreachable);
  }

  /** @param unreachable nothing listens there: when something does again, we come at once */
  #again(refused: boolean, unreachable = false): void {
    if (this.#closing !== undefined) return;
    const { minMs, maxMs } = this.#options.reconnect ?? BACKOFF;
    const longest = !refused && Date.now() - this.#awaySince < SOON_FOR_MS ? Math.max(minMs, Math.min(maxMs, SOON_MS)) : maxMs;
    const most = Math.min(longest, minMs * 2 ** Math.min(this.#attempt, 16));
    this.#attempt += 1;
    // full jitter: after a power cut not all clients come at once
    this.#timer = setTimeout(() => {
      this.#stopWaiting();
      this.#connect();
    }, Math.max(50, Math.random() * most));
    if (!unreachable) return;
    const { host, port } = addressOf(this.url);
    this.#port = new PortWatch(host, port, () => { this.hurry(); });
    this.#port.start();
  }

  #log(level: 'info' | 'warn', text: string): void {
    this.#options.log?.(level, text);
  }
}
