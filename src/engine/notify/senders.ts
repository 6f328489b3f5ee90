import type { Told } from '../../connectors/notify/told.ts';
import { systemWatch } from '../../connectors/resilience/system-watch.ts';
import type { NoticeChannel } from '../../domain/events.ts';
import type { Clock } from '../support/clock.ts';

const firstPauseMs = 5_000;
const longestPauseMs = 300_000;

/** How a channel is doing. A channel that is down is left alone for a growing time; all its messages wait together. */
export class ChannelHealth {
  readonly #channel: NoticeChannel;
  readonly #clock: Clock;
  #failures = 0;
  #downUntil = 0;
  lastProblem: string | undefined;

  constructor(channel: NoticeChannel, clock: Clock) {
    this.#channel = channel;
    this.#clock = clock;
  }

  get down(): boolean {
    return this.#downUntil > this.#clock.now();
  }
  get downUntil(): number {
    return this.#downUntil;
  }

  /** Sends, and remembers how it went. What is wrong with one recipient says nothing about the channel. */
  async attempt(send: () => Promise<Told>): Promise<Told> {
    systemWatch.started(this.#channel, 1);
    let result: Told | undefined;
    try {
      result = await send();
      return result;
    } finally {
      const answered = result !== undefined && (result.ok || result.recipient === true || (result.kind === 'permanent'));
      systemWatch.ended(this.#channel, answered);
      this.#note(result, answered);
    }
  }

  #note(result: Told | undefined, answered: boolean): void {
    if (answered) {
      this.#failures = 0;
      this.#downUntil = 0;
      this.lastProblem = undefined;
      return;
    }
    this.#failures += 1;
    const ceiling = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(10, this.#failures - 1));
    const asked = result !== undefined && !result.ok ? result.retryAfterMs ?? 0 : 0;
    this.#downUntil = this.#clock.now() + Math.max(ceiling / 2 + Math.random() * ceiling / 2, Math.min(asked, 3_600_000));
    this.lastProblem = result === undefined || result.ok ? 'it failed' : result.message;
    systemWatch.retryAt(this.#channel, new Date(this.#downUntil).toISOString());
  }
}
