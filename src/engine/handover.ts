import { createHash } from 'node:crypto';
import type { Ledger } from '../ledger/port.ts';
import type { Outcome, PersonIdentity } from './api.ts';
import { inScope, notRecorded } from './people/refusals.ts';
import type { SiteLog } from './site-log.ts';
import type { Pseudonyms } from './support/hashing.ts';
import { Mailboxes } from './support/mailboxes.ts';
import { uuidv7 } from './support/ids.ts';

type Refused = Outcome & { ok: false };

const unknown: Refused = { ok: false, code: 'handover-unknown', message: 'There is no such note; it may belong to another site.', status: 'not-found' };
const settled: Refused = { ok: false, code: 'handover-settled', message: 'Somebody has seen to this note already.', status: 'conflict' };

/** Notes that a shift leaves for the next one. Each is a stream of its own: noted, settled. */
export class Handover {
  readonly #ledger: Ledger;
  readonly #siteLog: SiteLog;
  readonly #pseudonyms: Pseudonyms;
  readonly #mailboxes = new Mailboxes();

  constructor(options: { readonly ledger: Ledger; readonly siteLog: SiteLog; readonly pseudonyms: Pseudonyms }) {
    this.#ledger = options.ledger;
    this.#siteLog = options.siteLog;
    this.#pseudonyms = options.pseudonyms;
  }

  /** `commandKey`: the same one names the same note, however often it is sent. */
  note(input: { readonly site: string; readonly text: string; readonly by: PersonIdentity; readonly commandKey?: string }): Promise<Outcome<{ readonly noteId: string }>> {
    const noteId = input.commandKey === undefined ? uuidv7() : createHash('sha256').update(`handover\0${input.commandKey}`).digest('base64url').slice(0, 22);
    return this.#mailboxes.run(noteId, () => this.#answering(async () => {
      if (await this.#ledger.getHandover(noteId) === undefined) {
        await this.#siteLog.record('handover', { type: 'HandoverNoted', data: { noteId }, content: { text: input.text }, personal: { name: input.by.name } }, {
          streamId: `handover:${noteId}`, site: input.site, actor: this.#actor(input.by),
        });
      }
      return { ok: true, noteId };
    }));
  }

  settle(input: { readonly noteId: string; readonly by: PersonIdentity }): Promise<Outcome> {
    return this.#mailboxes.run(input.noteId, () => this.#answering<object>(async () => {
      const row = await this.#ledger.getHandover(input.noteId);
      if (row === undefined || !inScope(input.by, row.site)) return unknown;
      const actor = this.#actor(input.by);
      // Who sends it once more after a lost answer has done it.
      if (row.status === 'settled') return row.settled_by === actor.id ? { ok: true } : settled;
      await this.#siteLog.record('handover', { type: 'HandoverSettled', data: { noteId: row.note_id }, personal: { name: input.by.name } }, {
        streamId: `handover:${row.note_id}`, site: row.site, actor, expectedVersion: 1,
      });
      return { ok: true };
    }));
  }

  #actor(by: PersonIdentity): { readonly kind: 'person'; readonly id: string } {
    return { kind: 'person', id: this.#pseudonyms.person(by.userId) };
  }

  async #answering<T extends object>(work: () => Promise<Outcome<T>>): Promise<Outcome<T>> {
    try {
      return await work();
    } catch (error) {
      return notRecorded(error);
    }
  }
}
