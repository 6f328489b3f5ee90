import type { Json, JsonObject } from '../../domain/json.ts';
import { atPointer } from '../../domain/json-pointer.ts';
import type { ServiceDefinition } from '../../domain/service/index.ts';
import { DriverError } from '../driver.ts';
import type { DriverCall, Line, LineDriver, LineNote, LineSettings, Outcome, Problem } from '../driver.ts';
import { engineOf, readOperation } from './binding.ts';
import type { Reading, SqlOperation } from './binding.ts';
import { mariadb } from './mariadb/dialect.ts';
import { postgresql } from './postgresql/dialect.ts';
import { sqlProblems } from './problems.ts';
import { SessionPool } from './session-pool.ts';
import { SqlFailure, TooMuch } from './session.ts';
import type { Query, SqlDialect, SqlSession } from './session.ts';
import type { Engine } from './statement.ts';
import { wireText } from './values.ts';

const dialects: Readonly<Record<Engine, SqlDialect>> = { postgresql, mariadb };

/**
 * Named statements of the signed definition, with values bound and never pasted. What reads does so in a read-only
 * transaction; what writes is one transaction that takes the key of the call first, where it is unique.
 */
export const sqlDriver: LineDriver = {
  schemes: ['postgresql', 'mariadb'],
  open: (settings) => new SqlLine(settings),
  problems: sqlProblems,
};

class SqlLine implements Line {
  readonly #settings: LineSettings;
  readonly #engine: Engine;
  readonly #pools = new Map<boolean, SessionPool>();

  constructor(settings: LineSettings) {
    this.#settings = settings;
    this.#engine = settings.base.scheme === 'mariadb' ? 'mariadb' : 'postgresql';
  }

  async call(call: DriverCall, witness: (note: LineNote) => void): Promise<Outcome> {
    const plan = this.#planned(call);
    const { timeouts } = call.service;
    const { clock } = this.#settings;
    const pool = this.#pool(call.service);
    let session: SqlSession;
    try {
      session = await pool.take(Math.min(timeouts.connectMs, timeouts.totalMs));
    } catch (error) {
      return stillUnknown(call, outcomeOf(error, 'again'));
    }
    const work = new Work(session, plan, call, timeouts.totalMs, witness);
    const timer = clock.setTimeout(() => { session.destroy(); }, timeouts.totalMs);
    try {
      return stillUnknown(call, await work.run());
    } finally {
      clock.clearTimeout(timer);
      pool.give(session);
    }
  }

  async reach(service: ServiceDefinition): Promise<string | undefined> {
    if (engineOf(service) !== this.#engine) return undefined;
    const pool = this.#pool(service);
    try {
      const session = await pool.take(service.timeouts.connectMs);
      pool.give(session);
      return undefined;
    } catch (error) {
      if (error instanceof SqlFailure) return error.message;
      throw error;
    }
  }

  close(): Promise<void> {
    for (const pool of this.#pools.values()) pool.close();
    return Promise.resolve();
  }

  /** @throws DriverError */
  #planned(call: DriverCall): Plan {
    const { operation, problems } = readOperation(call.service, call.operation);
    if (problems[0] !== undefined) throw new DriverError(problems[0].message);
    if (operation.engine !== this.#engine) throw new DriverError(`The service is one of a database ${operation.engine}, and the address of the system is one of ${this.#engine}; choose a system that fits.`);
    const values = new Map([...operation.parameters.values()].map(({ name, type, from, optional }): [string, string | null] => {
      const value = atPointer(call.document, from) ?? null;
      if (value === null && !optional) throw new DriverError(`The document has no value for "${name}"; give it one at ${from}.`, from);
      return [name, value === null ? null : wireText(type, value, from)];
    }));
    return { operation, query: (statement) => ({ statement, parameters: operation.parameters, values }) };
  }

  /** Services that sign in with a password, and those that do it with a certificate only, share no connections. */
  #pool({ authentication }: ServiceDefinition): SessionPool {
    const needsPassword = authentication.kind === 'basic';
    let pool = this.#pools.get(needsPassword);
    if (pool === undefined) {
      const { secret, tls } = this.#settings;
      let material = tls();
      let certificates = 0;
      const stamp = (): string => {
        const now = tls();
        if (now !== material) {
          material = now;
          certificates += 1;
        }
        return JSON.stringify([certificates, secret('user') ?? null, secret('password') ?? null]);
      };
      this.#pools.set(needsPassword, pool = new SessionPool((withinMs) => dialects[this.#engine].open(this.#settings, needsPassword, withinMs), stamp, this.#settings.clock));
    }
    return pool;
  }
}

interface Plan { readonly operation: SqlOperation; readonly query: (statement: Query['statement']) => Query }

/** Fewer or more rows were changed than have to be: nothing of it stays. */
class WrongCount extends Error {
  override readonly name = 'WrongCount';
}

/** One call at work on one connection. */
class Work {
  readonly #session: SqlSession;
  readonly #plan: Plan;
  readonly #call: DriverCall;
  /** The server gives up a little before we do, and says so. */
  readonly #serverMs: number;
  readonly #witness: (note: LineNote) => void;
  #committing = false;
  /** An earlier call under this key did it. */
  #happened = false;

  constructor(session: SqlSession, plan: Plan, call: DriverCall, totalMs: number, witness: (note: LineNote) => void) {
    this.#session = session;
    this.#plan = plan;
    this.#call = call;
    this.#serverMs = totalMs * 0.9;
    this.#witness = witness;
  }

  async run(): Promise<Outcome> {
    const { read, changes, once, newer } = this.#plan.operation;
    try {
      if (changes.length === 0 && read !== undefined) return { kind: 'done', answer: await this.#reading(read) };
      await this.#session.begin(false, this.#serverMs);
      if (once !== undefined && !await this.#claimed(once)) {
        this.#happened = true;
        return { kind: 'done', answer: read === undefined ? null : await this.#reading(read) };
      }
      for (const { statement, changes: expected } of changes) {
        const changed = await this.#session.change(this.#plan.query(statement));
        this.#told('WRITE', statement.text, { changed });
        if (expected === 'any' || (expected === 'some' ? changed > 0 : changed === expected)) continue;
        throw new WrongCount(`A statement changed ${changed} rows, and has to change ${expected === 'some' ? 'at least one' : expected}; all of it was taken back.`);
      }
      const answer = read === undefined ? null : await this.#rows(read);
      this.#committing = true;
      await this.#session.commit();
      return { kind: 'done', answer };
    } catch (error) {
      return this.#failed(error, newer);
    }
  }

  /** False when an earlier call has taken it: that one is committed, or this statement would still be waiting for it. */
  async #claimed(once: Query['statement']): Promise<boolean> {
    try {
      await this.#session.change(this.#plan.query(once));
      this.#told('KEY', once.text, { taken: true });
      return true;
    } catch (error) {
      if (!(error instanceof SqlFailure) || error.meaning !== 'duplicate') throw error;
      this.#told('KEY', once.text, { taken: false });
      await this.#session.rollback();
      return false;
    }
  }

  /** In a transaction of its own, which can write nothing. */
  async #reading(reading: Reading): Promise<Json> {
    await this.#session.begin(true, this.#serverMs);
    const answer = await this.#rows(reading);
    await this.#session.rollback();
    return answer;
  }

  async #rows({ statement, answer, maxRows }: Reading): Promise<Json> {
    const rows = await this.#session.rows(this.#plan.query(statement), maxRows);
    this.#told('READ', statement.text, { rows: rows.length, answer: rows as readonly JsonObject[] });
    return answer === 'row' ? rows[0] ?? null : rows;
  }

  async #failed(error: unknown, newer: Reading | undefined): Promise<Outcome> {
    const committing = this.#committing;
    if (!(error instanceof SqlFailure) && !(error instanceof TooMuch) && !(error instanceof WrongCount)) {
      this.#session.destroy();
      throw error;
    }
    this.#witness({ method: committing ? 'COMMIT' : 'ROLLBACK', path: '', failure: { errorClass: classOf(error), sent: committing } });
    const usable = await this.#rolledBack();
    if (error instanceof WrongCount) {
      const problem: Problem = { title: error.message, errorClass: 'row-count' };
      if (newer === undefined) return { kind: 'refused', problem };
      const now = usable ? await this.#reading(newer).catch(() => undefined) : undefined;
      return { kind: 'conflict', problem, ...(now === undefined ? {} : { newer: now }) };
    }
    const outcome = outcomeOf(error, committing || this.#happened ? 'unknown' : 'again');
    if (this.#happened && outcome.kind !== 'unknown') return 'problem' in outcome ? { kind: 'done', answer: null, unreadable: outcome.problem } : outcome;
    return committing && outcome.kind === 'again' && !saysRolledBack(error) ? { kind: 'unknown', problem: outcome.problem } : outcome;
  }

  /** A connection that cannot be brought back to its beginning is given up; the server rolls back then. */
  async #rolledBack(): Promise<boolean> {
    if (!this.#session.usable) return false;
    try {
      await this.#session.rollback();
      return true;
    } catch {
      this.#session.destroy();
      return false;
    }
  }

  #told(method: string, path: string, answer: JsonObject): void {
    this.#witness({ method, path, ...(method === 'READ' ? {} : { request: this.#call.document }), answer });
  }
}

/** Of a COMMIT: a conflict of transactions, a deadlock, a time that was up; and that it answered ROLLBACK. */
function saysRolledBack(error: unknown): boolean {
  return error instanceof SqlFailure && (error.code === undefined || /^(40(?!003)|57014|1213|1205)/.test(error.code));
}

/** What failed says nothing of an earlier attempt that may have happened. */
function stillUnknown({ repeated, operation }: DriverCall, outcome: Outcome): Outcome {
  return repeated && operation.effect === 'writes' && outcome.kind === 'again' ? { kind: 'unknown', problem: outcome.problem } : outcome;
}

function classOf(error: unknown): string {
  if (error instanceof TooMuch) return 'answer-too-long';
  if (error instanceof WrongCount) return 'row-count';
  return error instanceof SqlFailure ? error.code === undefined ? error.meaning : `sql-${error.code}` : 'sql';
}

/** @param lost what a lost connection means: before COMMIT was sent the server rolls back, after it nobody knows. */
function outcomeOf(error: unknown, lost: 'again' | 'unknown'): Outcome {
  if (error instanceof TooMuch) return { kind: 'refused', problem: { title: 'The database has more rows, or longer ones, than are read of it; ask for less.', errorClass: 'answer-too-long' } };
  if (!(error instanceof SqlFailure)) throw error;
  const problem: Problem = { title: error.message, errorClass: error.meaning === 'sign-in' ? 'not-authorised' : classOf(error), ...(error.code === undefined ? {} : { code: error.code }) };
  switch (error.meaning) {
    case 'lost': return { kind: lost, problem: { ...problem, errorClass: 'connection' } };
    case 'again': return { kind: 'again', problem };
    // A server whose tables or rights are wrong is not broken: a person mends it, and the call is made again.
    case 'mend': case 'sign-in': return { kind: 'again', problem, hopeless: true };
    case 'refused': case 'duplicate': return { kind: 'refused', problem };
  }
}
