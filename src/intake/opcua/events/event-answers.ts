import type { OpcUaConnection } from '../session/connection.ts';
import { answerCondition, judgeAnswer, refusedAnswer, type ConditionAnswer } from './conditions.ts';
import { answerDue, type AnswerRules } from './decide.ts';
import type { AlarmBook, KnownAlarm } from './types.ts';

const AGAIN = { minMs: 2_000, maxMs: 60_000 };
/** How often a server is asked again that has refused. */
const REFUSED_MS = 300_000;

interface Tried { readonly eventId: string; readonly again: number; readonly failures: number; readonly done: boolean }

export interface AnswerOptions {
  readonly connection: OpcUaConnection;
  readonly rules: AnswerRules;
  readonly alarms: () => AlarmBook;
  readonly namespaces: () => Promise<readonly string[]>;
  readonly clock: () => number;
  /** The server knows a newer notification of an alarm than we do. */
  readonly onStale: () => void;
  readonly onAnswered: (alarm: KnownAlarm, what: 'acknowledge' | 'confirm') => void;
  /** What is in the way changed. */
  readonly onProblems: () => void;
}

/**
 * Acknowledges and confirms at the server what is due by the rules, and tries again until the server has it. What is due
 * follows from what is remembered, so it is done after a restart as well; an alarm that is acknowledged already is no fault.
 */
export class EventAnswers {
  readonly #options: AnswerOptions;
  readonly #tried = new Map<string, Tried>();
  readonly #problems = new Map<string, string>();
  #working = false;
  #again = false;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;
  readonly counters = { acknowledged: 0, confirmed: 0, refused: 0 };

  constructor(options: AnswerOptions) {
    this.#options = options;
  }

  get problems(): readonly string[] {
    return [...this.#problems.values()];
  }

  /** Alarms that the server is still to be told of. */
  get open(): number {
    return this.#due().length;
  }

  /** Something may be due: an event came, a case was recorded or closed, a session began. */
  poke(): void {
    if (this.#closed) return;
    if (this.#working) {
      this.#again = true;
      return;
    }
    clearTimeout(this.#timer);
    this.#working = true;
    void this.#work().finally(() => {
      this.#working = false;
      if (this.#again) {
        this.#again = false;
        this.poke();
      } else this.#sleep();
    });
  }

  /** A session began: what was refused or broken is tried at once. */
  hurry(): void {
    for (const [name, tried] of this.#tried) if (!tried.done) this.#tried.delete(name);
    this.poke();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #due(): readonly { readonly name: string; readonly alarm: KnownAlarm; readonly what: 'acknowledge' | 'confirm' }[] {
    const { alarms, rules } = this.#options;
    return Object.entries(alarms()).flatMap(([key, alarm]) => {
      const what = answerDue(key, alarm, rules);
      const name = `${alarm.activation} ${what ?? ''}`;
      return what === undefined || this.#tried.get(name)?.done === true ? [] : [{ name, alarm, what }];
    });
  }

  async #work(): Promise<void> {
    const due = this.#due();
    const names = new Set(due.map(({ name }) => name));
    for (const name of this.#problems.keys()) if (!names.has(name)) this.#mended(name);
    for (const { name, alarm, what } of due) {
      const tried = this.#tried.get(name);
      if (this.#closed) return;
      if (tried !== undefined && tried.eventId === alarm.eventId && tried.again > this.#options.clock()) continue;
      await this.#answer(name, alarm, what, tried?.failures ?? 0);
    }
    // what is over is forgotten
    if (this.#tried.size > 10_000) for (const name of this.#tried.keys()) if (!names.has(name)) this.#tried.delete(name);
  }

  async #answer(name: string, alarm: KnownAlarm, what: 'acknowledge' | 'confirm', failures: number): Promise<void> {
    const { connection, namespaces, clock } = this.#options;
    const answer: ConditionAnswer = { what, condition: alarm.condition, eventId: alarm.eventId, comment: `Waybill case ${alarm.caseId ?? ''}` };
    let status: string;
    try {
      const known = await namespaces();
      status = await connection.withSession((session) => answerCondition(session, answer, known));
    } catch (error) {
      // no answer: whether it was heard is not known, and asking twice does no harm
      this.#tried.set(name, { eventId: alarm.eventId, again: clock() + waitOf(failures), failures: failures + 1, done: false });
      this.#trouble(name, `The alarm "${alarm.name}" is not ${what === 'acknowledge' ? 'acknowledged' : 'confirmed'} yet: ${error instanceof Error ? error.message : String(error)}`);
      return;
    }
    const judged = judgeAnswer(status);
    if (judged === 'done') {
      this.#tried.set(name, { eventId: alarm.eventId, again: 0, failures: 0, done: true });
      this.counters[what === 'acknowledge' ? 'acknowledged' : 'confirmed'] += 1;
      this.#mended(name);
      this.#options.onAnswered(alarm, what);
      return;
    }
    if (judged === 'refused') this.counters.refused += 1;
    this.#tried.set(name, { eventId: alarm.eventId, again: clock() + (judged === 'refused' ? REFUSED_MS : waitOf(failures)), failures: failures + 1, done: false });
    // a newer event is on its way as a rule; only when asking did not help it is a problem
    if (judged !== 'stale' || failures > 1) this.#trouble(name, refusedAnswer(alarm.name, what, status));
    if (judged === 'stale') this.#options.onStale();
  }

  #trouble(name: string, text: string): void {
    if (this.#problems.get(name) === text) return;
    this.#problems.set(name, text);
    this.#options.onProblems();
  }

  #mended(name: string): void {
    if (this.#problems.delete(name)) this.#options.onProblems();
  }

  #sleep(): void {
    if (this.#closed) return;
    const now = this.#options.clock();
    const waits = this.#due().map(({ name }) => Math.max(AGAIN.minMs / 2, (this.#tried.get(name)?.again ?? now) - now));
    if (waits.length === 0) return;
    this.#timer = setTimeout(() => { this.poke(); }, Math.min(...waits, AGAIN.maxMs));
    this.#timer.unref();
  }
}

const waitOf = (failures: number): number => Math.min(AGAIN.maxMs, AGAIN.minMs * 2 ** Math.min(failures, 10));
