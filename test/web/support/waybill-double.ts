import type {
  AccessRecord, CaseView, DecideTask, EngineMetrics, EngineState, Outcome, ReplayDeadLetter, ResolveException, Waybill,
} from '../../../src/engine/api.ts';
import type { AccountStore } from '../../../src/ledger/accounts-port.ts';
import type {
  CaseKeyRow, CaseRow, DeadLetterRow, ExceptionRow, Ledger, LedgerCounts, Page, PageRequest, QuarantineRow, TaskRow,
} from '../../../src/ledger/port.ts';
import type { RecordedEvent } from '../../../src/domain/envelope.ts';

/** What the double's ledger holds. */
export interface DoubleData {
  cases: CaseRow[]; keys: CaseKeyRow[]; tasks: TaskRow[]; exceptions: ExceptionRow[]; deadLetters: DeadLetterRow[]; quarantine: QuarantineRow[];
  events: Map<string, RecordedEvent[]>;
  documents: Map<string, CaseView['document']>;
}

export function emptyData(): DoubleData {
  return { cases: [], keys: [], tasks: [], exceptions: [], deadLetters: [], quarantine: [], events: new Map(), documents: new Map() };
}

function pageOf<T>(rows: readonly T[], { limit, cursor }: PageRequest): Page<T> {
  const from = Number(cursor ?? 0);
  const items = rows.slice(from, from + limit);
  return { items, ...(from + limit < rows.length ? { next: String(from + limit) } : {}) };
}

interface Filter { status?: string; sites?: readonly string[]; caseId?: string; roles?: readonly string[]; queue?: string; process?: string }

function matches(row: { status: string; site: string; case_id?: string; role?: string; queue?: string; process?: string }, filter: Filter): boolean {
  return (filter.status === undefined || row.status === filter.status) && (filter.sites === undefined || filter.sites.includes(row.site))
    && (filter.caseId === undefined || row.case_id === filter.caseId) && (filter.roles === undefined || filter.roles.includes(row.role ?? ''))
    && (filter.queue === undefined || row.queue === filter.queue) && (filter.process === undefined || row.process === filter.process);
}

/**
 * Stands in for the engine where a test is about the web alone and needs states that a real engine does
 * not take on command (a suspended ledger, a second site). The whole way is tested with the real engine.
 */
export class WaybillDouble {
  state: EngineState = 'ready';
  reason: string | undefined = undefined;
  readonly settings: Waybill['settings'] = {
    home: '', site: 'dc-1', enterprise: 'acme', legalEntity: 'acme', publicUrl: undefined, mqttUrl: undefined, erpUrl: undefined,
  };
  readonly accounts: AccountStore | undefined;
  readonly data: DoubleData;
  readonly access: AccessRecord[] = [];
  readonly commands: { name: string; input: object }[] = [];
  /** What the next command answers with. */
  refusal: Outcome | undefined;
  hasLedger = true;

  constructor(accounts: AccountStore | undefined, data: DoubleData = emptyData()) {
    this.accounts = accounts;
    this.data = data;
  }

  get ledger(): Ledger | undefined {
    return this.hasLedger ? this.#ledger() as Ledger : undefined;
  }

  asWaybill(): Waybill {
    return this as unknown as Waybill;
  }

  #command<T extends object>(name: string, input: object, answer: T): Promise<Outcome<T>> {
    this.commands.push({ name, input });
    const refusal = this.refusal;
    this.refusal = undefined;
    return Promise.resolve((refusal ?? { ok: true, ...answer }) as Outcome<T>);
  }

  decideTask(input: DecideTask) {
    const task = this.data.tasks.find((row) => row.task_id === input.taskId);
    if (this.refusal === undefined && task !== undefined) {
      if (task.status !== 'open') this.refusal = { ok: false, code: 'task-not-open', message: 'The task is no longer open.', status: 'conflict' };
      else if (task.facts_hash !== input.factsHash) this.refusal = { ok: false, code: 'facts-changed', message: 'The facts have changed since they were shown.', status: 'conflict' };
      else task.status = input.decision === 'approve' ? 'approved' : 'rejected';
    }
    return this.#command('decideTask', input, { taskStatus: task?.status ?? '', approvals: 1, quorum: 1 });
  }

  claimTask(input: { taskId: string; by: { userId: string }; release: boolean }) {
    const task = this.data.tasks.find((row) => row.task_id === input.taskId);
    if (task !== undefined) task.claimed_by = input.release ? null : this.pseudonym(input.by.userId);
    return this.#command('claimTask', input, {});
  }

  openTask(input: object) { return this.#command('openTask', input, {}); }
  resolveException(input: ResolveException) {
    const row = this.data.exceptions.find((each) => each.exception_id === input.exceptionId);
    if (row !== undefined && this.refusal === undefined) row.status = 'resolved';
    return this.#command('resolveException', input, {});
  }

  replayDeadLetter(input: ReplayDeadLetter) {
    const row = this.data.deadLetters.find((each) => each.dead_letter_id === input.deadLetterId);
    if (row !== undefined && this.refusal === undefined) row.status = 'replayed';
    return this.#command('replayDeadLetter', input, {});
  }

  resolveOutcome(input: object) { return this.#command('resolveOutcome', input, {}); }
  discardQuarantine(input: { quarantineId: string }) {
    const row = this.data.quarantine.find((each) => each.quarantine_id === input.quarantineId);
    if (row !== undefined) row.status = 'discarded';
    return this.#command('discardQuarantine', input, {});
  }

  caseView(caseId: string): Promise<CaseView | undefined> {
    const row = this.data.cases.find((each) => each.case_id === caseId);
    if (row === undefined) return Promise.resolve(undefined);
    return Promise.resolve({
      caseId, status: row.status, outcome: row.outcome ?? undefined, process: row.process, template: row.template, site: row.site, title: row.title,
      openedAt: row.opened_at, closedAt: row.closed_at ?? undefined, keys: [], document: this.data.documents.get(caseId) ?? {},
      activity: row.status === 'closed' ? 'closed' : 'approval', steps: [],
    });
  }

  pseudonym(userId: string): string { return `p_${userId}`; }

  recordAccess(record: AccessRecord): Promise<void> {
    this.access.push(record);
    return Promise.resolve();
  }

  metrics(): EngineMetrics {
    return { counters: { cases_opened: this.data.cases.length }, gauges: { tokens_live: 0 }, ledger: undefined };
  }

  onState(): () => void { return () => undefined; }

  #ledger(): Partial<Ledger> {
    const { cases, keys, tasks, exceptions, deadLetters, quarantine, events } = this.data;
    return {
      ledgerId: 'double', verifierKey: 'waybill.example/dc-1+8f2c1f8c+AXWN', origin: 'waybill.example/dc-1',
      checkpoint: () => Promise.resolve('waybill.example/dc-1\n8\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n— waybill.example/dc-1 jywfjA==\n'),
      tile: (level, index, width) => Promise.resolve(level === 0 && index === 0 && width === 8 ? new Uint8Array(256) : undefined),
      getCase: (id) => Promise.resolve(cases.find((row) => row.case_id === id)),
      getTask: (id) => Promise.resolve(tasks.find((row) => row.task_id === id)),
      getException: (id) => Promise.resolve(exceptions.find((row) => row.exception_id === id)),
      getDeadLetter: (id) => Promise.resolve(deadLetters.find((row) => row.dead_letter_id === id)),
      caseKeys: (id) => Promise.resolve(keys.filter((row) => row.case_id === id)),
      readStream: (id) => Promise.resolve(events.get(id) ?? []),
      listCases: (filter, page) => Promise.resolve(pageOf(cases.filter((row) => matches(row, filter)
        && (filter.key === undefined || keys.some((key) => key.case_id === row.case_id && key.value === filter.key))), page)),
      listTasks: (filter, page) => Promise.resolve(pageOf(tasks.filter((row) => matches(row, filter)), page)),
      listExceptions: (filter, page) => Promise.resolve(pageOf(exceptions.filter((row) => matches(row, filter)), page)),
      listDeadLetters: (filter, page) => Promise.resolve(pageOf(deadLetters.filter((row) => matches(row, filter)), page)),
      listQuarantine: (filter, page) => Promise.resolve(pageOf(quarantine.filter((row) => matches(row, filter)), page)),
      counts: () => Promise.resolve<LedgerCounts>({
        casesOpen: cases.filter((row) => row.status === 'open').length, casesClosed: cases.filter((row) => row.status === 'closed').length,
        tokensLive: 3, stepsOpen: 2, timers: 1, events: [...events.values()].flat().length,
        tasksOpen: tasks.filter((row) => row.status === 'open').length, exceptionsOpen: exceptions.filter((row) => row.status === 'open').length,
        deadLettersOpen: deadLetters.filter((row) => row.status === 'open').length, quarantineHeld: quarantine.filter((row) => row.status === 'held').length,
      }),
    };
  }
}
