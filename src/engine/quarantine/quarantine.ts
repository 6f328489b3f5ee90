import { hash } from 'node:crypto';
import type { AnyEvent, RecordedEvent } from '../../domain/index.ts';
import { LedgerError } from '../../ledger/port.ts';
import type { Ledger, QuarantineRow } from '../../ledger/port.ts';
import type { Admitted, AdmitQuarantine, DocumentReader, IntakeReader, OpenCaseInput, Outcome, PersonIdentity, QuarantineDetail, QuarantinePreview } from '../api.ts';
import type { Opening } from '../opening.ts';
import { quarantineScope } from '../opening.ts';
import { inScope } from '../people/refusals.ts';
import type { KeptDocument, QuarantinedDocuments } from './documents.ts';
import type { SiteLog } from '../site-log.ts';
import type { Pseudonyms } from '../support/hashing.ts';
import { Mailboxes } from '../support/mailboxes.ts';
import { once } from '../support/reporting.ts';

/** How soon what was begun is tried to be finished again, ms. */
const againMs = 60_000;

const unfinished = (error: unknown): void => { once('admissions', `Admissions from quarantine could not be finished: ${String(error)}`); };

type Refused = Outcome & { ok: false };
type Resolution = Extract<AnyEvent, { type: 'QuarantineResolved' }>;

const unknown: Refused = { ok: false, code: 'quarantine-unknown', message: 'There is no such message in quarantine.', status: 'not-found' };

const missing: Refused = { ok: false, code: 'quarantine-message', message: 'Say the message as it should have come; as it came, only files and messages of queues are taken.', status: 'invalid' };
const notAccepting: Refused = { ok: false, code: 'engine-not-accepting', message: 'The flows are stopped or being deployed; try again in a moment.', status: 'unavailable' };

/** A message of a queue may be mended by a person; a file comes from its partner alone. */
function isEditable({ origin, cut }: KeptDocument, whole: boolean): boolean {
  return origin.kind === 'queue' && cut === undefined && whole;
}

function bytesOf(document: KeptDocument, message: string | undefined): Buffer | Refused {
  if (message === undefined) return document.bytes;
  if (document.origin.kind === 'queue') return Buffer.from(message, 'utf8');
  return { ok: false, code: 'quarantine-as-it-came', message: 'A file is taken again as it came; have its sender mend it and bring it under a number of its own.', status: 'invalid' };
}

/** The bytes that were kept, and whether they are all. */
function keptBytes(row: QuarantineRow): { readonly bytes: Buffer; readonly whole: boolean } {
  const bytes = Buffer.from(row.head, 'base64');
  return { bytes, whole: bytes.length === row.bytes && hash('sha256', bytes) === row.sha256 };
}

function utf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

/** What may have been meant: the text without what no scanner means to send, and texts inside of JSON. */
function* candidates(text: string): Generator<string> {
  const clean = [...text].filter((each) => each >= ' ' || each === '\u001d').join('').trim();
  yield clean;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return;
    throw error;
  }
  if (typeof json !== 'object' || json === null) return;
  for (const value of Object.values(json)) {
    if (typeof value !== 'string' || value === '') continue;
    yield JSON.stringify({ ...json, code: value });
    yield value;
  }
}

/**
 * Messages in quarantine as people work them: looked at, mapped, admitted, discarded.
 *
 * An admission is one commit on the case: `ScanRecorded` names the message, claims its id, so that nothing can be admitted twice, and
 * sets its row. `QuarantineResolved` on the message's own stream follows; when the process ends before it, {@link finish} records it
 * after the next start.
 */
export class Quarantine {
  readonly #ledger: Ledger;
  readonly #siteLog: SiteLog;
  readonly #opening: Opening;
  readonly #documents: QuarantinedDocuments;
  readonly #pseudonyms: Pseudonyms;
  readonly #accepting: () => boolean;
  readonly #readers = new Set<IntakeReader>();
  /** One decision after the other about a message. */
  readonly #mailboxes = new Mailboxes();
  #again: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: { readonly ledger: Ledger; readonly siteLog: SiteLog; readonly opening: Opening; readonly documents: QuarantinedDocuments; readonly pseudonyms: Pseudonyms; readonly accepting: () => boolean }) {
    this.#ledger = options.ledger;
    this.#siteLog = options.siteLog;
    this.#opening = options.opening;
    this.#documents = options.documents;
    this.#pseudonyms = options.pseudonyms;
    this.#accepting = options.accepting;
  }

  /** An intake node that can read messages; returns what takes it away again. */
  addReader(reader: IntakeReader): () => void {
    this.#readers.add(reader);
    return () => this.#readers.delete(reader);
  }

  addDocumentReader(reader: DocumentReader): () => void {
    return this.#documents.add(reader);
  }

  stop(): void {
    this.#closed = true;
    clearTimeout(this.#again);
  }

  async detail(quarantineId: string): Promise<QuarantineDetail | undefined> {
    const row = await this.#ledger.getQuarantine(quarantineId);
    if (row === undefined) return undefined;
    const { bytes, whole } = keptBytes(row);
    const text = utf8(bytes);
    const document = await this.#documents.find(row);
    if (document !== undefined) {
      const resolved = await this.#resolved(row);
      return { text, editable: isEditable(document, whole) && resolved === undefined, suggestion: null, origin: document.origin, notTaken: (resolved ?? document.cut)?.message ?? null };
    }
    const editable = whole && row.status === 'held';
    return { text, editable, suggestion: editable && text !== null ? this.#suggestion(row, text) : null, origin: null, notTaken: null };
  }

  #suggestion(row: QuarantineRow, text: string): string | null {
    for (const candidate of candidates(text)) {
      if (candidate !== '' && candidate !== text && this.#read(row, candidate, undefined, undefined).ok) return candidate;
    }
    return null;
  }

  /** What an admission of this message would do. Records nothing. */
  async preview(input: Omit<AdmitQuarantine, 'reason'>): Promise<Outcome<QuarantinePreview>> {
    const row = await this.#ledger.getQuarantine(input.quarantineId);
    if (row === undefined || !inScope(input.by, row.site)) return unknown;
    const document = await this.#documents.find(row);
    if (document !== undefined) {
      const bytes = bytesOf(document, input.message);
      return Buffer.isBuffer(bytes) ? { ok: true, ...await this.#documents.preview(document, input.by, bytes) } : bytes;
    }
    if (input.message === undefined) return missing;
    const read = this.#read(row, input.message, input.topic, input.by);
    if (!read.ok) return { ok: true, admissible: false, kind: 'refused', code: read.code, problem: read.message };
    const { opening } = read;
    const held = opening.unique === undefined ? undefined
      : await this.#ledger.getReservation(opening.unique.scope, this.#pseudonyms.reservation(opening.unique.scope, `${opening.site}\0${opening.unique.key}`));
    return { ok: true, admissible: true, kind: held === undefined ? 'opens' : 'repeats', title: opening.title, keys: opening.keys, ...(held === undefined ? {} : { caseId: held.holder }) };
  }

  admit(input: AdmitQuarantine): Promise<Outcome<Admitted>> {
    return this.#mailboxes.run(input.quarantineId, async () => {
      try {
        return await this.#admit(input);
      } catch (error) {
        if (!(error instanceof LedgerError)) throw error;
        return { ok: false, code: 'ledger-unavailable', message: `The admission could not be confirmed; look whether the message is still held, then try again. ${error.message}`, status: 'unavailable' };
      }
    });
  }

  async #admit(input: AdmitQuarantine): Promise<Outcome<Admitted>> {
    const row = await this.#ledger.getQuarantine(input.quarantineId);
    if (row === undefined || !inScope(input.by, row.site)) return unknown;
    const resolved = await this.#resolved(row);
    if (resolved !== undefined) return resolved;
    const document = await this.#documents.find(row);
    if (document !== undefined) return this.#admitDocument(document, input);
    if (input.message === undefined) return missing;
    const { bytes, whole } = keptBytes(row);
    if (!whole) return { ok: false, code: 'quarantine-cut', message: `Only the first ${bytes.length} of ${row.bytes} bytes were kept, so the message cannot be admitted; scan the goods again and discard this one.`, status: 'invalid' };
    if (!this.#accepting()) return notAccepting;
    const read = this.#read(row, input.message, input.topic, input.by);
    if (!read.ok) return { ok: false, code: read.code, message: read.message, status: 'invalid' };
    const by = this.#pseudonyms.person(input.by.userId);
    const result = await this.#opening.openCase({
      ...read.opening,
      scan: { ...(read.opening.scan ?? { code: '' }), raw: input.message },
      admission: {
        quarantineId: row.quarantine_id, originalSha256: row.sha256, by, edited: !bytes.equals(Buffer.from(input.message, 'utf8')), reason: input.reason, name: input.by.name,
      },
    });
    await this.#record(row, result.caseId, { by, reason: input.reason, message: input.message, name: input.by.name });
    return { ok: true, caseId: result.caseId, cases: 1, kind: result.kind === 'opened' ? 'opens' : 'repeats' };
  }

  async #admitDocument(document: KeptDocument, input: AdmitQuarantine): Promise<Outcome<Admitted>> {
    if (!this.#accepting()) return notAccepting;
    const { row } = document;
    const bytes = bytesOf(document, input.message);
    if (!Buffer.isBuffer(bytes)) return bytes;
    const by = this.#pseudonyms.person(input.by.userId);
    const edited = !bytes.equals(document.bytes);
    const taken = await this.#documents.take(document, { quarantineId: row.quarantine_id, originalSha256: row.sha256, by, edited, reason: input.reason, name: input.by.name }, { by: input.by, bytes });
    if (!taken.ok) {
      if (taken.code === 'quarantine-unfinished') this.#finishLater();
      return taken;
    }
    await this.#record(row, taken.caseId, { by, reason: input.reason, message: edited ? input.message : undefined, name: input.by.name });
    return taken;
  }

  discard(input: { readonly quarantineId: string; readonly by: PersonIdentity; readonly reason: string }): Promise<Outcome> {
    return this.#mailboxes.run(input.quarantineId, async () => {
      const row = await this.#ledger.getQuarantine(input.quarantineId);
      if (row === undefined || !inScope(input.by, row.site)) return unknown;
      const resolved = await this.#resolved(row);
      if (resolved !== undefined) return resolved;
      await this.#siteLog.record('quarantine', {
        type: 'QuarantineResolved', data: { quarantineId: input.quarantineId, resolution: 'discarded' }, reasonCode: input.reason,
      }, { streamId: `quarantine:${input.quarantineId}`, expectedVersion: 1, site: row.site, actor: { kind: 'person', id: this.#pseudonyms.person(input.by.userId) } });
      return { ok: true };
    });
  }

  /** Records what an earlier epoch did not get to. What waits for its node, or for its system, is tried again. */
  async finish(): Promise<void> {
    let later = false;
    for (const row of await this.#ledger.admissionsToFinish()) {
      try {
        const problem = await this.#mailboxes.run(row.quarantine_id, () => this.#finish(row));
        if (problem === undefined) continue;
        later = true;
        if (problem !== notAccepting) once(`admission ${row.quarantine_id}`, `The admission of ${row.topic ?? row.quarantine_id} from quarantine is not finished yet: ${problem.message}`);
      } catch (error) {
        later = true;
        once('admission', `The admission of the quarantined message ${row.quarantine_id} could not be finished and is tried again: ${String(error)}`);
      }
    }
    if (later) this.#finishLater();
  }

  /** The flows have started: what waits for its node goes on at once. */
  started(): void {
    if (this.#again === undefined) return;
    clearTimeout(this.#again);
    this.#again = undefined;
    this.finish().catch(unfinished);
  }

  #finishLater(): void {
    if (this.#closed) return;
    clearTimeout(this.#again);
    this.#again = setTimeout(() => { this.finish().catch(unfinished); }, againMs);
    this.#again.unref();
  }

  /** Gives why it cannot be finished now. */
  async #finish(row: QuarantineRow): Promise<Refused | undefined> {
    if (row.case_id === null || (await this.#ledger.readStream(`quarantine:${row.quarantine_id}`, 2)).length > 0) return undefined;
    const scan = (await this.#ledger.readStream(row.case_id)).find((event): event is RecordedEvent & { type: 'ScanRecorded' } =>
      event.type === 'ScanRecorded' && event.data.admission?.quarantineId === row.quarantine_id);
    if (scan?.data.admission === undefined) return undefined;
    const { admission } = scan.data;
    const [reason, name] = [scan.content?.reason, scan.personal?.mappedBy];
    const document = await this.#documents.find(row);
    if (document !== undefined) {
      if (!this.#accepting()) return notAccepting;
      const taken = await this.#documents.take(document, { ...admission, reason: reason ?? '', name: name ?? '' }, { begun: row.case_id, ...(admission.edited ? { bytes: Buffer.from(scan.content?.raw ?? '', 'utf8') } : {}) });
      if (!taken.ok) return taken;
    }
    await this.#record(row, row.case_id, { by: admission.by, reason, message: scan.content?.raw, name });
    return undefined;
  }

  /** What was decided before, as a conflict. */
  async #resolved(row: QuarantineRow): Promise<Refused | undefined> {
    const [, resolution] = await this.#ledger.readStream(`quarantine:${row.quarantine_id}`) as readonly (AnyEvent | undefined)[];
    const data = (resolution as Resolution | undefined)?.data;
    if (data?.resolution === 'discarded') return { ok: false, code: 'quarantine-resolved', message: 'This message was dealt with already: it was discarded.', status: 'conflict' };
    if (data !== undefined && data.caseId === undefined) return { ok: false, code: 'quarantine-resolved', message: 'This document was dealt with already: it was taken again, and told to the case that waited for it.', status: 'conflict' };
    const holder = data?.caseId ?? row.case_id ?? (await this.#ledger.getReservation(quarantineScope, this.#pseudonyms.reservation(quarantineScope, row.quarantine_id)))?.holder;
    if (holder === undefined) return undefined;
    const unfinished = data === undefined ? await this.#finish({ ...row, case_id: holder }) : undefined;
    if (unfinished !== undefined) return { ...unfinished, code: 'quarantine-unfinished', message: `Case ${holder} is open, and the rest is not done yet: ${unfinished.message}`, members: { caseId: holder } };
    return { ok: false, code: 'quarantine-admitted', message: `This message was admitted already, to case ${holder}.`, status: 'conflict', members: { caseId: holder } };
  }

  async #record(row: QuarantineRow, caseId: string | null, what: { readonly by: string; readonly reason: string | undefined; readonly message: string | undefined; readonly name: string | undefined }): Promise<void> {
    await this.#siteLog.record('quarantine', {
      type: 'QuarantineResolved', data: { quarantineId: row.quarantine_id, resolution: 'admitted', ...(caseId === null ? {} : { caseId }), originalSha256: row.sha256 },
      content: { ...(what.reason === undefined ? {} : { reason: what.reason }), ...(what.message === undefined ? {} : { message: what.message }) },
      ...(what.name === undefined ? {} : { personal: { name: what.name } }),
    }, { streamId: `quarantine:${row.quarantine_id}`, expectedVersion: 1, site: row.site, actor: { kind: 'person', id: what.by } });
  }

  /** Through the node whose topic it is; where none has it, through the only one of the site. */
  #read(row: QuarantineRow, message: string, asked: string | undefined, by: PersonIdentity | undefined): { readonly ok: true; readonly opening: OpenCaseInput } | { readonly ok: false; readonly code: string; readonly message: string } {
    const topic = asked ?? row.topic ?? '';
    const readers = [...this.#readers].filter((reader) => by === undefined ? reader.site === row.site : inScope(by, reader.site));
    const owner = readers.find((reader) => reader.claims(topic));
    const ofSite = readers.filter((reader) => reader.site === row.site);
    const reader = owner ?? (asked === undefined && ofSite.length === 1 ? ofSite[0] : undefined);
    if (reader === undefined) return { ok: false, code: 'quarantine-unrouted', message: `No scan in node of your sites takes messages from the topic "${topic}"; give the topic of a station that one takes.` };
    const read = reader.read(Buffer.from(message, 'utf8'), topic, owner === undefined);
    if (!read.ok) return read;
    const [opening, ...more] = read.openings;
    if (opening === undefined || more.length > 0) return { ok: false, code: 'quarantine-several', message: `The message holds ${read.openings.length} scans; admit a message with one, and scan the others again.` };
    return { ok: true, opening };
  }
}
