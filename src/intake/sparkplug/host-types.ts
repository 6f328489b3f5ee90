import type { Json, JsonObject } from '../../domain/json.ts';
import type { DataType } from './datatypes.ts';
import type { PayloadLimits, Quality } from './payload.ts';

export interface HostOptions {
  /** How long a message that is missing is waited for, ms (tck-id-operational-behavior-host-reordering-param). */
  readonly reorderMs: number;
  /** Whether edge nodes are asked to report anew; a host that is not their primary one leaves it. */
  readonly rebirth: boolean;
  readonly limits: HostLimits;
}

/** What is kept in memory at most; what goes beyond is refused, and said. */
export interface HostLimits {
  readonly edgeNodes: number;
  /** Metrics and devices of all edge nodes together. */
  readonly metrics: number;
  /** Bytes of messages that wait for an earlier one, of all edge nodes together. */
  readonly waitingBytes: number;
  readonly payload: PayloadLimits;
}

/** One report of one metric, in the order of the edge node's sequence. Times are epoch milliseconds. */
export interface MetricReport {
  readonly group: string;
  readonly edgeNode: string;
  readonly device?: string;
  readonly metric: string;
  readonly type: DataType;
  readonly value: Json;
  /** The last value before this one; absent when none was known, or when it was too large to be kept. */
  readonly previous?: Json;
  /** A value before this one was known. */
  readonly known: boolean;
  /** The value differs from the last one that was known, or none was known. */
  readonly changed: boolean;
  readonly quality: Quality;
  /** Kept by the edge node while it could not send; it says nothing about now (§6.4.6 is_historical). */
  readonly historical: boolean;
  /** It stands in a birth certificate: not an event, unless it differs from what was known. */
  readonly fromBirth: boolean;
  /** When it was so, as the edge node says; when it came, if it says nothing. */
  readonly at: number;
  readonly session: { readonly bdSeq?: string; readonly birthAt: number };
  readonly seq?: number;
  /** Time of the whole message. */
  readonly sentAt?: number;
  /** Place in its message. */
  readonly index: number;
  readonly properties?: JsonObject;
  /** Current value of another metric of the same device or edge node, once the whole message has been taken in. */
  readonly beside: (metric: string) => Json | undefined;
}

export type GapReason =
  /** Messages of an edge node did not arrive in time. */
  | 'sequence'
  /** Waybill's own connection was down. */
  | 'host-offline'
  /** An edge node reported before its birth certificate was here. */
  | 'no-birth'
  /** A metric, an alias or a device that no birth certificate has named. */
  | 'not-in-birth'
  /** The end of a session of which nothing had been seen. */
  | 'death-without-birth'
  /** More came than is kept while earlier messages are waited for. */
  | 'too-many-waiting';

export type RebirthReason = 'no-birth' | 'sequence' | 'unknown-alias' | 'unknown-metric' | 'unknown-device' | 'type-change' | 'host-online' | 'death-unnamed';

/** What the host wants done, in this order. */
export type HostEffect =
  | { readonly kind: 'report'; readonly report: MetricReport }
  | { readonly kind: 'rebirth'; readonly group: string; readonly edgeNode: string; readonly reason: RebirthReason }
  | { readonly kind: 'gap'; readonly source: string; readonly reason: GapReason; readonly from: number; readonly to: number }
  /** A message that cannot be taken; one sentence for a person. */
  | { readonly kind: 'refused'; readonly source: string; readonly code: string; readonly message: string };

export interface HostCounters {
  readonly messages: number;
  readonly reports: number;
  readonly refused: number;
  readonly rebirths: number;
  readonly gaps: number;
  /** Came again, or after their turn was over. */
  readonly late: number;
  /** Certificates of death of an earlier session. */
  readonly oldDeaths: number;
  readonly lastAt?: number;
}

export type EdgeStatus = 'online' | 'offline' | 'unknown';

export interface MetricView {
  readonly name: string;
  readonly type: DataType;
  readonly value: Json;
  readonly quality: Quality;
  readonly at: number;
}

export interface DeviceView {
  readonly id: string;
  readonly status: EdgeStatus;
  readonly since: number;
  readonly metrics: readonly MetricView[];
  /** Metrics beyond those that are listed. */
  readonly more: number;
}

export interface EdgeNodeView extends Omit<DeviceView, 'id'> {
  readonly group: string;
  readonly edgeNode: string;
  readonly bdSeq?: string;
  readonly devices: readonly DeviceView[];
  /** Messages that wait for an earlier one. */
  readonly waiting: number;
  readonly rebirthAsked?: number;
}
