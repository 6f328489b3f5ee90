import type { Json } from '../../domain/json.ts';
import type { CloudEvent, DecodedMessage } from '../cloudevents/index.ts';
import { faultText, toDocument } from '../cloudevents/index.ts';
import { limitedLog, type LimitedLog } from '../limited-log.ts';
import { MqttIntakeError } from '../mqtt/errors.ts';
import { RecordedMessages } from '../mqtt/recorded-messages.ts';
import type { OpeningOptions } from '../opening.ts';
import { deviceOf, eventOpening, transportIdOf, type EventOpening } from './opening.ts';
import { EventReader, type EventReaderOptions, type Judged, type ReadEvent } from './reader.ts';

/** What an intake of events needs of the engine. Promises resolve when the ledger has it, reject when it has not. */
export interface EventIntakePort {
  openCase(opening: EventOpening): Promise<{ readonly kind: 'opened' | 'duplicate' | 'repeat'; readonly caseId: string }>;
  /** `refused`: one sentence; no later try would end otherwise. */
  reportEvent(report: EventReport): Promise<{ readonly kind: 'reported'; readonly taken: number; readonly repeated: boolean } | { readonly kind: 'refused'; readonly message: string }>;
  quarantine(input: { readonly site: string; readonly reason: string; readonly message: string; readonly bytes: Uint8Array; readonly topic: string; readonly device?: string }): Promise<unknown>;
  accepting(): boolean;
  onAccepting(listener: (accepting: boolean) => void): () => void;
  count(name: EventCounter, by?: number): void;
}

export interface EventReport {
  readonly name: string; readonly key: string; readonly data: Json;
  /** Of source and id, as {@link transportIdOf} has it. */
  readonly id: string;
  readonly source: string;
}

/** Every event ends in one of the last six. */
export type EventCounter =
  | 'cloudevents_received' | 'cloudevents_held' | 'cloudevents_let_go'
  | 'cloudevents_schema_unknown'
  | 'cloudevents_opened' | 'cloudevents_duplicate' | 'cloudevents_repeat' | 'cloudevents_reported' | 'cloudevents_ignored' | 'cloudevents_quarantined';

export interface EventIntakeOptions extends EventReaderOptions, OpeningOptions {
  /** What becomes of an event: a case, or news for the cases that wait for it. */
  readonly does: 'open' | 'report';
  /** For `report`: what it is called; '' for its type. */
  readonly eventName: string;
  /** Who may send; everybody when absent. */
  readonly devices?: EventDevices;
  readonly onOutcome?: (received: ReceivedEvents, outcome: EventOutcome) => void;
  readonly retry?: { readonly minMs: number; readonly maxMs: number };
  readonly log?: (level: 'info' | 'warn', text: string) => void;
}

/** What an intake asks of the register of devices, with the source of an event as the device. */
export interface EventDevices {
  judge(message: { readonly deviceId: string; readonly occurredAt?: string }): { readonly reason?: string; readonly message?: string; readonly skewSeconds?: number };
}

/** One message as it came in. */
export interface ReceivedEvents {
  readonly decoded: DecodedMessage;
  /** The whole message as it is kept in quarantine when it holds no event. */
  readonly bytes: Uint8Array;
  /** MQTT topic, or path of the HTTP address. */
  readonly origin: string;
  /** Narrower than the intake's own filter: what this sender may speak for. */
  readonly mayBe?: (source: string) => boolean;
  gone(): boolean;
}

export interface EventOutcome {
  readonly kind: 'opened' | 'duplicate' | 'repeat' | 'reported' | 'ignored' | 'quarantined';
  readonly title: string;
  readonly caseId?: string;
  /** Of the event, when it has one. */
  readonly id?: string;
  /** For `quarantined`. */
  readonly code?: string;
  readonly message?: string;
}

/** How often an unknown schema is warned of, ms. */
const SCHEMA_WARN_MS = 3_600_000;

/**
 * From events to the engine: filter, contract, one case or one report for each, quarantine for what cannot be taken.
 * `take` resolves when all of it is durable; while the ledger takes nothing it holds the message and tries again.
 */
export class EventIntake {
  readonly reader: EventReader;
  readonly #port: EventIntakePort;
  readonly #options: EventIntakeOptions;
  readonly #recorded: RecordedMessages;
  readonly #warn: LimitedLog;

  /** Throws RangeError, with one sentence that says what to mend, when it cannot be configured so. */
  constructor(port: EventIntakePort, options: EventIntakeOptions) {
    this.#port = port;
    this.#options = options;
    this.reader = new EventReader(options);
    if (options.does === 'report' && options.key === '') throw new RangeError('Cases wait for an event with a key; say where it stands in the event, for example /data/asn.');
    this.#warn = limitedLog(options.log ?? (() => undefined), SCHEMA_WARN_MS);
    this.#recorded = new RecordedMessages({
      accepting: () => port.accepting(), onAccepting: (listener) => port.onAccepting(listener), ...options.retry,
      warn: limitedLog(options.log ?? (() => undefined)), onHeld: () => port.count('cloudevents_held'), onLetGo: () => port.count('cloudevents_let_go'),
    });
  }

  /**
   * Resolves, in the order of the events, when everything in the message is recorded or durably in quarantine: then it is acknowledged.
   * Rejects with MqttIntakeError only: `detached` when the intake was closed first, `closed` when the sender will deliver it again.
   */
  async take(received: ReceivedEvents): Promise<readonly EventOutcome[]> {
    const { decoded } = received;
    if (!decoded.ok) {
      this.#port.count('cloudevents_received');
      return [await this.#quarantine(received, received.bytes, { code: decoded.code, message: faultText(decoded), title: '' })];
    }
    this.#port.count('cloudevents_received', decoded.events.length);
    // all are started before any is waited for, so that they are recorded in their order
    const results = await Promise.allSettled(decoded.events.map((one) => {
      const bytes = decoded.batched && one.ok ? Buffer.from(JSON.stringify(toDocument(one.event))) : received.bytes;
      return this.#one(received, bytes, this.#judge(received, one), one.ok ? one.event.id : undefined);
    }));
    // nothing goes on behind the back of a message that was given back
    return results.map((result) => {
      if (result.status === 'rejected') throw result.reason as Error;
      return result.value;
    });
  }

  /** Reads an event as {@link take} would, and records nothing. */
  opening(read: ReadEvent, origin: string): EventOpening {
    return eventOpening(this.reader, read, origin, this.#options);
  }

  /** Gives back what is not recorded yet. */
  close(): void {
    this.#recorded.close();
  }

  #judge(received: ReceivedEvents, one: Parameters<EventReader['judge']>[0]): Judged {
    if (one.ok && received.mayBe?.(one.event.source) === false) {
      return { kind: 'wrong', code: 'event-source', title: `${one.event.type} ${one.event.id}`, message: `The sender may not speak for the source ${one.event.source}.` };
    }
    return this.reader.judge(one);
  }

  /** A source of whom nothing is to be taken; or by how much its clock is off, when the case is to say so. */
  #known({ source, occurredAt }: CloudEvent): ReturnType<EventDevices['judge']> {
    return this.#options.devices?.judge({ deviceId: deviceOf(source), ...(occurredAt === undefined ? {} : { occurredAt }) }) ?? {};
  }

  #one(received: ReceivedEvents, bytes: Uint8Array, judged: Judged, id: string | undefined): Promise<EventOutcome> {
    const named = id === undefined ? {} : { id };
    switch (judged.kind) {
      case 'ignored': return Promise.resolve(this.#tell(received, { kind: 'ignored', title: judged.title, message: judged.message, ...named }));
      case 'wrong': return this.#quarantine(received, bytes, judged, id);
      case 'taken': {
        const { event, title } = judged.read;
        const { reason, message = '', skewSeconds } = this.#known(event);
        if (judged.read.schema !== undefined && judged.read.schema.contract === undefined) this.#unjudged(judged.read.schema.uri);
        if (reason !== undefined) return this.#quarantine(received, bytes, { code: reason, message, title, device: deviceOf(event.source) }, id);
        return this.#options.does === 'open' ? this.#open(received, bytes, judged.read, skewSeconds) : this.#report(received, bytes, judged.read);
      }
    }
  }

  /** Taken all the same: the case says so in its facts. */
  #unjudged(uri: string): void {
    this.#port.count('cloudevents_schema_unknown');
    this.#warn('schema', `Events name the schema ${uri}, which no contract of this site has as its $id; they are taken without being judged by it.`);
  }

  async #open(received: ReceivedEvents, bytes: Uint8Array, read: ReadEvent, skewSeconds: number | undefined): Promise<EventOutcome> {
    const opening = this.opening(read, received.origin);
    const stamped = skewSeconds === undefined ? opening : { ...opening, scan: { ...opening.scan, skewSeconds } };
    const result = await this.#recorded.run(received.origin, () => received.gone(), () => this.#port.openCase(stamped));
    if ('unrecordable' in result) return this.#quarantine(received, bytes, { code: 'not-recordable', message: result.unrecordable, title: read.title }, read.event.id);
    return this.#tell(received, { kind: result.value.kind, title: read.title, caseId: result.value.caseId, id: read.event.id });
  }

  async #report(received: ReceivedEvents, bytes: Uint8Array, read: ReadEvent): Promise<EventOutcome> {
    const { event, key = '', payload, title } = read;
    const result = await this.#recorded.run(received.origin, () => received.gone(), () => this.#port.reportEvent({
      name: this.#options.eventName || event.type, key, data: payload, id: transportIdOf(event), source: event.source,
    }));
    const wrong = 'unrecordable' in result ? result.unrecordable : result.value.kind === 'refused' ? result.value.message : undefined;
    if (wrong !== undefined) return this.#quarantine(received, bytes, { code: 'not-recordable', message: wrong, title }, event.id);
    const repeated = 'value' in result && result.value.kind === 'reported' && result.value.repeated;
    return this.#tell(received, { kind: repeated ? 'duplicate' : 'reported', title, id: event.id });
  }

  async #quarantine(received: ReceivedEvents, bytes: Uint8Array, wrong: { readonly code: string; readonly message: string; readonly title: string; readonly device?: string }, id?: string): Promise<EventOutcome> {
    const result = await this.#recorded.run(received.origin, () => received.gone(), () => this.#port.quarantine({ site: this.#options.site, reason: wrong.code, message: wrong.message, bytes, topic: received.origin, ...(wrong.device === undefined ? {} : { device: wrong.device }) }));
    // a quarantine takes heads of anything: that it cannot is a fault of ours, and the message is not let go for it
    if ('unrecordable' in result) throw new MqttIntakeError('closed', 'The message stays with its sender.');
    return this.#tell(received, { kind: 'quarantined', title: wrong.title, code: wrong.code, message: wrong.message, ...(id === undefined ? {} : { id }) });
  }

  #tell(received: ReceivedEvents, outcome: EventOutcome): EventOutcome {
    this.#port.count(`cloudevents_${outcome.kind}`);
    this.#options.onOutcome?.(received, outcome);
    return outcome;
  }
}
