import { createHash } from 'node:crypto';
import type { MailSender } from '../../connectors/notify/mail.ts';
import type { CaseCommand } from '../../domain/index.ts';
import type { NoticeChannel } from '../../domain/events.ts';
import type { NewNotice, Notice, NoticeStore } from '../../ledger/notices-port.ts';
import { isLasting, LedgerError } from '../../ledger/port.ts';
import type { Ledger } from '../../ledger/port.ts';
import type { CaseExecutor } from '../case-executor.ts';
import type { Recorded } from '../recorded.ts';
import { systemActor } from '../site-log.ts';
import type { Clock, ClockHandle } from '../support/clock.ts';
import { once } from '../support/reporting.ts';
import { Addressing, toldKey } from './addressing.ts';
import { isCause, noticeOf } from './causes.ts';
import type { Place } from './compose.ts';
import { Outbox, usualPace } from './outbox.ts';
import type { Pace } from './outbox.ts';
import type { Readers } from './people-to-tell.ts';
import type { NoticeSettings } from './settings.ts';

/** Events that are read again at a start: commits of different cases may be heard of a little out of order. */
const margin = 2_000;
const page = 500;
/** What is heard is put down after so long, ms. */
const putDownMs = 100;
/** Recipients named in one event: a leaf has an end. */
const recipientsPerEvent = 200;

export interface NotifierOptions {
  readonly ledger: Ledger; readonly executor: CaseExecutor; readonly store: NoticeStore; readonly readers: Readers; readonly settings: NoticeSettings; readonly place: Place;
  readonly sender: MailSender | undefined;
  readonly clock: Clock; readonly pseudonym: (userId: string) => string; readonly count: (name: string, by?: number) => void; readonly pace?: Partial<Pace>;
}

/** How a channel is doing, for the system page. */
export interface ChannelState { readonly channel: string; readonly waiting: number; readonly oldest: string; readonly problem: string | undefined }

/**
 * Tells people of what happens. A durable subscription: what is to be told is put down with the position up to which the ledger was
 * read, and goes when telling is recorded (`TaskNotified`). A crash in between sends again, and loses nothing. It works beside the
 * engine and never in its way: whatever a channel does, no step waits for it.
 */
export class Notifier {
  readonly #options: NotifierOptions;
  readonly #addressing: Addressing;
  readonly #outbox: Outbox;
  readonly #pace: Pace;
  readonly #heard: NewNotice[] = [];
  /** Who was told in what is read again, by the ledger. */
  readonly #told = new Set<string>();
  #heardTo = 0;
  #caughtUp = false;
  #timer: ClockHandle | undefined;
  #timerAt = Number.POSITIVE_INFINITY;
  #working: Promise<void> | undefined;
  #again = false;
  #stopped = false;

  constructor(options: NotifierOptions) {
    this.#options = options;
    this.#pace = { ...usualPace, ...options.pace };
    this.#addressing = new Addressing(options);
    this.#outbox = new Outbox({ ...options, pace: this.#pace });
    this.#heardTo = options.ledger.health().lastPosition;
  }

  /** Reads what was recorded while nobody listened, then goes on by itself. What is recorded from now on comes by {@link heard}. */
  start(): void {
    this.#wake(0);
  }

  /** A commit, on the event loop: only what people are told of costs anything. */
  heard({ position, caseId, events }: Recorded): void {
    this.#heardTo = Math.max(this.#heardTo, position);
    if (caseId === undefined || this.#stopped) return;
    events.forEach((event, index) => {
      if (!isCause(event.type)) return;
      // The events of a commit stand side by side in the ledger.
      const notice = noticeOf(event, position - (events.length - 1 - index), caseId, this.#options.clock.iso(), this.#options.settings);
      if (notice === undefined) return;
      this.#heard.push(notice);
      this.#wake(putDownMs);
    });
  }

  states(): readonly ChannelState[] {
    if (this.#stopped) return [];
    return this.#options.store.counts().map(({ channel, waiting, oldest }) => ({
      channel: channel === '' ? 'new' : channel, waiting, oldest, problem: channel === '' ? undefined : this.#outbox.healthOf(channel as NoticeChannel).lastProblem,
    }));
  }
  get waiting(): number {
    if (this.#stopped) return 0;
    return this.#options.store.counts().reduce((sum, { waiting }) => sum + waiting, this.#heard.length);
  }

  /** Something is being sent or recorded. */
  get working(): boolean {
    return this.#working !== undefined;
  }

  #wake(inMs: number): void {
    if (this.#stopped) return;
    const at = this.#options.clock.now() + inMs;
    if (at >= this.#timerAt) return;
    this.#options.clock.clearTimeout(this.#timer);
    this.#timerAt = at;
    this.#timer = this.#options.clock.setTimeout(() => {
      this.#timerAt = Number.POSITIVE_INFINITY;
      if (this.#working !== undefined) this.#again = true;
      else this.#working = this.#work().finally(() => {
        this.#working = undefined;
        if (this.#again) this.#wake(0);
        this.#again = false;
      });
    }, inMs);
  }

  async #work(): Promise<void> {
    try {
      if (!this.#caughtUp) await this.#catchUp();
      this.#putDown();
      await this.#address();
      await this.#outbox.send(() => this.#stopped);
      await this.#record();
      const next = this.#outbox.nextAt();
      if (next !== undefined) this.#wake(Math.min(30_000, Math.max(50, next - this.#options.clock.now())));
    } catch (error) {
      if (this.#stopped || (error instanceof LedgerError && error.code === 'closed')) return;
      once('notify', `Notifications wait: ${error instanceof Error ? error.message : String(error)}`);
      this.#wake(5_000);
    }
  }

  /** From where reading stopped to what was there when this began. */
  async #catchUp(): Promise<void> {
    const { ledger, store, settings } = this.#options;
    const end = ledger.health().lastPosition;
    const cursor = store.cursor();
    // A new store tells of what comes from now on; one that is ahead belongs to a ledger that was put back from a backup.
    let position = cursor === undefined ? end + 1 : Math.max(1, Math.min(cursor, end) - margin + 1);
    while (position <= end && !this.#stopped) {
      const events = await ledger.readAll(position, page);
      const notices: NewNotice[] = [];
      for (const event of events) {
        if (event.type === 'TaskNotified') for (const pseudonym of event.data.recipients ?? ['']) this.#told.add(toldKey(event.data.cause, event.data.channel, pseudonym));
        const notice = event.caseId === undefined ? undefined : noticeOf(event, event.position ?? 0, event.caseId, event.recordedAt, settings);
        if (notice !== undefined) notices.push(notice);
      }
      const last = events.at(-1)?.position ?? end;
      store.take(notices, Math.max(cursor ?? 0, last));
      position = last + 1;
    }
    if (this.#stopped) return;
    if (cursor === undefined || cursor > end) store.take([], end);
    this.#caughtUp = true;
  }

  #putDown(): void {
    const heard = this.#heard.splice(0);
    // The position is where a start begins to read; it need not be exact, and is not written for nothing.
    if (heard.length > 0 || this.#heardTo - (this.#options.store.cursor() ?? 0) > margin) this.#options.store.take(heard, this.#heardTo);
  }

  async #address(): Promise<void> {
    const { store, executor, clock } = this.#options;
    for (;;) {
      const notices = store.unaddressed(page);
      for (const notice of notices) {
        const state = await executor.load(notice.caseId);
        const { recipients, nobody } = await this.#addressing.of(notice, state, this.#told);
        const at = Math.min(Date.parse(notice.at), clock.now()) + this.#pace.gatherMs;
        if (nobody) {
          store.endUnaddressed(notice.id, 'mail', 'no-recipient');
          this.#options.count('notices_without_recipient');
        } else store.address(notice.id, recipients, new Date(at).toISOString());
      }
      if (notices.length < page) break;
    }
    this.#told.clear();
  }

  /** Puts into the ledger who was told. What it does not take now is recorded later, without being sent again. */
  async #record(): Promise<void> {
    const { store } = this.#options;
    for (let ended = store.ended(page); ended.length > 0; ended = store.ended(page)) {
      const groups = new Map<string, Notice[]>();
      for (const notice of ended) {
        const key = `${notice.cause} ${notice.channel ?? ''} ${notice.result ?? ''}`;
        groups.set(key, [...groups.get(key) ?? [], notice]);
      }
      for (const group of groups.values()) for (let i = 0; i < group.length; i += recipientsPerEvent) await this.#recordOne(group.slice(i, i + recipientsPerEvent));
    }
  }

  async #recordOne(group: readonly Notice[]): Promise<void> {
    const [first] = group;
    if (first === undefined) return;
    const recipients = group.flatMap(({ userId }) => (userId === '' ? [] : [this.#options.pseudonym(userId)])).sort();
    const ok = first.result === 'ok';
    const command: CaseCommand = {
      type: 'RecordNotice', ...(first.taskId === undefined ? {} : { taskId: first.taskId }), ...(first.exceptionId === undefined ? {} : { exceptionId: first.exceptionId }),
      channel: first.channel ?? 'mail', purpose: first.purpose, cause: first.cause, ok, ...(recipients.length === 0 ? {} : { recipients }), ...(ok ? {} : { reason: first.result ?? '' }),
    };
    // The same telling is recorded once, however often it is carried here.
    const commandKey = `notice:${createHash('sha256').update([first.cause, first.channel, first.result, ...recipients].join('\0')).digest('base64url')}`;
    try {
      await this.#options.executor.execute(first.caseId, { actor: systemActor, commands: () => [command], commandKey });
    } catch (error) {
      if (!(error instanceof LedgerError) || !isLasting(error)) throw error;
      once('notify-record', `A notification could not be recorded: ${error.message}`);
    }
    this.#options.store.remove(group.map(({ id }) => id));
  }

  /** Ends between two messages; what is under way is waited for, at most `ms`. */
  async stop(ms: number): Promise<void> {
    this.#stopped = true;
    this.#options.clock.clearTimeout(this.#timer);
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([this.#working, new Promise<void>((resolve) => { timer = setTimeout(resolve, ms); })]);
    clearTimeout(timer);
  }
}
