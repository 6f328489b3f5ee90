import { WireWriter } from './wire.ts';

/** The metric by which a host asks an edge node to report all it has (tck-id-operational-behavior-data-commands-ncmd-rebirth-name). */
export const REBIRTH_METRIC = 'Node Control/Rebirth';

const BOOLEAN = 11n;

/**
 * The payload of a rebirth request: a time, no sequence number (tck-id-payloads-ncmd-seq), and the metric by its name,
 * since its alias may not be known and must not exist. @param now epoch milliseconds
 */
export function rebirthRequest(now: number): Uint8Array {
  const metric = new WireWriter().string(1, REBIRTH_METRIC).varint(3, BigInt(now)).varint(4, BOOLEAN).varint(14, 1n).finish();
  return new WireWriter().varint(1, BigInt(now)).bytes(2, metric).finish();
}
