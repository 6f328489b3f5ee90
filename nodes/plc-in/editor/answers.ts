import { ask, post } from '../../../src/editor/browser/intake/server.ts';

/** What the server says to the form of a plc in node; src/editor/intake/plc.ts makes it. */
export type Live =
  | { readonly running: false }
  | {
    readonly running: true;
    readonly now: number;
    readonly mode: string;
    readonly state: { readonly kind: string; readonly reason?: string };
    readonly counters: Readonly<Record<string, number>> & { readonly lastAt?: number };
    readonly lastProblem?: { readonly at: number; readonly reason: string };
    /** What is not as it should be now. */
    readonly problems: readonly string[];
    readonly values: readonly LiveValue[];
    /** Tags beyond those that are listed. */
    readonly more: number;
    readonly samples: readonly LiveSample[];
  };

/** Times are epoch milliseconds, `at` by the controller's clock. */
export interface LiveValue { readonly tag: string; readonly value: string; readonly good: boolean; readonly at: number }
export interface LiveSample { readonly seenAt: number; readonly at: number; readonly kind: string; readonly title: string; readonly message?: string }

export interface Tried {
  readonly outcomes: readonly (
    | { readonly ok: true; readonly line: number; readonly title: string; readonly keys: readonly { readonly type: string; readonly value: string }[]; readonly facts: Readonly<Record<string, unknown>> }
    | { readonly ok: false; readonly line: number; readonly message: string }
  )[];
}

export function askLive(node: string): Promise<Live> {
  return ask<Live>('intake/plc', { data: { node } });
}

export function askTried(body: object): Promise<Tried> {
  return post<Tried>('intake/plc/try', body);
}
