/** What the step from one sequence number to the next says. */
export type SequenceStep =
  /** The same telegram. */
  | { readonly kind: 'same' }
  | { readonly kind: 'next' }
  /** Telegrams between that nobody read. */
  | { readonly kind: 'skipped'; readonly first: number; readonly last: number; readonly count: number }
  /** The controller counts from the beginning: it was started anew. */
  | { readonly kind: 'back' };

/** Largest number of a sequence tag by its type; the controller counts on from 0 or 1. */
const LARGEST: Readonly<Record<string, number>> = { Byte: 255, SByte: 127, UInt16: 65_535, Int16: 32_767, UInt32: 4_294_967_295, Int32: 2_147_483_647 };

export function largestOf(type: string, configured: number | undefined): number {
  return configured !== undefined && configured > 0 ? configured : LARGEST[type] ?? Number.MAX_SAFE_INTEGER;
}

/** Beyond this share of the whole range, a smaller number is a controller that was started anew, not one that wrapped around. */
const WRAP_SHARE = 0.01;

/** How `sequence` follows on `last` where the controller counts up to `largest` and then on from 0 or 1. */
export function sequenceStep(last: number, sequence: number, largest: number): SequenceStep {
  if (sequence === last) return { kind: 'same' };
  if (sequence === last + 1 || (last === largest && (sequence === 0 || sequence === 1))) return { kind: 'next' };
  if (sequence > last) return { kind: 'skipped', first: last + 1, last: sequence - 1, count: sequence - last - 1 };
  // Some count from 0, some from 1: what may not exist is not counted as missed.
  const over = largest - last + Math.max(0, sequence - 1);
  if (over <= Math.max(1, Math.floor(largest * WRAP_SHARE))) return { kind: 'skipped', first: last === largest ? 1 : last + 1, last: sequence <= 1 ? largest : sequence - 1, count: over };
  return { kind: 'back' };
}
