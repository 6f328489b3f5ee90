export type Log = (level: 'info' | 'warn', text: string) => void;

/** A warning of one kind: said at once, then at most once in a while, with how many were left out. */
export type LimitedLog = (kind: string, text: string) => void;

/** Keeps a flood of devices or scans from becoming a flood of log lines. */
export function limitedLog(log: Log, everyMs = 10_000, clock: () => number = Date.now): LimitedLog {
  const kinds = new Map<string, { since: number; leftOut: number }>();
  return (kind, text) => {
    const now = clock();
    const known = kinds.get(kind);
    if (known !== undefined && now - known.since < everyMs) {
      known.leftOut += 1;
      return;
    }
    log('warn', known === undefined || known.leftOut === 0 ? text : `${text} (and ${known.leftOut} more like it before)`);
    kinds.set(kind, { since: now, leftOut: 0 });
  };
}
