import { createHash } from 'node:crypto';
import { layOut } from '../../connectors/notify/mail-layout.ts';
import type { MailSender } from '../../connectors/notify/mail.ts';
import { failed } from '../../connectors/notify/told.ts';
import type { Told } from '../../connectors/notify/told.ts';
import type { WebhookTarget } from '../../connectors/notify/webhook.ts';
import type { NoticeStore } from '../../ledger/notices-port.ts';
import { pageUrl } from './compose.ts';
import type { Place } from './compose.ts';
import type { Reader, Readers } from './people-to-tell.ts';
import type { NoticeSettings } from './settings.ts';
import { fill, textsIn } from './texts.ts';

/** What a flow has to say. */
export interface FlowMessage { readonly subject: string; readonly text: string; readonly caseId: string; readonly site: string;
  /** With a button that opens the case. */
  readonly link: boolean;
}

/** What a `notify` step needs of the engine: who people are, and how mails leave. */
export interface Telling {
  readonly hooks: { readonly teamsUrl: string | undefined; readonly slackUrl: string | undefined; readonly webhook: WebhookTarget | undefined };
  readonly language: 'en' | 'de';
  readers(who: { readonly role: string; readonly site: string } | { readonly account: string } | { readonly pseudonym: string }): Promise<readonly Reader[]>;
  /** One mail to one address; `key` makes a second sending of it known as such. */
  mail(to: { readonly name: string; readonly address: string; readonly userId?: string }, message: FlowMessage, key: string, now: number): Promise<Told>;
  caseUrl(caseId: string): string | undefined;
}

export class FlowTelling implements Telling {
  readonly hooks: Telling['hooks'];
  readonly language: 'en' | 'de';
  readonly #readers: Readers;
  readonly #store: NoticeStore;
  readonly #place: Place;
  readonly #sender: MailSender | undefined;

  constructor(options: { readonly settings: NoticeSettings; readonly readers: Readers; readonly store: NoticeStore; readonly place: Place; readonly sender: MailSender | undefined }) {
    const { teamsUrl, slackUrl, webhook, language } = options.settings;
    this.hooks = { teamsUrl, slackUrl, webhook };
    this.language = language;
    this.#readers = options.readers;
    this.#store = options.store;
    this.#place = options.place;
    this.#sender = options.sender;
  }

  async readers(who: Parameters<Telling['readers']>[0]): Promise<readonly Reader[]> {
    if ('role' in who) return this.#readers.withRole(who.role, who.site);
    const one = await ('account' in who ? this.#readers.byAccount(who.account) : this.#readers.byPseudonym(who.pseudonym));
    return one === undefined ? [] : [one];
  }

  async mail(to: Parameters<Telling['mail']>[0], message: FlowMessage, key: string, now: number): Promise<Told> {
    const sender = this.#sender;
    if (sender === undefined) return failed('settings', 'no-mail-server', 'No mail server is set: set WAYBILL_MAIL_URL and WAYBILL_MAIL_FROM.');
    const language = (to.userId === undefined ? undefined : this.#store.preference(to.userId)?.language) ?? this.language;
    const texts = textsIn(language);
    const url = message.link ? this.caseUrl(message.caseId) : undefined;
    const { domain } = this.#place;
    const mark = (...parts: readonly string[]): string => createHash('sha256').update(parts.join('\0')).digest('base64url').slice(0, 24);
    return sender.send({
      to, subject: message.subject, messageId: `flow.${mark(key, to.address)}@${domain}`, inReplyTo: `case.${mark(message.caseId, to.address)}@${domain}`,
      listId: `flows.${message.site}.${domain}`, listName: `Waybill ${message.site}`, date: new Date(now), language,
      ...layOut({
        language, heading: message.subject, lead: message.text, items: [], ...(url === undefined ? {} : { button: { label: texts.openCase, url } }),
        footer: [fill(texts.whyNode, { site: message.site }), texts.noReply],
      }),
    });
  }

  caseUrl(caseId: string): string | undefined {
    return pageUrl(this.#place, `/cases/${encodeURIComponent(caseId)}`);
  }
}
