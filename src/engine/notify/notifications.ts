import type { NoticePreference, NoticeStore } from '../../ledger/notices-port.ts';
import type { Ledger } from '../../ledger/port.ts';
import type { DelegationPort, WaybillSettings } from '../api.ts';
import type { Directory } from '../directory/directory.ts';
import type { CaseExecutor } from '../case-executor.ts';
import type { Recorded } from '../recorded.ts';
import type { Clock } from '../support/clock.ts';
import { once } from '../support/reporting.ts';
import { MailSender } from '../../connectors/notify/mail.ts';
import { FlowTelling } from './telling.ts';
import type { Telling } from './telling.ts';
import { Absences } from './absences.ts';
import type { AbsencePort } from './absences.ts';
import { Notifier } from './notifier.ts';
import type { ChannelState } from './notifier.ts';
import type { Place } from './compose.ts';
import type { Pace } from './outbox.ts';
import { DirectoryReaders } from './people-to-tell.ts';
import { anyChannel, readNoticeSettings } from './settings.ts';
import type { NoticeSettings } from './settings.ts';

/** What pages and API see of notifications. */
export interface NotificationPort {
  /** Whether mails go out here. */
  readonly mail: boolean;
  preference(userId: string): NoticePreference;
  setPreference(userId: string, preference: NoticePreference): void;
  /** Absences by the link of a mail. */
  readonly absences: AbsencePort;
}

export interface NotificationOptions {
  readonly settings: WaybillSettings; readonly ledger: Ledger; readonly directory: () => Directory; readonly store: NoticeStore; readonly executor: CaseExecutor; readonly clock: Clock;
  readonly pseudonym: (userId: string) => string; readonly timeZone: (site: string) => string; readonly count: (name: string, by?: number) => void;
  /** Signs the links by which people set absences. */
  readonly linkKey: Uint8Array;
  readonly delegations: DelegationPort;
  readonly pace?: Partial<Pace>;
}

/** Notifications of one engine: what the settings say, how people want to be told, and the notifier when there is a channel. */
export class Notifications implements NotificationPort {
  readonly #store: NoticeStore;
  readonly #settings: NoticeSettings;
  readonly #notifier: Notifier | undefined;
  readonly #sender: MailSender | undefined;
  readonly absences: Absences;
  /** For steps that tell people. */
  readonly telling: Telling;

  constructor(options: NotificationOptions) {
    this.#store = options.store;
    const settings = this.#settings = readNoticeSettings(options.settings.notifications ?? {});
    for (const problem of settings.problems) once(`notifications ${problem}`, problem);
    const readers = new DirectoryReaders(options.directory, options.ledger);
    const place: Place = placeOf(options, settings, (publicUrl, userId) => this.absences.url(publicUrl, userId));
    const sender = this.#sender = settings.mail === undefined ? undefined : new MailSender(settings.mail);
    this.absences = new Absences({ ...options, key: options.linkKey, settings, sender, place: () => place, site: options.settings.site });
    this.telling = new FlowTelling({ ...options, settings, readers, place, sender });
    this.#notifier = anyChannel(settings) ? new Notifier({ ...options, settings, readers, place, sender }) : undefined;
  }

  get mail(): boolean {
    return this.#settings.mail !== undefined;
  }
  preference(userId: string): NoticePreference {
    return this.#store.preference(userId) ?? { mail: true, everyMinutes: 1, language: this.#settings.language };
  }
  setPreference(userId: string, preference: NoticePreference): void {
    this.#store.setPreference(userId, preference);
  }
  /** Undefined where nobody is told anything. */
  get heard(): ((recorded: Recorded) => void) | undefined {
    const notifier = this.#notifier;
    return notifier === undefined ? undefined : (recorded) => { notifier.heard(recorded); };
  }
  get waiting(): number {
    return this.#notifier?.waiting ?? 0;
  }
  get working(): boolean {
    return this.#notifier?.working ?? false;
  }
  /** Of channels for which something waits. */
  states(): readonly ChannelState[] {
    return this.#notifier?.states() ?? [];
  }

  start(): void {
    this.#notifier?.start();
  }
  async stop(ms: number): Promise<void> {
    await this.#notifier?.stop(ms);
    this.#sender?.close();
    this.#store.close();
  }
}

function placeOf({ settings: { site, publicUrl }, timeZone }: NotificationOptions, settings: NoticeSettings, absenceUrl: (publicUrl: string, userId: string) => string): Place {
  const href = publicUrl?.trim().replace(/\/+$/, '');
  const usable = href !== undefined && /^https?:\/\//i.test(href) && URL.canParse(href) ? href : undefined;
  const domain = usable === undefined ? settings.mail?.from.address.split('@')[1] ?? 'waybill.invalid' : new URL(usable).hostname.replace(/^\[|\]$/g, '').replaceAll(':', '-');
  return { site, publicUrl: usable, timeZone, withFacts: settings.withFacts, domain, absenceUrl: (userId) => (usable === undefined ? undefined : absenceUrl(usable, userId)) };
}
