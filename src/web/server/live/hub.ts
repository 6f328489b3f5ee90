import type { Waybill } from '../../../engine/api.ts';
import type { Response } from '../http.ts';
import { problem } from '../problems.ts';
import { nothingHeard, type Audience, type Heard } from './audience.ts';
import { Batch } from './batch.ts';
import { changeFrame, frame, LiveConnection } from './connection.ts';

/** Least time between two changes, ms. */
const SPACING_MS = 100;
const HEARTBEAT_MS = 15_000;
/** How soon after a change of accounts the sessions are looked at, ms. */
const CHECK_MS = 250;
export const MAX_STREAMS = 500;
export const MAX_STREAMS_OF_ONE = 8;

/** Whether somebody may go on listening. `signed-out`: the session or token is gone; `changed`: its rights are others now. */
export type Standing = 'valid' | 'signed-out' | 'changed';

interface Listener {
  readonly connection: LiveConnection;
  /** Session or token. */
  readonly owner: string;
  readonly standing: () => Promise<Standing>;
}

/**
 * Tells everybody who listens that something changed, never what: pages read it themselves, with their own
 * rights. The first change after a rest goes out at once; further ones are put together for {@link SPACING_MS}. While nobody
 * listens the engine is not listened to.
 */
export class LiveHub {
  readonly #waybill: Waybill;
  readonly #listeners = new Set<Listener>();
  #stop: (() => void) | undefined;
  #batch = new Batch();
  #lastFlush = 0;
  #flush: NodeJS.Timeout | undefined;
  #check: NodeJS.Timeout | undefined;

  constructor(waybill: Waybill) {
    this.#waybill = waybill;
  }

  get size(): number {
    return this.#listeners.size;
  }

  /** Position of the newest event, as far as this process knows. */
  head(): number {
    return this.#waybill.ledger?.health().lastPosition ?? 0;
  }

  /** @throws WebError `too-many-streams` */
  requireRoom(owner: string): void {
    let own = 0;
    for (const listener of this.#listeners) if (listener.owner === owner) own += 1;
    if (own >= MAX_STREAMS_OF_ONE || this.#listeners.size >= MAX_STREAMS) throw problem('too-many-streams', undefined, { headers: { 'Retry-After': '5' } });
  }

  /**
   * Begins a stream on a response whose headers are sent.
   * @param after position that the client knows; when there is more by now it is told so at once
   */
  join(response: Response, options: { readonly audience: Audience; readonly owner: string; readonly version: string; readonly after: number | undefined; readonly standing: () => Promise<Standing> }): void {
    const { audience, owner, standing } = options;
    const connection = new LiveConnection(response, audience);
    const listener: Listener = { connection, owner, standing };
    this.#listeners.add(listener);
    response.on('close', () => this.#leave(listener));
    response.on('error', () => this.#leave(listener));
    this.#stop ??= this.#listen();
    const position = this.head();
    connection.write(`retry: 2000\n\n${frame('ready', { position, version: options.version }, position)}`);
    if (options.after !== undefined && options.after !== position) connection.write(changeFrame(position, { bits: audience.bits, caseIds: new Set(), more: true }));
    if (this.#waybill.draining) connection.end();
  }

  #leave(listener: Listener): void {
    if (!this.#listeners.delete(listener) || this.#listeners.size > 0) return;
    this.#stop?.();
    this.#stop = undefined;
  }

  #listen(): () => void {
    const beat = setInterval(() => {
      for (const { connection } of this.#listeners) connection.heartbeat();
      void this.#checkStanding();
    }, HEARTBEAT_MS);
    beat.unref();
    const unlisten = [
      this.#waybill.onRecorded((recorded) => {
        this.#batch.add(recorded);
        this.#soon();
      }),
      this.#waybill.onState((state) => {
        this.#batch.addSystem(this.head());
        this.#soon();
        if (this.#waybill.draining || state === 'closed') this.#closeAll();
      }),
    ];
    return () => {
      clearInterval(beat);
      clearTimeout(this.#flush);
      clearTimeout(this.#check);
      this.#flush = this.#check = undefined;
      this.#batch = new Batch();
      for (const stop of unlisten) stop();
    };
  }

  #closeAll(): void {
    for (const { connection } of [...this.#listeners]) connection.end();
  }

  #soon(): void {
    // A timer also for the leading edge: commits of one group are told in one turn.
    this.#flush ??= setTimeout(() => this.#send(), Math.max(1, this.#lastFlush + SPACING_MS - performance.now()));
  }

  #send(): void {
    this.#flush = undefined;
    this.#lastFlush = performance.now();
    const batch = this.#batch;
    this.#batch = new Batch();
    if (batch.isEmpty) return;
    const told = new Map<string, { readonly heard: Heard; readonly text: string }>();
    for (const { connection } of this.#listeners) {
      const { audience } = connection;
      let change = told.get(audience.key);
      if (change === undefined) {
        const heard = audience.bits === 0 ? nothingHeard() : audience.hear(batch);
        told.set(audience.key, change = { heard, text: heard.bits === 0 ? '' : changeFrame(batch.position, heard) });
      }
      if (change.heard.bits !== 0 && !connection.ended) connection.change(batch.position, change.heard, change.text);
    }
    if (batch.rights) this.#check ??= setTimeout(() => { void this.#checkStanding(); }, CHECK_MS);
  }

  /** Streams of sessions that are gone end with the word; those whose rights changed end without it, and come back with the new ones. */
  async #checkStanding(): Promise<void> {
    clearTimeout(this.#check);
    this.#check = undefined;
    for (const { connection, standing } of [...this.#listeners]) {
      let found: Standing;
      try {
        found = await standing();
      } catch (error) {
        // Accounts that cannot be read say nothing about the session: it is asked again with the next beat.
        void error;
        continue;
      }
      if (found === 'signed-out') connection.end(frame('signed-out', {}));
      // What is shown is read again with the new rights; nothing may have been recorded, as when a delegation's time is over.
      else if (found === 'changed') connection.end(changeFrame(this.head(), { bits: connection.audience.bits, caseIds: new Set(), more: true }));
    }
  }
}

const hubs = new WeakMap<Waybill, LiveHub>();

/** The one hub of an engine. */
export function liveHub(waybill: Waybill): LiveHub {
  let hub = hubs.get(waybill);
  if (hub === undefined) hubs.set(waybill, hub = new LiveHub(waybill));
  return hub;
}
