import { hash } from 'node:crypto';
import type { Delivery, QueueSource } from '../../../connectors/queue/index.ts';
import { limitedLog } from '../../../intake/limited-log.ts';
import { UntilRecorded } from '../../../intake/until-recorded.ts';
import type { DocumentReader, IntakeReader, NodePort, OpenCaseInput, StepHandle } from '../../api.ts';
import { contractFaults, faultText } from '../../services/contracts.ts';
import { documentsOf, entriesOf, keysOf } from '../documents.ts';
import type { DocumentOpening, Found } from '../documents.ts';
import type { ReadingOperation } from '../reading-operation.ts';

export type QueueOutcome = 'opened' | 'duplicate' | 'repeat' | 'quarantined';

/** What takes messages in: the node, the service behind it, and the engine. */
export interface QueueTakingOptions extends ReadingOperation {
  readonly nodes: Pick<NodePort, 'numbers' | 'openCase' | 'quarantine' | 'accepting' | 'onAccepting' | 'count'>;
  readonly step: StepHandle;
  readonly site: string;
  readonly source: QueueSource;
  readonly opening: DocumentOpening;
  readonly tell: (outcome: QueueOutcome) => void;
  readonly log: (level: 'info' | 'warn', text: string) => void;
}

/** A message as its queue gave it. */
interface Message { readonly messageId: string; readonly encoding: string; readonly bytes: Buffer }

interface Wrong { readonly code: string; readonly message: string; readonly bytes: Uint8Array }

type Read = { readonly found: readonly Found[] } | Wrong;

/** Of a message above the bound, its beginning is kept: enough to see what it is. */
const HEAD_BYTES = 65_536;

/**
 * From messages of a queue to cases. What a message is known by stands in the ledger with the hash of what it says: the same
 * again changes nothing, another one under the same goes to quarantine. A message is settled when all of it is durable.
 */
export class QueueTaking {
  readonly #options: QueueTakingOptions;
  readonly #recorded: UntilRecorded;

  constructor(options: QueueTakingOptions) {
    this.#options = options;
    const { nodes, log } = options;
    this.#recorded = new UntilRecorded({
      accepting: () => nodes.accepting(), onAccepting: (listener) => nodes.onAccepting(listener), warn: limitedLog(log),
      closed: () => new LetGo('the node was closed'), onHeld: () => { nodes.count('queue_held'); },
    });
  }

  /** Never rejects. A message that is not recorded is not settled: the broker hands it over again. */
  readonly take = async (delivery: Delivery): Promise<void> => {
    const { nodes, source, tell, log } = this.#options;
    nodes.count('queue_received');
    if (delivery.redelivered) nodes.count('queue_redelivered');
    const letGo = (): Error | undefined => (delivery.gone() ? new LetGo('the connection was lost') : undefined);
    const what = `A message of ${source.queue}`;
    try {
      const read = this.#read(delivery);
      let wrong = 'found' in read ? undefined : read;
      if ('found' in read) {
        const result = await this.#recorded.run(what, () => this.#open(read.found, delivery), letGo);
        if ('unrecordable' in result) wrong = { code: 'queue-not-recordable', message: result.unrecordable, bytes: delivery.bytes };
        else if (typeof result.value === 'string') tell(result.value);
        else wrong = result.value;
      }
      if (wrong === undefined) {
        delivery.accept();
        return;
      }
      const aside = wrong;
      const kept = await this.#recorded.run(what, () => this.#putAside(aside, delivery), letGo);
      if ('unrecordable' in kept) return;
      tell(kept.value.repeated ? 'duplicate' : 'quarantined');
      if (source.onBad === 'reject') delivery.reject();
      else delivery.accept();
    } catch (error) {
      nodes.count('queue_let_go');
      if (!(error instanceof LetGo)) log('warn', `${what} is not taken in: ${error instanceof Error ? error.message : String(error)}`);
    }
  };

  /** Gives back what waits for the ledger. */
  close(): void {
    this.#recorded.close();
  }

  /** Reads what a person has mended in quarantine. */
  reader(): IntakeReader {
    const { site, source } = this.#options;
    return {
      site, claims: (topic) => topic === source.queue,
      read: (bytes) => {
        const message: Message = { messageId: '', encoding: '', bytes: Buffer.from(bytes) };
        const read = this.#read(message);
        if (!('found' in read)) return { ok: false, code: read.code, message: read.message };
        return { ok: true, openings: read.found.flatMap((found) => this.#openings(found, message)) };
      },
    };
  }

  /** Takes again what it put aside. */
  documents(): DocumentReader {
    const { site, step, source, system } = this.#options;
    return {
      site, kind: 'queue', system, place: source.queue, address: step.address,
      take: async (bytes, { name, encoding }, port) => {
        const message: Message = { messageId: name, encoding, bytes };
        const read = this.#read(message);
        const wrong = 'found' in read ? await this.#open(read.found, message, port) : read;
        return typeof wrong === 'string' ? undefined : { code: wrong.code, message: wrong.message };
      },
    };
  }

  #read({ bytes, encoding }: Message): Read {
    const { source, operation, reference, system, service } = this.#options;
    if (bytes.length > source.maxBytes) return { code: 'queue-too-large', message: `The message has ${bytes.length} bytes, and ${reference} takes at most ${source.maxBytes}; its beginning is kept.`, bytes: bytes.subarray(0, HEAD_BYTES) };
    if (!['', 'utf-8', 'utf8', 'identity'].includes(encoding)) return { code: 'queue-damaged', message: `The message is packed or encoded as "${encoding.slice(0, 40)}"; send it in UTF-8 as it is.`, bytes };
    const read = documentsOf(source, { name: 'Message', bytes }, { sender: system, receiver: `${service.id} ${source.queue}` });
    if ('problem' in read) return { code: 'queue-damaged', message: read.problem, bytes };
    for (const { document, title } of read.found) {
      const faults = contractFaults(operation.answer, document, reference);
      if (faults.length > 0) return { code: 'queue-contract', message: `${title} breaks the contract of ${reference}: ${faultText(faults)}.`, bytes };
    }
    return read;
  }

  /** Safe to call again. A message of several IDocs is taken one by one; of those that contradict, the first is told. */
  async #open(documents: readonly Found[], message: Message, nodes: Pick<NodePort, 'numbers' | 'openCase'> = this.#options.nodes): Promise<QueueOutcome | Wrong> {
    const { site, source } = this.#options;
    let outcome: QueueOutcome = 'duplicate';
    let wrong: Wrong | undefined;
    for (const found of documents) {
      const { sender, receiver } = found;
      const known = this.#known(found, message);
      const received = await nodes.numbers.receive({ standard: 'queue', sender, receiver, controlNumber: known, sha256: hashOf(found, message), claim: '', file: source.queue, site });
      if (received.kind === 'duplicate' || received.kind === 'other') {
        wrong ??= { code: 'same-message', message: `"${known}" stands for another message, which came at ${received.at}; ask its sender for ids of their own.`, bytes: message.bytes };
        continue;
      }
      for (const opening of this.#openings(found, message)) {
        const { kind } = await nodes.openCase(opening);
        if (outcome === 'duplicate' || kind === 'opened') outcome = kind;
      }
    }
    return wrong ?? outcome;
  }

  #openings(found: Found, message: Message): readonly OpenCaseInput[] {
    const { step, site, source, opening, system } = this.#options;
    const known = this.#known(found, message);
    const facts = { ...found.facts, name: source.queue, ...(message.messageId === '' ? {} : { messageId: message.messageId }) };
    return entriesOf(source, found.document).map((document, i) => {
      const keys = keysOf(opening, document);
      const title = `${keys.keys[0]?.value ?? (source.form.format === 'idoc' ? found.title : known)} from ${system}`.slice(0, 200);
      return {
        step, site, process: opening.process, template: opening.template, title, ...keys, device: found.sender.slice(0, 128),
        transportId: hash('sha256', JSON.stringify(['queue', found.sender, found.receiver, known, hashOf(found, message), i])),
        document: { queue: facts, document }, message: { payload: document, topic: source.queue }, scan: { kind: 'queue', code: title, topic: source.queue, fields: facts },
      };
    });
  }

  /** What the service says; else the id that its sender gave it; else its content. */
  #known({ identity }: Found, { messageId }: Message): string {
    const { source } = this.#options;
    return source.identity !== '' || source.form.format === 'idoc' || messageId === '' ? identity : messageId;
  }

  /** Once for each message: one that comes again, because the process or the line ended before it was acknowledged, is folded. */
  #putAside({ code, message, bytes }: Wrong, delivery: Delivery): ReturnType<NodePort['quarantine']> {
    const { nodes, site, step, source, system, service } = this.#options;
    return nodes.quarantine({
      site, reason: code, message: `${source.queue}: ${message}`, bytes, topic: source.queue, device: system.slice(0, 128), address: step.address,
      origin: { kind: 'queue', system, place: source.queue, service: `${service.id}@${service.version}`, name: delivery.messageId, claim: '', encoding: delivery.encoding, part: '', answered: source.onBad === 'reject' },
      // Its sender may send the same again on purpose, once people have dealt with the first.
      known: { as: ['queue', service.id, system, source.queue, delivery.messageId, hash('sha256', delivery.bytes)], sameDelivery: delivery.redelivered },
    });
  }
}

class LetGo extends Error {
  override readonly name = 'LetGo';
}

function hashOf({ document, facts }: Found, { bytes }: Message): string {
  return hash('sha256', facts['format'] === 'idoc' ? JSON.stringify(document) : bytes);
}
