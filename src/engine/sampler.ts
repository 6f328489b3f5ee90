/** Figures of one moment; rates are since the sample before. */
export interface Sample {
  readonly at: string; readonly commitP50: number; readonly commitP99: number; readonly queued: number;
  readonly eventsPerSecond: number; readonly scansPerSecond: number;
}

/** What is read for a sample; counts since the start. */
export interface Reading { readonly commitP50: number; readonly commitP99: number; readonly queued: number; readonly events: number; readonly scans: number }

export const sampleEveryMs = 5_000;
/** A quarter of an hour. */
const kept = 180;

/** Keeps figures of the last quarter of an hour, for pages that are opened later. */
export class Sampler {
  readonly #read: () => Reading;
  readonly #samples: Sample[] = [];
  #last: { readonly at: number; readonly reading: Reading } | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(read: () => Reading) {
    this.#read = read;
  }

  start(): void {
    this.#last = { at: performance.now(), reading: this.#read() };
    this.#timer = setInterval(() => this.take(), sampleEveryMs);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  take(): void {
    const at = performance.now();
    const reading = this.#read();
    const seconds = Math.max(0.001, (at - (this.#last?.at ?? at)) / 1_000);
    const rate = (name: 'events' | 'scans'): number => Math.round(Math.max(0, reading[name] - (this.#last?.reading[name] ?? reading[name])) / seconds * 10) / 10;
    this.#samples.push({
      at: new Date().toISOString(), commitP50: reading.commitP50, commitP99: reading.commitP99, queued: reading.queued,
      eventsPerSecond: rate('events'), scansPerSecond: rate('scans'),
    });
    if (this.#samples.length > kept) this.#samples.shift();
    this.#last = { at, reading };
  }

  /** Oldest first. */
  all(): readonly Sample[] {
    return [...this.#samples];
  }
}
