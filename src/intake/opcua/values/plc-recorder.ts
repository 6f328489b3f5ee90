import { limitedLog, type LimitedLog } from '../../limited-log.ts';
import { UntilRecorded } from '../../until-recorded.ts';
import type { JsonObject } from '../../../domain/json.ts';
import { OpcUaIntakeError } from '../errors.ts';
import type { PlcOpening } from '../telegrams/telegram-opening.ts';

/** What an intake from a controller needs of the engine. Promises resolve when the ledger has it, reject when it has not. */
export interface PlcIntakePort {
  openCase(opening: PlcOpening): Promise<PlcOpeningResult>;
  quarantine(input: { readonly site: string; readonly reason: string; readonly message: string; readonly bytes: Uint8Array; readonly topic: string; readonly device: string }): Promise<unknown>;
  recordGap(gap: PlcGap): Promise<void>;
  keepPosition(sequence: number, position: JsonObject): Promise<void>;
  accepting(): boolean;
  onAccepting(listener: (accepting: boolean) => void): () => void;
  count(name: PlcCounter, by?: number): void;
}

export type PlcOpeningResult = { readonly kind: 'opened' | 'duplicate'; readonly caseId: string } | { readonly kind: 'repeat'; readonly caseId: string; readonly closed: boolean };
export type PlcCounter = 'plc_values' | 'plc_acknowledged' | 'plc_opened' | 'plc_duplicate' | 'plc_repeat' | 'plc_quarantined' | 'plc_held';

export interface PlcGap {
  readonly reason: 'subscription-lost' | 'subscription-lost-part-filled' | 'subscription-lost-filled' | 'notifications-lost' | 'queue-overflow' | 'telegrams-skipped' | 'sequence-went-back';
  /** Epoch milliseconds; 0 when it is not known. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Of telegrams: the last sequence number before it, the first after it, and how many are missing between, where that can be told. */
  readonly after?: number;
  readonly before?: number;
  readonly count?: number;
}

/** Brings what a controller reports into the ledger, and holds it while the ledger takes nothing. */
export class PlcRecorder {
  readonly #port: PlcIntakePort;
  readonly #site: string;
  readonly #recorded: UntilRecorded;
  readonly #warn: LimitedLog;

  constructor(port: PlcIntakePort, site: string, log: (level: 'info' | 'warn', text: string) => void, retry: { readonly minMs?: number; readonly maxMs?: number } = {}) {
    this.#port = port;
    this.#site = site;
    this.#warn = limitedLog(log);
    this.#recorded = new UntilRecorded({
      accepting: () => port.accepting(), onAccepting: (listener) => port.onAccepting(listener), ...retry, warn: this.#warn,
      closed: () => new OpcUaIntakeError('closed', 'The node was closed before it was recorded.'), onHeld: () => port.count('plc_held'),
    });
  }

  /** Gives back what is not recorded yet: the server still has it. */
  close(): void {
    this.#recorded.close();
  }

  /** A case, or the quarantine where no case can ever hold it. */
  async open(opening: PlcOpening): Promise<(PlcOpeningResult & { readonly message?: undefined }) | { readonly kind: 'quarantined'; readonly message: string }> {
    const result = await this.#durably(() => this.#port.openCase(opening));
    if ('value' in result) {
      this.#port.count(`plc_${result.value.kind}`);
      return result.value;
    }
    const message = `What the controller reported cannot be recorded: ${result.unrecordable}`;
    const bytes = Buffer.from(JSON.stringify(opening.message.payload));
    const put = await this.#durably(() => this.#port.quarantine({ site: this.#site, reason: 'not-recordable', message, bytes, topic: opening.message.topic, device: opening.device }));
    // a quarantine takes heads of anything: that it cannot is a fault of ours, and the event stays with the server for it
    if ('unrecordable' in put) throw new OpcUaIntakeError('closed', put.unrecordable);
    this.#port.count('plc_quarantined');
    return { kind: 'quarantined', message };
  }

  async gap(gap: PlcGap): Promise<void> {
    const result = await this.#durably(() => this.#port.recordGap(gap));
    if ('unrecordable' in result) throw new OpcUaIntakeError('closed', result.unrecordable);
  }

  async keep(sequence: number, position: JsonObject): Promise<void> {
    const result = await this.#durably(() => this.#port.keepPosition(sequence, position));
    if ('unrecordable' in result) this.#warn('position', `How far the controller was read could not be kept: ${result.unrecordable}`);
  }

  /** What is no case: given up with a warning where no later try could record it. */
  async durably(act: () => Promise<void>): Promise<void> {
    const result = await this.#durably(act);
    if ('unrecordable' in result) this.#warn('report', `What the controller reported could not be recorded: ${result.unrecordable}`);
  }

  #durably<T>(act: () => Promise<T>): Promise<{ readonly value: T } | { readonly unrecordable: string }> {
    return this.#recorded.run('What the controller reported', act);
  }
}
