import type { NodeStatus } from 'node-red';
import type { SourceState } from '../../intake/mqtt/index.ts';

/** How often a status changes at most, ms: every change goes to every open editor. */
const EVERY_MS = 500;

/** What a scan in node shows: `connected · 120 scans`, or a red ring with the reason why nothing is taken. */
export class IntakeStatus {
  readonly #show: (status: NodeStatus) => void;
  readonly #everyMs: number;
  #source: SourceState = { kind: 'connecting' };
  #refusing: string | undefined;
  #scans = 0;
  #quarantined = 0;
  #timer: NodeJS.Timeout | undefined;
  #shown = '';

  constructor(show: (status: NodeStatus) => void, everyMs = EVERY_MS) {
    this.#show = show;
    this.#everyMs = everyMs;
  }

  connection(source: SourceState, refusing: string | undefined): void {
    this.#source = source;
    this.#refusing = refusing;
    this.#update();
  }

  taken(kind: 'opened' | 'duplicate' | 'repeat' | 'quarantined'): void {
    if (kind === 'quarantined') this.#quarantined += 1;
    else this.#scans += 1;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#update();
    }, this.#everyMs);
  }

  problem(text: string): void {
    this.#show({ fill: 'red', shape: 'ring', text });
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #update(): void {
    const status = this.#status();
    const text = JSON.stringify(status);
    if (text === this.#shown) return;
    this.#shown = text;
    this.#show(status);
  }

  #status(): NodeStatus {
    if (this.#refusing !== undefined) return { fill: 'red', shape: 'ring', text: this.#refusing };
    switch (this.#source.kind) {
      case 'connecting': return { fill: 'yellow', shape: 'ring', text: 'connecting' };
      case 'connected': {
        const counted = this.#scans === 0 && this.#quarantined === 0 ? '' : ` · ${this.#scans} ${this.#scans === 1 ? 'scan' : 'scans'}`;
        return { fill: 'green', shape: 'dot', text: `connected${counted}${this.#quarantined === 0 ? '' : ` · ${this.#quarantined} put aside`}` };
      }
      case 'disconnected':
      case 'refused':
      case 'closed': return { fill: 'red', shape: 'ring', text: this.#source.reason ?? this.#source.kind };
    }
  }
}
