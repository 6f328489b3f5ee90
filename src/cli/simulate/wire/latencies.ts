/** Milliseconds. */
export interface LatencySummary { readonly p50: number; readonly p95: number; readonly p99: number; readonly max: number }

/** Buckets a tenth of a millisecond wide up to a second, then a millisecond wide up to a minute: memory stays the same however long a run is. */
const FINE_PER_MS = 10;
const FINE_MS = 1_000;
const COARSE_MS = 60_000;

/** Collects latencies cheaply. */
export class Latencies {
  readonly #fine = new Uint32Array(FINE_MS * FINE_PER_MS);
  readonly #coarse = new Uint32Array(COARSE_MS);
  #count = 0;
  #max = 0;

  add(ms: number): void {
    this.#count += 1;
    if (ms > this.#max) this.#max = ms;
    if (ms < FINE_MS) {
      const at = Math.floor(ms * FINE_PER_MS);
      this.#fine[at] = (this.#fine[at] as number) + 1;
    } else {
      const at = Math.min(Math.floor(ms), COARSE_MS - 1);
      this.#coarse[at] = (this.#coarse[at] as number) + 1;
    }
  }

  /** Upper edge of the bucket in which the quantile lies. */
  quantile(q: number): number {
    const wanted = Math.ceil(this.#count * q);
    let seen = 0;
    for (let at = 0; at < this.#fine.length; at += 1) {
      seen += this.#fine[at] as number;
      if (seen >= wanted) return Math.min((at + 1) / FINE_PER_MS, this.#max);
    }
    for (let at = FINE_MS; at < COARSE_MS; at += 1) {
      seen += this.#coarse[at] as number;
      if (seen >= wanted) return Math.min(at + 1, this.#max);
    }
    return this.#max;
  }

  summary(): LatencySummary {
    if (this.#count === 0) return { p50: 0, p95: 0, p99: 0, max: 0 };
    const tidy = (ms: number): number => Number(ms.toFixed(2));
    return { p50: tidy(this.quantile(0.5)), p95: tidy(this.quantile(0.95)), p99: tidy(this.quantile(0.99)), max: tidy(this.#max) };
  }
}
