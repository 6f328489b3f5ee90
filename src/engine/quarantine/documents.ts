import { hash } from 'node:crypto';
import { addressKey } from '../../domain/index.ts';
import type { Address, DocumentOrigin, RecordedEvent } from '../../domain/index.ts';
import { LedgerError } from '../../ledger/port.ts';
import type { Ledger, QuarantineRow } from '../../ledger/port.ts';
import type { DocumentPort, DocumentReader, OpenCaseInput, OpenCaseResult, Outcome, PersonIdentity, QuarantinePreview, Waybill } from '../api.ts';
import type { Opening } from '../opening.ts';
import { inScope } from '../people/refusals.ts';
import type { ControlNumbers } from '../services/numbers.ts';
import type { Pseudonyms } from '../support/hashing.ts';

type Refused = Outcome & { ok: false };
type Admission = NonNullable<OpenCaseInput['admission']>;

/** A document in quarantine, as it came. */
export interface KeptDocument {
  readonly row: QuarantineRow;
  readonly origin: DocumentOrigin;
  readonly address: Address | undefined;
  readonly bytes: Buffer;
  /** Why it cannot be taken again; undefined when it can. */
  readonly cut: Refused | undefined;
}

/** What became of a document that was taken again. `cases`: how many are about it. */
export interface TakenAgain { readonly ok: true; readonly caseId: string | null; readonly cases: number; readonly kind: 'opens' | 'repeats' | 'reported' }

/**
 * Documents in quarantine, taken again by the node that put them aside: the same bytes through the same reader, under what they
 * were known by when they came. It is tried first without recording anything, and done only when all of it can be taken.
 *
 * The first case names the document and claims it, which is the decision; further cases, the acknowledgement and
 * `QuarantineResolved` follow. All of them are done once, so that what a kill leaves undone is done by doing it again.
 */
export class QuarantinedDocuments {
  readonly #ledger: Pick<Ledger, 'readStream' | 'getReservation'>;
  readonly #opening: Opening;
  readonly #numbers: ControlNumbers;
  readonly #reportEvent: Waybill['reportEvent'];
  readonly #pseudonyms: Pseudonyms;
  readonly #readers = new Set<DocumentReader>();

  constructor(options: {
    readonly ledger: Pick<Ledger, 'readStream' | 'getReservation'>; readonly opening: Opening; readonly numbers: ControlNumbers; readonly reportEvent: Waybill['reportEvent']; readonly pseudonyms: Pseudonyms;
  }) {
    this.#ledger = options.ledger;
    this.#opening = options.opening;
    this.#numbers = options.numbers;
    this.#reportEvent = options.reportEvent;
    this.#pseudonyms = options.pseudonyms;
  }

  add(reader: DocumentReader): () => void {
    this.#readers.add(reader);
    return () => this.#readers.delete(reader);
  }

  /** Undefined: it is no document, or came before documents were kept whole. */
  async find(row: QuarantineRow): Promise<KeptDocument | undefined> {
    const [event] = await this.#ledger.readStream(`quarantine:${row.quarantine_id}`, 1) as readonly (RecordedEvent | undefined)[];
    const content = event?.type === 'Quarantined' ? event.content : undefined;
    if (content?.origin === undefined) return undefined;
    const bytes = Buffer.from(content.head, 'base64');
    return { row, origin: content.origin, address: event?.address, bytes, cut: cutOf(row, bytes) };
  }

  /** What taking it again would do. Records nothing. */
  async preview(kept: KeptDocument, by: PersonIdentity, bytes: Buffer = kept.bytes): Promise<QuarantinePreview> {
    const tried = await this.#try(kept, bytes, by);
    if (!tried.ok) return { admissible: false, kind: 'refused', code: tried.code, problem: tried.message };
    const [first] = tried.openings;
    if (first === undefined) return { admissible: true, kind: 'reported', cases: 0 };
    const holders = await Promise.all(tried.openings.map((opening) => this.#holder(opening)));
    const held = holders.every((holder) => holder !== undefined) ? holders[0] : undefined;
    return { admissible: true, kind: held === undefined ? 'opens' : 'repeats', title: first.title, keys: first.keys, cases: tried.openings.length, ...(held === undefined ? {} : { caseId: held }) };
  }

  /**
   * @param begun its first case is there
   * @throws LedgerError when the ledger takes nothing, and nothing is decided yet
   */
  async take(kept: KeptDocument, admission: Admission, { by, bytes = kept.bytes, begun }: { readonly by?: PersonIdentity; readonly bytes?: Buffer; readonly begun?: string }): Promise<TakenAgain | Refused> {
    const tried = await this.#try(kept, bytes, by);
    if (!tried.ok) return tried;
    let holder = begun;
    const results: OpenCaseResult[] = [];
    const port: DocumentPort = {
      numbers: this.#numbers, reportEvent: this.#reportEvent, dry: false,
      openCase: async (input) => {
        const result = await this.#opening.openCase({ ...input, ...(admission.edited ? { scan: { code: '', ...input.scan, raw: bytes.toString('utf8') } } : {}), admission: { ...admission, ...(holder === undefined ? {} : { part: results.length }) } });
        results.push(result);
        if (result.kind !== 'duplicate') holder ??= result.caseId;
        return result;
      },
    };
    try {
      const fault = await tried.reader.take(bytes, kept.origin, port);
      if (fault !== undefined) throw new Error(fault.message);
    } catch (error) {
      if (holder === undefined && error instanceof LedgerError) throw error;
      const message = error instanceof Error ? error.message : String(error);
      return holder === undefined
        ? { ok: false, code: 'quarantine-unfinished', message: `It was not taken to its end, so it is held as before: ${message}`, status: 'unavailable' }
        : { ok: false, code: 'quarantine-unfinished', message: `Case ${holder} is open; the rest follows by itself within a minute or two of its cause being mended: ${message}`, status: 'unavailable', members: { caseId: holder } };
    }
    const anew = results.some(({ kind }) => kind === 'opened') || begun !== undefined;
    return { ok: true, caseId: holder ?? results[0]?.caseId ?? null, cases: results.length, kind: results.length === 0 ? 'reported' : anew ? 'opens' : 'repeats' };
  }

  /** Reads it without recording anything. */
  async #try(kept: KeptDocument, bytes: Buffer, by: PersonIdentity | undefined): Promise<{ readonly ok: true; readonly reader: DocumentReader; readonly openings: readonly OpenCaseInput[] } | Refused> {
    if (kept.cut !== undefined) return kept.cut;
    const reader = this.#reader(kept, by);
    if (reader === undefined) {
      const { kind, place, system } = kept.origin;
      return { ok: false, code: 'quarantine-node-gone', message: `No ${kind} in node of ${kept.row.site} takes from ${place} of ${system} any more; deploy one that does, or discard this.`, status: 'invalid' };
    }
    const openings: OpenCaseInput[] = [];
    const fault = await reader.take(bytes, kept.origin, {
      dry: true,
      numbers: { receive: (document) => this.#numbers.known(document), last: (name) => this.#numbers.last(name), take: () => Promise.reject(new Error('a number is taken only when it is needed')) },
      reportEvent: () => Promise.resolve({ ok: true, signalId: '', status: 'kept', repeated: false, taken: 0, caseId: null, expiresAt: '' }),
      openCase: (input) => {
        openings.push(input);
        return Promise.resolve({ kind: 'opened', caseId: '' });
      },
    });
    return fault === undefined ? { ok: true, reader, openings } : { ok: false, ...fault, status: 'invalid' };
  }

  /** The node that put it aside, else another one that takes from the same place. */
  #reader({ row, origin, address }: KeptDocument, by: PersonIdentity | undefined): DocumentReader | undefined {
    const fitting = [...this.#readers].filter((reader) => reader.site === row.site && (by === undefined || inScope(by, reader.site)) && reader.kind === origin.kind && reader.system === origin.system && reader.place === origin.place);
    return fitting.find((reader) => address !== undefined && addressKey(reader.address) === addressKey(address)) ?? fitting[0];
  }

  /** Case that a document has opened before, or that holds its business key. */
  async #holder(opening: OpenCaseInput): Promise<string | undefined> {
    const transport = opening.transportId === undefined ? undefined : this.#opening.transportClaim(opening.site, opening.transportId);
    const taken = transport === undefined ? undefined : await this.#ledger.getReservation(transport.scope, transport.keyHash);
    if (taken !== undefined || opening.unique === undefined) return taken?.holder;
    const { scope, key } = opening.unique;
    return (await this.#ledger.getReservation(scope, this.#pseudonyms.reservation(scope, `${opening.site}\0${key}`)))?.holder;
  }
}

function cutOf(row: QuarantineRow, bytes: Buffer): Refused | undefined {
  if (row.bytes === 0) return { ok: false, code: 'quarantine-cut', message: 'Nothing of it was kept; mend it where it came from, have it brought again, and discard this one.', status: 'invalid' };
  if (bytes.length === row.bytes && hash('sha256', bytes) === row.sha256) return undefined;
  return { ok: false, code: 'quarantine-cut', message: `Not all of its ${row.bytes} bytes are kept, so it cannot be taken again; have it brought again, and discard this one.`, status: 'invalid' };
}
