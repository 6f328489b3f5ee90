import type { TransportClock } from '../http/index.ts';
import type { SqlSession } from './session.ts';
import { SqlFailure } from './session.ts';

interface Kept { readonly session: SqlSession; readonly stamp: string; since: number }
interface Waiting { readonly resolve: (session: SqlSession) => void; readonly reject: (error: unknown) => void }

const mostSessions = 16;
const idleMs = 30_000;

/** Connections to one database, used again while sign-in and certificates are the same; who finds none waits. */
export class SessionPool {
  readonly #open: (withinMs: number) => Promise<SqlSession>;
  readonly #stamp: () => string;
  readonly #clock: TransportClock;
  readonly #idle: Kept[] = [];
  readonly #busy = new Map<SqlSession, Kept>();
  readonly #waiting: Waiting[] = [];
  #opening = 0;
  #closed = false;

  /** @param stamp of the secrets and certificates with which connections are opened now */
  constructor(open: (withinMs: number) => Promise<SqlSession>, stamp: () => string, clock: TransportClock) {
    this.#open = open;
    this.#stamp = stamp;
    this.#clock = clock;
  }

  /** @throws SqlFailure and what opening throws */
  async take(withinMs: number): Promise<SqlSession> {
    if (this.#closed) throw new SqlFailure('again', 'The system is being deployed anew.');
    const stamp = this.#stamp();
    this.#drop((kept) => kept.stamp !== stamp || performance.now() - kept.since > idleMs);
    const kept = this.#idle.pop();
    if (kept !== undefined) {
      this.#busy.set(kept.session, kept);
      return kept.session;
    }
    if (this.#busy.size + this.#opening >= mostSessions) return this.#wait(withinMs);
    return this.#opened(stamp, withinMs);
  }

  give(session: SqlSession): void {
    const kept = this.#busy.get(session);
    this.#busy.delete(session);
    if (kept === undefined) return;
    if (this.#closed || !session.usable || kept.stamp !== this.#stampOrNone()) {
      session.end();
      this.#next();
      return;
    }
    const waiting = this.#waiting.shift();
    kept.since = performance.now();
    if (waiting === undefined) this.#idle.push(kept);
    else {
      this.#busy.set(session, kept);
      waiting.resolve(session);
    }
  }

  close(): void {
    this.#closed = true;
    this.#drop(() => true);
    for (const { reject } of this.#waiting.splice(0)) reject(new SqlFailure('again', 'The system is being deployed anew.'));
  }

  async #opened(stamp: string, withinMs: number): Promise<SqlSession> {
    this.#opening += 1;
    try {
      const session = await this.#open(withinMs);
      this.#busy.set(session, { session, stamp, since: performance.now() });
      return session;
    } finally {
      this.#opening -= 1;
      // Who waits for a connection that could not be opened tries by itself, and learns why.
      if (this.#busy.size + this.#opening < mostSessions) this.#next();
    }
  }

  #wait(withinMs: number): Promise<SqlSession> {
    return new Promise((resolve, reject) => {
      const timer = this.#clock.setTimeout(() => {
        const at = this.#waiting.indexOf(waiting);
        if (at >= 0) this.#waiting.splice(at, 1);
        reject(new SqlFailure('again', `All ${mostSessions} connections to the database are at work; nothing was sent.`));
      }, withinMs);
      const done = (): void => { this.#clock.clearTimeout(timer); };
      const waiting: Waiting = { resolve: (session) => { done(); resolve(session); }, reject: (error) => { done(); reject(error as Error); } };
      this.#waiting.push(waiting);
    });
  }

  /** Room for one more: who has waited longest opens a connection. */
  #next(): void {
    const waiting = this.#waiting.shift();
    if (waiting === undefined) return;
    this.take(idleMs).then(waiting.resolve, waiting.reject);
  }

  #drop(which: (kept: Kept) => boolean): void {
    for (let at = this.#idle.length - 1; at >= 0; at--) {
      const kept = this.#idle[at];
      if (kept === undefined || (kept.session.usable && !which(kept))) continue;
      this.#idle.splice(at, 1);
      kept.session.end();
    }
  }

  #stampOrNone(): string | undefined {
    try {
      return this.#stamp();
    } catch {
      // A secret that cannot be read now: the next who needs a connection is told.
      return undefined;
    }
  }
}
