import { createHash } from 'node:crypto';
import type { ChatMessage } from '../../connectors/notify/chat.ts';
import type { Mail } from '../../connectors/notify/mail.ts';
import { layOut, shownValue } from '../../connectors/notify/mail-layout.ts';
import type { MailContent, MailItem, MailLink } from '../../connectors/notify/mail-layout.ts';
import type { News } from './news.ts';
import type { Reader } from './people-to-tell.ts';
import { fill, moment, textsIn } from './texts.ts';
import type { Language } from './texts.ts';

/** Things listed in one mail; the inbox has all. */
const MAX_ITEMS = 20;

/** Where links lead, and what is said about where they come from. */
export interface Place {
  readonly site: string;
  /** Address in front of `/waybill`, without a slash at the end; undefined: nobody knows it, and there are no links. */
  readonly publicUrl: string | undefined;
  readonly timeZone: (site: string) => string;
  readonly withFacts: boolean;
  /** Domain of message ids and lists. */
  readonly domain: string;
  /** Address of the page on which the person sets an absence. */
  readonly absenceUrl: (userId: string) => string | undefined;
}

/** Address of a page of the app. */
export function pageUrl(place: Pick<Place, 'publicUrl'>, path: string): string | undefined {
  return place.publicUrl === undefined ? undefined : `${place.publicUrl}/waybill${path}`;
}

function link(label: string, url: string | undefined): { readonly link?: MailLink } {
  return url === undefined ? {} : { link: { label, url } };
}

function urlOf(news: News, place: Place): string | undefined {
  return pageUrl(place, news.notice.taskId === undefined ? `/cases/${encodeURIComponent(news.notice.caseId)}` : `/tasks/${encodeURIComponent(news.notice.taskId)}`);
}

/** The words for what is asked; work and evidence have their own. */
function wordsOf(news: News, language: Language): { readonly heading: string; readonly lead: string } {
  const { heading, lead } = textsIn(language);
  const word = news.purpose === 'created' && (news.kind === 'work' || news.kind === 'evidence') ? news.kind : news.purpose;
  const outcome = news.purpose === 'decided' && (news.outcome === 'approved' || news.outcome === 'rejected') ? news.outcome : undefined;
  return { heading: heading[outcome ?? word], lead: lead[word] };
}

function shortFacts(news: News, place: Place, language: Language): readonly { readonly name: string; readonly value: string }[] {
  const texts = textsIn(language);
  return [
    ...(news.dueAt === undefined ? [] : [{ name: texts.due, value: moment(news.dueAt, language, place.timeZone(news.site)) }]),
    ...(news.severity === undefined ? [] : [{ name: texts.severity, value: news.severity }]),
    { name: news.kind === 'exception' ? texts.queue : texts.role, value: news.role }, { name: texts.site, value: news.site },
  ];
}

function itemOf(news: News, place: Place, language: Language, alone: boolean): MailItem {
  const facts = place.withFacts ? Object.entries(news.facts).map(([name, value]) => ({ name, value: shownValue(value) })) : [];
  return { title: place.withFacts ? news.title : wordsOf(news, language).heading, ...(place.withFacts ? { text: news.text } : {}), facts: [...alone ? facts : facts.slice(0, 3), ...shortFacts(news, place, language)], ...link(textsIn(language)[news.notice.taskId === undefined ? 'openCase' : 'open'], urlOf(news, place)) };
}

/** The mail to one person about one thing, or about many that came together. */
export function mailOf(all: readonly News[], reader: Reader & { readonly email: string }, place: Place, language: Language, now: number): Mail {
  const texts = textsIn(language);
  const [first] = all;
  if (first === undefined) throw new TypeError('a mail about nothing');
  const alone = all.length === 1;
  const { heading, lead } = alone ? wordsOf(first, language) : { heading: fill(texts.many, { n: all.length }), lead: texts.manyLead };
  const away = place.absenceUrl(reader.userId);
  const preferences = pageUrl(place, '/account');
  const button = alone ? urlOf(first, place) : pageUrl(place, '/');
  const content: MailContent = {
    language, heading, lead, items: all.slice(0, MAX_ITEMS).map((news) => itemOf(news, place, language, alone)),
    ...(all.length > MAX_ITEMS ? { more: fill(texts.andMore, { n: all.length - MAX_ITEMS }) } : {}),
    ...(button === undefined ? {} : { button: { label: !alone ? texts.openInbox : first.notice.taskId === undefined ? texts.openCase : texts.open, url: button } }),
    footer: [
      fill(texts.why, { role: first.role, site: first.site }), texts.noReply,
      ...(away === undefined ? [] : [{ label: texts.away, url: away }]), ...(preferences === undefined ? [] : [{ label: texts.preferences, url: preferences }]),
    ],
  };
  const subject = alone && place.withFacts ? `[${first.site}] ${heading}: ${first.title}` : `[${place.site}] ${heading}`;
  return {
    to: { name: reader.name, address: reader.email }, subject, ...layOut(content), ...threadOf(all, reader, place),
    listId: `tasks.${place.site}.${place.domain}`, listName: `Waybill ${place.site}`, date: new Date(now), language,
  };
}

/** Hash for message ids: nobody reads an account or a task from it. */
function mark(...parts: readonly (string | number)[]): string {
  return createHash('sha256').update(parts.join('\0')).digest('base64url').slice(0, 24);
}

/** News of one task make a thread; a mail that is sent again has the id that it had. */
function threadOf(all: readonly News[], reader: Reader, place: Place): { readonly messageId: string; readonly inReplyTo?: string } {
  const [first] = all;
  if (all.length === 1 && first?.notice.taskId !== undefined) {
    const thread = `task.${mark(first.notice.taskId, reader.userId)}@${place.domain}`;
    if (first.purpose === 'created') return { messageId: thread };
    return { messageId: `news.${mark(first.notice.cause, reader.userId)}@${place.domain}`, inReplyTo: thread };
  }
  return { messageId: `news.${mark(...all.map(({ notice }) => notice.cause), reader.userId)}@${place.domain}` };
}

/** For a channel of a chat, which everybody in it reads: no facts. */
export function chatOf(all: readonly News[], place: Place, language: Language): ChatMessage {
  const texts = textsIn(language);
  const [first] = all;
  if (all.length === 1 && first !== undefined) {
    const url = urlOf(first, place);
    return {
      title: `${wordsOf(first, language).heading}${place.withFacts ? `: ${first.title}` : ''}`, text: place.withFacts ? first.text : '', facts: shortFacts(first, place, language),
      ...(url === undefined ? {} : { link: { label: first.notice.taskId === undefined ? texts.openCase : texts.open, url } }),
    };
  }
  const inbox = pageUrl(place, '/');
  const lines = all.slice(0, 10).map((news) => `• ${wordsOf(news, language).heading}: ${place.withFacts ? news.title : news.role}`);
  return {
    title: fill(texts.many, { n: all.length }), text: [...lines, ...(all.length > 10 ? [fill(texts.andMore, { n: all.length - 10 })] : [])].join('\n'),
    facts: [{ name: texts.site, value: place.site }], ...(inbox === undefined ? {} : { link: { label: texts.openInbox, url: inbox } }),
  };
}

/** For a program: ids, and a link for people. */
export function webhookOf(news: News, place: Place, at: string): object {
  const url = urlOf(news, place);
  return {
    type: 'waybill.notice', purpose: news.purpose, site: news.site, at, caseId: news.notice.caseId,
    ...(news.notice.taskId === undefined ? {} : { taskId: news.notice.taskId, role: news.role }), ...(news.notice.exceptionId === undefined ? {} : { exceptionId: news.notice.exceptionId, queue: news.role }),
    ...(place.withFacts ? { title: news.title, text: news.text } : {}), ...(news.dueAt === undefined ? {} : { dueAt: news.dueAt }), ...(news.severity === undefined ? {} : { severity: news.severity }),
    ...(news.outcome === undefined ? {} : { outcome: news.outcome }), ...(url === undefined ? {} : { url }),
  };
}
