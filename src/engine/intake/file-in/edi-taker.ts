import { hash } from 'node:crypto';
import type { Json, JsonObject } from '../../../domain/json.ts';
import { acknowledge, acknowledgementEvent, acknowledgementKey, controlNumberKey, fromJson, lastNumber, partyName, readEdi, readReceiveBinding, sequenceName, toJson, writeInterchange } from '../../../connectors/edi/index.ts';
import type { ControlNumberKey, EdiFinding, Interchange, JsonInterchange, JsonMessage, ReceiveBinding } from '../../../connectors/edi/index.ts';
import { nameFrom } from '../../../connectors/file-transfer/index.ts';
import type { TakenFile, TakenResult } from '../../../intake/files/index.ts';
import { LedgerError } from '../../../ledger/port.ts';
import { contractFaults, faultText } from '../../services/contracts.ts';
import { contractPlaces, openDocument, putAside } from './taking.ts';
import type { Aside, FileTaker, Taking, WrongPlace } from './taking.ts';

/** How long an acknowledgement is kept for a case that does not wait for it yet. */
const keepMs = 30 * 86_400_000;
const acknowledgements: ReadonlySet<string> = new Set(['997', '999', 'CONTRL']);

/** Takes interchanges in: once by their control numbers, a case for each message or interchange, and acknowledges them. */
export function ediTaker(taking: Taking): FileTaker {
  const { binding } = readReceiveBinding(taking.operation.binding);
  return async (file) => {
    const read = readEdi(file.bytes);
    const { file: json, findings } = toJson(read);
    if (read.interchanges.length === 0) return failed(await putAside(taking, file, 'edi-damaged', firstOf(findings) ?? 'there is no interchange in it.', { places: placesOf(findings) }));
    const wrong: string[] = [];
    for (const [i, interchange] of read.interchanges.entries()) {
      const end = read.interchanges[i + 1]?.header.offset ?? file.bytes.length;
      wrong.push(...await new InterchangeTaker(taking, binding, file, interchange, json.interchanges[i] as JsonInterchange, findings, end).take());
    }
    return wrong.length === 0 ? { kind: 'done' } : failed(wrong.join('\n'));
  };
}

const failed = (message: string): TakenResult => ({ kind: 'failed', message });
const placesOf = (findings: readonly EdiFinding[]): readonly WrongPlace[] => findings.filter(({ severity }) => severity === 'error').slice(0, 20).map(({ problem, place: { offset, ...place } }) => ({ detail: problem, ...place, byte: offset }));
const firstOf = (findings: readonly EdiFinding[]): string | undefined => findings.find(({ severity }) => severity === 'error')?.sentence;

class InterchangeTaker {
  readonly #taking: Taking;
  readonly #binding: ReceiveBinding;
  readonly #file: TakenFile;
  readonly #interchange: Interchange;
  readonly #json: JsonInterchange;
  readonly #key: ControlNumberKey;
  readonly #bytes: Buffer;
  /** Those of this interchange. */
  readonly #findings: EdiFinding[];

  constructor(taking: Taking, binding: ReceiveBinding, file: TakenFile, interchange: Interchange, json: JsonInterchange, findings: readonly EdiFinding[], end: number) {
    this.#taking = taking;
    this.#binding = binding;
    this.#file = file;
    this.#interchange = interchange;
    this.#json = json;
    this.#key = controlNumberKey(interchange);
    const from = interchange.header.offset;
    this.#bytes = file.bytes.subarray(from, end);
    this.#findings = findings.filter(({ place }) => place.offset >= from && place.offset < end);
  }

  /** What was refused, one sentence each. */
  async take(): Promise<readonly string[]> {
    const stranger = this.#stranger();
    if (stranger !== undefined) return [await this.#aside('edi-partner', stranger)];
    const repeat = await this.#repeat();
    if (repeat !== undefined) return [await this.#aside('same-control-number', repeat)];
    const refused: string[] = [];
    const whole = this.#findings.filter(({ severity, place }) => severity === 'error' && place.message === undefined);
    if (whole.length > 0) refused.push(await this.#aside('edi-damaged', whole.map(({ sentence }) => sentence).slice(0, 5).join(' '), { places: placesOf(whole), answered: true }));
    else refused.push(...await this.#messages());
    await this.#acknowledge();
    return refused;
  }

  #stranger(): string | undefined {
    const { sender, receiver } = this.#key;
    const [from, to] = [partyName(this.#binding.sender), partyName(this.#binding.receiver)];
    if (this.#key.standard === this.#binding.standard && sender === from && receiver === to) return undefined;
    return `It is ${this.#key.standard} from ${sender} to ${receiver}, and ${this.#taking.reference} takes ${this.#binding.standard} from ${from} to ${to}; bring it to the folder of its partner, or mend the service.`;
  }

  async #repeat(): Promise<string | undefined> {
    const { standard, sender, receiver, controlNumber } = this.#key;
    const { claim, name } = this.#file;
    const received = await this.#taking.nodes.numbers.receive({ standard, sender, receiver, controlNumber, sha256: hash('sha256', this.#bytes.toString('latin1').trimEnd()), claim, file: name, site: this.#taking.site });
    if (received.kind === 'new' || received.kind === 'again') return undefined;
    return `${sender} has sent the control number ${controlNumber} to ${receiver} before, in ${received.file} of ${received.at}${received.kind === 'duplicate' ? '; it is the same document and is not taken again.' : ', for another document; ask for it under a number of its own.'}`;
  }

  /** Messages that can be taken are; gives what is wrong with the others. */
  async #messages(): Promise<readonly string[]> {
    const refused: string[] = [];
    const good: { readonly place: string; readonly message: JsonMessage; readonly group: string }[] = [];
    for (const [g, group] of this.#json.groups.entries()) {
      for (const [m, message] of group.messages.entries()) {
        const place = `${g + 1}/${m + 1}`;
        const { part = '' } = this.#taking.again ?? {};
        if (part !== '' && part !== place) continue;
        const header = this.#interchange.groups[g]?.messages[m]?.header;
        const found = this.#findings.filter((each) => each.severity === 'error' && header !== undefined && this.#isOf(each, g, m));
        if (acknowledgements.has(message.message)) {
          const problem = found[0]?.sentence ?? await this.#acknowledged(message);
          if (problem !== undefined) refused.push(await this.#aside('edi-acknowledgement', problem, { places: placesOf(found), part: place, answered: true }));
          continue;
        }
        const misfit = found.length > 0 ? { problem: found.slice(0, 5).map(({ sentence }) => sentence).join(' '), places: placesOf(found) } : this.#misfit(message);
        if (misfit === undefined) {
          good.push({ place, message, group: typeof group['controlNumber'] === 'string' ? group['controlNumber'] : '' });
          continue;
        }
        const { problem, places } = misfit;
        if (found.length === 0 && header !== undefined) {
          this.#findings.push({ code: 'not-written', severity: 'error', sentence: problem, problem, place: { message: message.controlNumber ?? '', messageType: message.message, segment: 1, tag: header.tag, offset: header.offset, line: header.line } });
        }
        refused.push(await this.#aside('edi-damaged', problem, { ...(places === undefined ? {} : { places }), part: place, answered: true }));
      }
    }
    if (this.#binding.per === 'message') for (const { place, message, group } of good) await this.#open(place, message.message, message.document ?? { segments: message.segments ?? [] }, { group, messageControlNumber: message.controlNumber ?? '' });
    // One that is taken again alone has a case of its own: that of the others is under way.
    else if (good.length > 0) await this.#open(this.#taking.again?.part || '0', [...new Set(good.map(({ message }) => message.message))].join(', '), good.map(({ message }) => (message.document ?? { segments: message.segments ?? [] })), {});
    return refused;
  }

  #isOf({ place }: EdiFinding, g: number, m: number): boolean {
    const message = this.#interchange.groups[g]?.messages[m];
    if (message === undefined || place.message === undefined) return false;
    const last = message.trailer ?? message.segments.at(-1) ?? message.header;
    return place.offset >= message.header.offset && place.offset < last.offset + Math.max(1, last.raw.length);
  }

  #misfit({ message, document }: JsonMessage): { readonly problem: string; readonly places?: readonly WrongPlace[] } | undefined {
    const { messages } = this.#binding;
    if (document === undefined) return { problem: `There is no map for the message ${message}.` };
    if (messages.length > 0 && !messages.includes(message)) return { problem: `${this.#taking.reference} takes ${messages.join(', ')}, and this is a ${message}.` };
    const faults = contractFaults(this.#taking.operation.answer, document as Json, this.#taking.reference);
    return faults.length === 0 ? undefined : { problem: `The ${message} breaks the contract of ${this.#taking.reference}: ${faultText(faults)}.`, places: contractPlaces(faults) };
  }

  async #open(place: string, message: string, document: unknown, more: JsonObject): Promise<void> {
    const { standard, sender, receiver, controlNumber } = this.#key;
    const { number, order } = (document ?? {}) as { readonly number?: unknown; readonly order?: { readonly number?: unknown } };
    const called = order?.number ?? number;
    await openDocument(this.#taking, this.#file, {
      id: ['edi', this.#file.claim, standard, sender, receiver, controlNumber, place].join('\u0000'), sender, document: document as Json,
      title: `${message}${typeof called === 'string' ? ` ${called}` : ''} from ${sender}`,
      facts: { standard, sender, receiver, controlNumber, message, ...more, ...(this.#json['usage'] === 'test' ? { test: true } : {}) },
    });
  }

  /** Tells who waits for it that the partner has, or has not, taken what we sent. Gives what is wrong. */
  async #acknowledged({ message, controlNumber, document = { type: '' } }: JsonMessage): Promise<string | undefined> {
    const { sender, receiver, standard } = this.#key;
    const about = (standard === 'x12' ? document['group'] : document['interchange']) as { readonly controlNumber?: string } | undefined;
    const number = about?.controlNumber ?? '';
    const last = await this.#taking.nodes.numbers.last(sequenceName(standard, this.#binding.receiver, this.#binding.sender));
    if (!/^\d{1,9}$/.test(number) || Number(number) < 1 || Number(number) > last) return `${sender} acknowledges the control number ${number}, which was never sent there.`;
    const status = standard === 'x12' ? document['status'] : document['action'];
    const result = await this.#taking.reportEvent({
      site: this.#taking.site, name: acknowledgementEvent, key: acknowledgementKey(standard, sender, number), keepMs, broadcast: false, by: { device: sender.slice(0, 128) },
      id: `edi:${hash('sha256', [standard, sender, receiver, this.#key.controlNumber, controlNumber ?? ''].join('\0'), 'base64url')}`,
      data: { message, controlNumber: number, accepted: status === 'accepted' || status === 'acknowledged', status: typeof status === 'string' ? status : '', document: document as Json },
    });
    if (result.ok) {
      this.#taking.tell('reported');
      return undefined;
    }
    if (result.status === 'unavailable') throw new LedgerError('unavailable', result.message);
    return result.message;
  }

  /** The answer, under a number of its own that it keeps: written again after a crash it is the same to the byte. */
  async #acknowledge(): Promise<void> {
    const { by, folder, name: template } = this.#binding.acknowledge;
    if (by === 'none' || this.#taking.again?.acknowledge === false) return;
    const { standard, sender, receiver, controlNumber } = this.#key;
    const none = { controlNumber: '1', at: new Date(0) };
    if (acknowledge(this.#interchange, this.#findings, none) === undefined) return;
    const sequence = { name: sequenceName(standard, this.#binding.receiver, this.#binding.sender), last: lastNumber };
    const { number, at } = await this.#taking.nodes.numbers.take(sequence, `acknowledges ${standard} ${sender}>${receiver} ${controlNumber}`, this.#taking.site);
    const json = acknowledge(this.#interchange, this.#findings, { controlNumber: standard === 'x12' ? String(number).padStart(9, '0') : String(number), at: new Date(at), ...(by === '999' ? { by } : {}) });
    const name = nameFrom(template, { message: by, controlNumber: String(number).padStart(9, '0'), sender: this.#binding.receiver.id, receiver: this.#binding.sender.id });
    if (json === undefined || name === undefined) return;
    await this.#taking.acknowledge({ folder, name }, writeInterchange(fromJson(json)), controlNumber);
  }

  /** @param part the message that it is about; absent: the interchange */
  #aside(code: string, message: string, { places = [], part = '', answered = false }: Aside = {}): Promise<string> {
    return putAside(this.#taking, { name: this.#file.name, claim: this.#file.claim, bytes: this.#bytes }, code, message, { sender: this.#key.sender, places, part, answered: answered && this.#binding.acknowledge.by !== 'none' });
  }
}
