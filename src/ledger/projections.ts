import { addressKey } from '../domain/envelope.ts';
import type { RecordedEvent } from '../domain/envelope.ts';
import { isDestructive } from '../domain/escalation/ladder.ts';
import type { NextRung } from '../domain/escalation/ladder.ts';
import type { NewEvent } from './port.ts';
import type { DeviceShape, EventData, EventType, IssuedToken, Priority } from '../domain/events.ts';
import { priorityOf } from '../domain/exception/priority-of.ts';
import { urgentAt } from '../domain/exception/urgency.ts';

/**
 * Events to rows. Pure, and the same for every engine: an engine only has to carry out {@link RowOp}s.
 * Everything here can be rebuilt from the events; `commands` is not among it (command keys are no part of leaves).
 */

export type Cell = string | number | null;
export type Cells = Readonly<Record<string, Cell>>;

export const projectionTables = [
  'cases', 'case_keys', 'tokens', 'steps', 'tasks', 'timers', 'exceptions', 'exception_links', 'attachments', 'dead_letters', 'reservations', 'waits', 'signals', 'ladders', 'accumulated', 'quarantine', 'handover_notes', 'delegations', 'devices', 'device_watches', 'device_silences', 'changes', 'waivers', 'epochs', 'incarnations', 'counters', 'circuits', 'replay_batches', 'replay_items',
] as const;
export type ProjectionTable = (typeof projectionTables)[number];

/** One change of a row. A `key` names every row that has these values in these columns. */
export type RowOp =
  /** Fails when the row is there. `from` takes further columns from the row of another table, or the given fallback. */
  | { readonly op: 'insert'; readonly table: ProjectionTable; readonly values: Cells;
    readonly from?: { readonly table: ProjectionTable; readonly key: Cells; readonly columns: Cells } }
  | { readonly op: 'upsert'; readonly table: ProjectionTable; readonly key: Cells; readonly values: Cells }
  | { readonly op: 'update'; readonly table: ProjectionTable; readonly key: Cells; readonly values: Cells; readonly increments?: Readonly<Record<string, number>> }
  | { readonly op: 'delete'; readonly table: ProjectionTable; readonly key: Cells }
  /** Adds to a counter; engines may collect these over a group of commits. */
  | { readonly op: 'count'; readonly table: 'counters'; readonly counter: 'cases_open' | 'cases_closed'; readonly by: number };

/** Event types whose rows show some of their business content; of all others the leaf is enough. */
export const typesWithContentInRows: ReadonlySet<EventType> = new Set<EventType>(['CaseOpened', 'TaskCreated', 'ExceptionRaised', 'PhotoAttached', 'Quarantined', 'HandoverNoted', 'SignalReceived', 'ChangeRequested', 'WaiverGranted', 'DeviceRegistered', 'DeviceChanged']);

/** Stands in for the deadline of a task that has none: after every time. */
export const noDeadline = '~';

/** Shown instead of a text whose content was erased. */
export const erasedText = '(erased)';
/** Of 65,536 bytes in base64: lists show no more of a document that is kept whole. */
const headText = 87_384;
/** Whole groups of base64. */
const headOf = (head: string): string => (head.length > headText ? head.slice(0, headText - 4) : head);

const running = { waiting_on: null, wait_ref: null } as const;

/** An event as the ledger takes it or gives it. */
type AnyRecord = NewEvent | RecordedEvent;

function caseOf(event: AnyRecord): string {
  return event.caseId ?? event.streamId;
}

function placeOf(event: AnyRecord): string {
  return event.address === undefined ? '' : addressKey(event.address);
}

function tokenRow(event: AnyRecord, recordedAt: string, token: IssuedToken): RowOp {
  return {
    op: 'insert', table: 'tokens', values: {
      token_id: token.tokenId, case_id: caseOf(event), address: placeOf(event), port: token.port, wire: token.wire, target: token.target,
      attempt: 1, epoch: event.epoch, unclean_epochs: 0, issued_at: recordedAt,
    },
  };
}

/** Timer of a token's next attempt; apart from those of the step that the token may become. */
function retryTimer(tokenId: string): string {
  return `retry:${tokenId}`;
}
function retryTimerEnds(event: AnyRecord, tokenId: string): RowOp {
  return { op: 'delete', table: 'timers', key: { case_id: caseOf(event), timer_id: retryTimer(tokenId) } };
}
/** The token is not tried any more: nothing is due, and nothing of it lies for a person. */
function retryEnds(event: AnyRecord, tokenId: string): RowOp[] {
  return [
    retryTimerEnds(event, tokenId),
    { op: 'update', table: 'dead_letters', key: { case_id: caseOf(event), token_id: tokenId, status: 'open' }, values: { status: 'cancelled' } },
  ];
}

function claimRow(event: AnyRecord, claim: { scope: string; keyHash: string }): RowOp {
  return { op: 'insert', table: 'reservations', values: { scope: claim.scope, key_hash: claim.keyHash, holder: caseOf(event), version: 1 } };
}

/** The step goes on: what it waited for, told by run id or by what it waited for, is over. */
function stepGoesOn(event: AnyRecord, by: Cells): RowOp {
  return { op: 'update', table: 'steps', key: { ...by, case_id: caseOf(event) }, values: running };
}

function taskEnds(event: AnyRecord, recordedAt: string, taskId: string, status: string): RowOp[] {
  return [
    { op: 'update', table: 'tasks', key: { task_id: taskId }, values: { status, decided_at: recordedAt, claimed_by: null, held_until: null, asks_info: 0 } },
    { op: 'delete', table: 'timers', key: { case_id: caseOf(event), ref: taskId } },
    stepGoesOn(event, { wait_ref: taskId }),
  ];
}

function deviceCells({ kind, station, certificate, silentAfter }: DeviceShape, name: string | undefined): Cells {
  return { kind, name: name ?? erasedText, station: station ?? null, certificate: certificate ?? null, silent_after: silentAfter ?? null };
}
function deviceIs(event: AnyRecord & { readonly data: { readonly deviceId: string } }, values: Cells): RowOp {
  return { op: 'update', table: 'devices', key: { site: event.site, device_id: event.data.deviceId }, values: { ...values, version: event.version } };
}

function exceptionIs(exceptionId: string, values: Cells): RowOp {
  return { op: 'update', table: 'exceptions', key: { exception_id: exceptionId }, values };
}

function urgent(raisedAt: string, priority: Priority, dueAt: string | undefined): string {
  return new Date(urgentAt(Date.parse(raisedAt), priority, dueAt === undefined ? undefined : Date.parse(dueAt))).toISOString();
}

/** Columns of an exception that come from its class. */
function classOf(data: EventData['ExceptionRaised'], recordedAt: string): Cells {
  const priority = data.priority ?? priorityOf(data.severity);
  return {
    priority, category: data.category ?? null, amount: data.amount ?? null, currency: data.currency ?? null, due_at: data.dueAt ?? null,
    urgent_at: urgent(recordedAt, priority, data.dueAt), resolutions: data.resolutions === undefined ? null : JSON.stringify(data.resolutions), merged_into: null,
  };
}

/** The last word is held: it cannot expire any more, and stands at its time. */
function taskHeld(event: AnyRecord, taskId: string, until: string): RowOp[] {
  return [
    { op: 'update', table: 'tasks', key: { task_id: taskId }, values: { held_until: until } },
    { op: 'delete', table: 'timers', key: { case_id: caseOf(event), ref: taskId } },
    taskTimer(event, taskId, 'task-release', until),
  ];
}

/** A timer about a task; deadline, reminder and release stand side by side. */
function taskTimer(event: AnyRecord, taskId: string, kind: 'task-expiry' | 'task-reminder' | 'task-release', dueAt: string, runId = ''): RowOp {
  const timerId = kind === 'task-expiry' ? taskId : `${taskId}:${kind === 'task-reminder' ? 'remind' : 'release'}`;
  return { op: 'upsert', table: 'timers', key: { case_id: caseOf(event), timer_id: timerId }, values: { run_id: runId, due_at: dueAt, kind, ref: taskId, address: placeOf(event) } };
}

/** Where a ladder that runs stands. */
function ladderIs(event: AnyRecord & { readonly data: { readonly ladderId: string } }, next: NextRung): RowOp {
  return { op: 'update', table: 'ladders', key: { ladder_id: event.data.ladderId }, values: { rung: next.rung, action: next.action, due_at: next.dueAt, status: 'running' } };
}

/** The timer of a ladder's next rung; none while it has none. What ends something waits for the grace period after a standstill. */
function ladderTime(event: AnyRecord, ladderId: string, next: NextRung | undefined): RowOp[] {
  const key = { case_id: caseOf(event), timer_id: ladderId };
  if (next === undefined) return [{ op: 'delete', table: 'timers', key }];
  return [{ op: 'upsert', table: 'timers', key, values: { run_id: '', due_at: next.dueAt, kind: isDestructive(next.action) ? 'escalation-expiry' : 'escalation', ref: ladderId, address: placeOf(event) } }];
}

/**
 * Rows that an event changes, in the order in which they have to be changed. Columns that are not named in an `insert` are null.
 * @param recordedAt the event's time of recording
 */
export function project(event: NewEvent | RecordedEvent, recordedAt: string): RowOp[] {
  const caseId = caseOf(event);
  switch (event.type) {
    case 'EpochStarted':
      return [{ op: 'upsert', table: 'epochs', key: { epoch: event.data.epoch }, values: { incarnation: event.data.incarnation, started_at: recordedAt, clean: 0, ended_at: null } }];
    case 'EpochEnded':
      return [{ op: 'update', table: 'epochs', key: { epoch: event.data.epoch }, values: { clean: event.data.clean ? 1 : 0, ended_at: recordedAt } }];
    case 'LedgerRecovered':
      return [{ op: 'upsert', table: 'incarnations', key: { incarnation: event.data.incarnation }, values: { started_at: recordedAt, known_size: event.data.knownSize, found_size: event.data.foundSize } }];
    case 'Quarantined':
      return [{ op: 'insert', table: 'quarantine', values: {
        quarantine_id: event.data.quarantineId, reason: event.data.reason, message: event.content?.message ?? erasedText, received_at: recordedAt, site: event.site,
        device_id: event.data.deviceId ?? null, topic: event.content?.topic ?? null, bytes: event.data.bytes, sha256: event.data.sha256,
        head: headOf(event.content?.head ?? erasedText), status: 'held',
      } }];
    case 'QuarantineResolved':
      return [{ op: 'update', table: 'quarantine', key: { quarantine_id: event.data.quarantineId }, values: { status: event.data.resolution, resolved_at: recordedAt, ...(event.data.caseId === undefined ? {} : { case_id: event.data.caseId }) } }];

    case 'DelegationGranted': {
      const { delegationId, from, to, roles, sites, fromTime, toTime } = event.data;
      return [{ op: 'upsert', table: 'delegations', key: { delegation_id: delegationId }, values: {
        from_person: from, to_person: to, roles: JSON.stringify(roles), sites: JSON.stringify(sites), from_time: fromTime, to_time: toTime, granted_at: recordedAt, ended_at: null,
      } }];
    }
    case 'DelegationEnded':
      return [{ op: 'update', table: 'delegations', key: { delegation_id: event.data.delegationId }, values: { ended_at: recordedAt } }];
    case 'DeviceRegistered':
      return [{ op: 'upsert', table: 'devices', key: { site: event.site, device_id: event.data.deviceId }, values: {
        ...deviceCells(event.data, event.content?.name), state: 'active', verifier: null, clock: 'ok', skew_seconds: 0, registered_at: recordedAt, registered_by: event.data.by, version: event.version,
      } }];
    case 'DeviceChanged': return [deviceIs(event, deviceCells(event.data, event.content?.name))];
    case 'DeviceBlocked': return [deviceIs(event, { state: 'blocked' })];
    case 'DeviceUnblocked': return [deviceIs(event, { state: 'active' })];
    case 'DeviceRetired': return [deviceIs(event, { state: 'retired', verifier: null })];
    case 'DeviceKeyChanged': return [deviceIs(event, { verifier: event.data.verifier ?? null })];
    case 'DeviceClockNoted': return [deviceIs(event, { clock: event.data.clock, skew_seconds: event.data.skewSeconds })];
    case 'DeviceWatchSet': {
      const { minutes, per, calendar, role } = event.data;
      return [{ op: 'upsert', table: 'device_watches', key: { site: event.site }, values: { minutes, per, calendar, role, version: event.version } }];
    }
    case 'DeviceSilent':
      return [{ op: 'upsert', table: 'device_silences', key: { site: event.site, subject: event.data.subject, subject_id: event.data.subjectId }, values: {
        alarm_id: event.data.alarmId, since: event.data.since, minutes: event.data.minutes, raised_at: recordedAt, version: event.version,
      } }];
    case 'DeviceHeard':
      return [{ op: 'update', table: 'device_silences', key: { site: event.site, subject: event.data.subject, subject_id: event.data.subjectId }, values: { alarm_id: null, version: event.version } }];
    case 'ChangeRequested':
      return [{ op: 'upsert', table: 'changes', key: { change_id: event.data.changeId }, values: {
        kind: event.data.kind, status: 'requested', site: event.site, family: event.data.family, template: event.data.template ?? null, rule: event.data.rule ?? null,
        title: event.content?.title ?? erasedText, requested_by: event.data.by, requested_at: recordedAt, until: event.data.until ?? null, quorum: event.data.quorum, decided_at: null, version: null, expires_at: null,
      } }];
    case 'ChangeCommented':
      return event.data.owner ? [{ op: 'update', table: 'changes', key: { change_id: event.data.changeId, status: 'requested' }, values: { status: 'in-review' } }] : [];
    case 'ChangeDecided': {
      const { changeId, outcome, terms } = event.data;
      if (outcome === undefined) return [{ op: 'update', table: 'changes', key: { change_id: changeId, status: 'requested' }, values: { status: 'in-review' } }];
      return [{ op: 'update', table: 'changes', key: { change_id: changeId }, values: {
        status: outcome, decided_at: recordedAt, version: terms.decision === 'accept' ? terms.version : null, expires_at: terms.decision === 'waive' ? terms.expiresAt : null,
      } }];
    }
    case 'ChangeWithdrawn':
      return [{ op: 'update', table: 'changes', key: { change_id: event.data.changeId }, values: { status: 'withdrawn', decided_at: recordedAt } }];
    case 'WaiverGranted':
      return [{ op: 'upsert', table: 'waivers', key: { waiver_id: event.data.waiverId }, values: {
        status: 'active', rule: event.data.rule, site: event.site, sites: JSON.stringify(event.data.sites), template: event.data.ofTemplate ?? null, fingerprints: JSON.stringify(event.data.fingerprints ?? []),
        reason: event.content?.reason ?? erasedText, granted_at: event.data.grantedAt, expires_at: event.data.expiresAt, change_id: event.data.changeId ?? null, ended_at: null,
      } }];
    case 'WaiverExpired':
      return [{ op: 'update', table: 'waivers', key: { waiver_id: event.data.waiverId }, values: { status: 'expired', ended_at: recordedAt } }];
    case 'WaiverRevoked':
      return [{ op: 'update', table: 'waivers', key: { waiver_id: event.data.waiverId }, values: { status: 'revoked', ended_at: recordedAt } }];
    case 'HandoverNoted':
      return [{ op: 'insert', table: 'handover_notes', values: {
        note_id: event.data.noteId, site: event.site, text: event.content?.text ?? erasedText, author: event.actor.id, noted_at: recordedAt, status: 'open',
      } }];
    case 'HandoverSettled':
      return [{ op: 'update', table: 'handover_notes', key: { note_id: event.data.noteId }, values: { status: 'settled', settled_at: recordedAt, settled_by: event.actor.id } }];

    case 'CaseOpened':
      return [
        { op: 'insert', table: 'cases', values: {
          case_id: caseId, status: 'open', process: event.data.process, template: event.data.template, site: event.site,
          title: event.content?.title ?? erasedText, opened_at: recordedAt, test: event.data.test ? 1 : 0,
          root_case_id: event.rootCaseId ?? caseId, parent_case_id: event.parentCaseId ?? null,
        } },
        { op: 'count', table: 'counters', counter: 'cases_open', by: 1 },
        // A reversal that was asked for has come about.
        ...(event.parentCaseId === undefined ? [] : [{ op: 'delete', table: 'timers', key: { case_id: caseId } } satisfies RowOp]),
        ...(event.content?.businessKeys ?? []).map((key): RowOp => ({ op: 'upsert', table: 'case_keys', key: { case_id: caseId, type: key.type, value: key.value }, values: {} })),
        ...event.data.reservations.map((claim) => claimRow(event, claim)),
      ];
    case 'ScanRecorded':
      return [
        ...(event.data.transport === undefined ? [] : [claimRow(event, event.data.transport)]),
        ...(event.data.admission === undefined ? [] : [
          claimRow(event, event.data.admission.claim),
          ...(event.data.admission.part !== undefined ? [] : [{ op: 'update', table: 'quarantine', key: { quarantine_id: event.data.admission.quarantineId }, values: { status: 'admitted', case_id: caseId } } satisfies RowOp]),
        ]),
      ];
    case 'CaseClosed':
      return [
        { op: 'update', table: 'cases', key: { case_id: caseId }, values: { status: 'closed', outcome: event.data.outcome, closed_at: recordedAt } },
        { op: 'count', table: 'counters', counter: 'cases_open', by: -1 },
        { op: 'count', table: 'counters', counter: 'cases_closed', by: 1 },
        { op: 'delete', table: 'tokens', key: { case_id: caseId } },
        { op: 'delete', table: 'steps', key: { case_id: caseId } },
        { op: 'delete', table: 'timers', key: { case_id: caseId } },
        { op: 'delete', table: 'waits', key: { case_id: caseId } },
        { op: 'delete', table: 'ladders', key: { case_id: caseId } },
        { op: 'update', table: 'tasks', key: { case_id: caseId, status: 'open' }, values: { status: 'voided', decided_at: recordedAt, claimed_by: null, held_until: null, asks_info: 0 } },
        { op: 'update', table: 'dead_letters', key: { case_id: caseId, status: 'open' }, values: { status: 'cancelled' } },
        ...(event.data.released ?? []).map((claim): RowOp => ({ op: 'delete', table: 'reservations', key: { scope: claim.scope, key_hash: claim.keyHash } })),
      ];

    case 'StepEntered':
      return [
        ...(event.tokenId === undefined ? [] : [{ op: 'delete', table: 'tokens', key: { token_id: event.tokenId } } satisfies RowOp]),
        { op: 'insert', table: 'steps', values: {
          run_id: event.data.runId, case_id: caseId, address: placeOf(event), node_type: event.data.nodeType,
          epoch: event.epoch, unclean_epochs: 0, entered_at: recordedAt, calls: 0,
        } },
      ];
    case 'StepResumed':
      return [{ op: 'update', table: 'steps', key: { run_id: event.data.runId }, values: { epoch: event.epoch, unclean_epochs: event.data.uncleanEpochs } }];
    case 'StepCompleted':
      return [{ op: 'delete', table: 'steps', key: { run_id: event.data.runId } }, ...event.data.tokens.map((token) => tokenRow(event, recordedAt, token))];
    case 'StepVoided':
      return [
        { op: 'delete', table: 'steps', key: { run_id: event.data.runId } },
        { op: 'delete', table: 'timers', key: { case_id: caseId, run_id: event.data.runId } },
        { op: 'delete', table: 'waits', key: { run_id: event.data.runId } },
        { op: 'update', table: 'dead_letters', key: { case_id: caseId, run_id: event.data.runId, status: 'open' }, values: { status: 'cancelled' } },
      ];
    case 'BranchArrived':
      // The holder's row may wait on a timer as well; it can go on when nothing more is waited for.
      if (event.data.late === true) return [];
      if (event.data.ready) return [{ op: 'update', table: 'steps', key: { run_id: event.data.holder }, values: running }];
      return event.data.holder === event.data.runId ? [{ op: 'update', table: 'steps', key: { run_id: event.data.holder }, values: { waiting_on: 'branches', wait_ref: event.data.forkId } }] : [];
    case 'BranchesEnded':
      return [{ op: 'update', table: 'steps', key: { run_id: event.data.holder }, values: running }];
    case 'Gathered':
      return [{ op: 'update', table: 'steps', key: { run_id: event.data.runId }, values: running }];
    case 'CompensationIssued':
      return [{ op: 'insert', table: 'steps', values: {
        run_id: event.data.runId, case_id: caseId, address: placeOf(event), node_type: 'waybill-compensate', epoch: event.epoch, unclean_epochs: 0, entered_at: recordedAt, calls: 0,
      } }];
    case 'TokenResent':
      return [retryTimerEnds(event, event.data.tokenId), { op: 'update', table: 'tokens', key: { token_id: event.data.tokenId }, values: { attempt: event.data.attempt, epoch: event.epoch, unclean_epochs: event.data.uncleanEpochs } }];
    case 'TokenVoided':
      return [{ op: 'delete', table: 'tokens', key: { token_id: event.data.tokenId } }, ...retryEnds(event, event.data.tokenId)];

    case 'TokenRetryScheduled':
      return [{ op: 'upsert', table: 'timers', key: { case_id: caseId, timer_id: retryTimer(event.data.tokenId) },
        values: { run_id: event.data.tokenId, due_at: event.data.dueAt, kind: 'token-retry', ref: event.data.tokenId } }];
    case 'TokenRetryEnded':
      return retryEnds(event, event.data.tokenId);
    case 'TokenDeadLettered':
      return [
        retryTimerEnds(event, event.data.tokenId),
        { op: 'upsert', table: 'dead_letters', key: { dead_letter_id: event.data.deadLetterId }, values: {
          kind: 'token', case_id: caseId, run_id: event.data.runId, token_id: event.data.tokenId, address: placeOf(event),
          effect_id: null, system: event.data.system, operation: event.data.errorClass, site: event.site, reason: event.data.reason, calls: event.data.attempts, dead_at: recordedAt, status: 'open',
        } },
      ];
    case 'TokenReplayed':
      return [
        { op: 'update', table: 'dead_letters', key: { dead_letter_id: event.data.deadLetterId }, values: { status: 'replayed' } },
        { op: 'update', table: 'tokens', key: { token_id: event.data.tokenId }, values: { epoch: event.epoch } },
      ];
    case 'TokenRerouted':
      return [
        retryTimerEnds(event, event.data.tokenId), { op: 'delete', table: 'tokens', key: { token_id: event.data.tokenId } },
        ...event.data.tokens.map((token) => tokenRow(event, recordedAt, token)),
      ];
    case 'ReplayBatchStarted':
      return [{ op: 'insert', table: 'replay_batches', values: {
        batch_id: event.data.batchId, started_by: event.data.by, started_at: recordedAt, status: 'running', total: event.data.total, rate: event.data.ratePerSecond,
        when_open: event.data.whenOpen, edited: event.data.edited ? 1 : 0, sites: JSON.stringify(event.data.sites),
      } }];
    case 'ReplayItemsAdded':
      return event.data.deadLetterIds.map((id): RowOp => ({ op: 'insert', table: 'replay_items', values: { batch_id: event.data.batchId, dead_letter_id: id, status: 'waiting' } }));
    case 'ReplayItemTold':
      return [{ op: 'update', table: 'replay_items', key: { batch_id: event.data.batchId, dead_letter_id: event.data.deadLetterId },
        values: { status: event.data.status, code: event.data.code ?? null, next_id: event.data.next ?? null, told_at: recordedAt } }];
    case 'ReplayBatchEnded':
      return [{ op: 'update', table: 'replay_batches', key: { batch_id: event.data.batchId }, values: { status: event.data.reason === 'stopped' ? 'stopped' : 'done', ended_at: recordedAt } }];
    case 'CircuitOpened':
      return [{ op: 'upsert', table: 'circuits', key: { system: event.data.system },
        values: { state: 'open', since: recordedAt, until: event.data.until ?? null, failures: event.data.failures, manual: event.data.reason === 'manual' ? 1 : 0 } }];
    case 'CircuitHalfOpened':
      return [{ op: 'upsert', table: 'circuits', key: { system: event.data.system }, values: { state: 'half-open', since: recordedAt, until: null, failures: 0, manual: 0 } }];
    case 'CircuitClosed':
      return [{ op: 'upsert', table: 'circuits', key: { system: event.data.system }, values: { state: 'closed', since: recordedAt, until: null, failures: 0, manual: 0 } }];

    case 'QuantityReserved':
    case 'QuantityReleased':
      return [{ op: 'upsert', table: 'reservations', key: { scope: event.data.scope, key_hash: event.data.keyHash }, values: { holder: caseId, version: event.data.reservationVersion, total: event.data.total } }];

    case 'TimerScheduled':
      return [{ op: 'upsert', table: 'timers', key: { case_id: caseId, timer_id: event.data.timerId },
        values: { run_id: event.data.runId, due_at: event.data.dueAt, kind: event.data.destructive ? 'step-expiry' : 'step', ref: event.data.runId, address: placeOf(event) } },
        { op: 'update', table: 'steps', key: { run_id: event.data.runId }, values: { waiting_on: 'timer', wait_ref: event.data.timerId } }];
    case 'TimerCancelled':
      return [{ op: 'delete', table: 'timers', key: { case_id: caseId, timer_id: event.data.timerId } }, stepGoesOn(event, { wait_ref: event.data.timerId })];

    case 'LadderStarted':
      return [
        { op: 'upsert', table: 'ladders', key: { ladder_id: event.data.ladderId }, values: {
          case_id: caseId, site: event.site, address: placeOf(event), subject_kind: event.data.subject.kind, subject_id: event.data.subject.id, until: event.data.until ?? null,
          rung: event.data.next.rung, rungs: event.data.rungs.length, action: event.data.next.action, due_at: event.data.next.dueAt, status: 'running', started_at: event.data.startedAt,
        } },
        ...ladderTime(event, event.data.ladderId, event.data.next),
      ];
    case 'Escalated': {
      const raised: RowOp[] = event.data.action === 'raise' && event.data.role !== undefined && event.data.taskId !== undefined ? [{ op: 'update', table: 'tasks', key: { task_id: event.data.taskId }, values: { also_role: event.data.role } }] : [];
      return event.data.next === undefined ? [...raised, ...ladderTime(event, event.data.ladderId, undefined)] : [...raised, ladderIs(event, event.data.next), ...ladderTime(event, event.data.ladderId, event.data.next)];
    }
    case 'LadderPaused':
      return [
        { op: 'update', table: 'ladders', key: { ladder_id: event.data.ladderId }, values: { status: 'paused', due_at: null } },
        ...ladderTime(event, event.data.ladderId, undefined),
      ];
    case 'LadderResumed':
      return [ladderIs(event, event.data.next), ...ladderTime(event, event.data.ladderId, event.data.next)];
    case 'LadderEnded':
      return [...ladderTime(event, event.data.ladderId, undefined), { op: 'delete', table: 'ladders', key: { ladder_id: event.data.ladderId } }];
    case 'EventAwaited':
      return [
        { op: 'upsert', table: 'waits', key: { run_id: event.data.runId }, values: {
          case_id: caseId, site: event.site, name: event.data.name, key_hash: event.data.keyHash, since: event.data.since, due_at: event.data.dueAt ?? null,
        } },
        { op: 'update', table: 'steps', key: { run_id: event.data.runId }, values: { waiting_on: 'event', wait_ref: event.data.runId } },
      ];
    case 'EventCorrelated':
      return [
        { op: 'delete', table: 'waits', key: { run_id: event.data.runId } },
        claimRow(event, event.data.claim),
        // A request that is told to a case at once has no signal of its own.
        ...(event.data.request !== undefined ? [claimRow(event, event.data.request.claim)] : event.data.broadcast ? [{ op: 'update', table: 'signals', key: { signal_id: event.data.signalId }, values: {}, increments: { taken: 1 } } satisfies RowOp] : [
          { op: 'update', table: 'signals', key: { signal_id: event.data.signalId }, values: { status: 'taken', case_id: caseId }, increments: { taken: 1 } } satisfies RowOp,
          { op: 'delete', table: 'timers', key: { case_id: `signal:${event.data.signalId}`, timer_id: event.data.signalId } } satisfies RowOp,
        ]),
        stepGoesOn(event, { wait_ref: event.data.runId }),
      ];
    case 'EventWaitEnded':
      return [{ op: 'delete', table: 'waits', key: { run_id: event.data.runId } }, stepGoesOn(event, { wait_ref: event.data.runId })];
    case 'SignalReceived':
      return [
        ...[event.data.transport, event.data.request?.claim].filter((claim) => claim !== undefined).map((claim) => claimRow(event, claim)),
        { op: 'insert', table: 'signals', values: {
          signal_id: event.data.signalId, name: event.data.name, key_hash: event.data.keyHash, key: event.content?.key ?? erasedText, site: event.site,
          received_at: recordedAt, expires_at: event.data.expiresAt, broadcast: event.data.broadcast ? 1 : 0, status: 'kept', taken: 0,
        } },
        { op: 'insert', table: 'timers', values: { case_id: event.streamId, timer_id: event.data.signalId, run_id: '', due_at: event.data.expiresAt, kind: 'signal-expiry', ref: event.data.signalId } },
      ];
    case 'SignalExpired':
      return [
        ...(event.data.claim === undefined ? [] : [claimRow(event, event.data.claim)]),
        { op: 'update', table: 'signals', key: { signal_id: event.data.signalId }, values: { status: 'expired' } },
        { op: 'delete', table: 'timers', key: { case_id: event.streamId, timer_id: event.data.signalId } },
      ];

    case 'TaskCreated':
      return [
        { op: 'upsert', table: 'tasks', key: { task_id: event.data.taskId }, values: {
          case_id: caseId, run_id: event.data.runId, address: placeOf(event), site: event.site, role: event.data.role,
          kind: event.data.kind ?? 'approval', level: event.data.level, status: 'open', quorum: event.data.quorum, approvals: 0, created_at: event.data.createdAt, due_at: event.data.dueAt ?? null, urgent_at: event.data.dueAt ?? noDeadline,
          decided_at: null, claimed_by: null, held_until: null, assignee: event.data.assignee ?? null, matrix_row: event.data.matrixRow ?? null, bulk: event.data.bulk === true ? 1 : 0, asks_info: 0, title: event.content?.title ?? erasedText, question: event.content?.question ?? erasedText,
          shown: event.content === undefined ? '{}' : JSON.stringify(event.content.shown), facts_hash: event.data.factsHash, photos: event.data.photos ?? null,
        } },
        ...(event.data.dueAt === undefined ? [] : [taskTimer(event, event.data.taskId, 'task-expiry', event.data.dueAt, event.data.runId)]),
        ...(event.data.remindAt === undefined ? [] : [taskTimer(event, event.data.taskId, 'task-reminder', event.data.remindAt, event.data.runId)]),
        { op: 'update', table: 'steps', key: { run_id: event.data.runId }, values: { waiting_on: 'task', wait_ref: event.data.taskId } },
      ];
    case 'TaskClaimed':
      return [{ op: 'update', table: 'tasks', key: { task_id: event.data.taskId }, values: { claimed_by: event.data.claimant } }];
    case 'TaskReleased':
      return [{ op: 'update', table: 'tasks', key: { task_id: event.data.taskId }, values: { claimed_by: null } }];
    case 'Decided':
      if (event.data.taskId === undefined) return [];
      return [
        { op: 'update', table: 'tasks', key: { task_id: event.data.taskId }, values: { claimed_by: null }, increments: { approvals: event.data.decision === 'approve' ? 1 : 0 } },
        ...(event.data.outcome === undefined ? []
          : event.data.heldUntil === undefined ? taskEnds(event, recordedAt, event.data.taskId, event.data.outcome) : taskHeld(event, event.data.taskId, event.data.heldUntil)),
      ];
    case 'DecisionRecalled':
      return [
        { op: 'update', table: 'tasks', key: { task_id: event.data.taskId }, values: { held_until: null }, increments: { approvals: event.data.outcome === 'approved' ? -1 : 0 } },
        { op: 'delete', table: 'timers', key: { case_id: caseId, ref: event.data.taskId } },
        ...(event.data.dueAt === undefined ? [] : [taskTimer(event, event.data.taskId, 'task-expiry', event.data.dueAt)]),
      ];
    case 'DecisionReleased':
      return taskEnds(event, recordedAt, event.data.taskId, event.data.outcome);
    case 'Reassigned':
      return [{ op: 'update', table: 'tasks', key: { task_id: event.data.taskId }, values: {
        claimed_by: null, ...(event.data.toRole === undefined ? { assignee: event.data.toPerson ?? null } : { role: event.data.toRole, assignee: null }),
      } }];
    case 'InfoRequested':
      return [
        { op: 'update', table: 'tasks', key: { task_id: event.data.taskId }, values: { due_at: null, urgent_at: noDeadline, asks_info: 1 } },
        { op: 'delete', table: 'timers', key: { case_id: caseId, ref: event.data.taskId } },
      ];
    case 'InfoAnswered':
      return [
        { op: 'update', table: 'tasks', key: { task_id: event.data.taskId }, values: { due_at: event.data.dueAt ?? null, urgent_at: event.data.dueAt ?? noDeadline, asks_info: 0 } },
        ...(event.data.dueAt === undefined ? [] : [taskTimer(event, event.data.taskId, 'task-expiry', event.data.dueAt)]),
        ...(event.data.remindAt === undefined ? [] : [taskTimer(event, event.data.taskId, 'task-reminder', event.data.remindAt)]),
      ];
    case 'TaskReminded':
      return [{ op: 'delete', table: 'timers', key: { case_id: caseId, timer_id: `${event.data.taskId}:remind` } }];
    case 'TaskWithdrawn':
      return taskEnds(event, recordedAt, event.data.taskId, 'withdrawn');
    case 'ReversalRequested':
      // Stands until its case is there: an outage in between loses nothing.
      return [{ op: 'upsert', table: 'timers', key: { case_id: event.data.reversalCaseId, timer_id: event.data.taskId }, values: { run_id: '', due_at: event.data.at, kind: 'reversal', ref: caseId } }];
    case 'AmountAccumulated':
      return [
        { op: 'upsert', table: 'accumulated', key: { scope: event.data.scope, key_hash: event.data.keyHash, claim_id: event.data.claimId }, values: { case_id: caseId, amount: event.data.amount, at: event.data.at } },
        { op: 'upsert', table: 'reservations', key: { scope: event.data.scope, key_hash: event.data.keyHash }, values: { holder: caseId, version: event.data.reservationVersion } },
      ];
    case 'AmountReleased':
      return [{ op: 'delete', table: 'accumulated', key: { scope: event.data.scope, key_hash: event.data.keyHash, claim_id: event.data.claimId } }];
    case 'TaskExpired':
      return taskEnds(event, recordedAt, event.data.taskId, 'expired');
    case 'TaskVoided':
      return taskEnds(event, recordedAt, event.data.taskId, 'voided');

    case 'EffectIntended':
      return [{ op: 'update', table: 'steps', key: { run_id: event.data.runId }, values: { effect_id: event.data.effectId, system: event.data.system, operation: event.data.operation, calls: 0, ...running } }];
    case 'CallStarted':
      return [
        { op: 'delete', table: 'timers', key: { case_id: caseId, kind: 'retry', ref: event.data.effectId } },
        { op: 'update', table: 'steps', key: { case_id: caseId, effect_id: event.data.effectId }, values: { ...running, calls: event.data.callNumber } },
      ];
    case 'RetryScheduled':
      return [
        { op: 'delete', table: 'timers', key: { case_id: caseId, kind: 'retry', ref: event.data.effectId } },
        { op: 'insert', table: 'timers', values: { case_id: caseId, timer_id: event.data.callId, due_at: event.data.dueAt, kind: 'retry', ref: event.data.effectId },
          from: { table: 'steps', key: { case_id: caseId, effect_id: event.data.effectId }, columns: { run_id: '' } } },
        { op: 'update', table: 'steps', key: { case_id: caseId, effect_id: event.data.effectId }, values: { waiting_on: 'timer', wait_ref: event.data.callId } },
      ];
    case 'DeadLettered':
      return [
        // The same one may die again after a replay.
        { op: 'delete', table: 'dead_letters', key: { dead_letter_id: event.data.deadLetterId } },
        { op: 'insert', table: 'dead_letters',
          values: { dead_letter_id: event.data.deadLetterId, kind: 'effect', case_id: caseId, effect_id: event.data.effectId, site: event.site, reason: event.data.reason, dead_at: recordedAt, status: 'open' },
          from: { table: 'steps', key: { case_id: caseId, effect_id: event.data.effectId }, columns: { run_id: '', address: placeOf(event), system: '', operation: '', calls: 0 } } },
        { op: 'delete', table: 'timers', key: { case_id: caseId, kind: 'retry', ref: event.data.effectId } },
        { op: 'update', table: 'steps', key: { case_id: caseId, effect_id: event.data.effectId }, values: { waiting_on: 'held', wait_ref: event.data.deadLetterId } },
      ];
    case 'Replayed':
      return [
        { op: 'update', table: 'dead_letters', key: { dead_letter_id: event.data.deadLetterId }, values: { status: 'replayed' } },
        stepGoesOn(event, { effect_id: event.data.effectId }),
      ];

    case 'OutcomeResolved':
      return [
        { op: 'delete', table: 'timers', key: { case_id: caseId, kind: 'retry', ref: event.data.effectId } },
        { op: 'update', table: 'dead_letters', key: { case_id: caseId, effect_id: event.data.effectId, status: 'open' }, values: { status: 'cancelled' } },
        stepGoesOn(event, { effect_id: event.data.effectId }),
      ];

    case 'ExceptionRaised':
      return [
        { op: 'upsert', table: 'exceptions', key: { exception_id: event.data.exceptionId }, values: {
          case_id: caseId, class: event.data.class, severity: event.data.severity, queue: event.data.queue, status: 'open',
          run_id: event.data.runId ?? null, token_id: event.data.tokenId ?? null, effect_id: event.data.effectId ?? null,
          address: event.address === undefined ? null : placeOf(event), system: event.data.system ?? null, code: event.data.code,
          message: event.content?.message ?? erasedText, site: event.site, raised_at: recordedAt, resolved_at: null, resolution: null, outcome: null, assignee: null,
          ...classOf(event.data, recordedAt),
        } },
        ...(event.data.runId === undefined ? [] : [{ op: 'update', table: 'steps', key: { run_id: event.data.runId }, values: { waiting_on: 'held', wait_ref: event.data.exceptionId } } satisfies RowOp]),
      ];
    case 'ExceptionAssigned':
      return [exceptionIs(event.data.exceptionId, { assignee: event.data.assignee })];
    case 'ExceptionReleased':
      return [exceptionIs(event.data.exceptionId, { assignee: null })];
    case 'Reclassified': {
      const { exceptionId, category, severity, queue, priority, raisedAt, dueAt } = event.data;
      return [exceptionIs(exceptionId, { category: category ?? null, severity, queue, priority, urgent_at: urgent(raisedAt, priority, dueAt) })];
    }
    case 'Merged':
      return [exceptionIs(event.data.exceptionId, { merged_into: event.data.into })];
    case 'Unmerged':
      return [exceptionIs(event.data.exceptionId, { merged_into: null })];
    case 'Linked':
      return [[event.data.exceptionId, event.data.other], [event.data.other, event.data.exceptionId]].map(([one = '', other = '']): RowOp => ({
        op: 'upsert', table: 'exception_links', key: { exception_id: one, other }, values: {},
      }));
    case 'Reopened':
      return [
        exceptionIs(event.data.exceptionId, { status: 'open', resolved_at: null, resolution: null, outcome: null, merged_into: null }),
        ...(event.data.runId === undefined ? [] : [{ op: 'update', table: 'steps', key: { run_id: event.data.runId }, values: { waiting_on: 'held', wait_ref: event.data.exceptionId } } satisfies RowOp]),
      ];
    case 'PhotoAttached':
      return [{ op: 'insert', table: 'attachments', values: {
        attachment_id: event.data.attachmentId, case_id: caseId, site: event.site, subject_kind: event.data.subject.kind, subject_id: event.data.subject.id,
        sha256: event.data.sha256, bytes: event.data.bytes, mime: event.data.mime, caption: event.content?.caption ?? null, attached_at: recordedAt, attached_by: event.data.by, erased: 0,
      } }];
    case 'PhotoErased':
      return [{ op: 'update', table: 'attachments', key: { attachment_id: event.data.attachmentId }, values: { erased: 1, caption: null } }];
    case 'ExceptionResolved':
      return [
        exceptionIs(event.data.exceptionId, { status: 'resolved', resolved_at: recordedAt, resolution: event.data.code, outcome: event.data.outcome }),
        // Whatever the outcome: a step that has nothing to do is found out when it runs, one that is held for ever is lost.
        stepGoesOn(event, { wait_ref: event.data.exceptionId }),
        ...event.data.tokens.flatMap((token): RowOp[] => [{ op: 'delete', table: 'tokens', key: { token_id: token.replaces } }, ...retryEnds(event, token.replaces), tokenRow(event, recordedAt, token)]),
      ];
    default:
      return [];
  }
}
