import { alarmClosed, alarmOpened, decideEvent, forgetRefresh } from './decide.ts';
import { STANDARD_TYPE, type AlarmBook, type EventOutcome, type EventRules, type KnownAlarm, type OpcUaEvent } from './types.ts';

/** All alarms that a node remembers, by condition: each event is decided over what is known of its own condition only. */
export class AlarmSet {
  readonly #books = new Map<string, AlarmBook>();
  /** Condition by case: a case that is closed is looked up, not looked for. */
  readonly #cases = new Map<string, string>();
  /** While the server tells all that is of interest: keys that were told so far, by condition. */
  #told: Map<string, readonly string[]> | undefined;
  #flat: AlarmBook | undefined;
  /** Grows when something of it changes. */
  version = 0;

  constructor(kept: AlarmBook = {}) {
    const books = new Map<string, { [key: string]: KnownAlarm }>();
    for (const [key, alarm] of Object.entries(kept)) {
      const book = books.get(alarm.condition) ?? {};
      books.set(alarm.condition, book);
      book[key] = alarm;
    }
    for (const [condition, book] of books) this.#put(condition, book);
  }

  /** What came of one event, in order. */
  tell(event: OpcUaEvent, rules: EventRules): readonly EventOutcome[] {
    if (event.eventType === STANDARD_TYPE.refreshStart) {
      this.#told = new Map();
      return [];
    }
    if (event.eventType === STANDARD_TYPE.refreshEnd) return this.#endRefresh(event, rules);
    const condition = event.condition?.id;
    const before = condition === undefined ? {} : this.#books.get(condition) ?? {};
    const refreshing = condition === undefined ? undefined : this.#told?.get(condition) ?? (this.#told === undefined ? undefined : []);
    const { state, outcomes } = decideEvent({ alarms: before, ...(refreshing === undefined ? {} : { refreshing }) }, event, rules);
    if (condition !== undefined) {
      if (state.refreshing !== undefined) this.#told?.set(condition, state.refreshing);
      this.#put(condition, state.alarms);
    }
    return outcomes;
  }

  /** A subscription was lost. */
  lost(restarted: boolean): void {
    this.#told = undefined;
    for (const [condition, alarms] of this.#books) this.#put(condition, forgetRefresh({ alarms }, restarted).alarms);
  }

  opened(condition: string, activation: string, caseId: string): void {
    this.#put(condition, alarmOpened({ alarms: this.#books.get(condition) ?? {} }, activation, caseId).alarms);
  }

  /** Whether it is the case of an alarm. */
  has(caseId: string): boolean {
    return this.#cases.has(caseId);
  }

  closed(caseId: string): void {
    const condition = this.#cases.get(caseId);
    if (condition !== undefined) this.#put(condition, alarmClosed({ alarms: this.#books.get(condition) ?? {} }, caseId).alarms);
  }

  /** All of them, by condition and branch. */
  all(): AlarmBook {
    this.#flat ??= Object.fromEntries([...this.#books.values()].flatMap((book) => Object.entries(book)));
    return this.#flat;
  }

  #endRefresh(event: OpcUaEvent, rules: EventRules): readonly EventOutcome[] {
    const told = this.#told;
    this.#told = undefined;
    if (told === undefined) return [];
    return [...this.#books].flatMap(([condition, alarms]) => {
      const { state, outcomes } = decideEvent({ alarms, refreshing: told.get(condition) ?? [] }, event, rules);
      this.#put(condition, state.alarms);
      return outcomes;
    });
  }

  #put(condition: string, book: AlarmBook): void {
    const before = this.#books.get(condition);
    if (before === book || (before === undefined && Object.keys(book).length === 0)) return;
    for (const { caseId } of Object.values(before ?? {})) if (caseId !== undefined) this.#cases.delete(caseId);
    for (const { caseId } of Object.values(book)) if (caseId !== undefined) this.#cases.set(caseId, condition);
    if (Object.keys(book).length === 0) this.#books.delete(condition);
    else this.#books.set(condition, book);
    this.#flat = undefined;
    this.version += 1;
  }
}
