
/** One of the last messages of an intake, and what became of it. */
export interface IntakeSample {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly topic: string;
  /** Size of the whole message. */
  readonly bytes: number;
  /** The beginning of it; hexadecimal where it is no text. */
  readonly text: string;
  readonly became: readonly Became[];
}

/** `kind`: `opened`, `quarantined`, … as the intake has it. */
interface Became { readonly kind: string; readonly title: string; readonly caseId?: string; readonly message?: string }

/** A message as a sample needs it; its identity ties what became of it to it. */
interface Sampled { readonly topic: string; readonly payload: Uint8Array }

const KEPT = 20;
const SHOWN_BYTES = 4_096;

interface Kept { readonly at: number; readonly topic: string; readonly bytes: number; readonly head: Uint8Array; readonly became: Became[] }

/** Keeps the last few messages of an intake in memory, for whoever has its form open. */
export class IntakeSamples {
  readonly #clock: () => number;
  readonly #kept: Kept[] = [];
  /** By message, as long as somebody works on it: what it came in is not held for a sample. */
  readonly #of = new WeakMap<Sampled, Kept>();

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  add(message: Sampled): void {
    const kept: Kept = { at: this.#clock(), topic: message.topic, bytes: message.payload.length, head: Uint8Array.from(message.payload.subarray(0, SHOWN_BYTES)), became: [] };
    if (this.#kept.length === KEPT) this.#kept.shift();
    this.#kept.push(kept);
    this.#of.set(message, kept);
  }

  became<T extends Became & { readonly source: Sampled }>({ source, kind, title, caseId, message }: T): void {
    this.#of.get(source)?.became.push({ kind, title, ...(caseId === undefined ? {} : { caseId }), ...(message === undefined ? {} : { message }) });
  }

  /** Newest first. */
  list(): readonly IntakeSample[] {
    return this.#kept.map(({ head, became, ...kept }) => ({ ...kept, text: textOf(head), became: [...became] })).reverse();
  }
}

function textOf(head: Uint8Array): string {
  const text = Buffer.from(head).toString('utf8');
  // cut in the middle of a character is no reason to show it as bytes
  return text.slice(0, -1).includes('\ufffd') ? Buffer.from(head).toString('hex') : text;
}
