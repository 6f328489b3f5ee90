import type { Engine } from '../../../engine/engine.ts';

/** Turns of the event loop in a row without any work, after which there is none. */
const quietTurns = 6;
/** How long a message may stay in plain nodes, or a call without its answer, before that counts as rest; ms of real time. */
const heldMs = 150;
/** After so much real time there is something wrong, ms. */
const longestMs = 30_000;

const turn = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve); });
const pause = (ms: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms); });

/**
 * Resolves when everything waits: no command, step, delivery or timer is at work, and what is not done is in the hands of people,
 * of time, of another system that does not answer (`held` counts their requests), or of a plain node that keeps its message.
 */
export async function atRest(engine: Engine, held: () => Promise<number>): Promise<void> {
  const progress = (): string => `${engine.ledger.health().lastPosition} ${engine.working} ${engine.underWay.messages}`;
  const until = performance.now() + longestMs;
  let quiet = 0;
  let before = '';
  let since = performance.now();
  while (performance.now() < until) {
    await turn();
    const now = progress();
    if (now !== before) {
      before = now;
      since = performance.now();
      quiet = 0;
    }
    const waiting = engine.underWay.messages;
    if (engine.working === 0 && waiting === 0) {
      if (++quiet < quietTurns) continue;
      // What the reader has been asked meanwhile has been answered after this.
      await engine.ledger.counts();
      if (progress() === now) return;
    } else if (performance.now() - since < heldMs) {
      // Whoever is at work has the processor meanwhile.
      await pause(1);
    } else {
      if (engine.working === 0 || (engine.working === engine.underWay.steps && await held() > 0 && progress() === now)) return;
      await pause(5);
    }
  }
  throw new Error(`It did not come to rest within ${longestMs / 1_000} s: ${engine.working} pieces of work are under way and ${engine.underWay.messages} messages are between governed nodes.`);
}
