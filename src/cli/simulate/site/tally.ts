/** The simulator's own book: what it sent, what was acknowledged, and what has to have become of it. */
import { renameSync, writeFileSync } from 'node:fs';
import type { EventKind, Expected, SiteEvent } from './site-event.ts';

export const TALLY_FORMAT = 'waybill-simulation-tally@1';

export interface Counts { opened: number; repeat: number; duplicate: number; nowhere: number; quarantined: number }

export interface KindCounts { messages: number; scans: number; acknowledged: number }

/** What a ledger or a server says: totals of the sites concerned. */
export interface LedgerTally {
  readonly at: string;
  readonly opened: number;
  readonly closed: number;
  readonly repeat: number;
  readonly quarantined: Readonly<Record<string, number>>;
  readonly events: number;
}

/** What a run is, as it stands in the file. */
export interface RunFacts {
  readonly profile: string;
  readonly seed: number;
  readonly run: number;
  readonly speed: number;
  readonly sites: readonly string[];
  readonly from: string;
  readonly simulatedSeconds: number;
  readonly startedAt: string;
  readonly url: string;
}

export interface TallyFile extends RunFacts {
  readonly format: typeof TALLY_FORMAT;
  readonly finished: boolean;
  readonly writtenAt: string;
  readonly realSeconds: number;
  /** SHA-256 over what every event of the plan is, without times: the same for the same seed. */
  readonly planHash: string;
  readonly messages: { readonly planned: number; readonly sent: number; readonly acknowledged: number; readonly outstanding: number; readonly neverSent: number; readonly resent: number };
  readonly scans: { readonly planned: number; readonly acknowledged: number };
  /** Of the acknowledged messages. */
  readonly expected: Counts & { readonly reasons: Readonly<Record<string, number>> };
  /** What may have come about besides: messages that were sent again, or whose acknowledgement is outstanding. */
  readonly possible: Counts;
  /** Of messages that never left: their handling units may have been opened by a later scan instead. */
  readonly missed: Counts;
  readonly bySite: Readonly<Record<string, Counts>>;
  readonly kinds: Readonly<Record<string, KindCounts>>;
  readonly latencyMs: { readonly p50: number; readonly p95: number; readonly p99: number; readonly max: number };
  readonly peakPerSecond: number;
  readonly behindSeconds: number;
  readonly reconnects: number;
  readonly outages: { readonly lineCuts: number; readonly devicesOffline: number };
  readonly before?: LedgerTally;
}

function noCounts(): Counts {
  return { opened: 0, repeat: 0, duplicate: 0, nowhere: 0, quarantined: 0 };
}

function add(to: Counts, of: Expected): void {
  to.opened += of.opened;
  to.repeat += of.repeat;
  to.duplicate += of.duplicate;
  to.nowhere += of.nowhere;
  to.quarantined += of.quarantined;
}

/** Sums up while a run goes on. */
export class Tally {
  readonly expected = noCounts();
  readonly possible = noCounts();
  readonly missed = noCounts();
  readonly reasons = new Map<string, number>();
  readonly sites = new Map<string, Counts>();
  readonly kinds = new Map<EventKind, KindCounts>();
  planned = 0;
  plannedScans = 0;
  sent = 0;
  acknowledged = 0;
  acknowledgedScans = 0;
  resent = 0;

  onPlanned(event: SiteEvent): void {
    this.planned += 1;
    this.plannedScans += event.scans;
    const counts = this.#kind(event);
    counts.messages += 1;
    counts.scans += event.scans;
  }

  onSent(): void {
    this.sent += 1;
  }

  /** It goes out again: what the first sending became, nobody knows. */
  onResent(event: SiteEvent): void {
    this.resent += 1;
    this.possible[event.again] += event.scans;
  }

  onAcknowledged(event: SiteEvent): void {
    const { expected } = event;
    this.acknowledged += 1;
    this.acknowledgedScans += event.scans;
    this.#kind(event).acknowledged += 1;
    add(this.expected, expected);
    const site = this.sites.get(event.device.site) ?? noCounts();
    this.sites.set(event.device.site, site);
    add(site, expected);
    if (expected.reason !== undefined) this.reasons.set(expected.reason, (this.reasons.get(expected.reason) ?? 0) + expected.quarantined);
  }

  /** The run ends with this message sent and not acknowledged. */
  onOutstanding(event: SiteEvent): void {
    add(this.possible, event.expected);
  }

  /** The run ends before this message has left its device. */
  onNeverSent(event: SiteEvent): void {
    add(this.missed, event.expected);
  }

  #kind(event: SiteEvent): KindCounts {
    let counts = this.kinds.get(event.kind);
    if (counts === undefined) this.kinds.set(event.kind, counts = { messages: 0, scans: 0, acknowledged: 0 });
    return counts;
  }
}

/** The file is there whole, or as it was before. */
export function writeTally(path: string, tally: TallyFile): void {
  const draft = `${path}.new`;
  writeFileSync(draft, `${JSON.stringify(tally, null, 2)}\n`);
  renameSync(draft, path);
}
