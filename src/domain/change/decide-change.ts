import type { Decision, RefusalCode } from '../decision.ts';
import { accepted, nothing, refused } from '../decision.ts';
import type { AnyEvent } from '../envelope.ts';
import type { Json } from '../json.ts';
import { epochOf } from '../calendar/index.ts';
import type { Change, ChangeKind, ChangeTerms, WaiverScope } from './change.ts';
import { decidingRoles, isOver, outcomeOf, scopeData, termsKey } from './change.ts';

/** Longest time that a waiver holds: a lasting exemption is a change of the policy. */
export const longestWaiverMs = 366 * 86_400_000;
/** Fingerprints that one waiver may cover. */
export const mostFingerprints = 100;

export interface RequestChange {
  readonly changeId: string;
  readonly kind: ChangeKind;
  readonly family: string;
  readonly template?: string;
  readonly baseHash?: string;
  readonly proposedHash?: string;
  readonly rule?: string;
  readonly scope?: WaiverScope;
  readonly until?: string;
  readonly by: string;
  readonly quorum: number;
  readonly requestHash: string;
  readonly at: string;
  readonly content: { readonly title: string; readonly reason: string; readonly nodes?: readonly Json[]; readonly difference?: Json };
  readonly name: string;
}

/** A person who speaks about a change. */
export interface ChangeSpeaker { readonly by: string; readonly roles: readonly string[]; readonly name: string; readonly channel: string; readonly authMethod: string }

export interface DecideChange extends ChangeSpeaker {
  readonly terms: ChangeTerms;
  /** Of what the decider was shown. */
  readonly requestHash: string;
  readonly comment?: string;
  readonly at: string;
}

export function requestChange(state: Change | undefined, command: RequestChange): Decision {
  const refuse = (code: RefusalCode): Decision => refused('RequestChange', code);
  if (state !== undefined) return nothing('the change was requested before');
  if (command.content.reason.trim() === '') return refuse('change-reason-missing');
  if (command.kind === 'change') {
    if (command.template === undefined || command.proposedHash === undefined) return refuse('change-without-content');
    if (command.proposedHash === command.baseHash) return refuse('change-changes-nothing');
  } else {
    if (command.rule === undefined || command.rule === '') return refuse('waiver-without-rule');
    const problem = scopeProblem(command.scope ?? {}) ?? (command.until === undefined ? undefined : timeProblem(command.until, command.at));
    if (problem !== undefined) return refuse(problem);
  }
  const { changeId, kind, family, template, baseHash, proposedHash, rule, scope = {}, until, by, quorum, requestHash } = command;
  const data: Extract<AnyEvent, { type: 'ChangeRequested' }>['data'] = {
    changeId, kind, family, by, quorum: Math.max(1, quorum), requestHash,
    ...(template === undefined ? {} : { template }), ...(baseHash === undefined ? {} : { baseHash }), ...(proposedHash === undefined ? {} : { proposedHash }),
    ...(rule === undefined ? {} : { rule }), ...(until === undefined ? {} : { until }),
    ...scopeData(scope),
  };
  return accepted({ type: 'ChangeRequested', data, content: command.content, personal: { name: command.name } });
}

/** A waiver that covers nothing by name would switch the rule off for the whole site. */
function scopeProblem({ fingerprints = [], template }: WaiverScope): RefusalCode | undefined {
  if (fingerprints.length > mostFingerprints) return 'waiver-too-wide';
  return fingerprints.length === 0 && template === undefined ? 'waiver-without-scope' : undefined;
}

function timeProblem(expiresAt: string, at: string): RefusalCode | undefined {
  if (expiresAt <= at) return 'waiver-over-already';
  return epochOf(expiresAt) - epochOf(at) > longestWaiverMs ? 'waiver-too-long' : undefined;
}

export function commentChange(state: Change | undefined, command: ChangeSpeaker & { readonly commentId: string; readonly comment: string }): Decision {
  if (state === undefined) return refused('CommentChange', 'change-unknown');
  const owner = mayDecide(state, command);
  return accepted({ type: 'ChangeCommented', data: { changeId: state.changeId, commentId: command.commentId, by: command.by, owner }, personal: { name: command.name, comment: command.comment } });
}

function mayDecide(change: Change, { by, roles }: Pick<ChangeSpeaker, 'by' | 'roles'>): boolean {
  return by !== change.requester && decidingRoles(change.family).some((role) => roles.includes(role));
}

/** One decline ends it; for everything else as many owners as the quorum says have to say the same. */
export function decideChange(state: Change | undefined, command: DecideChange): Decision {
  const refuse = (code: RefusalCode): Decision => refused('DecideChange', code);
  if (state === undefined) return refuse('change-unknown');
  const { by, terms } = command;
  const mine = state.votes.find((vote) => vote.by === by);
  const repeated = mine !== undefined && termsKey(mine.terms) === termsKey(terms);
  if (isOver(state)) return repeated ? nothing('the person has decided so before') : refuse('change-over');
  if (by === state.requester) return refuse('change-own');
  if (!mayDecide(state, command)) return refuse('change-not-owner');
  if (repeated) return nothing('the person has decided so before');
  if (command.requestHash !== state.requestHash) return refuse('change-not-as-shown');
  const problem = termsProblem(state, terms, command.at);
  if (problem !== undefined) return refuse(problem);
  const agreeing = 1 + state.votes.filter((vote) => vote.by !== by && termsKey(vote.terms) === termsKey(terms)).length;
  const outcome = terms.decision === 'decline' || agreeing >= state.quorum ? outcomeOf[terms.decision] : undefined;
  return accepted({
    type: 'ChangeDecided',
    data: {
      changeId: state.changeId, by, mode: 'person', terms, requestHash: state.requestHash, channel: command.channel, authMethod: command.authMethod, ...(outcome === undefined ? {} : { outcome }),
    },
    personal: { name: command.name, ...(command.comment === undefined ? {} : { comment: command.comment }) },
  });
}

function termsProblem(state: Change, terms: ChangeTerms, at: string): RefusalCode | undefined {
  switch (terms.decision) {
    case 'accept': return state.kind === 'change' ? undefined : 'waiver-not-a-version';
    case 'waive': return scopeProblem(terms.scope) ?? timeProblem(terms.expiresAt, at) ?? (isWithinAsked(state, terms) ? undefined : 'waiver-beyond-asked');
    case 'decline': return undefined;
  }
}

/** Less than was asked for may be granted, never more: nobody has given a reason for it. */
export function isWithinAsked(asked: Pick<Change, 'kind' | 'template' | 'rule' | 'scope' | 'until'>, { rule, scope, expiresAt }: Extract<ChangeTerms, { decision: 'waive' }>): boolean {
  const { rule: askedRule, scope: { fingerprints = [], template } } = asked.kind === 'waiver' ? asked : insteadOfVersion(asked);
  return rule === askedRule && (scope.template === undefined || scope.template === template) && (scope.fingerprints ?? []).every((each) => fingerprints.includes(each))
    && (asked.until === undefined || expiresAt <= asked.until);
}

/** Who asks for another content of a template may get its drift exempted instead, and nothing else. */
function insteadOfVersion({ template = '' }: Pick<Change, 'template'>): { readonly rule: string; readonly scope: WaiverScope } {
  return { rule: 'template-unchanged', scope: { template: template.split('@')[0] ?? '' } };
}

/** What a signed catalogue says about a change stands, whoever has or has not spoken at the site: the signatures are the quorum. */
export function answerChange(state: Change | undefined, terms: ChangeTerms): Decision {
  if (state === undefined || isOver(state)) return nothing('nothing waits for this answer');
  if (terms.decision === 'waive' && !isWithinAsked(state, terms)) return nothing('the waiver goes beyond what was asked for, so it answers something else');
  return accepted({
    type: 'ChangeDecided',
    data: { changeId: state.changeId, by: 'catalogue', mode: 'catalogue', terms, requestHash: state.requestHash, channel: 'catalogue', authMethod: 'signature', outcome: outcomeOf[terms.decision] },
  });
}

/** What the owners of a family answered, away from the site. */
export interface OwnersAnswer {
  readonly site: string;
  readonly family: string;
  /** Of the request as its file had it; the site holds it against its ledger. */
  readonly requestHash: string;
  readonly terms: ChangeTerms;
  readonly comment?: string;
  readonly answeredAt: string;
  /** The site takes it until then. */
  readonly validUntil: string;
}

/** An answer of the owners that was brought as a file. */
export interface BringAnswer extends OwnersAnswer {
  /** What is wrong with its signatures. */
  readonly problem?: RefusalCode;
  /** Keys and names of the owners whose signatures fit. */
  readonly signedBy: readonly string[];
  readonly names: readonly string[];
  readonly channel: string;
  readonly at: string;
}

/** How far a clock may be behind. */
const clocksDifferMs = 86_400_000;

/** An answer that came by file. Who brings it decides nothing: the signatures are the quorum, and the same answer again changes nothing. */
export function bringAnswer(state: Change | undefined, command: BringAnswer): Decision {
  const refuse = (code: RefusalCode): Decision => refused('BringAnswer', code);
  if (state === undefined) return refuse('change-unknown');
  const { terms, at } = command;
  if (command.site !== state.site) return refuse('answer-other-site');
  if (command.family !== state.family || command.requestHash !== state.requestHash) return refuse('answer-other-request');
  if (command.problem !== undefined) return refuse(command.problem);
  if (isOver(state)) return state.terms !== undefined && termsKey(state.terms) === termsKey(terms) ? nothing('it was answered so before') : refuse('change-over');
  if (command.validUntil <= at) return refuse('answer-expired');
  if (epochOf(command.answeredAt) - epochOf(at) > clocksDifferMs) return refuse('answer-from-future');
  const problem = termsProblem(state, terms, at);
  if (problem !== undefined) return refuse(problem);
  return accepted({
    type: 'ChangeDecided',
    data: {
      changeId: state.changeId, by: 'owners', mode: 'file', terms, requestHash: state.requestHash, channel: command.channel, authMethod: 'signature', outcome: outcomeOf[terms.decision],
      signedBy: command.signedBy, answeredAt: command.answeredAt,
    },
    personal: { name: command.names.join(', '), ...(command.comment === undefined ? {} : { comment: command.comment }) },
  });
}

export function withdrawChange(state: Change | undefined, { by, manages, reason }: { readonly by: string; readonly manages: boolean; readonly reason?: string }): Decision {
  const refuse = (code: RefusalCode): Decision => refused('WithdrawChange', code);
  if (state === undefined) return refuse('change-unknown');
  if (by !== state.requester && !manages) return refuse('change-of-other');
  if (state.status === 'withdrawn') return nothing('the change was withdrawn before');
  if (isOver(state)) return refuse('change-over');
  return accepted({ type: 'ChangeWithdrawn', data: { changeId: state.changeId, by }, ...(reason === undefined ? {} : { content: { reason } }) });
}
