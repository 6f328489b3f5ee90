import type { Effect } from '../case/state.ts';

/** True while the effect is or may be happening: a call is under way, or its outcome is unknown (PROTOCOL §3). */
export function effectPending(effect: Effect): boolean {
  return effect.state !== 'known' && (effect.state === 'calling' || effect.lastOutcome === 'unknown');
}
