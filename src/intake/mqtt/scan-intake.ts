import type { Rejection } from '../mapper/index.ts';
import { CommitGate } from './commit-gate.ts';
import { MqttIntakeError } from './errors.ts';
import { limitedLog, type LimitedLog } from './limited-log.ts';
import type { ScanOpening } from './scan-opening.ts';
import { ScanReader, type ScanReaderOptions, type ScanReading } from './scan-reader.ts';
import type { ScanTopics } from './scan-topics.ts';
import type { ScanMessage } from './scan-source.ts';

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

/** Every message ends in one of opened, duplicate, repeat, quarantined; a batch in several. */
export type ScanCounter =
  | 'scans_received' | 'scans_opened' | 'scans_duplicate' | 'scans_repeat' | 'scans_quarantined'
  | 'scans_redelivered' | 'scans_qos0' | 'scans_held' | 'scans_let_go';

export interface ScanIntakeOptions extends ScanReaderOptions {
  /** Tells the station that sent the scan what became of it. */
  readonly onOutcome?: (outcome: ScanOutcome) => void;
  readonly retry?: { readonly minMs: number; readonly maxMs: number };
  readonly log?: (level: 'info' | 'warn', text: string) => void;
}

export interface ScanOutcome {
  /** What it came of. */
  readonly source: ScanMessage;
  readonly kind: 'opened' | 'duplicate' | 'repeat' | 'quarantined';
  readonly variables: Readonly<Record<string, string>>;
  readonly title: string;
  readonly caseId?: string;
  /** For `repeat`: the first one's case is closed. */
  readonly closed?: boolean;
  /** For `quarantined`: one sentence for a person. */
  readonly message?: string;
}

/** Ledger errors (`LedgerError.code`) that lie in this message alone: no later try would end otherwise. */
const UNRECORDABLE = new Set(['leaf-too-large', 'bad-event']);
/** Tries of a message that fails for another reason than the ledger's state, before it is put aside. */
const TRIES = 3;

/**
 * From a message to the engine: topic, mapper, one case per scan, quarantine for what cannot be read.
 * `take` resolves when all of it is durable; while the ledger takes nothing it holds the message and tries again.
 */
export class ScanIntake {
  readonly topics: ScanTopics;
  readonly #port: ScanIntakePort;
  readonly #options: ScanIntakeOptions;
  readonly #reader: ScanReader;
  readonly #gate: CommitGate;
  readonly #warn: LimitedLog;
  #closed = false;

  /** Throws RangeError, with one sentence that says what to mend, when it cannot be configured so. */
  constructor(port: ScanIntakePort, options: ScanIntakeOptions) {
    this.#port = port;
    this.#options = options;
    this.#reader = new ScanReader(options);
    this.topics = this.#reader.topics;
    this.#gate = new CommitGate({
      accepting: () => port.accepting(),
      onAccepting: (listener) => port.onAccepting(listener),
      ...options.retry,
    });
    this.#warn = limitedLog(options.log ?? (() => undefined));
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
    const mapped = this.#reader.map(message.payload, variables);
    if (!mapped.ok) return this.#quarantine(message, mapped, variables);
    const [first] = mapped.scans;
    // all are started before any is waited for, so that they are recorded in their order
    const work: Promise<void>[] = mapped.scans.map((scan) => {
      const opening = this.#reader.opening(scan, message.topic, variables);
      if (this.#reader.operatorMissing(opening)) {
        return this.#quarantine(message, { reason: 'operator-missing', message: 'The scan does not say who scanned; sign in at the device.', index: 0, code: scan.code, deviceId: opening.device }, variables);
      }
      return this.#open(message, opening, variables);
    });
    if (mapped.rejections.length === 0 && work.length === 1 && first !== undefined) return work[0] as Promise<void>;
    work.push(...mapped.rejections.map((rejection) => this.#quarantine(message, rejection, variables)));
    return allSettled(work);
  }

  /** Reads a message as {@link take} would, and records nothing. @param anyTopic also when the topic is not one of this intake's */
  read(payload: Uint8Array, topicName: string, anyTopic: boolean): ScanReading {
    return this.#reader.read(payload, topicName, anyTopic);
  }

  /** Gives back what is not recorded yet. */
  close(): void {
    this.#closed = true;
    this.#gate.close();
  }

  async #open(message: ScanMessage, opening: ScanOpening, variables: Readonly<Record<string, string>>): Promise<void> {
    const result = await this.#durably(message, () => this.#port.openCase(opening));
    if ('unrecordable' in result) {
      await this.#quarantine(message, { reason: 'not-recordable', message: result.unrecordable, index: 0, code: opening.scan.code, deviceId: opening.device }, variables);
      return;
    }
    const { kind, caseId } = result.value;
    this.#port.count(`scans_${kind}`);
    this.#tell({ source: message, kind, caseId, title: opening.title, variables, ...(result.value.kind === 'repeat' ? { closed: result.value.closed } : {}) });
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
    this.#tell({ source: message, kind: 'quarantined', variables, title: rejection.code ?? '', message: rejection.message });
  }

  async #durably<T>(message: ScanMessage, act: () => Promise<T>): Promise<{ value: T } | { unrecordable: string }> {
    for (let tries = 1; ; ) {
      for (let way = this.#gate.wait(); way !== undefined; way = this.#gate.wait()) {
        this.#port.count('scans_held');
        await way;
      }
      if (this.#closed) throw new MqttIntakeError('detached', 'The intake was closed before the message was recorded.');
      if (message.gone()) {
        this.#port.count('scans_let_go');
        throw new MqttIntakeError('closed', 'The connection is gone; the sender will deliver the message again.');
      }
      try {
        const value = await act();
        this.#gate.succeeded();
        return { value };
      } catch (error) {
        const code = ledgerCode(error);
        if (code !== undefined && UNRECORDABLE.has(code)) return { unrecordable: textOf(error) };
        if (code === undefined) {
          this.#warn('record', `A scan on ${message.topic} could not be recorded (try ${tries} of ${TRIES}): ${textOf(error)}`);
          if (tries >= TRIES) return { unrecordable: textOf(error) };
          tries += 1;
        }
        this.#gate.failed();
      }
    }
  }

  #tell(outcome: ScanOutcome): void {
    this.#options.onOutcome?.(outcome);
  }
}

/** `LedgerError.code`, without knowing the ledger. */
function ledgerCode(error: unknown): string | undefined {
  return error instanceof Error && error.name === 'LedgerError' && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Waits for all, then throws the first failure: nothing goes on behind the back of a message that was given back. */
async function allSettled(work: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(work);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
