import { createHash } from 'node:crypto';
import { layOut } from '../../connectors/notify/mail-layout.ts';
import type { MailSender } from '../../connectors/notify/mail.ts';
import type { NoticeStore } from '../../ledger/notices-port.ts';
import type { DelegationPort, Outcome } from '../api.ts';
import type { Directory, Member } from '../directory/directory.ts';
import type { Clock } from '../support/clock.ts';
import { once } from '../support/reporting.ts';
import { ABSENCE_LINK_MS, absenceToken, readAbsenceToken } from './absence-token.ts';
import { pageUrl } from './compose.ts';
import type { Place } from './compose.ts';
import type { NoticeSettings } from './settings.ts';
import { moment, textsIn } from './texts.ts';

/** Longest absence that a link sets; longer ones are for who signs in. */
export const LONGEST_ABSENCE_DAYS = 30;
const dayMs = 86_400_000;
/** The confirmation is tried again so often; the delegation itself stands in the ledger and in the inbox. */
const confirmAgainMs = [5_000, 60_000, 600_000, 3_600_000];

/** What the page offers to whoever holds a link. */
export interface AbsenceOffer {
  readonly name: string;
  /** Who may act: people with a role in common, those with most first. */
  readonly candidates: readonly { readonly userId: string; readonly name: string }[];
}

/** What pages see of absences by link (docs/decisions/0032-absence-by-mail.md). */
export interface AbsencePort {
  /** Undefined when the link is not ours or too old. */
  offer(token: string): Promise<AbsenceOffer | undefined>;
  set(token: string, input: { readonly to: string; readonly days: number }): Promise<Outcome<{ readonly toTime: string; readonly name: string }>>;
}

export interface AbsenceOptions {
  readonly key: Uint8Array; readonly directory: () => Directory; readonly delegations: DelegationPort; readonly store: NoticeStore; readonly settings: NoticeSettings; readonly place: () => Place;
  readonly sender: MailSender | undefined; readonly clock: Clock; readonly site: string;
}

export class Absences implements AbsencePort {
  readonly #options: AbsenceOptions;

  constructor(options: AbsenceOptions) {
    this.#options = options;
  }

  url(publicUrl: string, userId: string): string {
    return `${publicUrl}/waybill/absence/${absenceToken(this.#options.key, userId, this.#options.clock.now() + ABSENCE_LINK_MS)}`;
  }

  async offer(token: string): Promise<AbsenceOffer | undefined> {
    const person = await this.#person(token);
    if (person === undefined) return undefined;
    return { name: person.name, candidates: (await this.#candidates(person)).map(({ userId, name }) => ({ userId, name })) };
  }

  async set(token: string, { to, days }: { readonly to: string; readonly days: number }): ReturnType<AbsencePort['set']> {
    const { delegations, clock } = this.#options;
    const person = await this.#person(token);
    if (person === undefined) return { ok: false, code: 'link-invalid', status: 'forbidden', message: 'This link no longer works; use the one in a newer mail, or sign in.' };
    if (!Number.isInteger(days) || days < 1 || days > LONGEST_ABSENCE_DAYS) return { ok: false, code: 'delegation-too-long', status: 'invalid', message: `Choose 1 to ${LONGEST_ABSENCE_DAYS} days; for longer, sign in.` };
    const deputy = (await this.#candidates(person)).find(({ userId }) => userId === to);
    if (deputy === undefined) return { ok: false, code: 'delegation-beyond-own', status: 'forbidden', message: 'Choose one of the people that the page offers: they hold a role of yours.' };
    const toTime = new Date(clock.now() + days * dayMs).toISOString();
    // One at a time: whoever gets hold of the mail later changes nothing about it.
    const own = await this.#byLink(person);
    if (own !== undefined) {
      if (own.to === deputy.pseudonym) return { ok: true, toTime: own.toTime, name: deputy.name };
      return { ok: false, code: 'absence-set', status: 'conflict', message: 'An absence is set already; sign in to change or end it.' };
    }
    const result = await delegations.grant({
      to: deputy.userId, toTime, roles: person.roles.filter((role) => deputy.roles.includes(role)), manages: false,
      by: { userId: person.userId, name: person.name, roles: person.roles, sites: person.sites, authMethod: 'mail-link', channel: 'mail' },
    });
    if (!result.ok) return result;
    void this.#confirm(person, deputy, toTime, 0);
    return { ok: true, toTime, name: deputy.name };
  }

  async #person(token: string): Promise<Member | undefined> {
    const userId = readAbsenceToken(this.#options.key, token, this.#options.clock.now());
    return userId === undefined ? undefined : this.#options.directory().person(userId);
  }

  /** Who holds a role of the person at a site of the person. */
  async #candidates(person: Member): Promise<readonly Member[]> {
    const shared = (member: Member): number => member.roles.filter((role) => person.roles.includes(role)).length;
    const near = (member: Member): boolean => person.sites.includes('*') || member.sites.includes('*') || member.sites.some((site) => person.sites.includes(site));
    return (await this.#options.directory().people()).filter((member) => member.userId !== person.userId && shared(member) > 0 && near(member))
      .sort((a, b) => shared(b) - shared(a) || a.name.localeCompare(b.name)).slice(0, 200);
  }

  /** The absence of this person that runs or is to come. */
  async #byLink(person: Member): Promise<{ readonly to: string; readonly toTime: string } | undefined> {
    const page = await this.#options.delegations.list({ userId: person.userId, over: false }, { limit: 100 });
    const row = page.items.find((each) => each.from_person === person.pseudonym);
    return row === undefined ? undefined : { to: row.to_person, toTime: row.to_time };
  }

  /** Tells the person, so that nobody is absent without knowing it; also who has turned mails off. */
  async #confirm(person: Member, deputy: Member, toTime: string, tries: number): Promise<void> {
    const { sender, store, settings, clock, site } = this.#options;
    if (sender === undefined || person.email === undefined) return;
    const place = this.#options.place();
    const language = store.preference(person.userId)?.language ?? settings.language;
    const texts = textsIn(language);
    const account = pageUrl(place, '/account');
    const result = await sender.send({
      to: { name: person.name, address: person.email }, subject: `[${site}] ${texts.awaySet}`, messageId: `absence.${createHash('sha256').update(`${person.userId} ${toTime}`).digest('base64url').slice(0, 24)}@${place.domain}`,
      listId: `tasks.${site}.${place.domain}`, listName: `Waybill ${site}`, date: new Date(clock.now()), language,
      ...layOut({
        language, heading: texts.awaySet, lead: texts.awayLead,
        items: [{ title: deputy.name, facts: [{ name: texts.awayUntil, value: moment(toTime, language, place.timeZone(site)) }] }],
        ...(account === undefined ? {} : { button: { label: texts.awayNotMe, url: account } }), footer: [texts.noReply],
      }),
    });
    const pause = confirmAgainMs[tries];
    if (result.ok) return;
    if (result.kind === 'permanent' || pause === undefined) once('absence-confirm', `The confirmation of an absence could not be mailed: ${result.message}`);
    else clock.setTimeout(() => { void this.#confirm(person, deputy, toTime, tries + 1); }, pause);
  }
}
