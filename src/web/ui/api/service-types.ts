/** Answers of `service-health`. */
export interface TrendPoint { readonly at: string; readonly calls: number; readonly failed: number; readonly p50: number | null; readonly p95: number | null }
export interface ServiceFailure {
  readonly at: string; readonly caseId: string; readonly operation: string; readonly outcome: 'transient' | 'permanent' | 'unknown';
  readonly errorClass: string | null; readonly httpStatus: number | null; readonly said: string | null;
}
export type Amounts = Readonly<Record<string, string>>;
export interface ServiceRow {
  readonly id: string; readonly service: string; readonly system: string; readonly title: string | null; readonly owner: string | null;
  readonly status: 'published' | 'deprecated' | 'retired' | null; readonly sunset: string | null; readonly successor: string | null;
  readonly stopped: { readonly by: 'catalogue' | 'site'; readonly reason: string; readonly until?: string; readonly since?: string } | null;
  readonly calls: number; readonly success: number; readonly refused: number; readonly again: number; readonly unanswered: number; readonly retries: number;
  readonly p50: number | null; readonly p95: number | null; readonly p99: number | null; readonly trend: readonly TrendPoint[];
  readonly circuit: { readonly state: 'closed' | 'half-open' | 'open'; readonly since: string | null; readonly until: string | null; readonly manual: boolean; readonly failures: number; readonly running: number; readonly limit: number; readonly waiting: number } | null;
  readonly waiting: number; readonly pausedUntil: string | null;
  readonly quota: { readonly used: number; readonly calls: number; readonly per: 'hour' | 'day'; readonly resetsAt: string } | null;
  readonly deadLetters: number; readonly unknown: number; readonly lastFailure: ServiceFailure | null;
  readonly perCall: { readonly amount: string; readonly currency: string } | null; readonly cost: Amounts; readonly since: string | null; readonly callers: number;
}
export interface ServiceHealth {
  readonly at: string; readonly counting: boolean; readonly rows: readonly ServiceRow[];
  readonly templates: readonly { readonly month: string; readonly template: string; readonly closed: number; readonly amounts: Amounts; readonly perCase: Amounts }[];
}
export interface ServiceDetail extends ServiceRow {
  readonly histogram: readonly { readonly upToMs: number | null; readonly calls: number }[];
  readonly failures: readonly ServiceFailure[];
  readonly calledBy: readonly { readonly node: string; readonly name: string; readonly type: string; readonly place: string; readonly operation: string; readonly system: string; readonly step: string; readonly template?: string }[];
  readonly limits: { readonly concurrency: number; readonly perSecond: number; readonly burst: number } | null;
}
/** Answers of `service-requests`. */
export interface ServiceRequestRow {
  readonly service: string; readonly operation: string; readonly caller: string | null; readonly title: string | null;
  readonly status: 'published' | 'deprecated' | 'retired' | null; readonly sunset: string | null; readonly successor: string | null; readonly answered: boolean;
  readonly calls: number; readonly done: number; readonly again: number; readonly pending: number; readonly limited: number; readonly unknown: number; readonly refused: number; readonly failed: number;
  readonly why: readonly { readonly code: string; readonly count: number }[]; readonly lastAt: string | null;
}
export interface ServiceRequests { readonly at: string; readonly rows: readonly ServiceRequestRow[] }
