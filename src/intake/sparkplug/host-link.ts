import { edgeTopic, groupFilters, nodeCommandTopic } from './topics.ts';
import { HostConnection, type OwnConnection } from './host-connection.ts';
import type { EdgeNodeView, GapReason, HostCounters, HostEffect, HostOptions, MetricReport } from './host-types.ts';
import { SparkplugHost } from './host.ts';
import { rebirthRequest } from './rebirth.ts';
import { limitedLog, type LimitedLog } from '../limited-log.ts';
import type { SourceProblem, SourceState } from '../mqtt/index.ts';

/** Where a host application writes what it cannot take and what it has missed. */
export interface HostPort {
  gap(gap: { readonly source: string; readonly reason: GapReason; readonly from: number; readonly to: number }): void;
  /** The host is online, and what it has missed was told before. */
  online(at: number): void;
  /** At most one a minute for each edge node and reason. */
  refused(message: { readonly source: string; readonly code: string; readonly message: string; readonly topic: string; readonly bytes: Uint8Array }): void;
  /** Something was counted. */
  count(name: 'sparkplug_messages' | 'sparkplug_rebirths' | 'sparkplug_refused', by: number): void;
}

export interface HostLinkOptions {
  readonly hostId: string;
  readonly broker: OwnConnection;
  readonly host: HostOptions;
  readonly port: HostPort;
  readonly clock: () => number;
  readonly log: (level: 'info' | 'warn', text: string) => void;
  readonly reconnect?: { readonly minMs: number; readonly maxMs: number };
  readonly retainedMs?: number;
}

/** Whoever makes something of reports. */
export interface ReportTaker {
  /** Empty: all groups. */
  readonly groups: readonly string[];
  readonly take: (report: MetricReport) => void;
}

/** Reports that came while a deploy replaced the only taker. */
const MOST_KEPT = 10_000;
const REFUSED_EVERY_MS = 60_000;
const MOST_SOURCES = 1_000;

/** One host application at one broker: its connection, its state, and who takes what it reports. */
export class HostLink {
  readonly #options: HostLinkOptions;
  readonly #host: SparkplugHost;
  readonly #connection: HostConnection;
  readonly #takers = new Set<ReportTaker>();
  readonly #refusedAt = new Map<string, number>();
  readonly #warn: LimitedLog;
  readonly #slow = new Set<ReportTaker>();
  #kept: MetricReport[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** What the timer is set for. */
  #wound: number | undefined;
  #lastProblem: SourceProblem | undefined;
  #offlineAt: number | undefined;

  constructor(options: HostLinkOptions) {
    this.#options = options;
    this.#host = new SparkplugHost(options.host);
    this.#warn = limitedLog(options.log);
    this.#connection = new HostConnection({
      broker: options.broker, hostId: options.hostId, clock: options.clock,
      log: (level, text) => {
        if (level === 'warn') this.#problem('host', text);
        else options.log(level, text);
      },
      ...(options.reconnect === undefined ? {} : { reconnect: options.reconnect }),
      ...(options.retainedMs === undefined ? {} : { retainedMs: options.retainedMs }),
      filters: () => this.#filters(),
      onMessage: (topic, payload, retained) => this.#receive(topic, payload, retained),
      onOnline: (offlineSince) => this.#online(offlineSince),
      onOffline: (heardAt) => {
        this.#offlineAt = heardAt;
        this.#carryOut(this.#host.disconnected(options.clock()));
      },
    });
  }

  get hostId(): string {
    return this.#options.hostId;
  }

  get state(): SourceState {
    return this.#connection.state;
  }

  get counters(): HostCounters {
    return this.#host.counters;
  }

  /** The last thing that was wrong, of the connection or of what came over it. */
  get lastProblem(): SourceProblem | undefined {
    const connection = this.#connection.lastProblem;
    if (connection === undefined || this.#lastProblem === undefined) return connection ?? this.#lastProblem;
    return connection.at > this.#lastProblem.at ? connection : this.#lastProblem;
  }

  view(): readonly EdgeNodeView[] {
    return this.#host.view();
  }

  /** How many edge nodes are known, and are online. */
  summary(): { readonly known: number; readonly online: number } {
    return this.#host.summary();
  }

  onState(listener: (state: SourceState) => void): () => void {
    return this.#connection.onState(listener);
  }

  /** When the broker was last heard, epoch milliseconds; 0 before. */
  get heardAt(): number {
    return this.#connection.heardAt;
  }

  /** @param heardAt when an earlier process is known to have heard the broker; what the broker keeps of our STATE stands in for it */
  start(heardAt?: number): void {
    this.#offlineAt ??= heardAt;
    this.#connection.start();
  }

  /** Returns what takes it away again. */
  add(taker: ReportTaker): () => void {
    const before = this.#filters().join();
    this.#takers.add(taker);
    if (this.#filters().join() !== before) this.#connection.subscribeMore();
    const kept = this.#kept;
    this.#kept = [];
    for (const report of kept) this.#give(report);
    return () => {
      this.#takers.delete(taker);
      this.busy(taker, false);
    };
  }

  get takers(): number {
    return this.#takers.size;
  }

  /** A taker that has enough to do: nothing more is read until all have room. */
  busy(taker: ReportTaker, busy: boolean): void {
    if (busy) this.#slow.add(taker);
    else this.#slow.delete(taker);
    this.#connection.setReading(this.#slow.size === 0);
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#connection.close();
    this.#carryOut(this.#host.disconnected(this.#options.clock()));
    clearTimeout(this.#timer);
  }

  #filters(): readonly string[] {
    const takers = [...this.#takers];
    return groupFilters(takers.some(({ groups }) => groups.length === 0) ? [] : takers.flatMap(({ groups }) => groups).sort());
  }

  #online(offlineSince: number | undefined): void {
    const now = this.#options.clock();
    const from = this.#offlineAt ?? offlineSince;
    this.#offlineAt = undefined;
    if (from !== undefined) this.#options.port.gap({ source: this.#options.hostId, reason: 'host-offline', from: Math.min(from, now), to: now });
    this.#options.port.online(now);
    this.#carryOut(this.#host.connected(now));
  }

  #receive(topicName: string, payload: Uint8Array, retained: boolean): void {
    const topic = edgeTopic(topicName);
    if (topic === undefined) return; // commands of hosts, STATE of other hosts
    const now = this.#options.clock();
    this.#options.port.count('sparkplug_messages', 1);
    this.#carryOut(this.#host.receive(topic, payload, retained, now), { topic: topicName, bytes: payload });
  }

  #carryOut(effects: readonly HostEffect[], message?: { readonly topic: string; readonly bytes: Uint8Array }): void {
    for (const effect of effects) {
      switch (effect.kind) {
        case 'report': this.#give(effect.report); break;
        case 'gap': {
          this.#problem(`gap ${effect.source}`, gapText(effect));
          this.#options.port.gap(effect);
          break;
        }
        case 'rebirth': {
          if (this.#connection.send(nodeCommandTopic(effect.group, effect.edgeNode), rebirthRequest(this.#options.clock()))) this.#options.port.count('sparkplug_rebirths', 1);
          break;
        }
        case 'refused': {
          this.#problem(`${effect.code} ${effect.source}`, effect.message);
          this.#options.port.count('sparkplug_refused', 1);
          if (message !== undefined && this.#mayTell(`${effect.code} ${effect.source}`)) this.#options.port.refused({ ...effect, ...message });
          break;
        }
      }
    }
    this.#wind();
  }

  #give(report: MetricReport): void {
    if (this.#takers.size === 0) {
      if (this.#kept.length < MOST_KEPT) this.#kept.push(report);
      else this.#problem('nobody', 'Reports came faster than a deploy; those beyond ten thousand were left out.');
      return;
    }
    for (const taker of this.#takers) {
      if (taker.groups.length === 0 || taker.groups.includes(report.group)) taker.take(report);
    }
  }

  #problem(kind: string, text: string): void {
    this.#lastProblem = { at: this.#options.clock(), reason: text };
    this.#warn(kind, text);
  }

  #mayTell(kind: string): boolean {
    const now = this.#options.clock();
    const last = this.#refusedAt.get(kind);
    if (last !== undefined && now - last < REFUSED_EVERY_MS) return false;
    if (this.#refusedAt.size >= MOST_SOURCES) this.#refusedAt.clear();
    this.#refusedAt.set(kind, now);
    return true;
  }

  #wind(): void {
    const due = this.#host.nextDue();
    if (due === this.#wound) return;
    clearTimeout(this.#timer);
    this.#wound = due;
    if (due === undefined) return;
    this.#timer = setTimeout(() => {
      this.#wound = undefined;
      this.#carryOut(this.#host.tick(this.#options.clock()));
    }, Math.max(1, due - this.#options.clock()));
  }
}

const GAP_TEXTS: Readonly<Record<GapReason, string>> = {
  'sequence': 'messages are missing in the sequence',
  'host-offline': 'our own connection was down',
  'no-birth': 'it reported before it had said what it reports',
  'not-in-birth': 'it reported what its birth certificate does not name',
  'death-without-birth': 'a session ended of which nothing had been seen',
  'too-many-waiting': 'more messages waited for an earlier one than are kept',
};

function gapText({ source, reason }: { readonly source: string; readonly reason: GapReason }): string {
  return `Something of ${source} was missed: ${GAP_TEXTS[reason]}.`;
}
