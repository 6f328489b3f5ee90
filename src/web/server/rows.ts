import { addressKey, type RecordedEvent } from '../../domain/envelope.ts';
import { priorityAt } from '../../domain/exception/urgency.ts';
import type { AttachmentRow, CaseKeyRow, CaseRow, DeadLetterRow, ExceptionRow, QuarantineRow, SignalRow, TaskRow } from '../../ledger/port.ts';

/**
 * Ledger rows and events as the API shows them: the one place where snake_case becomes camelCase and
 * numbers become booleans.
 */

type Camel<S extends string> = S extends `${infer Head}_${infer Tail}` ? `${Head}${Capitalize<Camel<Tail>>}` : S;
type CamelKeys<T> = { readonly [K in keyof T as Camel<K & string>]: T[K] };

function camel<T extends object>(row: T): CamelKeys<T> {
  const entries = Object.entries(row).map(([name, value]) => [name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()), value]);
  return Object.fromEntries(entries) as CamelKeys<T>;
}

/** Only the named members: a row may carry columns of the engine's own. */
export function pick<T extends object, K extends keyof T>(row: T, ...names: K[]): Pick<T, K> {
  return Object.fromEntries(names.map((name) => [name, row[name]])) as Pick<T, K>;
}

export function caseView(row: CaseRow, keys: readonly CaseKeyRow[]) {
  const plain = pick(row, 'case_id', 'status', 'outcome', 'process', 'template', 'site', 'title', 'opened_at', 'closed_at', 'version', 'root_case_id', 'parent_case_id');
  return { ...camel(plain), test: row.test !== 0, keys: keys.map(({ type, value }) => ({ type, value })) };
}

/** A person as others see them. */
export function named(person: string, nameOf: (pseudonym: string) => string | undefined, me: string): { readonly id: string; readonly name?: string; readonly me: boolean } {
  const name = nameOf(person);
  return { id: person, ...(name === undefined ? {} : { name }), me: person === me };
}

/** `nameOf` finds a person's name by pseudonym; `me` is the caller's. */
export function taskView(row: TaskRow, nameOf: (pseudonym: string) => string | undefined, me: string, mayDecide: boolean) {
  const plain = pick(
    row, 'task_id', 'case_id', 'run_id', 'address', 'site', 'process', 'role', 'status', 'quorum', 'approvals',
    'created_at', 'due_at', 'decided_at', 'title', 'question', 'facts_hash', 'kind', 'photos', 'level', 'matrix_row', 'held_until', 'also_role', 'escalates_at', 'rung',
  );
  return {
    ...camel(plain),
    claimedBy: row.claimed_by === null ? null : named(row.claimed_by, nameOf, me),
    bulk: row.bulk === 1, asksInfo: row.asks_info === 1,
    assignee: row.assignee === null ? null : named(row.assignee, nameOf, me),
    shown: JSON.parse(row.shown) as unknown,
    mayDecide,
  };
}

/** Whom an exception is shown to, and when: `now` in ms since 1970. */
export interface ExceptionContext { readonly nameOf: (pseudonym: string) => string | undefined; readonly me: string; readonly now: number }

export function exceptionView(row: ExceptionRow, { nameOf, me, now }: ExceptionContext) {
  return {
    ...camel(pick(
      row, 'exception_id', 'case_id', 'class', 'severity', 'queue', 'status', 'run_id', 'token_id', 'effect_id', 'address', 'system',
      'code', 'message', 'site', 'raised_at', 'resolved_at', 'resolution', 'outcome', 'category', 'amount', 'currency', 'due_at', 'escalates_at', 'rung',
    )),
    assignee: row.assignee === null ? null : named(row.assignee, nameOf, me),
    priority: row.status === 'open' ? priorityAt(Date.parse(row.urgent_at), now) : row.priority, basePriority: row.priority,
    resolutions: row.resolutions === null ? null : JSON.parse(row.resolutions) as unknown, mergedInto: row.merged_into,
  };
}

export function photoView(row: AttachmentRow, nameOf: (pseudonym: string) => string | undefined) {
  const name = nameOf(row.attached_by);
  return {
    ...camel(pick(row, 'attachment_id', 'sha256', 'bytes', 'mime', 'caption')), at: row.attached_at,
    by: { id: row.attached_by, ...(name === undefined ? {} : { name }) }, erased: row.erased !== 0,
  };
}

export function deadLetterView(row: DeadLetterRow) {
  return camel(pick(row, 'dead_letter_id', 'kind', 'case_id', 'run_id', 'effect_id', 'token_id', 'address', 'system', 'operation', 'site', 'reason', 'calls', 'dead_at', 'status'));
}

export function signalView(row: SignalRow) {
  const { signalId, ...shown } = camel(pick(row, 'signal_id', 'name', 'key', 'site', 'received_at', 'expires_at', 'status', 'taken', 'case_id'));
  return { eventId: signalId, ...shown, broadcast: row.broadcast !== 0 };
}

/** What was put aside, by the reason: a file, a message of a queue, or that of a device. */
export function quarantinedKind({ reason }: Pick<QuarantineRow, 'reason'>): 'file' | 'queue' | 'message' {
  if (/^(?:file-|edi-|same-document$|same-control-number$)/.test(reason)) return 'file';
  return /^(?:queue-|same-message$)/.test(reason) ? 'queue' : 'message';
}

export function quarantineView(row: QuarantineRow) {
  return { ...camel(pick(row, 'quarantine_id', 'reason', 'message', 'received_at', 'site', 'device_id', 'topic', 'bytes', 'sha256', 'head', 'status', 'case_id')), kind: quarantinedKind(row) };
}

/** An event for people: its payload, who and where; `personal` only for those who may read it. */
export function eventView(event: RecordedEvent, options: { readonly personal: boolean; readonly nameOf: (pseudonym: string) => string | undefined }) {
  const { personal, content } = event as { personal?: { readonly name?: string; readonly comment?: string }; content?: object };
  // What a decider wrote is part of the case's story; other personal content is not for everybody.
  const readable = options.personal ? personal : personal?.comment === undefined ? undefined : { comment: personal.comment };
  const name = event.actor.kind === 'person' ? personal?.name ?? options.nameOf(event.actor.id) : undefined;
  const optional = {
    position: event.position, address: event.address === undefined ? undefined : addressKey(event.address), tokenId: event.tokenId,
    attempt: event.attempt, reasonCode: event.reasonCode, command: event.command, causationId: event.causationId,
    correlationId: event.correlationId, content, personal: readable,
  };
  return {
    eventId: event.eventId, version: event.version, type: event.type, typeVersion: event.typeVersion,
    occurredAt: event.occurredAt, recordedAt: event.recordedAt, epoch: event.epoch,
    actor: { ...pick(event.actor, 'kind', 'id'), ...given({ role: event.actor.role, onBehalfOf: event.actor.onBehalfOf, name }) },
    data: event.data, erased: event.erased ?? false, ...given(optional),
  };
}

function given(members: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}
