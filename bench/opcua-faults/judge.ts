import { readFileSync } from 'node:fs';
import { openSqliteLedger } from '../../src/ledger/sqlite/open.ts';

/** Above it lies every tenth value of a tag, which crosses the limit of its trigger: LOAD_DUE in test/support/open62541/server.c. */
export const LIMIT = 2_000_000_000;

/** What a server made: change `i` happened at `atMs(i)`. */
export class Changes {
  readonly #turns: readonly (readonly [until: number, ms: number])[];
  readonly #tags: number;
  readonly count: number;

  /** @param log of the server: `number ms` a turn, the number being that of the next change */
  constructor(log: string, tags: number) {
    this.#turns = log.split('\n').flatMap((line) => {
      const [, until, ms] = /^(\d+) (\d+)$/u.exec(line) ?? []; // a line that a kill cut in two tells of nothing that was published
      return until === undefined || ms === undefined ? [] : [[Number(until), Number(ms)] as const];
    });
    this.#tags = tags;
    this.count = this.#turns.at(-1)?.[0] ?? 0;
  }

  static of(file: string, tags: number): Changes {
    return new Changes(readFileSync(file, 'utf8'), tags);
  }

  tagOf(change: number): number {
    return change % this.#tags;
  }

  /** Whether it crosses the limit. */
  isDue(change: number): boolean {
    return (Math.floor(change / this.#tags) + this.tagOf(change)) % 10 === 0;
  }

  atMs(change: number): number {
    let low = 0;
    let high = this.#turns.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#turns[middle]?.[0] ?? 0) > change) high = middle;
      else low = middle + 1;
    }
    return this.#turns[low]?.[1] ?? 0;
  }
}

export interface Recorded {
  /** Number of the change that opened a case, and when the ledger had it; in its order. */
  readonly cases: readonly { readonly change: number; readonly recordedMs: number }[];
  readonly gaps: readonly { readonly reason: string; readonly fromMs: number; readonly toMs: number }[];
}

/** Cases and gaps of a home whose process has ended. */
export async function recordedIn(home: string): Promise<Recorded> {
  const ledger = await openSqliteLedger({ home, site: 'dc-1', now: Date.now });
  const cases: { change: number; recordedMs: number }[] = [];
  const gaps: { reason: string; fromMs: number; toMs: number }[] = [];
  try {
    for (let at = 1; ; ) {
      const events = await ledger.readAll(at, 20_000);
      if (events.length === 0) return { cases, gaps };
      for (const event of events) {
        if (event.type === 'ScanRecorded') {
          const { trigger = '', tags = {} } = (event.content?.scan ?? {}) as { readonly trigger?: string; readonly tags?: Readonly<Record<string, number>> };
          const value = tags[trigger] ?? 0; // a trigger has the name of its tag
          if (value < LIMIT) throw new Error(`The ledger has an event that the server did not make: ${JSON.stringify(event.content?.code)}`);
          cases.push({ change: value - LIMIT, recordedMs: Date.parse(event.recordedAt) });
        } else if (event.type === 'GapRecorded' && event.data.what === 'plc') {
          gaps.push({ reason: event.data.reason ?? '', fromMs: Date.parse(event.data.fromTime ?? '1970-01-01T00:00:00Z'), toMs: Date.parse(event.data.toTime ?? '') });
        }
      }
      at = (events.at(-1)?.position ?? at) + 1;
    }
  } finally {
    await ledger.close();
  }
}

export interface Judgement {
  /** All changes that the server made, and those of them that cross their limit. */
  readonly changes: number;
  readonly due: number;
  readonly cases: number;
  /** Due, without a case, and outside of every recorded gap: must be 0. */
  readonly unsaid: number;
  /** Due, without a case, within a recorded gap. */
  readonly said: number;
  readonly doubled: number;
  /** Cases of changes that cross no limit. */
  readonly notDue: number;
  /** Cases that stand behind a case of a later change: of the same tag, and of any. A new subscription tells first how each tag is, one after the other. */
  readonly outOfOrder: number;
  readonly outOfOrderAcrossTags: number;
  readonly gaps: readonly { readonly reason: string; readonly seconds: number }[];
  /** From a change until its case was in the ledger, ms. */
  readonly delayMs: { readonly p50: number; readonly p99: number; readonly max: number };
  /** When the last case was recorded that came more than two seconds after its change, epoch milliseconds; 0 when none did. */
  readonly lateUntilMs: number;
}

const LATE_MS = 2_000;

export function judge(changes: Changes, { cases, gaps }: Recorded): Judgement {
  const seen = new Set<number>();
  const delays: number[] = [];
  let doubled = 0;
  let notDue = 0;
  let outOfOrder = 0;
  let outOfOrderAcrossTags = 0;
  let latest = -1;
  const latestOfTag = new Map<number, number>();
  let lateUntilMs = 0;
  for (const { change, recordedMs } of cases) {
    if (!changes.isDue(change) || change >= changes.count) notDue += 1;
    if (seen.has(change)) {
      doubled += 1;
      continue;
    }
    seen.add(change);
    const tag = changes.tagOf(change);
    if (change < (latestOfTag.get(tag) ?? -1)) outOfOrder += 1;
    else latestOfTag.set(tag, change);
    if (change < latest) outOfOrderAcrossTags += 1;
    else latest = change;
    const delay = recordedMs - changes.atMs(change);
    delays.push(delay);
    if (delay > LATE_MS) lateUntilMs = Math.max(lateUntilMs, recordedMs);
  }
  let due = 0;
  let said = 0;
  let unsaid = 0;
  for (let change = 0; change < changes.count; change += 1) {
    if (!changes.isDue(change)) continue;
    due += 1;
    if (seen.has(change)) continue;
    const at = changes.atMs(change);
    if (gaps.some(({ fromMs, toMs }) => at >= fromMs && at <= toMs)) said += 1;
    else unsaid += 1;
  }
  delays.sort((a, b) => a - b);
  const quantile = (part: number): number => delays[Math.min(delays.length - 1, Math.floor(delays.length * part))] ?? 0;
  return {
    changes: changes.count, due, cases: seen.size, unsaid, said, doubled, notDue, outOfOrder, outOfOrderAcrossTags,
    gaps: gaps.map(({ reason, fromMs, toMs }) => ({ reason, seconds: Number(((toMs - fromMs) / 1_000).toFixed(1)) })),
    delayMs: { p50: quantile(0.5), p99: quantile(0.99), max: quantile(1) }, lateUntilMs,
  };
}
