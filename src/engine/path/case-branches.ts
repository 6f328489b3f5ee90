import { addressKey } from '../../domain/index.ts';
import type { CaseState, Gathering } from '../../domain/index.ts';
import type { CaseBranches, CaseCompensation } from '../api.ts';

function missingOf(state: CaseState, gathering: Gathering): readonly string[] {
  const names = Object.values(state.tokens).flatMap((token) => token.forks?.filter((place) => place.forkId === gathering.forkId).map((place) => place.branch) ?? []);
  return [...new Set(names)].filter((name) => !gathering.arrived.some((one) => one.branch === name));
}

/** Where the branches of a case are gathered, and who has come. */
export function branchesOf(state: CaseState): readonly CaseBranches[] {
  return Object.values(state.gatherings).map((gathering) => ({
    address: addressKey(gathering.address), forkId: gathering.forkId, of: gathering.of, need: gathering.need,
    arrived: gathering.arrived.map((one) => one.branch), missing: missingOf(state, gathering),
    status: gathering.status === 'complete' || gathering.status === 'partial' ? gathering.status : 'waiting' as const,
  }));
}

/** What is registered as undo in a case, runs or has run. */
export function compensationsOf(state: CaseState): readonly CaseCompensation[] {
  return Object.values(state.compensations).sort((a, b) => a.order - b.order).map((one) => ({
    compensationId: one.compensationId, name: one.name ?? one.address.stepId, address: addressKey(one.address), how: one.how, order: one.order, status: one.status,
    ...(one.undoRunId === undefined ? {} : { runId: one.undoRunId }), ...(one.question === undefined ? {} : { question: one.question }),
    ...(one.role === undefined ? {} : { role: one.role }), ...(one.by === undefined ? {} : { by: one.by }), ...(one.reason === undefined ? {} : { reason: one.reason }),
  }));
}
