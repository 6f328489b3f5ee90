import { own } from '../../domain/own.ts';
import type { CaseState } from '../../domain/index.ts';
import type { NoticeChannel } from '../../domain/events.ts';
import type { Notice, NoticeStore } from '../../ledger/notices-port.ts';
import type { Ledger } from '../../ledger/port.ts';
import type { Clock } from '../support/clock.ts';
import type { Reader, Readers } from './people-to-tell.ts';
import type { NoticeSettings } from './settings.ts';

/** For one person; a channel of a chat would tell everybody. */
const personal: ReadonlySet<string> = new Set(['question', 'answer', 'decided']);

export interface Recipient { readonly channel: NoticeChannel; readonly userId: string }
export interface Addressed {
  readonly recipients: readonly Recipient[];
  /** Nobody can be told: the role has no member with a mail address who may decide, and there is no other channel. */
  readonly nobody: boolean;
}

/** Says who is told of a notice, and how. */
export class Addressing {
  readonly #readers: Readers;
  readonly #ledger: Ledger;
  readonly #settings: NoticeSettings;
  readonly #store: NoticeStore;
  readonly #clock: Clock;

  constructor(options: { readonly readers: Readers; readonly ledger: Ledger; readonly settings: NoticeSettings; readonly store: NoticeStore; readonly clock: Clock }) {
    this.#readers = options.readers;
    this.#ledger = options.ledger;
    this.#settings = options.settings;
    this.#store = options.store;
    this.#clock = options.clock;
  }

  /** @param told who has been told already, by {@link toldKey} */
  async of(notice: Notice, state: CaseState, told: ReadonlySet<string>): Promise<Addressed> {
    const { mail, webhook, teamsUrl, slackUrl } = this.#settings;
    const fresh = (channel: NoticeChannel, pseudonym: string): boolean => !told.has(toldKey(notice.cause, channel, pseudonym));
    const readers = mail === undefined ? [] : await this.#readersOf(notice, state);
    const withMail = readers.filter((reader) => reader.email !== undefined && reader.email !== '');
    const byMail = withMail.filter((reader) => fresh('mail', reader.pseudonym) && this.#store.preference(reader.userId)?.mail !== false)
      .map(({ userId }): Recipient => ({ channel: 'mail', userId }));
    const chats: Recipient[] = [];
    const open = !personal.has(notice.purpose);
    if (webhook !== undefined && fresh('webhook', '')) chats.push({ channel: 'webhook', userId: '' });
    if (open && teamsUrl !== undefined && fresh('teams', '')) chats.push({ channel: 'teams', userId: '' });
    if (open && slackUrl !== undefined && fresh('slack', '')) chats.push({ channel: 'slack', userId: '' });
    return { recipients: [...byMail, ...chats], nobody: mail !== undefined && withMail.length === 0 && chats.length === 0 && fresh('mail', '') };
  }

  async #readersOf(notice: Notice, state: CaseState): Promise<readonly Reader[]> {
    const { detail } = notice;
    if (notice.taskId === undefined) return this.#readers.withRole(detail['role'] ?? detail['queue'] ?? '', state.site);
    const task = own(state.tasks, notice.taskId);
    if (task === undefined) return [];
    // Who wanted what the task is about: those that it names, else who touched the case.
    const requesters = task.requesters.length > 0 ? task.requesters : state.operators;
    switch (notice.purpose) {
      case 'question': return this.#named(detail['to'] === undefined ? requesters : [detail['to']]);
      case 'answer': return this.#named(await this.#askers(state.caseId, detail['infoId'] ?? ''));
      case 'decided': return this.#named(requesters);
      default: break;
    }
    const person = detail['toPerson'] ?? task.assignee;
    if (person !== undefined && notice.purpose !== 'escalated') return this.#named([person]);
    const role = detail['role'] ?? detail['toRole'] ?? task.role;
    // Whoever touched the case may not decide it, nor may another in that person's place; whoever has approved need not be asked again.
    const may = ({ pseudonym }: Reader): boolean => task.kind !== 'approval' || (!state.operators.includes(pseudonym) && !task.approvers.includes(pseudonym));
    const holders = (await this.#readers.withRole(role, state.site)).filter(may);
    const acting = await this.#readers.actingFor(holders, role, state.site, this.#clock.iso());
    return [...holders, ...acting.filter(may)];
  }

  async #named(pseudonyms: readonly string[]): Promise<readonly Reader[]> {
    const found = await Promise.all([...new Set(pseudonyms)].map((pseudonym) => this.#readers.byPseudonym(pseudonym)));
    return found.filter((reader): reader is Reader => reader !== undefined);
  }

  /** Who asked for information that was given now. */
  async #askers(caseId: string, infoId: string): Promise<readonly string[]> {
    return (await this.#ledger.readStream(caseId)).flatMap((event) => (event.type === 'InfoRequested' && event.data.infoId === infoId ? [event.data.by] : []));
  }
}

/** Names one telling of one event to one person (pseudonym; empty for a channel of a chat). */
export function toldKey(cause: number, channel: NoticeChannel, pseudonym: string): string {
  return `${cause} ${channel} ${pseudonym}`;
}
