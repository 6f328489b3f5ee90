import { monitorEventLoopDelay } from 'node:perf_hooks';

/** Delay of the event loop over the last interval, in ms. */
export class DelayMeter {
  readonly #histogram = monitorEventLoopDelay({ resolution: 10 });
  start(): void {
    this.#histogram.enable();
  }
  /** 99th percentile in ms. */
  p99(): number {
    return this.#histogram.percentile(99) / 1e6;
  }
  stop(): void {
    this.#histogram.disable();
  }
}
