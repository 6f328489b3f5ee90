import { hash } from 'node:crypto';
import type { NumberSequence, TakenNumber } from '../../connectors/driver.ts';
import type { RecordedEvent } from '../../domain/index.ts';
import type { Ledger } from '../../ledger/port.ts';
import type { SiteLog } from '../site-log.ts';
import { Mailboxes } from '../support/mailboxes.ts';

/** How often the next number is tried to be taken while others take numbers of the same sequence. */
const mostTries = 50;

/** Partners begin their numbers anew at some time: one that came so long ago stands for a new document. */
const forgottenAfterMs = 400 * 86_400_000;

/** A document of a partner as it came. */
export interface ReceivedDocument {
  readonly standard: string;
  readonly sender: string;
  readonly receiver: string;
  readonly controlNumber: string;
  readonly sha256: string;
  /** Of the file that it came in: the same when it is looked at again after a crash. */
  readonly claim: string;
  readonly file: string;
  readonly site: string;
}

/** `again`: by the same claim. `duplicate`: the same document in another file. `other`: the number has been used for another document. */
export type Received = { readonly kind: 'new' } | { readonly kind: 'again' } | { readonly kind: 'duplicate' | 'other'; readonly file: string; readonly at: string };

/**
 * Control numbers in the ledger: those of what we send are counted, one stream for each sequence, once for each purpose; those
 * of what comes are kept with the hash of what came under them. Names of partners are business content and stand in no leaf.
 */
export class ControlNumbers {
  readonly #ledger: Pick<Ledger, 'findCommand' | 'lastOfStream' | 'readStream'>;
  readonly #siteLog: SiteLog;
  readonly #key: (scope: string, text: string) => string;
  readonly #now: () => number;
  /** One after the other within this process, so that the ledger refuses only what another one was faster with. */
  readonly #mailboxes = new Mailboxes();

  /** @param key keyed hash of what is business content */
  constructor(ledger: Pick<Ledger, 'findCommand' | 'lastOfStream' | 'readStream'>, siteLog: SiteLog, key: (scope: string, text: string) => string, now: () => number) {
    this.#ledger = ledger;
    this.#siteLog = siteLog;
    this.#key = key;
    this.#now = now;
  }

  /** The number of a purpose: a new one the first time, then always the same. Durable when it resolves. */
  take(sequence: NumberSequence, purpose: string, site: string): Promise<TakenNumber> {
    const streamId = this.#streamOf(sequence.name);
    return this.#mailboxes.run(streamId, () => this.#take(streamId, sequence, purpose, site));
  }

  /** The last number that was taken; 0: none yet. */
  async last(name: string): Promise<number> {
    const event = await this.#ledger.lastOfStream(this.#streamOf(name));
    return event?.type === 'ControlNumberTaken' ? event.data.number : 0;
  }

  /** Keeps that a document came, in one step with the question whether one came under its number before. */
  receive(document: ReceivedDocument): Promise<Received> {
    const { standard, sender, receiver } = document;
    const stream = `numbers-in:${this.#key('numbers-in', `${standard} ${sender}>${receiver}`)}`;
    return this.#mailboxes.run(stream, () => this.#receive(stream, commandKeyOf(document), document));
  }

  /** What {@link receive} would say; keeps nothing. */
  async known(document: ReceivedDocument): Promise<Received> {
    const { event } = await this.#before(commandKeyOf(document));
    return event === undefined ? { kind: 'new' } : sameOrNot(event, document);
  }

  async #take(streamId: string, { name, last }: NumberSequence, purpose: string, site: string): Promise<TakenNumber> {
    const commandKey = `number:${hash('sha256', `${name}\0${purpose}`, 'base64url')}`;
    const before = await this.#ledger.findCommand(commandKey);
    if (before !== undefined) return this.#at(before.streamId, before.version);
    for (let tries = 0; tries < mostTries; tries++) {
      const newest = await this.#ledger.lastOfStream(streamId);
      const number = newest?.type === 'ControlNumberTaken' && newest.data.number < last ? newest.data.number + 1 : 1;
      const result = await this.#siteLog.append(streamId, { type: 'ControlNumberTaken', data: { number, purpose: hash('sha256', purpose, 'base64url').slice(0, 22) }, content: { sequence: name } }, { expectedVersion: newest?.version ?? 0, commandKey, site });
      if (result.ok) return this.#at(streamId, (newest?.version ?? 0) + 1);
      if (result.reason === 'duplicate-command') return this.#at(result.streamId, result.version);
      if (result.reason !== 'version-conflict') throw new Error(`a control number could not be taken: ${result.reason}`);
    }
    throw new Error('a control number could not be taken: others take them all the time');
  }

  /** As it stands in the ledger, so that a second look gives the same to the millisecond. */
  async #at(streamId: string, version: number): Promise<TakenNumber> {
    const event = await this.#event(streamId, version);
    if (event?.type !== 'ControlNumberTaken') throw new Error(`there is no number at ${streamId} ${version}`);
    return { number: event.data.number, at: event.recordedAt };
  }

  async #receive(streamId: string, key: string, document: ReceivedDocument): Promise<Received> {
    const { sender, receiver, controlNumber, sha256, claim, file, site } = document;
    for (let tries = 0; tries < mostTries; tries++) {
      const { event, commandKey } = await this.#before(key);
      if (event !== undefined) return sameOrNot(event, document);
      const newest = await this.#ledger.lastOfStream(streamId);
      const result = await this.#siteLog.append(streamId, { type: 'DocumentReceived', data: { sha256, claim }, content: { sender, receiver, controlNumber, file } }, { expectedVersion: newest?.version ?? 0, commandKey, site });
      if (result.ok) return { kind: 'new' };
      if (result.reason !== 'duplicate-command' && result.reason !== 'version-conflict') throw new Error(`a document could not be recorded: ${result.reason}`);
    }
    throw new Error('a document could not be recorded: others record theirs all the time');
  }

  /** What came last under a number and is not forgotten; else the key under which the next is kept. */
  async #before(key: string): Promise<{ readonly event?: RecordedEvent; readonly commandKey: string }> {
    for (let commandKey = key; ;) {
      const before = await this.#ledger.findCommand(commandKey);
      if (before === undefined) return { commandKey };
      const event = await this.#event(before.streamId, before.version);
      if (event === undefined) throw new Error('a document that was recorded is not where it was recorded');
      if (Date.parse(event.recordedAt) > this.#now() - forgottenAfterMs) return { event, commandKey };
      commandKey = `numbers-in:${hash('sha256', `${commandKey}\0${before.version}`, 'base64url')}`;
    }
  }

  async #event(streamId: string, version: number): Promise<RecordedEvent | undefined> {
    // Streams grow for years, and what is asked for is mostly their end.
    const newest = await this.#ledger.lastOfStream(streamId);
    if (newest?.version === version) return newest;
    return (await this.#ledger.readStream(streamId, version))[0];
  }

  #streamOf(name: string): string {
    return `numbers:${this.#key('numbers', name)}`;
  }
}

function commandKeyOf({ standard, sender, receiver, controlNumber }: ReceivedDocument): string {
  return `numbers-in:${hash('sha256', [standard, sender, receiver, controlNumber].join('\0'), 'base64url')}`;
}

function sameOrNot(event: RecordedEvent, { sha256, claim }: ReceivedDocument): Received {
  if (event.type !== 'DocumentReceived') throw new Error('a document that was recorded is not where it was recorded');
  if (event.data.claim === claim && event.data.sha256 === sha256) return { kind: 'again' };
  return { kind: event.data.sha256 === sha256 ? 'duplicate' : 'other', file: event.content?.file ?? '', at: event.recordedAt };
}
