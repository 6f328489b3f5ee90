import { SqliteSource } from './source.ts';
import type { LedgerFiles } from './files.ts';

/** What intakes have brought into a ledger, counted. */
export interface IntakeCounts {
  readonly events: number;
  /** Cases by the site that they are of. */
  readonly opened: Readonly<Record<string, number>>;
  readonly closed: Readonly<Record<string, number>>;
  /** Messages put aside, by site and reason. */
  readonly quarantined: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Scans that were recorded on a case that was there. */
  readonly repeats: number;
}

/** Goes through the whole ledger; works beside a running instance. @throws LedgerError `path`, `corrupt`, `unavailable` */
export function countIntake(files: LedgerFiles): IntakeCounts {
  const source = new SqliteSource(files);
  try {
    const rows = (sql: string): { [name: string]: unknown }[] => source.reader.cache.all(sql) as { [name: string]: unknown }[];
    const bySite = (sql: string): Record<string, number> => Object.fromEntries(rows(sql).map(({ site, count }) => [String(site), Number(count)]));
    const quarantined: Record<string, Record<string, number>> = {};
    for (const { site, reason, count } of rows('SELECT site, reason, count(*) AS count FROM quarantine GROUP BY site, reason')) (quarantined[String(site)] ??= {})[String(reason)] = Number(count);
    const [types] = rows("SELECT count(*) FILTER (WHERE type = 'ScanRecorded') AS scans, count(*) FILTER (WHERE type = 'ScanRecorded' AND version <= 2) AS first, count(*) AS events FROM events");
    return {
      events: Number(types?.['events'] ?? 0),
      opened: bySite('SELECT site, count(*) AS count FROM cases WHERE parent_case_id IS NULL GROUP BY site'),
      closed: bySite("SELECT site, count(*) AS count FROM cases WHERE parent_case_id IS NULL AND status = 'closed' GROUP BY site"),
      quarantined,
      // A case opens with CaseOpened and its first scan; every later one repeats it.
      repeats: Number(types?.['scans'] ?? 0) - Number(types?.['first'] ?? 0),
    };
  } finally {
    source.close();
  }
}
