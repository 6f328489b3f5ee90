import type { Json } from '../../../domain/json.ts';
import { largestOf, sequenceStep } from './handshake-order.ts';
import type { TagRead, TagWrite } from '../tags/tags.ts';
import { coerce } from '../tags/values.ts';

/** Node ids of a handshake; the controller raises `sequence` when its telegram is complete and waits for it in `acknowledge`. */
export interface HandshakeTags {
  readonly sequence: string;
  readonly handlingUnit: string;
  readonly position: string;
  readonly acknowledge: string;
  /** Further tags of the telegram, by the name of their fact. */
  readonly facts: Readonly<Record<string, string>>;
}

/** A telegram that was read whole: its sequence number was the same before and after. */
export interface Telegram {
  readonly sequence: number;
  readonly handlingUnit: string;
  readonly position: string;
  readonly facts: Readonly<Record<string, Json>>;
  /** Names of facts whose value was of no use: bad quality, or no number. */
  readonly unusable: readonly string[];
  /** Epoch milliseconds by the controller: when the sequence number was raised. */
  readonly at: number | undefined;
  /** Identity of this telegram for {@link HandshakePort.open}, the same when it is read once more. */
  readonly id: string;
}

export interface HandshakeGap {
  readonly reason: 'telegrams-skipped' | 'sequence-went-back';
  /** Last number that was read before, and the one that came. */
  readonly after: number;
  readonly before: number;
  readonly count?: number;
}

/** What a handshake needs. Promises of `open` and `gap` resolve when the ledger has it, reject when it has not. */
export interface HandshakePort {
  read(nodeIds: readonly string[]): Promise<readonly TagRead[]>;
  write(writes: readonly TagWrite[]): Promise<readonly string[]>;
  /** `duplicate`: a case with this telegram's id is there already. `unrecordable`: nothing will ever record it, it was put aside. */
  open(telegram: Telegram): Promise<'opened' | 'repeat' | 'duplicate' | 'unrecordable'>;
  gap(gap: HandshakeGap): Promise<void>;
  /** One sentence while something is in the way; undefined when it goes on. */
  problem(reason: string | undefined): void;
  now(): number;
}

export interface HandshakeOptions {
  readonly tags: HandshakeTags;
  /** What tells this handshake from all others: server and sequence tag. */
  readonly name: string;
  /** Largest sequence number when it is not that of the tag's type. */
  readonly largest?: number;
  readonly retry?: { readonly minMs: number; readonly maxMs: number };
  /** How often the tags are looked at without being told to, ms: a subscription that died unseen stops no conveyor. 5,000 by default. */
  readonly pollMs?: number;
}

export interface HandshakeCounters { readonly taken: number; readonly again: number; readonly acknowledged: number; readonly torn: number; readonly refused: number; readonly gaps: number }

/** Server_ServerStatus_StartTime (OPC 10000-5 §6.3.1): a controller that was started anew counts anew. */
const STARTED = 'ns=0;i=2257';
/** Times that a telegram is read anew at once because its sequence number changed meanwhile. */
const MOST_TORN = 5;
/** Ids that are tried for a telegram whose own is taken by another one of an earlier round. */
const MOST_ROUNDS = 1_000;

/**
 * The handshake of a conveyor: a telegram is read whole, a case is opened, and only then is it acknowledged (PROTOCOL §4).
 * `poke` says that there may be something: the sequence changed, a session began, the ledger takes in again. A telegram that
 * is not acknowledged is read and acknowledged after a restart of ours, without a second case.
 */
export class Handshake {
  readonly #options: HandshakeOptions;
  readonly #port: HandshakePort;
  /** The last one that the ledger has, in the life of this process. */
  #last: { readonly sequence: number; readonly handlingUnit: string } | undefined;
  /** Being recorded: it may be in the ledger already. */
  #pending: Telegram | undefined;
  #working: Promise<void> | undefined;
  #again = false;
  #closed = false;
  #failures = 0;
  #timer: NodeJS.Timeout | undefined;
  readonly #counters = { taken: 0, again: 0, acknowledged: 0, torn: 0, refused: 0, gaps: 0 };

  constructor(options: HandshakeOptions, port: HandshakePort) {
    this.#options = options;
    this.#port = port;
  }

  get counters(): HandshakeCounters {
    return { ...this.#counters };
  }

  poke(): void {
    if (this.#closed) return;
    if (this.#working !== undefined) {
      this.#again = true;
      return;
    }
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#working = this.#work().finally(() => {
      this.#working = undefined;
      if (this.#again) {
        this.#again = false;
        this.poke();
      }
    });
  }

  /** Resolves when nothing is under way any more. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#working;
  }

  async #work(): Promise<void> {
    try {
      const problem = await this.#turn();
      if (problem === undefined) {
        this.#failures = 0;
        this.#port.problem(undefined);
        this.#wakeIn(this.#options.pollMs ?? 5_000);
        return;
      }
      this.#later(problem);
    } catch (error) {
      // The connection or the ledger: both come again, and what was not acknowledged is still there.
      this.#later(error instanceof Error ? error.message : String(error));
    }
  }

  #later(problem: string): void {
    if (this.#closed) return;
    this.#port.problem(problem);
    const { minMs, maxMs } = this.#options.retry ?? { minMs: 500, maxMs: 15_000 };
    const wait = Math.min(maxMs, minMs * 2 ** Math.min(this.#failures++, 16));
    this.#wakeIn(wait * (0.5 + Math.random() / 2));
  }

  #wakeIn(ms: number): void {
    if (this.#closed) return;
    this.#timer = setTimeout(() => { this.poke(); }, ms);
  }

  /** One telegram, as far as it gets; what is in the way, as a sentence. */
  async #turn(): Promise<string | undefined> {
    const read = await this.#readWhole();
    if ('problem' in read) return read.problem;
    const { telegram, acknowledged, acknowledgeType, sequenceType } = read;
    const { sequence, handlingUnit } = telegram;
    const largest = largestOf(sequenceType, this.#options.largest);
    if (acknowledged === sequence) {
      // Nothing waits. Numbers that are not those from before are a controller that was started anew.
      if (this.#last !== undefined) await this.#checkOrder(this.#last.sequence, sequence, largest);
      this.#last = { sequence, handlingUnit };
      return undefined;
    }
    const known = this.#last !== undefined && this.#last.sequence === sequence && this.#last.handlingUnit === handlingUnit;
    if (!known) {
      const before = this.#last?.sequence ?? (acknowledged === 0 ? undefined : acknowledged);
      await this.#record(telegram);
      if (before !== undefined) await this.#checkOrder(before, sequence, largest);
      this.#last = { sequence, handlingUnit };
      this.#pending = undefined;
      if (this.#closed) return undefined; // acknowledged by who comes after us
    }
    return this.#acknowledge(sequence, acknowledgeType);
  }

  /** All tags in one call, then the sequence once more: what was written in between is not mixed. */
  async #readWhole(): Promise<{ readonly telegram: Telegram; readonly acknowledged: number | undefined; readonly acknowledgeType: string; readonly sequenceType: string } | { readonly problem: string }> {
    const { tags } = this.#options;
    const names = Object.keys(tags.facts);
    const nodeIds = [STARTED, tags.sequence, tags.handlingUnit, tags.position, tags.acknowledge, ...names.map((name) => tags.facts[name] as string)];
    for (let turn = 0; turn < MOST_TORN; turn++) {
      const [started, sequence, handlingUnit, position, acknowledge, ...facts] = await this.#port.read(nodeIds);
      const [after] = await this.#port.read([tags.sequence]);
      if (sequence === undefined || handlingUnit === undefined || position === undefined || acknowledge === undefined || after === undefined) return { problem: 'The controller did not answer all tags of the telegram; trying again.' };
      for (const [what, tag] of [['sequence', sequence], ['handling unit', handlingUnit], ['position', position], ['acknowledge', acknowledge]] as const) {
        if (!tag.good) return { problem: `The ${what} tag of the handshake cannot be read (${tag.status}); ${mending(tag.status)}` };
      }
      if (!isSequence(sequence.value)) return { problem: `The sequence tag of the handshake is no whole number (${JSON.stringify(sequence.value ?? null)}, ${sequence.type}); choose another tag.` };
      if (!isSequence(acknowledge.value)) return { problem: `The acknowledge tag of the handshake is no whole number (${JSON.stringify(acknowledge.value ?? null)}, ${acknowledge.type}); choose another tag.` };
      if (after.good && after.value === sequence.value) {
        return {
          telegram: this.#telegram({ sequence: sequence.value, handlingUnit: textOf(handlingUnit), position: textOf(position), at: sequence.at }, started, names, facts),
          acknowledged: acknowledge.value, acknowledgeType: acknowledge.type, sequenceType: sequence.type,
        };
      }
      this.#counters.torn += 1;
    }
    return { problem: `The sequence number changed ${MOST_TORN} times while the telegram was read: the controller does not wait for the acknowledgement; trying again.` };
  }

  #telegram(head: Pick<Telegram, 'sequence' | 'handlingUnit' | 'position' | 'at'>, started: TagRead | undefined, names: readonly string[], reads: readonly TagRead[]): Telegram {
    const facts: Record<string, Json> = {};
    const unusable: string[] = [];
    names.forEach((name, index) => {
      const read = reads[index];
      if (read?.good !== true || read.value === undefined || (typeof read.value === 'number' && !Number.isFinite(read.value))) unusable.push(name);
      else facts[name] = read.value;
    });
    return { ...head, facts, unusable, id: [this.#options.name, started?.good === true ? textOf(started) : '', head.sequence, head.handlingUnit].join('#') };
  }

  /**
   * One case for this telegram. Numbers and handling units come again: an id that is taken means this very telegram only when
   * this may be a second look at it, which is so for the first after our start and for one whose recording failed half way.
   */
  async #record(telegram: Telegram): Promise<void> {
    const mayBeThere = this.#last === undefined || (this.#pending?.sequence === telegram.sequence && this.#pending.handlingUnit === telegram.handlingUnit);
    let attempt = this.#pending?.sequence === telegram.sequence && this.#pending.handlingUnit === telegram.handlingUnit ? this.#pending : telegram;
    for (let round = 2; round < MOST_ROUNDS; round++) {
      this.#pending = attempt;
      const became = await this.#port.open(attempt);
      if (became !== 'duplicate') {
        this.#counters.taken += 1;
        return;
      }
      if (mayBeThere) {
        this.#counters.again += 1;
        return;
      }
      attempt = { ...telegram, id: `${telegram.id}#${round}` };
    }
    throw new Error(`The telegram ${telegram.sequence} came ${MOST_ROUNDS} times; the controller does not count.`);
  }

  async #checkOrder(before: number, sequence: number, largest: number): Promise<void> {
    const step = sequenceStep(before, sequence, largest);
    if (step.kind === 'same' || step.kind === 'next') return;
    this.#counters.gaps += 1;
    await this.#port.gap({ reason: step.kind === 'back' ? 'sequence-went-back' : 'telegrams-skipped', after: before, before: sequence, ...(step.kind === 'skipped' ? { count: step.count } : {}) });
  }

  async #acknowledge(sequence: number, type: string): Promise<string | undefined> {
    const value = coerce(sequence, type);
    if (!value.ok) return `The acknowledge tag cannot hold the sequence number: ${value.message} Choose another tag.`;
    const [status = 'BadUnexpectedError'] = await this.#port.write([{ nodeId: this.#options.tags.acknowledge, type, value: value.value }]);
    if (/^Good/.test(status)) {
      this.#counters.acknowledged += 1;
      return undefined;
    }
    this.#counters.refused += 1;
    return `The controller refuses the acknowledgement of telegram ${sequence} (${status}); ${mending(status)}`;
  }
}

function isSequence(value: Json | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function textOf({ value }: TagRead): string {
  return value === undefined || value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value).trim();
}

/** What a person can do about a status (OPC 10000-4 §7.38.2). */
function mending(status: string): string {
  if (/NodeIdUnknown|NodeIdInvalid/.test(status)) return 'correct its node id.';
  if (/NotWritable|UserAccessDenied|NotReadable/.test(status)) return 'give this user the right to it on the server.';
  if (/TypeMismatch|OutOfRange/.test(status)) return 'choose a tag that can hold the number.';
  return 'trying again.';
}
