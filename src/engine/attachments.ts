import type { AttachmentSubject } from '../domain/index.ts';
import { AttachmentStore, isDigest } from '../ledger/attachments/store.ts';
import { cleanImage, imageTypeOf, isImageType } from '../ledger/attachments/image.ts';
import { ImageError } from '../ledger/attachments/bytes.ts';
import type { AttachmentRow, Ledger } from '../ledger/port.ts';
import type { AttachPhoto, Outcome, PersonIdentity, StoredPhoto } from './api.ts';
import { inScope, missing } from './people.ts';
import type { People } from './people.ts';
import type { Pseudonyms } from './support/hashing.ts';
import { uuidv7 } from './support/ids.ts';
import { Mailboxes } from './support/mailboxes.ts';
import { once } from './support/reporting.ts';

/** How often files are looked for that belong to nothing, ms. */
const sweepMs = 3_600_000;

type Refusal = Outcome & { ok: false };

/** Photos: files beside the ledger, and what the ledger says of them. A file is there before an event names it, and goes after one says so. */
export class Attachments {
  readonly #ledger: Ledger;
  readonly #people: People;
  readonly #pseudonyms: Pseudonyms;
  readonly #store: AttachmentStore;
  /** One after the other for each file: what is being attached is not swept away. */
  readonly #files = new Mailboxes();
  #sweeper: NodeJS.Timeout | undefined;

  constructor(options: { readonly ledger: Ledger; readonly people: People; readonly pseudonyms: Pseudonyms; readonly home: string }) {
    this.#ledger = options.ledger;
    this.#people = options.people;
    this.#pseudonyms = options.pseudonyms;
    this.#store = new AttachmentStore(options.home);
  }

  start(): void {
    const sweep = (): void => {
      this.sweep().catch((error: unknown) => once('attachments', `Photos that belong to nothing could not be removed: ${String(error)}`));
    };
    this.#sweeper = setInterval(sweep, sweepMs);
    this.#sweeper.unref();
    sweep();
  }
  stop(): void {
    clearInterval(this.#sweeper);
  }

  /** Takes a photo in: checked, freed of everything but the picture, and on disk when this resolves. */
  async store(input: { readonly bytes: Uint8Array; readonly mime: string; readonly by: PersonIdentity }): Promise<Outcome<StoredPhoto>> {
    if (!isImageType(input.mime)) return { ok: false, code: 'image-invalid', message: 'This is no photo that is taken here; send a JPEG, PNG or WebP.', status: 'invalid' };
    try {
      const { bytes, width, height } = cleanImage(input.bytes, input.mime);
      const sha256 = await this.#store.put(bytes, this.#pseudonyms.person(input.by.userId));
      return { ok: true, sha256, bytes: bytes.length, mime: input.mime, width, height };
    } catch (error) {
      if (error instanceof ImageError) return { ok: false, code: error.code, message: error.message, status: 'invalid' };
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === undefined) throw error;
      return { ok: false, code: 'attachment-storage', message: `The photo could not be stored, so nothing was recorded: ${message}`, status: 'unavailable' };
    }
  }

  /** Attaches a photo that this person brought within the last day. */
  async attach(input: AttachPhoto): Promise<Outcome> {
    const caseId = await this.#caseOf(input.subject, input.by);
    if (typeof caseId !== 'string') return caseId;
    const { sha256 } = input;
    if (!isDigest(sha256)) return missing('attachment');
    const person = this.#pseudonyms.person(input.by.userId);
    return await this.#files.run(sha256, async () => {
      // Knowing the hash of somebody else's photo gives nobody a way to it.
      const bytes = await this.#store.broughtBy(sha256, person) ? await this.#store.read(sha256) : undefined;
      const mime = bytes === undefined ? undefined : imageTypeOf(bytes);
      if (bytes === undefined || mime === undefined) return { ...missing('attachment'), message: 'There is no such photo of yours; take or send it again, and attach it within a day.' };
      return await this.#people.carryOut(caseId, input.by, () => [{
        type: 'AttachPhoto', attachmentId: uuidv7(), subject: input.subject, sha256, bytes: bytes.length, mime, by: person,
        ...(input.caption === undefined || input.caption === '' ? {} : { caption: input.caption }),
      }], input.commandKey);
    });
  }

  async #caseOf(subject: AttachmentSubject, by: PersonIdentity): Promise<string | Refusal> {
    const row = subject.kind === 'exception' ? await this.#ledger.getException(subject.id)
      : subject.kind === 'task' ? await this.#ledger.getTask(subject.id) : await this.#ledger.getCase(subject.id);
    return row === undefined || !inScope(by, row.site) ? missing(subject.kind) : row.case_id;
  }

  /** The bytes of a photo; undefined when its file is missing or was changed. */
  read(sha256: string): Promise<Uint8Array | undefined> {
    return this.#store.read(sha256);
  }

  /** Gives a photo up for good, in every case of the person's sites that holds it; the file goes when no case holds it any more. */
  async erase(input: { readonly sha256: string; readonly reason: string; readonly by: PersonIdentity }): Promise<Outcome> {
    if (!isDigest(input.sha256)) return missing('attachment');
    return await this.#files.run(input.sha256, async () => {
      const rows = (await this.#ledger.attachmentsWith(input.sha256)).filter((row) => row.erased === 0 && inScope(input.by, row.site));
      if (rows.length === 0) return missing('attachment');
      for (const row of rows) {
        const outcome = await this.#people.carryOut(row.case_id, input.by, () => [{ type: 'ErasePhoto', attachmentId: row.attachment_id, reason: input.reason }], undefined);
        if (!outcome.ok && outcome.code !== 'photo-unknown') return outcome;
      }
      await this.#removeUnheld(input.sha256);
      return { ok: true };
    });
  }

  async #removeUnheld(sha256: string): Promise<void> {
    const held = (await this.#ledger.attachmentsWith(sha256)).some((row: AttachmentRow) => row.erased === 0);
    if (!held) await this.#store.remove(sha256);
  }

  /** Removes files that were brought more than a day ago and belong to nothing; also what an erasure left over in a crash. */
  async sweep(): Promise<void> {
    for (const sha256 of await this.#store.old()) await this.#files.run(sha256, () => this.#removeUnheld(sha256));
  }
}
