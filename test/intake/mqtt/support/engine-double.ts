import { LedgerError } from '../../../../src/ledger/port.ts';
import type { QuarantinedScan, ScanCounter, ScanIntakePort, ScanMessage, ScanOpening, ScanOpeningResult } from '../../../../src/intake/mqtt/index.ts';

/**
 * What an intake needs of the engine, with the failures that a real ledger shows only when a disk is full. The real
 * engine is behind the intake in test/nodes/scan-in and in the crash tests.
 */
export class EngineDouble implements ScanIntakePort {
  readonly opened: ScanOpening[] = [];
  readonly quarantined: QuarantinedScan[] = [];
  readonly counters: Partial<Record<ScanCounter, number>> = {};
  /** Answers in order of calls; then each opening opens a case of its own. */
  readonly answers: (ScanOpeningResult | Error)[] = [];
  /** Every call, whether it succeeded or not. */
  readonly calls: string[] = [];
  #accepting = true;
  readonly #listeners = new Set<(accepting: boolean) => void>();

  openCase(opening: ScanOpening): Promise<ScanOpeningResult> {
    this.calls.push(opening.scan.code);
    if (!this.#accepting) return Promise.reject(new LedgerError('unavailable', 'the disk is full'));
    const answer = this.answers.shift();
    if (answer instanceof Error) return Promise.reject(answer);
    this.opened.push(opening);
    return Promise.resolve(answer ?? { kind: 'opened', caseId: `case-${this.opened.length}` });
  }

  quarantine(input: QuarantinedScan): Promise<{ readonly quarantineId: string }> {
    if (!this.#accepting) return Promise.reject(new LedgerError('unavailable', 'the disk is full'));
    this.quarantined.push(input);
    return Promise.resolve({ quarantineId: `quarantine-${this.quarantined.length}` });
  }

  accepting(): boolean {
    return this.#accepting;
  }

  onAccepting(listener: (accepting: boolean) => void): () => void {
    this.#listeners.add(listener);
    return () => { this.#listeners.delete(listener); };
  }

  setAccepting(accepting: boolean): void {
    this.#accepting = accepting;
    for (const listener of this.#listeners) listener(accepting);
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  count(name: ScanCounter, by = 1): void {
    this.counters[name] = (this.counters[name] ?? 0) + by;
  }
}

export function message(payload: string | Uint8Array | object, extra: Partial<ScanMessage> = {}): ScanMessage {
  const bytes = payload instanceof Uint8Array ? payload : Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload));
  return { topic: 'acme/dc-1/receiving/dock-1/scan', payload: bytes, qos: 1, dup: false, retain: false, packetId: 1, truncated: false, gone: () => false, ...extra };
}
