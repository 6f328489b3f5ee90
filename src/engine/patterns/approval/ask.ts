import { valueAt } from '../../../domain/index.ts';
import type { CaseCommand, CaseState, Json } from '../../../domain/index.ts';
import type { StepContext } from '../../step-context.ts';
import { dueAfter } from '../due.ts';
import type { Judgement } from './judge.ts';
import { reworksBefore } from './outcome.ts';
import type { Level, Policy } from './policy.ts';

/** Who asked for it, by the facts: pseudonyms, and whether one of them is nobody with an account (PROTOCOL §4). */
export interface Requesters { readonly persons: readonly string[]; readonly unknown: boolean }

/** The badges or names that stand at the paths. */
export async function requestersOf(step: StepContext, policy: Policy, state: CaseState): Promise<Requesters> {
  const named = policy.requesters.map((path) => valueAt(state.document ?? {}, path));
  const names = named.flatMap((value): readonly (string | undefined)[] => (Array.isArray(value) ? (value as readonly Json[]).map(nameIn) : [nameIn(value)]));
  const found = await Promise.all(names.map((name) => step.whoIs(name)));
  return { persons: [...new Set(found.flatMap(({ pseudonym }) => pseudonym ?? []))], unknown: found.some(({ unknown }) => unknown) };
}

function nameIn(value: Json | undefined): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value).trim() : undefined;
}

/** Who may decide the level, of those the directory knows now. */
export async function eligibleFor(step: StepContext, policy: Policy, state: CaseState, role: string, requesters: Requesters): Promise<number> {
  const members = await step.directory(policy.directory).members(role, state.site);
  return members.filter(({ pseudonym }) => !state.operators.includes(pseudonym) && !requesters.persons.includes(pseudonym)).length;
}

export interface Asking { readonly sequence: number; readonly levels: readonly number[]; readonly question: string; readonly requesters: Requesters; readonly eligible: readonly number[] }

/** The role that is asked; another one while nobody knows who is behind the case. */
export function roleAsked(policy: Policy, state: CaseState, level: Level, requesters: Requesters): string {
  return state.operatorUnknown || requesters.unknown ? policy.unknownOperatorRole : level.role;
}

/** A command for each level that is asked now. */
export function tasksFor(step: StepContext, policy: Policy, state: CaseState, judged: Judgement & { kind: 'levels' }, asking: Asking): readonly CaseCommand[] {
  const shown: { [path: string]: Json } = {};
  for (const path of policy.covers) shown[path] = valueAt(state.document ?? {}, path) ?? null;
  return asking.levels.flatMap((number, index): readonly CaseCommand[] => {
    const level = judged.levels[number - 1];
    if (level === undefined) return [];
    const at = step.now();
    const due = level.deadline.value > 0 ? dueAfter(step, at, level.deadline, policy.calendar) : undefined;
    const remind = policy.remind.value > 0 ? dueAfter(step, at, policy.remind, policy.calendar) : undefined;
    return [{
      type: 'CreateTask', taskId: step.newId(), runId: step.runId, role: roleAsked(policy, state, level, asking.requesters), quorum: level.quorum, at,
      ...(due === undefined ? {} : { dueAt: due.dueAt, ...(due.calendar === undefined ? {} : { calendar: due.calendar }) }),
      ...(remind !== undefined && (due === undefined || remind.dueAt < due.dueAt) ? { remindAt: remind.dueAt } : {}),
      onExpiry: level.onExpiry, covers: policy.covers, factsHash: step.hashFacts(state, policy.covers), unknownOperatorRole: policy.unknownOperatorRole,
      policyVersion: policy.version, title: state.title ?? state.caseId, question: asking.question, shown,
      level: number, levels: judged.levels.length, sequence: asking.sequence, quorumOf: level.quorumOf, holdSeconds: level.hold, bulk: policy.bulk,
      ...(asking.eligible[index] === undefined ? {} : { eligibleCount: asking.eligible[index] }),
      ...(judged.rowId === undefined ? {} : { matrixRow: judged.rowId }), ...(judged.why === undefined ? {} : { why: judged.why }),
      ...(judged.amount === undefined ? {} : { amount: judged.amount.amount, currency: judged.amount.currency }),
      requesters: asking.requesters.persons, requesterUnknown: asking.requesters.unknown,
      ...(policy.maxRounds === undefined ? {} : { maxRounds: Math.max(0, policy.maxRounds - reworksBefore(step, state)) }),
    }];
  });
}
