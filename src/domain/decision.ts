import type { AnyEvent } from './envelope.ts';

/** Stable codes of refusals; their sentences stand in `refusal-texts.ts`. */
export type RefusalCode =
  | 'case-closed' | 'case-absent' | 'case-exists' | 'open-work-left' | 'fork-unknown' | 'gathering-moved' | 'compensating'
  | 'token-unknown' | 'token-not-for-this-wire' | 'run-unknown' | 'run-not-open'
  | 'task-unknown' | 'task-not-open' | 'task-overdue' | 'requester-may-not-decide' | 'operator-unknown' | 'role-missing'
  | 'delegation-missing' | 'delegation-self-approval' | 'level-decided-by-same-person' | 'duties-conflict' | 'limit-exceeded' | 'limit-not-comparable' | 'members-unknown'
  | 'task-assigned-to-other' | 'assignee-touched-case' | 'assignee-lacks-role' | 'reassign-needs-role' | 'reassign-not-allowed' | 'role-nobody-holds'
  | 'task-held' | 'not-held' | 'recall-not-yours' | 'recall-too-late' | 'question-open' | 'no-question' | 'answer-not-yours' | 'withdraw-not-yours'
  | 'bulk-not-allowed' | 'rework-limit' | 'not-approved' | 'reversed-already'
  | 'decided-already' | 'run-decided' | 'facts-changed' | 'claimed-by-other'
  | 'effect-unknown' | 'effect-not-replayable' | 'edit-needs-approval' | 'effect-not-unknown' | 'effect-open'
  | 'token-not-replayable' | 'circuit-open'
  | 'exception-unknown' | 'exception-resolved' | 'outcome-not-possible'
  | 'resolution-undeclared' | 'resolution-needs-note' | 'resolution-outcome' | 'exception-open' | 'assigned-to-other' | 'merge-itself' | 'merge-chain' | 'main-resolved' | 'not-merged'
  | 'link-itself' | 'photos-missing' | 'reason-missing' | 'photos-too-many' | 'photo-subject-unknown' | 'photo-unknown'
  | 'delegation-unknown' | 'delegation-over' | 'delegation-of-other' | 'delegation-from-disabled' | 'delegation-to-disabled' | 'delegation-to-oneself'
  | 'delegation-past' | 'delegation-backwards' | 'delegation-too-long' | 'delegation-beyond-own' | 'delegation-site' | 'delegation-too-many' | 'delegation-circular'
  | 'change-unknown' | 'change-over' | 'change-own' | 'change-not-owner' | 'change-not-as-shown' | 'change-of-other' | 'change-reason-missing' | 'change-without-content' | 'change-changes-nothing'
  | 'waiver-without-rule' | 'waiver-without-scope' | 'waiver-too-wide' | 'waiver-over-already' | 'waiver-too-long' | 'waiver-not-a-version' | 'waiver-beyond-asked'
  | 'answer-no-owners' | 'answer-unsigned' | 'answer-altered' | 'answer-key-withdrawn' | 'answer-threshold' | 'answer-other-site' | 'answer-other-request' | 'answer-expired' | 'answer-from-future'
  | 'device-unknown' | 'device-exists' | 'device-too-many' | 'device-retired' | 'device-id-invalid' | 'device-kind-invalid' | 'device-name-invalid' | 'device-station-invalid'
  | 'device-certificate-invalid' | 'device-certificate-taken' | 'device-silence-invalid' | 'device-reason-missing' | 'device-role-invalid'
  | 'event-came' | 'answered-already' | 'case-paused' | 'case-not-paused'
  | 'reservation-released' | 'quantity-invalid';

/**
 * What a decider returns: accepted events (none when there is nothing to do, with a note why), or a refusal,
 * whose events (`CommandRefused`, exceptions) are recorded all the same (PROTOCOL §5).
 */
export type Decision =
  | { readonly kind: 'accepted'; readonly events: readonly AnyEvent[]; readonly note?: string }
  | { readonly kind: 'refused'; readonly code: RefusalCode; readonly events: readonly AnyEvent[] };

export function accepted(...events: readonly AnyEvent[]): Decision {
  return { kind: 'accepted', events };
}

/** Accepted, and there is nothing to record: the command was carried out before. */
export function nothing(note: string): Decision {
  return { kind: 'accepted', events: [], note };
}

export function refused(command: string, code: RefusalCode, extra: readonly AnyEvent[] = []): Decision {
  return { kind: 'refused', code, events: [{ type: 'CommandRefused', data: { command, code }, reasonCode: code }, ...extra] };
}
