import type { DatabaseSync } from 'node:sqlite';
import type {
  AttachmentRow, CaseFilter, ChangeFilter, ChangeRow, WaiverFilter, WaiverRow, CaseKeyRow, CaseRow, CircuitRow, DeadLetterFilter, DeadLetterRow, DelegationFilter, DeviceRow, DeviceSilenceRow, DeviceWatchRow, DelegationRow, ExceptionCount, ExceptionFilter, ExceptionRow, LedgerCounts, Page, PageRequest, HandoverFilter, HandoverRow, QuarantineFilter, QuarantineRow,
  ReplayBatchRow, ReplayItemRow, ReservationRow, RetryingRow, StepRow, TaskCount, TaskFilter, TaskRow, TimerRow, TokenRow,
  SignalFilter, SignalRow, WaitRow,
} from '../port.ts';
import { isCosigned } from '../log-keys.ts';
import type { LogKey } from '../log-keys.ts';
import type { StoredEvent } from '../verify.ts';
import { encodeEntryBundle, TILE_WIDTH } from '../transparency/index.ts';
import { logKeys } from './tree.ts';
import { openReader, StatementCache } from './database.ts';
import type { Row } from './database.ts';
import { among, equals, pageOf, searchedPage } from './paging.ts';
import type { ListQuery, Where } from './paging.ts';

/** A stored event: position, leaf as text, stored content, stored personal content. */
export type EventTuple = readonly [position: number, leaf: string, content: string | null, personal: string | null];

const caseColumns = `case_id, status, outcome, process, template, site, title, opened_at, closed_at,
  (SELECT coalesce(max(version), 0) FROM events WHERE stream_id = case_id) AS version, test, root_case_id, parent_case_id`;
const tokenColumns = 'token_id, case_id, address, port, wire, target, attempt, epoch, unclean_epochs, issued_at, owner, lease_until';
const stepColumns = 'run_id, case_id, address, node_type, waiting_on, epoch, unclean_epochs, entered_at, owner, lease_until';
/** The soonest rung of the ladders about these subjects. */
function nextRung(condition: string, subjects: string): string {
  const of = (column: string): string => `CASE WHEN ${condition} THEN (SELECT l.${column} FROM ladders l WHERE l.subject_id IN (${subjects}) AND l.status = 'running' ORDER BY l.due_at LIMIT 1) END`;
  return `${of('due_at')} AS escalates_at, ${of('rung')} AS rung`;
}

const exceptionSelect = `SELECT exceptions.*, ${nextRung("exceptions.status = 'open'", 'exceptions.exception_id')} FROM exceptions`;
const taskSelect = `SELECT t.task_id, t.case_id, t.run_id, t.address, t.site, coalesce(c.process, '') AS process, t.role, t.status, t.quorum, t.approvals,
  t.created_at, t.due_at, t.decided_at, t.claimed_by, t.level, t.kind, t.held_until, t.assignee, t.matrix_row, t.bulk, t.asks_info, t.title, t.question, t.shown, t.facts_hash, t.photos, t.also_role,
  ${nextRung("t.status = 'open'", 't.task_id, t.case_id')} FROM tasks t LEFT JOIN cases c USING (case_id)`;
const timerColumns = 'timer_id, due_at, kind, case_id, ref, owner, lease_until';

/** Checkpoints that are looked at in one call. */
const checkpointsAtOnce = 5_000;
/** From so many on, matches are not gathered but met on the way. */
const manyFit = 2_000;

/** For comparisons whatever the case, of all scripts. */
function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}

/** From the prefix itself to before what no longer begins with it. */
function boundsOf(prefix: string): [string, string] {
  return [prefix, `${prefix}\u{10FFFF}`];
}

/** Names of the reader's methods that the main thread may call. */
export type ReaderMethod = Exclude<keyof SqliteReader, 'close' | 'db' | 'cache'>;

/**
 * A work list: what is open comes oldest first, everything else newest first. With a case given, the case's own index is the
 * better one, so the status is kept away from the planner by a unary plus (https://www.sqlite.org/optoverview.html §4).
 */
function workList(select: string, filter: { status?: string; sites?: readonly string[]; caseId?: string }, time: string, id: string, prefix = ''): ListQuery {
  const column = (name: string): { sql: string; row: string } => ({ sql: `${prefix}${name}`, row: name });
  return {
    select,
    where: [equals(`${filter.caseId === undefined ? '' : '+'}${prefix}status`, filter.status), equals(`${prefix}case_id`, filter.caseId), among(`${prefix}site`, filter.sites)],
    order: filter.status === undefined ? [column(id)] : [column(time), column(id)],
    descending: filter.status !== 'open' && filter.status !== 'held' && filter.status !== 'kept',
  };
}

const nothing: Where = { sql: '0', values: [] };

function ofRoles(roles: readonly string[]): Where {
  const [own, also] = [among('role', roles), among('also_role', roles)] as [Where, Where];
  return { sql: `(${own.sql} OR ${also.sql})`, values: [...own.values, ...also.values] };
}

function bothOf(one: Where | undefined, other: Where | undefined): Where | undefined {
  if (one === undefined || other === undefined || one === nothing) return one ?? other;
  return { sql: `${one.sql} AND ${other.sql}`, values: [...one.values, ...other.values] };
}

/** Whose tasks: by roles, by roles at sites, by person; undefined for everybody's. */
function tasksOf({ roles, also }: TaskFilter): Where | undefined {
  if (roles === undefined) return undefined;
  const any: Where[] = roles.length === 0 ? [] : [ofRoles(roles)];
  for (const grant of also?.grants ?? []) {
    if (grant.roles.length > 0 && grant.sites.length > 0) any.push(bothOf(ofRoles(grant.roles), grant.sites.includes('*') ? undefined : among('site', grant.sites)) ?? nothing);
  }
  if (also?.assignee !== undefined) any.push({ sql: 'assignee = ?', values: [also.assignee] });
  return any.length === 0 ? nothing : { sql: `(${any.map(({ sql }) => `(${sql})`).join(' OR ')})`, values: any.flatMap(({ values }) => values) };
}

/** The list of exceptions that a filter asks for. */
function exceptionList(filter: ExceptionFilter): ListQuery & { readonly urgent: boolean } {
  const urgent = filter.sort === 'urgency' && filter.status === 'open';
  const list = workList(exceptionSelect, filter, 'raised_at', 'exception_id');
  const before = filter.raisedBefore === undefined ? undefined : { sql: 'raised_at < ?', values: [filter.raisedBefore] };
  const assignee = filter.assignee === '' ? { sql: 'assignee IS NULL', values: [] } : equals('assignee', filter.assignee);
  return {
    ...list, urgent,
    where: [
      ...(urgent ? [{ sql: "status = 'open'", values: [] }, equals('case_id', filter.caseId), among('site', filter.sites)] : list.where),
      equals('queue', filter.queue), equals("coalesce(category, class)", filter.class), equals('severity', filter.severity), assignee, before,
      equals('merged_into', filter.mergedInto), filter.system === '' ? { sql: 'system IS NULL', values: [] } : equals('system', filter.system), equals('code', filter.code), equals('address', filter.address),
      filter.mainOnly === true ? { sql: 'merged_into IS NULL', values: [] } : undefined,
    ],
  };
}

/** All reading of a ledger file, on a connection of its own. */
export class SqliteReader {
  readonly db: DatabaseSync;
  readonly cache: StatementCache;
  #cosigned: { readonly upTo: number; readonly at: string | undefined; readonly newest: boolean } = { upTo: 0, at: undefined, newest: false };

  /** @throws LedgerError `path`, `corrupt` or `unavailable` */
  constructor(path: string) {
    this.db = openReader(path);
    this.cache = new StatementCache(this.db);
    this.db.function('fold', { deterministic: true }, (text) => fold(String(text)));
  }

  close(): void {
    if (this.db.isOpen) this.db.close();
  }

  #one<T>(sql: string, ...values: (string | number)[]): T | undefined {
    return this.cache.get(sql, ...values) as T | undefined;
  }

  #all<T>(sql: string, ...values: (string | number)[]): T[] {
    return this.cache.all(sql, ...values) as T[];
  }

  #events(where: string, ...values: (string | number)[]): EventTuple[] {
    const rows = this.cache.all(`SELECT position, CAST(leaf AS TEXT) AS leaf, content, personal FROM events WHERE ${where}`, ...values);
    return rows.map((row) => [Number(row['position']), String(row['leaf']), row['content'] as string | null, row['personal'] as string | null]);
  }

  readStream(streamId: string, fromVersion: number): EventTuple[] {
    return this.#events('stream_id = ? AND version >= ? ORDER BY version', streamId, fromVersion);
  }

  lastOfStream(streamId: string): EventTuple[] {
    return this.#events('stream_id = ? ORDER BY version DESC LIMIT 1', streamId);
  }

  readAll(fromPosition: number, limit: number): EventTuple[] {
    return this.#events('position >= ? ORDER BY position LIMIT ?', fromPosition, limit);
  }

  readType(type: string, fromPosition: number, toPosition: number, limit: number): EventTuple[] {
    return this.#events('type = ? AND position BETWEEN ? AND ? ORDER BY position LIMIT ?', type, fromPosition, toPosition, limit);
  }

  getCase(caseId: string): CaseRow | undefined {
    return this.#one(`SELECT ${caseColumns} FROM cases WHERE case_id = ?`, caseId);
  }

  getTask(taskId: string): TaskRow | undefined {
    return this.#one(`${taskSelect} WHERE t.task_id = ?`, taskId);
  }

  getException(exceptionId: string): ExceptionRow | undefined {
    return this.#one(`${exceptionSelect} WHERE exception_id = ?`, exceptionId);
  }

  getDeadLetter(deadLetterId: string): DeadLetterRow | undefined {
    return this.#one('SELECT * FROM dead_letters WHERE dead_letter_id = ?', deadLetterId);
  }

  getQuarantine(quarantineId: string): QuarantineRow | undefined {
    return this.#one('SELECT * FROM quarantine WHERE quarantine_id = ?', quarantineId);
  }

  findCommand(commandKey: string): { streamId: string; version: number } | undefined {
    return this.#one('SELECT stream_id AS streamId, version FROM commands WHERE command_key = ?', commandKey);
  }

  getReservation(scope: string, keyHash: string): ReservationRow | undefined {
    return this.#one('SELECT * FROM reservations WHERE scope = ? AND key_hash = ?', scope, keyHash);
  }

  accumulatedSince(scope: string, keyHash: string, since: string): { claim_id: string; amount: string }[] {
    return this.#all('SELECT claim_id, amount FROM accumulated WHERE scope = ? AND key_hash = ? AND at >= ? ORDER BY claim_id', scope, keyHash, since);
  }

  getToken(tokenId: string): TokenRow | undefined {
    return this.#one(`SELECT ${tokenColumns} FROM tokens WHERE token_id = ?`, tokenId);
  }

  caseKeys(caseId: string): CaseKeyRow[] {
    return this.#all('SELECT type, value, case_id FROM case_keys WHERE case_id = ? ORDER BY type, value', caseId);
  }

  listCases(filter: CaseFilter, page: PageRequest): Page<CaseRow> {
    const key = filter.key === undefined ? undefined
      : { sql: 'case_id IN (SELECT case_id FROM case_keys WHERE value = ? COLLATE NOCASE AND value = ?)', values: [filter.key, filter.key] };
    // Written out so that the partial index of open cases can serve.
    const status = filter.status === undefined ? undefined : { sql: `status = '${filter.status === 'open' ? 'open' : 'closed'}'`, values: [] };
    // The index by site is in the list's order for one site only; for several the list itself is walked.
    const query: ListQuery = {
      select: `SELECT ${caseColumns} FROM cases`, where: [key, status, among(filter.sites?.length === 1 ? 'site' : '+site', filter.sites), equals('process', filter.process)],
      order: [{ sql: 'case_id', row: 'case_id' }], descending: true,
    };
    if (filter.q === undefined) return pageOf(this.cache, query, page);
    const few = this.#casesBeginning(filter.q);
    if (few !== undefined) return pageOf(this.cache, { ...query, where: [...query.where, { sql: 'case_id IN (SELECT value FROM json_each(?))', values: [JSON.stringify(few)] }] }, page);
    // Many fit: they are met soon from the newest on.
    const bounds = boundsOf(filter.q);
    return searchedPage(this.cache, query, 'case_id', page, (ids) => new Set(this.#all<{ id: string }>(
      `SELECT c.case_id AS id FROM json_each(?) j JOIN cases c ON c.case_id = j.value WHERE (c.title >= ? COLLATE NOCASE AND c.title < ? COLLATE NOCASE)
        OR EXISTS (SELECT 1 FROM case_keys k WHERE k.case_id = c.case_id AND k.value >= ? COLLATE NOCASE AND k.value < ? COLLATE NOCASE)`, ids, ...bounds, ...bounds,
    ).map(({ id }) => id))) as unknown as Page<CaseRow>;
  }

  /** Cases of which a business key or the title begins so; undefined when there are many. */
  #casesBeginning(prefix: string): string[] | undefined {
    const bounds = boundsOf(prefix);
    const rows = this.#all<{ id: string }>(`SELECT DISTINCT id FROM (
      SELECT * FROM (SELECT case_id AS id FROM case_keys WHERE value >= ? COLLATE NOCASE AND value < ? COLLATE NOCASE LIMIT ${manyFit + 1})
      UNION ALL SELECT * FROM (SELECT case_id FROM cases WHERE title >= ? COLLATE NOCASE AND title < ? COLLATE NOCASE LIMIT ${manyFit + 1}))`, ...bounds, ...bounds);
    return rows.length > manyFit ? undefined : rows.map(({ id }) => id);
  }

  listTasks(filter: TaskFilter, page: PageRequest): Page<TaskRow> {
    // The page is found in an index that holds all that is filtered by; only its rows are read from the table.
    const select = 'SELECT task_id, created_at, urgent_at FROM tasks';
    const list = workList(select, filter, 'created_at', 'task_id');
    const roles = bothOf(tasksOf(filter), filter.role === undefined ? undefined : ofRoles([filter.role]));
    const urgent = filter.sort === 'urgency' && filter.status === 'open';
    if (roles === nothing || filter.sites?.length === 0) return { items: [] };
    const query: ListQuery = urgent ? {
      // Named, as the planner would rather sort what has the status.
      select: filter.caseId === undefined ? `${select} INDEXED BY tasks_open` : select, descending: false, order: ['urgent_at', 'created_at', 'task_id'].map((name) => ({ sql: name, row: name })),
      where: [{ sql: "status = 'open'", values: [] }, equals('case_id', filter.caseId), among('site', filter.sites), roles],
    } : { ...list, where: [...list.where, roles], ...(filter.sort === 'newest' ? { descending: true } : {}) };
    const found = filter.words === undefined || filter.words.length === 0 ? pageOf<Row>(this.cache, query, page)
      : searchedPage(this.cache, query, 'task_id', page, (ids) => this.#tasksWith(ids, filter.words ?? []));
    const items = found.items.flatMap((row) => this.getTask(String(row['task_id'])) ?? []);
    return { items, ...(found.next === undefined ? {} : { next: found.next }) };
  }

  /** Which of these tasks hold all words in title, question or business keys. */
  #tasksWith(ids: string, words: readonly string[]): ReadonlySet<string> {
    const word = '(instr(fold(t.title || char(10) || t.question), ?) > 0 OR EXISTS (SELECT 1 FROM case_keys k WHERE k.case_id = t.case_id AND instr(fold(k.value), ?) > 0))';
    const folded = words.map(fold);
    const rows = this.#all<{ id: string }>(`SELECT t.task_id AS id FROM json_each(?) j JOIN tasks t ON t.task_id = j.value WHERE ${words.map(() => word).join(' AND ')}`,
      ids, ...folded.flatMap((each) => [each, each]));
    return new Set(rows.map(({ id }) => id));
  }

  circuits(): CircuitRow[] {
    return this.#all('SELECT * FROM circuits ORDER BY system');
  }

  getReplayBatch(batchId: string): ReplayBatchRow | undefined {
    return this.#one('SELECT * FROM replay_batches WHERE batch_id = ?', batchId);
  }

  listReplayBatches(filter: { readonly status?: ReplayBatchRow['status'] }, page: PageRequest): Page<ReplayBatchRow> {
    return pageOf(this.cache, { select: 'SELECT * FROM replay_batches', where: [equals('status', filter.status)], order: [{ sql: 'batch_id', row: 'batch_id' }], descending: true }, page);
  }

  listReplayItems(filter: { readonly batchId: string; readonly status?: ReplayItemRow['status'] }, page: PageRequest): Page<ReplayItemRow> {
    return pageOf(this.cache, {
      select: 'SELECT * FROM replay_items', where: [equals('batch_id', filter.batchId), equals('status', filter.status)], order: [{ sql: 'dead_letter_id', row: 'dead_letter_id' }], descending: false,
    }, page);
  }

  countReplayItems(batchId: string): { status: ReplayItemRow['status']; items: number }[] {
    return this.#all('SELECT status, count(*) AS items FROM replay_items WHERE batch_id = ? GROUP BY status ORDER BY status', batchId);
  }

  retryingTokens(): RetryingRow[] {
    return this.#all(`SELECT t.address, t.token_id, x.due_at FROM timers x JOIN tokens t ON t.token_id = x.ref WHERE x.kind = 'token-retry'
      UNION ALL SELECT address, token_id, NULL FROM dead_letters WHERE status = 'open' AND kind = 'token'`);
  }

  admissionsToFinish(): QuarantineRow[] {
    return this.#all("SELECT * FROM quarantine WHERE status = 'admitted' AND resolved_at IS NULL ORDER BY received_at LIMIT 1000");
  }

  countTasks(now: string, limit: number): TaskCount[] {
    const hence = new Date(Date.parse(now) + 3_600_000).toISOString();
    return this.#all(`SELECT role, also_role, assignee, site, count(*) AS open, sum(urgent_at < ?) AS overdue, sum(urgent_at >= ? AND urgent_at < ?) AS dueWithinHour
      FROM (SELECT role, also_role, assignee, site, urgent_at FROM tasks INDEXED BY tasks_open WHERE status = 'open' ORDER BY urgent_at, created_at, task_id LIMIT ?)
      GROUP BY role, site, also_role, assignee ORDER BY role, site, also_role, assignee`, now, now, hence, limit);
  }

  listExceptions(filter: ExceptionFilter, page: PageRequest): Page<ExceptionRow> {
    const { urgent, ...list } = exceptionList(filter);
    const query: ListQuery = urgent ? { ...list, descending: false, order: ['urgent_at', 'raised_at', 'exception_id'].map((name) => ({ sql: name, row: name })) } : list;
    if (filter.words === undefined || filter.words.length === 0) return pageOf(this.cache, query, page);
    return searchedPage(this.cache, query, 'exception_id', page, (ids) => this.#exceptionsWith(ids, filter.words ?? [])) as unknown as Page<ExceptionRow>;
  }

  /** Which of these exceptions hold all words in what people read of them, or in business keys. */
  #exceptionsWith(ids: string, words: readonly string[]): ReadonlySet<string> {
    const text = `fold(concat_ws(char(10), x.message, x.code, x.class, x.category, x.queue, x.system, x.address, x.site))`;
    const word = `(instr(${text}, ?) > 0 OR EXISTS (SELECT 1 FROM case_keys k WHERE k.case_id = x.case_id AND instr(fold(k.value), ?) > 0))`;
    const folded = words.map(fold);
    const rows = this.#all<{ id: string }>(`SELECT x.exception_id AS id FROM json_each(?) j JOIN exceptions x ON x.exception_id = j.value WHERE ${words.map(() => word).join(' AND ')}`,
      ids, ...folded.flatMap((each) => [each, each]));
    return new Set(rows.map(({ id }) => id));
  }

  countExceptions(now: string): ExceptionCount[] {
    const ago = (hours: number): string => new Date(Date.parse(now) - hours * 3_600_000).toISOString();
    return this.#all(`SELECT queue, site, count(*) AS open, sum(due_at IS NOT NULL AND due_at < ?1) AS overdue, sum(assignee IS NULL) AS unassigned, sum(severity = 'critical') AS critical,
      sum(raised_at >= ?2) AS hour, sum(raised_at < ?2 AND raised_at >= ?3) AS day, sum(raised_at < ?3 AND raised_at >= ?4) AS week, sum(raised_at < ?4) AS older
      FROM exceptions WHERE status = 'open' AND merged_into IS NULL GROUP BY queue, site ORDER BY queue, site`, now, ago(1), ago(24), ago(168));
  }

  linkedExceptions(exceptionId: string): string[] {
    return this.#all<{ other: string }>('SELECT other FROM exception_links WHERE exception_id = ? ORDER BY other', exceptionId).map(({ other }) => other);
  }

  mergedToResolve(limit: number): ExceptionRow[] {
    return this.#all(`SELECT x.* FROM exceptions x JOIN exceptions m ON m.exception_id = x.merged_into
      WHERE x.merged_into IS NOT NULL AND x.status = 'open' AND m.status = 'resolved' ORDER BY x.exception_id LIMIT ?`, limit);
  }

  attachmentsWith(sha256: string): AttachmentRow[] {
    return this.#all('SELECT * FROM attachments WHERE sha256 = ? ORDER BY attachment_id', sha256);
  }

  attachmentsOf(caseId: string): AttachmentRow[] {
    return this.#all('SELECT * FROM attachments WHERE case_id = ? ORDER BY attached_at, attachment_id', caseId);
  }

  listDeadLetters(filter: DeadLetterFilter, page: PageRequest): Page<DeadLetterRow> {
    const list = workList('SELECT * FROM dead_letters', filter, 'dead_at', 'dead_letter_id');
    const { kind, system, operation, reason, address } = filter;
    return pageOf(this.cache, { ...list, where: [...list.where, equals('kind', kind), equals('system', system), equals('operation', operation), equals('reason', reason), equals('address', address)] }, page);
  }

  listHandover(filter: HandoverFilter, page: PageRequest): Page<HandoverRow> {
    return pageOf(this.cache, { ...workList('SELECT * FROM handover_notes', filter, 'noted_at', 'note_id'), descending: true }, page);
  }

  getHandover(noteId: string): HandoverRow | undefined {
    return this.#one('SELECT * FROM handover_notes WHERE note_id = ?', noteId);
  }

  listQuarantine(filter: QuarantineFilter, page: PageRequest): Page<QuarantineRow> {
    return pageOf(this.cache, workList('SELECT * FROM quarantine', filter, 'received_at', 'quarantine_id'), page);
  }

  getChange(changeId: string): ChangeRow | undefined {
    return this.#one('SELECT * FROM changes WHERE change_id = ?', changeId);
  }

  listChanges(filter: ChangeFilter, page: PageRequest): Page<ChangeRow> {
    // Written out so that the partial index of open ones can serve.
    const status = filter.status === 'open' ? { sql: "status IN ('requested', 'in-review')", values: [] } : equals('status', filter.status);
    return pageOf(this.cache, {
      select: 'SELECT * FROM changes', where: [status, among('site', filter.sites), equals('family', filter.family), equals('kind', filter.kind)],
      order: [{ sql: 'change_id', row: 'change_id' }], descending: true,
    }, page);
  }

  getWaiver(waiverId: string): WaiverRow | undefined {
    return this.#one('SELECT * FROM waivers WHERE waiver_id = ?', waiverId);
  }

  listWaivers(filter: WaiverFilter, page: PageRequest): Page<WaiverRow> {
    return pageOf(this.cache, {
      select: 'SELECT * FROM waivers', where: [equals('status', filter.status), among('site', filter.sites)],
      order: ['expires_at', 'waiver_id'].map((name) => ({ sql: name, row: name })), descending: false,
    }, page);
  }

  getDelegation(delegationId: string): DelegationRow | undefined {
    return this.#one('SELECT * FROM delegations WHERE delegation_id = ?', delegationId);
  }

  listDelegations({ person, livingAt }: DelegationFilter, page: PageRequest): Page<DelegationRow> {
    return pageOf(this.cache, {
      select: 'SELECT * FROM delegations', descending: true,
      where: [
        ...(person === undefined ? [] : [{ sql: '(from_person = ? OR to_person = ?)', values: [person, person] }]),
        ...(livingAt === undefined ? [] : [{ sql: 'ended_at IS NULL AND to_time > ?', values: [livingAt] }]),
      ],
      order: [{ sql: 'granted_at', row: 'granted_at' }, { sql: 'delegation_id', row: 'delegation_id' }],
    }, page);
  }

  livingDelegations(at: string, limit: number, to?: string): DelegationRow[] {
    const rest = 'ended_at IS NULL AND to_time > ? ORDER BY delegation_id LIMIT ?';
    return to === undefined ? this.#all(`SELECT * FROM delegations WHERE ${rest}`, at, limit) : this.#all(`SELECT * FROM delegations WHERE to_person = ? AND ${rest}`, to, at, limit);
  }

  devicesAfter(site: string, deviceId: string, limit: number): DeviceRow[] {
    return this.#all('SELECT * FROM devices WHERE (site, device_id) > (?, ?) ORDER BY site, device_id LIMIT ?', site, deviceId, limit);
  }
  deviceWatches(): DeviceWatchRow[] {
    return this.#all('SELECT * FROM device_watches ORDER BY site');
  }
  deviceSilences(): DeviceSilenceRow[] {
    return this.#all('SELECT * FROM device_silences WHERE alarm_id IS NOT NULL ORDER BY site, subject, subject_id');
  }

  getSignal(signalId: string): SignalRow | undefined {
    return this.#one('SELECT * FROM signals WHERE signal_id = ?', signalId);
  }

  listSignals(filter: SignalFilter, page: PageRequest): Page<SignalRow> {
    const list = workList('SELECT * FROM signals', filter, 'received_at', 'signal_id');
    return pageOf(this.cache, { ...list, where: [...list.where, equals('name', filter.name)] }, page);
  }

  signalsKept(site: string, name: string, keyHash: string, limit: number): SignalRow[] {
    return this.#all("SELECT * FROM signals WHERE status = 'kept' AND key_hash = ? AND site = ? AND name = ? ORDER BY received_at, signal_id LIMIT ?", keyHash, site, name, limit);
  }

  waitsFor(site: string, name: string, keyHash: string, after: { readonly since: string; readonly runId: string } | undefined, limit: number): WaitRow[] {
    return this.#all('SELECT * FROM waits WHERE key_hash = ? AND site = ? AND name = ? AND (since, run_id) > (?, ?) ORDER BY since, run_id LIMIT ?', keyHash, site, name, after?.since ?? '', after?.runId ?? '', limit);
  }

  signalsAwaited(afterId: string, limit: number): SignalRow[] {
    return this.#all(`SELECT s.* FROM signals s WHERE s.status = 'kept' AND s.signal_id > ?
      AND EXISTS (SELECT 1 FROM waits w WHERE w.key_hash = s.key_hash AND w.site = s.site AND w.name = s.name) ORDER BY s.signal_id LIMIT ?`, afterId, limit);
  }

  tokensBefore(beforeEpoch: number, afterId: string, limit: number): TokenRow[] {
    return this.#all(`SELECT ${tokenColumns} FROM tokens WHERE epoch < ? AND token_id > ? ORDER BY token_id LIMIT ?`, beforeEpoch, afterId, limit);
  }

  stepsBefore(beforeEpoch: number, afterId: string, limit: number): StepRow[] {
    return this.#all(`SELECT ${stepColumns} FROM steps WHERE waiting_on IS NULL AND epoch < ? AND run_id > ? ORDER BY run_id LIMIT ?`, beforeEpoch, afterId, limit);
  }

  addressCounts(): { address: string; steps: number; tokens: number }[] {
    return this.#all(`SELECT address, sum(step) AS steps, sum(token) AS tokens FROM (
      SELECT address, 1 AS step, 0 AS token FROM steps UNION ALL SELECT address, 0, 1 FROM tokens) GROUP BY address ORDER BY address`);
  }

  stepsAt(address: string, afterId: string, limit: number): StepRow[] {
    return this.#all(`SELECT ${stepColumns} FROM steps WHERE address = ? AND run_id > ? ORDER BY run_id LIMIT ?`, address, afterId, limit);
  }

  tokensFrom(address: string, afterId: string, limit: number): TokenRow[] {
    return this.#all(`SELECT ${tokenColumns} FROM tokens WHERE address = ? AND token_id > ? ORDER BY token_id LIMIT ?`, address, afterId, limit);
  }

  timersDue(until: string, limit: number, kind?: TimerRow['kind']): TimerRow[] {
    if (kind === undefined) return this.#all(`SELECT ${timerColumns} FROM timers WHERE due_at <= ? ORDER BY due_at, timer_id LIMIT ?`, until, limit);
    return this.#all(`SELECT ${timerColumns} FROM timers WHERE due_at <= ? AND kind = ? AND (kind <> 'retry' OR NOT EXISTS (
      SELECT 1 FROM steps WHERE steps.case_id = timers.case_id AND steps.effect_id = timers.ref AND steps.waiting_on = 'held'))
      AND (kind NOT IN ('step', 'step-expiry') OR NOT EXISTS (SELECT 1 FROM steps WHERE steps.run_id = timers.ref AND steps.waiting_on = 'held'))
      AND (kind <> 'token-retry' OR NOT EXISTS (SELECT 1 FROM exceptions x WHERE x.case_id = timers.case_id AND x.token_id = timers.ref AND x.status = 'open')) ORDER BY due_at, timer_id LIMIT ?`, until, kind, limit);
  }

  nextTimerDue(after: string): string | undefined {
    return this.#one<{ due: string | null }>('SELECT min(due_at) AS due FROM timers WHERE due_at > ?', after)?.due ?? undefined;
  }

  nextTimerAt(address: string): string | undefined {
    return this.#one<{ due: string | null }>('SELECT min(due_at) AS due FROM timers WHERE address = ?', address)?.due ?? undefined;
  }

  counts(): LedgerCounts {
    const row = this.cache.get(`SELECT
      coalesce((SELECT value FROM counters WHERE name = 'cases_open'), 0) AS casesOpen,
      coalesce((SELECT value FROM counters WHERE name = 'cases_closed'), 0) AS casesClosed,
      (SELECT count(*) FROM tokens) AS tokensLive, (SELECT count(*) FROM steps) AS stepsOpen,
      (SELECT count(*) FROM tasks WHERE status = 'open') AS tasksOpen, (SELECT count(*) FROM exceptions WHERE status = 'open') AS exceptionsOpen,
      (SELECT count(*) FROM dead_letters WHERE status = 'open') AS deadLettersOpen, (SELECT count(*) FROM timers) AS timers,
      (SELECT count(*) FROM quarantine WHERE status = 'held') AS quarantineHeld, (SELECT coalesce(max(position), 0) FROM events) AS events`);
    return { ...row } as unknown as LedgerCounts;
  }

  lastEpoch(): { epoch: number; clean: boolean; incarnation: number } {
    const last = this.cache.get('SELECT epoch, clean, incarnation FROM epochs ORDER BY epoch DESC LIMIT 1');
    const recovered = Number(this.cache.get('SELECT coalesce(max(incarnation), 1) AS n FROM incarnations')?.['n']);
    if (last === undefined) return { epoch: 0, clean: true, incarnation: recovered };
    return { epoch: Number(last['epoch']), clean: last['clean'] === 1, incarnation: Math.max(Number(last['incarnation']), recovered) };
  }

  checkpoints(limit: number): { size: number; at: string }[] {
    return this.#all('SELECT size, signed_at AS at FROM checkpoints ORDER BY size DESC LIMIT ?', limit);
  }

  /** When the last checkpoint was signed that somebody else cosigned, and whether it is the newest. Reads on where it stopped before, a bounded number at a time. */
  cosignedAt(): { at: string | undefined; newest: boolean } {
    const keys = logKeys(this.db);
    const rows = this.#all<{ size: number; note: string; at: string }>(
      `SELECT size, note, signed_at AS at FROM checkpoints WHERE size > ? ORDER BY size LIMIT ${checkpointsAtOnce}`, this.#cosigned.upTo);
    for (const { size, note, at } of rows) {
      const cosigned = isCosigned(note, keys);
      this.#cosigned = { upTo: size, at: cosigned ? at : this.#cosigned.at, newest: cosigned };
    }
    return { at: this.#cosigned.at, newest: this.#cosigned.newest };
  }

  /** What a proof of a stream's events is made from. */
  proofParts(streamId: string): { events: StoredEvent[]; keys: LogKey[]; checkpoint: string | undefined } {
    const rows = this.cache.all('SELECT position, stream_id, version, type, leaf, content, personal FROM events WHERE stream_id = ? ORDER BY version', streamId);
    const events = rows.map((row): StoredEvent => ({
      position: Number(row['position']), streamId: String(row['stream_id']), version: Number(row['version']), type: String(row['type']),
      leaf: row['leaf'] as Uint8Array, content: row['content'] as string | null, personal: row['personal'] as string | null,
    }));
    return { events, keys: logKeys(this.db), checkpoint: this.checkpoint() };
  }

  checkpoint(): string | undefined {
    const row = this.cache.get('SELECT note FROM checkpoints ORDER BY size DESC LIMIT 1');
    return row === undefined ? undefined : String(row['note']);
  }

  /** Older, narrower forms of a partial tile are the beginning of what is stored. */
  tile(level: number | 'entries', index: number, width: number): Uint8Array | undefined {
    if (width < 1 || width > TILE_WIDTH || !Number.isSafeInteger(index) || index < 0) return undefined;
    if (level === 'entries') return this.#entries(index, width);
    const bytes = this.cache.get('SELECT bytes FROM tiles WHERE level = ? AND idx = ?', level, index)?.['bytes'] as Uint8Array | undefined;
    return bytes === undefined || bytes.length < width * 32 ? undefined : bytes.slice(0, width * 32);
  }

  #entries(index: number, width: number): Uint8Array | undefined {
    const signed = Number(this.cache.get('SELECT coalesce(max(size), 0) AS size FROM checkpoints')?.['size']);
    const first = index * TILE_WIDTH;
    if (first + width > signed) return undefined;
    const rows: Row[] = this.cache.all('SELECT leaf FROM events WHERE position > ? AND position <= ? ORDER BY position', first, first + width);
    return rows.length === width ? encodeEntryBundle(rows.map((row) => row['leaf'] as Uint8Array)) : undefined;
  }
}
