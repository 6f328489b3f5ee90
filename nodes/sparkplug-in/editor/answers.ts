import { ask, post } from '../../../src/editor/browser/intake/server.ts';

/** What the server says to the form of a sparkplug in node; src/editor/intake makes it. */
export interface LiveMetric { readonly name: string; readonly type: string; readonly value: unknown; readonly quality: 'good' | 'bad' | 'stale'; readonly at: number }

export interface LiveDevice {
  readonly status: 'online' | 'offline' | 'unknown';
  /** Epoch milliseconds. */
  readonly since: number;
  readonly metrics: readonly LiveMetric[];
  readonly more: number;
}

export interface LiveEdgeNode extends LiveDevice {
  readonly group: string;
  readonly edgeNode: string;
  readonly waiting: number;
  readonly rebirthAsked?: number;
  readonly devices: readonly (LiveDevice & { readonly id: string })[];
}

export interface LiveSample { readonly at: number; readonly source: string; readonly metric: string; readonly value: string; readonly kind: string; readonly title: string; readonly message?: string }

export type Live =
  | { readonly running: false }
  | {
    readonly running: true;
    readonly now: number;
    readonly hostId: string;
    readonly state: { readonly kind: string; readonly reason?: string };
    readonly counters: { readonly messages: number; readonly reports: number; readonly refused: number; readonly rebirths: number; readonly gaps: number; readonly lastAt?: number };
    readonly lastProblem?: { readonly at: number; readonly reason: string };
    readonly edgeNodes: readonly LiveEdgeNode[];
    /** Edge nodes beyond those that are listed. */
    readonly more: number;
    readonly samples: readonly LiveSample[];
  };

export interface TriedMetric { readonly name: string; readonly type: string; readonly value: string; readonly note?: string }

export interface Tried {
  readonly metrics: readonly TriedMetric[];
  readonly seq?: number;
  readonly timestamp?: number;
  readonly outcomes: readonly ({ readonly ok: true; readonly title: string; readonly facts: Readonly<Record<string, unknown>> } | { readonly ok: false; readonly message: string })[];
}

export function askLive(node: string): Promise<Live> {
  return ask<Live>('intake/sparkplug', { data: { node } });
}

export function askTried(body: object): Promise<Tried> {
  return post<Tried>('intake/sparkplug/try', body);
}
