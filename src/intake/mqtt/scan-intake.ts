import { setTimeout as sleep } from 'node:timers/promises';
import { lifeSignOf, type MapResult, type Rejection } from '../mapper/index.ts';
import { MqttIntakeError } from './errors.ts';
import { RecordedMessages } from './recorded-messages.ts';
import { limitedLog, type LimitedLog } from '../limited-log.ts';
import { stationName, stationOf, type ScanOpening } from './scan-opening.ts';
import { ScanReader, type ScanReaderOptions, type ScanReading } from './scan-reader.ts';
import type { ScanTopics } from './scan-topics.ts';
import type { MessageSender, ScanMessage } from './scan-source.ts';
import type { FirstPull, Pull, TriggerWindow } from './trigger-window.ts';

/** What an intake needs of the engine. Promises resolve when the ledger has it, reject when it has not. */
export interface ScanIntakePort {
  openCase(opening: ScanOpening): Promise<ScanOpeningResult>;
  quarantine(input: QuarantinedScan): Promise<unknown>;
  accepting(): boolean;
  onAccepting(listener: (accepting: boolean) => void): () => void;
  count(name: ScanCounter, by?: number): void;
}

export type ScanOpeningResult =
  | { readonly kind: 'opened' | 'duplicate'; readonly caseId: string }
  | { readonly kind: 'repeat'; readonly caseId: string; readonly closed: boolean };

export interface QuarantinedScan {
  readonly site: string; readonly reason: string; readonly message: string; readonly bytes: Uint8Array;
  readonly topic: string; readonly device?: string;
}

/** Every message ends in one of opened, duplicate, repeat, folded, quarantined; a batch in several. */
export type ScanCounter =
  | 'scans_received' | 'scans_opened' | 'scans_duplicate' | 'scans_repeat' | 'scans_folded' | 'scans_quarantined'
  | 'scans_redelivered' | 'scans_qos0' | 'scans_held' | 'scans_let_go' | 'scans_life_signs' | 'scans_flood';

/** What an intake asks of the register of devices; answered from memory. */
export interface ScanDevices {
  judge(message: { readonly deviceId: string; readonly station?: string; readonly signedIn?: MessageSender; readonly occurredAt?: string }): { readonly reason?: string; readonly message?: string; readonly skewSeconds?: number };
  /** Undefined: take it in. Else it is one of a flood of the same: acknowledge it when this resolves. */
  repeated(deviceId: string, payload: Uint8Array, topic: string): Promise<void> | undefined;
  /** A sign of life that is no message to take in. */
  alive(deviceId: string, station?: string): void;
}

export interface ScanIntakeOptions extends ScanReaderOptions {
  /** Folds second pulls of a trigger. The caller keeps it over redeploys. */
  readonly window?: TriggerWindow;
  /** Who may send; everybody when absent. */
  readonly devices?: ScanDevices;
  /** Tells the station that sent the scan what became of it. */
  readonly onOutcome?: (outcome: ScanOutcome) => void;
  /** A scan was read and is about to be recorded. */
  readonly onBegin?: (begin: ScanBegin) => void;
  readonly retry?: { readonly minMs: number; readonly maxMs: number };
  readonly log?: (level: 'info' | 'warn', text: string) => void;
}

export interface ScanBegin {
  readonly source: ScanMessage;
  readonly variables: Readonly<Record<string, string>>;
  readonly device: string;
  readonly title: string;
  readonly reversal: boolean;
  /** Whatever else the message held. */
  readonly extra: Readonly<Record<string, unknown>>;
}

export interface ScanOutcome {
  /** What it came of. */
  readonly source: ScanMessage;
  readonly kind: 'opened' | 'duplicate' | 'repeat' | 'folded' | 'quarantined';
  readonly variables: Readonly<Record<string, string>>;
  readonly title: string;
  readonly caseId?: string;
  readonly device?: string;
  /** For `duplicate`: one of a flood of the same message of its device. */
  readonly flood?: true;
  /** For `repeat`: the first one's case is closed. */
  readonly closed?: boolean;
  /** For `quarantined`: whatever else the message held. */
  readonly extra?: Readonly<Record<string, unknown>>;
  /** For `quarantined`: its code. */
  readonly reason?: string;
  /** For `quarantined`: one sentence for a person. */
  readonly message?: string;
}

/** After an expression had to be stopped nothing is read for so long, ms: a flood of such messages takes a fifth of the process at most. */
const REST_MS = 800;

/**
 * From a message to the engine: topic, mapper, one case per scan, quarantine for what cannot be read.
 * `take` resolves when all of it is durable; while the ledger takes nothing it holds the message and tries again.
 */
export class ScanIntake {
  readonly topics: ScanTopics;
  readonly #port: ScanIntakePort;
  readonly #options: ScanIntakeOptions;
  readonly #reader: ScanReader;
  readonly #recorded: RecordedMessages;
  readonly #warn: LimitedLog;
  #rest: Promise<void> | undefined;

  /** Throws RangeError, with one sentence that says what to mend, when it cannot be configured so. */
  constructor(port: ScanIntakePort, options: ScanIntakeOptions) {
    this.#port = port;
    this.#options = options;
    this.#reader = new ScanReader(options);
    this.topics = this.#reader.topics;
    this.#warn = limitedLog(options.log ?? (() => undefined));
    this.#recorded = new RecordedMessages({
      accepting: () => port.accepting(), onAccepting: (listener) => port.onAccepting(listener), ...options.retry,
      warn: this.#warn, onHeld: () => port.count('scans_held'), onLetGo: () => port.count('scans_let_go'),
    });
  }

  /**
   * Resolves when everything in the message is recorded, or durably in quarantine: then it is acknowledged.
   * Rejects with MqttIntakeError only: `detached` when the intake was closed first (its successor takes the message),
   * `closed` when the sender is gone and will deliver it again.
   */
  take(message: ScanMessage): Promise<void> {
    this.#port.count('scans_received');
    if (message.dup) this.#port.count('scans_redelivered');
    if (message.qos === 0) this.#port.count('scans_qos0');
    const topic = this.topics.read(message.topic);
    if (topic.kind !== 'ours') return this.#quarantine(message, { reason: topic.kind, message: topic.message, index: 0 }, {});
    const { variables } = topic;
    if (message.retain) {
      return this.#quarantine(message, { reason: 'retained', message: 'The broker kept this message and gave it out again; a scan is not to be published with the retain flag.', index: 0 }, variables);
    }
    if (message.truncated) {
      return this.#quarantine(message, { reason: 'payload-too-large', message: 'The message is larger than the broker accepts.', index: 0 }, variables);
    }
    return this.#rest === undefined ? this.#takeOwn(message, variables) : this.#takeLater(message, variables);
  }

  /** In the order in which the messages came: all that wait go on in it. */
  async #takeLater(message: ScanMessage, variables: Readonly<Record<string, string>>): Promise<void> {
    while (this.#rest !== undefined) await this.#rest;
    await this.#takeOwn(message, variables);
  }

  #map(message: ScanMessage, variables: Readonly<Record<string, string>>): MapResult {
    const mapped = this.#reader.map(message.payload, variables);
    if (!mapped.ok && mapped.reason === 'expression-too-slow') this.#rest = sleep(REST_MS).then(() => { this.#rest = undefined; });
    return mapped;
  }

  #takeOwn(message: ScanMessage, variables: Readonly<Record<string, string>>): Promise<void> {
    const mapped = this.#map(message, variables);
    const repeat = this.#repeat(message, mapped, variables);
    if (repeat !== undefined) return repeat;
    return this.#takeMapped(message, mapped, variables);
  }

  /** One of a flood of the same message is acknowledged and nothing more; while the ledger cannot say so, it is taken as any other. */
  #repeat(message: ScanMessage, mapped: MapResult, variables: Readonly<Record<string, string>>): Promise<void> | undefined {
    const named = mapped.ok ? mapped.scans[0]?.deviceId : mapped.deviceId;
    const begun = this.#options.devices?.repeated(named ?? message.sender?.deviceId ?? stationName(variables, message.topic), message.payload, message.topic);
    return begun?.then(
      () => {
        this.#port.count('scans_flood');
        this.#tell({ source: message, kind: 'duplicate', flood: true, variables, title: '', message: 'One of a flood of the same message; it was acknowledged and left out.' });
      },
      () => this.#takeMapped(message, mapped, variables),
    );
  }

  #takeMapped(message: ScanMessage, mapped: MapResult, variables: Readonly<Record<string, string>>): Promise<void> {
    if (!mapped.ok) return this.#isLifeSign(message, mapped, variables) ? Promise.resolve() : this.#quarantine(message, mapped, variables);
    const [first] = mapped.scans;
    // all are started before any is waited for, so that they are recorded in their order
    const work: Promise<void>[] = mapped.scans.map((scan) => {
      const read = this.#reader.opening(scan, message.topic, variables, message.sender?.deviceId);
      const device = this.#judge(message, read);
      if (device.reason !== undefined) {
        return this.#quarantine(message, { reason: device.reason, message: device.message ?? '', index: 0, code: scan.code, deviceId: read.device }, variables);
      }
      const opening = device.skewSeconds === undefined ? read : { ...read, scan: { ...read.scan, skewSeconds: device.skewSeconds } };
      if (this.#reader.operatorMissing(opening)) {
        return this.#quarantine(message, { reason: 'operator-missing', message: 'The scan does not say who scanned; sign in at the device.', index: 0, code: scan.code, deviceId: opening.device }, variables);
      }
      return this.#open(message, opening, variables);
    });
    if (mapped.rejections.length === 0 && work.length === 1 && first !== undefined) return work[0] as Promise<void>;
    work.push(...mapped.rejections.map((rejection) => this.#quarantine(message, rejection, variables)));
    return allSettled(work);
  }

  #judge({ sender }: ScanMessage, { device, document, occurredAt }: ScanOpening): ReturnType<ScanDevices['judge']> {
    const { devices } = this.#options;
    if (devices === undefined) return {};
    const station = stationOf(document['station'] as Record<string, unknown>);
    return devices.judge({ deviceId: device, ...(station === undefined ? {} : { station }), ...(sender === undefined ? {} : { signedIn: sender }), ...(occurredAt === undefined ? {} : { occurredAt }) });
  }

  /** A state of a scanner or its gateway is nothing for a person to look at: it only says that the device is there. */
  #isLifeSign(message: ScanMessage, { deviceId, reason }: Rejection, variables: Readonly<Record<string, string>>): boolean {
    const { devices } = this.#options;
    if (devices === undefined) return false;
    const sign = reason === 'not-a-scan' || reason === 'unknown-format' || reason === 'missing-code' ? lifeSignOf(message.payload) : undefined;
    const station = stationOf(variables);
    devices.alive(sign?.deviceId ?? deviceId ?? message.sender?.deviceId ?? stationName(variables, message.topic), station);
    if (sign === undefined) return false;
    this.#port.count('scans_life_signs');
    return true;
  }

  /** Reads a message as {@link take} would, and records nothing. @param anyTopic also when the topic is not one of this intake's */
  read(payload: Uint8Array, topicName: string, anyTopic: boolean): ScanReading {
    return this.#reader.read(payload, topicName, anyTopic);
  }

  /** Gives back what is not recorded yet. */
  close(): void {
    this.#recorded.close();
  }

  #open(message: ScanMessage, opening: ScanOpening, variables: Readonly<Record<string, string>>): Promise<void> {
    this.#options.onBegin?.(beginOf(message, opening, variables));
    const { window } = this.#options;
    if (window === undefined) return this.#record(message, opening, variables).then(() => undefined);
    const pull: Pull = { ...opening, code: opening.scan.code, receivedAt: this.#reader.now() };
    const first = window.first(pull);
    if (first !== undefined) return this.#fold(message, opening, variables, first);
    const recorded = this.#record(message, window.uncertain(pull, message.dup) ? { ...opening, possibleDuplicate: true } : opening, variables);
    const made: FirstPull = { ...pull, taken: recorded.catch(() => undefined) };
    window.remember(made);
    void made.taken.then((taken) => { if (taken === undefined) window.forget(made); });
    return recorded.then(() => undefined);
  }

  /** Acknowledged when the first pull is durable as a scan; else this one stands for both. */
  async #fold(message: ScanMessage, opening: ScanOpening, variables: Readonly<Record<string, string>>, first: FirstPull): Promise<void> {
    const taken = await first.taken;
    if (taken === undefined) {
      await this.#open(message, opening, variables);
      return;
    }
    this.#port.count('scans_folded');
    this.#tell({ source: message, kind: 'folded', caseId: taken.caseId, title: opening.title, device: opening.device, variables });
  }

  /** The case that has the scan now; undefined when the message went to quarantine. */
  async #record(message: ScanMessage, opening: ScanOpening, variables: Readonly<Record<string, string>>): Promise<{ readonly caseId: string } | undefined> {
    const result = await this.#durably(message, () => this.#port.openCase(opening));
    if ('unrecordable' in result) {
      await this.#quarantine(message, { reason: 'not-recordable', message: result.unrecordable, index: 0, code: opening.scan.code, deviceId: opening.device }, variables);
      return undefined;
    }
    const { kind, caseId } = result.value;
    this.#port.count(`scans_${kind}`);
    this.#tell({ source: message, kind, caseId, title: opening.title, device: opening.device, variables, ...(result.value.kind === 'repeat' ? { closed: result.value.closed } : {}) });
    return { caseId };
  }

  async #quarantine(message: ScanMessage, rejection: Omit<Rejection, 'reason'> & { readonly reason: string }, variables: Readonly<Record<string, string>>): Promise<void> {
    const { reason, detail, deviceId, index } = rejection;
    const text = detail === undefined ? rejection.message : `${rejection.message} (${detail}${index > 0 ? `; scan ${index + 1} of the message` : ''})`;
    const result = await this.#durably(message, () => this.#port.quarantine({
      site: this.#options.site, reason, message: text, bytes: message.payload, topic: message.topic,
      ...(deviceId === undefined ? {} : { device: deviceId }),
    }));
    if ('unrecordable' in result) {
      // a quarantine takes heads of anything: that it cannot is a fault of ours, and the message is not let go for it
      this.#warn('quarantine', `A message on ${message.topic} could not be put into quarantine: ${result.unrecordable}`);
      throw new MqttIntakeError('closed', 'The message stays with its sender.');
    }
    this.#port.count('scans_quarantined');
    this.#tell({ source: message, kind: 'quarantined', variables, title: rejection.code ?? '', reason, message: rejection.message, ...(deviceId === undefined ? {} : { device: deviceId }), ...(rejection.extra === undefined ? {} : { extra: rejection.extra }) });
  }

  #durably<T>(message: ScanMessage, act: () => Promise<T>): Promise<{ readonly value: T } | { readonly unrecordable: string }> {
    return this.#recorded.run(message.topic, () => message.gone(), act);
  }

  #tell(outcome: ScanOutcome): void {
    this.#options.onOutcome?.(outcome);
  }
}

function beginOf(source: ScanMessage, { device, title, scan, message }: ScanOpening, variables: Readonly<Record<string, string>>): ScanBegin {
  const { extra } = scan.fields;
  return { source, variables, device, title, reversal: (message.payload['reverse'] ?? false) === true, extra: typeof extra === 'object' && extra !== null ? { ...extra } : {} };
}

/** Waits for all, then throws the first failure: nothing goes on behind the back of a message that was given back. */
async function allSettled(work: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(work);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
