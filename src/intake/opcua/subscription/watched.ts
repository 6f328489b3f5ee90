import type { DataValue, Variant } from 'node-opcua-client';

/** Something that a subscription watches on the server. */
export interface WatchedItem {
  /** Equal keys are the same item over restarts: node id with all that it is watched by. */
  readonly key: string;
  readonly nodeId: string;
  readonly kind: 'value' | 'event';
  /** ms; 0: as often as the server can. */
  readonly samplingMs: number;
  readonly queueSize: number;
  /** DataChangeFilter or EventFilter of the library (OPC UA Part 4 §7.22). */
  readonly filter?: object;
  /** Another one for a server that takes the first not. */
  readonly fallback?: object;
}

/** What the server gave for it. */
export interface GrantedItem {
  readonly key: string;
  readonly handle: number;
  readonly itemId: number;
  readonly samplingMs: number;
  readonly queueSize: number;
}

/** An item that the server does not watch, and one sentence about it. */
export interface ItemProblem { readonly key: string; readonly status: string; readonly message: string }

/** What of a subscription has to outlive this process. */
export interface SubscriptionPosition {
  /** Ours, unique for ever: servers use their numbers again. */
  readonly subscription: string;
  /** The server's. */
  readonly serverId: number;
  /** Start of the server that gave the number, epoch milliseconds; 0 when it does not tell. */
  readonly serverStartedAt: number;
  /** All up to here is durable. */
  readonly sequence: number;
  /** All that came to be before is in what is durable, epoch milliseconds by the server's clock. */
  readonly seenAt: number;
  readonly items: readonly GrantedItem[];
  /** Something was missed before this subscription began, and is not recorded yet. */
  readonly missed?: { readonly reason: string; readonly fromMs: number };
}

export interface WatchedValue { readonly key: string; readonly value: DataValue; readonly overflow: boolean }
export interface WatchedEvent { readonly key: string; readonly fields: readonly Variant[] }

/** One notification message, in order. */
export interface WatchedBatch {
  readonly subscription: string;
  readonly sequence: number;
  /** Epoch milliseconds by the server's clock. */
  readonly publishedAt: number;
  /** All that came to be before is in this one or in an earlier one, by the same clock: a gap after it begins here. */
  readonly wholeAt: number;
  readonly receivedAt: number;
  readonly values: readonly WatchedValue[];
  readonly events: readonly WatchedEvent[];
  /** Sent before: to us, or to an earlier process. */
  readonly again: boolean;
}

/** OPC UA Part 4 §5.14.1.1: 1 to 2^32-1, then 1 again. Whether `a` comes after `b`. */
export function isAfter(a: number, b: number): boolean {
  return ((a - b) | 0) > 0;
}

export function nextSequence(sequence: number): number {
  return sequence === 0xffff_ffff ? 1 : sequence + 1;
}

const FEWEST = 10;
const MOST = 100_000;
/** What a tag that is watched as often as the server can is taken to change at most. */
const FASTEST_MS = 10;

/**
 * How many values a server has to keep of one item: what comes while nobody reads, and what comes between two publishings twice over.
 * @param outageMs longest outage to survive without a loss
 */
export function queueSizeFor(samplingMs: number, publishingMs: number, outageMs: number): number {
  const values = Math.ceil((outageMs + 2 * publishingMs) / Math.max(samplingMs, FASTEST_MS));
  return Math.min(MOST, Math.max(FEWEST, values));
}
