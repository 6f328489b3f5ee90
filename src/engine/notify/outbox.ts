import { sendSlack, sendTeams } from '../../connectors/notify/chat.ts';
import type { MailSender } from '../../connectors/notify/mail.ts';
import type { Told } from '../../connectors/notify/told.ts';
import { sendWebhook } from '../../connectors/notify/webhook.ts';
import type { NoticeChannel } from '../../domain/events.ts';
import type { Notice, NoticeStore } from '../../ledger/notices-port.ts';
import type { Ledger } from '../../ledger/port.ts';
import type { Clock } from '../support/clock.ts';
import { once } from '../support/reporting.ts';
import { chatOf, mailOf, webhookOf } from './compose.ts';
import type { Place } from './compose.ts';
import { newsOf } from './news.ts';
import type { News } from './news.ts';
import type { Reader, Readers } from './people-to-tell.ts';
import { ChannelHealth } from './senders.ts';
import type { NoticeSettings } from './settings.ts';

/** A mail server that is away is waited for so long (RFC 5321 §4.5.4.1 asks for four to five days). */
const giveUpMs = 4 * 86_400_000;
/** Recipients that are put off one by one are asked again after so long, doubled each time. */
const recipientPauseMs = 60_000;
const page = 2_000;

/** How often people are told at most. */
export interface Pace {
  /** What comes in so close together is one mail. */
  readonly gatherMs: number;
  /** One mail a person in so long, whatever comes. */
  readonly mailEveryMs: number;
  /** One message a channel of a chat in so long. */
  readonly chatEveryMs: number;
}
export const usualPace: Pace = { gatherMs: 2_000, mailEveryMs: 60_000, chatEveryMs: 10_000 };

/** Sends what is due, collected by recipient, and marks what came of it. Never rejects for what a channel does. */
export class Outbox {
  readonly #store: NoticeStore;
  readonly #ledger: Ledger;
  readonly #readers: Readers;
  readonly #settings: NoticeSettings;
  readonly #place: Place;
  readonly #clock: Clock;
  readonly #pace: Pace;
  readonly #count: (name: string, by?: number) => void;
  readonly #mail: MailSender | undefined;
  readonly #health = new Map<NoticeChannel, ChannelHealth>();
  /** When each person or channel was told last, ms; lost with the process, which costs a mail more. */
  readonly #lastAt = new Map<string, number>();

  constructor(options: {
    readonly store: NoticeStore; readonly ledger: Ledger; readonly readers: Readers; readonly settings: NoticeSettings; readonly place: Place; readonly clock: Clock; readonly pace: Pace; readonly sender: MailSender | undefined;
    readonly count: (name: string, by?: number) => void;
  }) {
    this.#store = options.store;
    this.#ledger = options.ledger;
    this.#readers = options.readers;
    this.#settings = options.settings;
    this.#place = options.place;
    this.#clock = options.clock;
    this.#pace = options.pace;
    this.#count = options.count;
    this.#mail = options.sender;
  }

  healthOf(channel: NoticeChannel): ChannelHealth {
    let health = this.#health.get(channel);
    if (health === undefined) this.#health.set(channel, health = new ChannelHealth(channel, this.#clock));
    return health;
  }

  /** Sends what is due now; `stopped` ends it between two messages. */
  async send(stopped: () => boolean): Promise<void> {
    const groups = new Map<string, Notice[]>();
    for (const notice of this.#store.due(this.#clock.iso(), page)) {
      const { channel = 'mail', userId } = notice;
      if (this.healthOf(channel).down) continue;
      const key = `${channel} ${userId}`;
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [notice]);
      else group.push(notice);
    }
    for (const [key, notices] of groups) {
      if (stopped()) return;
      const channel = notices[0]?.channel ?? 'mail';
      if (this.healthOf(channel).down || this.#tooSoon(key, notices)) continue;
      await this.#sendGroup(key, channel, notices);
    }
    if (this.#lastAt.size > 10_000) this.#lastAt.clear();
  }

  /** When the next message may go out; undefined when none waits. */
  nextAt(): number | undefined {
    const due = this.#store.nextDue();
    if (due === undefined) return undefined;
    const downs = [...this.#health.values()].filter(({ down }) => down).map(({ downUntil }) => downUntil);
    // What is due and still there waits for its channel.
    return Math.max(Date.parse(due), Date.parse(due) <= this.#clock.now() && downs.length > 0 ? Math.min(...downs) : 0);
  }

  #tooSoon(key: string, notices: readonly Notice[]): boolean {
    const last = this.#lastAt.get(key);
    const [channel, userId = ''] = key.split(' ');
    if (last === undefined || channel === 'webhook') return false;
    const everyMs = channel === 'mail' ? Math.max(this.#pace.mailEveryMs, (this.#store.preference(userId)?.everyMinutes ?? 1) * 60_000 * (this.#pace.mailEveryMs / usualPace.mailEveryMs)) : this.#pace.chatEveryMs;
    if (last + everyMs <= this.#clock.now()) return false;
    this.#store.postpone(notices.map(({ id }) => id), new Date(last + everyMs).toISOString());
    return true;
  }

  async #sendGroup(key: string, channel: NoticeChannel, notices: readonly Notice[]): Promise<void> {
    const reader = channel === 'mail' ? await this.#readers.byId(notices[0]?.userId ?? '') : undefined;
    const all: News[] = [];
    const stale: number[] = [];
    for (const notice of notices) {
      const gone = channel === 'mail' && (reader?.email === undefined || reader.email === '' || this.#store.preference(reader.userId)?.mail === false);
      const news = gone ? undefined : await newsOf(this.#ledger, notice, reader?.pseudonym);
      if (news === undefined) stale.push(notice.id);
      else all.push(news);
    }
    if (stale.length > 0) this.#store.remove(stale);
    if (all.length === 0) return;
    if (channel === 'webhook') {
      for (const news of all) if (!this.healthOf('webhook').down) this.#settle([news], await this.#attempt('webhook', [news], reader));
      return;
    }
    const result = await this.#attempt(channel, all, reader);
    if (result.ok) this.#lastAt.set(key, this.#clock.now());
    this.#settle(all, result);
  }

  #attempt(channel: NoticeChannel, all: readonly News[], reader: Reader | undefined): Promise<Told> {
    return this.healthOf(channel).attempt(() => this.#deliver(channel, all, reader)
      .catch((error: unknown): Told => {
        // A mistake of ours about these messages must not keep all others from going out.
        once('notify-compose', `A notification could not be made: ${String(error)}`);
        return { ok: false, kind: 'permanent', errorClass: 'not-made', message: 'The message could not be made.', recipient: true };
      }));
  }

  async #deliver(channel: NoticeChannel, all: readonly News[], reader: Reader | undefined): Promise<Told> {
    const now = this.#clock.now();
    const { teamsUrl = '', slackUrl = '', webhook = { url: '', secret: undefined }, language } = this.#settings;
    switch (channel) {
      case 'mail': {
        if (this.#mail === undefined || reader?.email === undefined) return { ok: false, kind: 'permanent', errorClass: 'no-address', message: 'There is no mail address.', recipient: true };
        const spoken = this.#store.preference(reader.userId)?.language ?? language;
        return this.#mail.send(mailOf(all, { ...reader, email: reader.email }, this.#place, spoken, now));
      }
      case 'teams': return sendTeams(teamsUrl, chatOf(all, this.#place, language), now);
      case 'slack': return sendSlack(slackUrl, chatOf(all, this.#place, language), now);
      case 'webhook': {
        const [news] = all as readonly [News];
        return sendWebhook(webhook, webhookOf(news, this.#place, news.notice.at), `${this.#ledger.ledgerId}-${news.notice.cause}`, now);
      }
    }
  }

  #settle(all: readonly News[], result: Told): void {
    const ids = all.map(({ notice }) => notice.id);
    if (result.ok) {
      this.#store.end(ids, 'ok');
      this.#count('notices_sent', ids.length);
      return;
    }
    if (result.kind === 'permanent') {
      this.#store.end(ids, result.errorClass);
      this.#count('notices_failed', ids.length);
      return;
    }
    const now = this.#clock.now();
    const over = all.filter(({ notice }) => now - Date.parse(notice.at) > giveUpMs).map(({ notice }) => notice.id);
    if (over.length > 0) this.#store.end(over, result.errorClass);
    this.#count('notices_failed', over.length);
    const attempts = Math.max(...all.map(({ notice }) => notice.attempts));
    const pause = result.recipient === true ? Math.min(3_600_000, recipientPauseMs * 2 ** Math.min(10, attempts)) : 0;
    this.#store.retry(ids.filter((id) => !over.includes(id)), new Date(now + Math.max(pause, result.retryAfterMs ?? 0)).toISOString());
    this.#count('notices_retried', ids.length - over.length);
  }
}
