import { accepted, nothing, refused } from '../decision.ts';
import type { Decision } from '../decision.ts';
import type { AnyEvent } from '../envelope.ts';
import type { CaseCommand } from '../case/commands.ts';
import type { ArriveBranch, EndGathering } from './commands.ts';
import type { CaseState, Gathering, Run } from '../case/state.ts';
import { own } from '../own.ts';
import { effectPending } from '../effect/effect-pending.ts';
import { endsWithoutTokens, isOpenRun } from '../step/decide-step.ts';
import { voidWork } from '../step/void-work.ts';
import { gatheringKey, isCancelledBranch, isInFork } from './lineage.ts';

/** The gathering that this run holds, while it waits. */
export function heldGathering(state: CaseState, runId: string): Gathering | undefined {
  return Object.values(state.gatherings).find((one) => one.holder === runId && (one.status === 'open' || one.status === 'ended'));
}

/** What a gathering comes to now: all that it waits for have come, or nothing more can come; undefined while it waits. */
export function ripeness(gathering: Gathering): 'complete' | 'partial' | undefined {
  if (gathering.arrived.length >= gathering.need) return 'complete';
  return gathering.status === 'ended' ? 'partial' : undefined;
}

/** PROTOCOL §2.3: what arrives is consumed once; the run of every branch but the first ends here without tokens. */
export function decideArriveBranch(state: CaseState, command: ArriveBranch): Decision {
  const run = own(state.runs, command.runId);
  if (state.status !== 'open' || !isOpenRun(run)) return refused(command.type, 'run-not-open');
  const place = run.forks?.find((one) => one.forkId === command.forkId);
  if (place === undefined) return refused(command.type, 'fork-unknown');
  const elsewhere = command.at === undefined ? undefined : own(state.gatherings, gatheringKey(command.at, command.forkId));
  const gathering = elsewhere ?? own(state.gatherings, gatheringKey(run.address, command.forkId));
  if (gathering?.holder === run.runId && gathering.arrived.some((one) => one.runId === run.runId)) return nothing('holds');
  const over = gathering !== undefined && (gathering.status === 'complete' || gathering.status === 'partial');
  // The holder may have been voided with the branch that it came from: who comes next waits in its place.
  const holder = gathering !== undefined && (over || isOpenRun(own(state.runs, gathering.holder))) ? gathering.holder : run.runId;
  const need = gathering?.need ?? Math.min(place.of, Math.max(1, command.need ?? place.of));
  const repeat = gathering?.arrived.some((one) => one.branch === place.branch) === true;
  const arrived = (gathering?.arrived.length ?? 0) + (repeat || over ? 0 : 1);
  const event: AnyEvent = {
    type: 'BranchArrived', address: gathering?.address ?? run.address,
    data: {
      forkId: command.forkId, branch: place.branch, of: place.of, need, runId: run.runId, holder, ready: !over && arrived >= need,
      ...(repeat ? { repeat: true } : {}), ...(over ? { late: true } : {}),
    },
    content: { message: command.message },
  };
  if (holder === run.runId) return accepted(event);
  if (Object.values(state.effects).some((effect) => effect.runId === run.runId && effectPending(effect))) return refused(command.type, 'effect-open');
  return accepted(event, ...endsWithoutTokens(state, run));
}

/** Ends a gathering; what of its fork is still under way is cancelled by name, or left to end and absorbed. */
export function decideEndGathering(state: CaseState, command: EndGathering): Decision {
  const run = own(state.runs, command.runId);
  if (state.status !== 'open' || !isOpenRun(run)) return refused(command.type, 'run-not-open');
  const gathering = heldGathering(state, command.runId);
  if (gathering === undefined) return refused(command.type, 'gathering-moved');
  const runs = gathering.arrived.map((one) => one.runId);
  if (runs.length !== command.merged.length || runs.some((id, i) => id !== command.merged[i])) return refused(command.type, 'gathering-moved');
  if ((command.outcome === 'complete') !== (runs.length >= gathering.need)) return refused(command.type, 'gathering-moved');
  const others = command.cancelOthers
    ? voidWork(state, (of) => isInFork(of, gathering.forkId) && of.runId !== run.runId, 'branch-cancelled')
    : { events: [], tokens: [], runs: [], left: [] };
  return accepted(...others.events, {
    type: 'Gathered', address: gathering.address,
    data: {
      forkId: gathering.forkId, runId: run.runId, outcome: command.outcome, branches: gathering.arrived.map((one) => one.branch),
      missing: gathering.of - gathering.arrived.length, cancelled: command.cancelOthers,
      cancelledTokens: others.tokens, cancelledRuns: others.runs, left: others.left,
    },
  });
}

/** Commands that begin something new for a run. */
function beginner(state: CaseState, command: CaseCommand): Run | undefined {
  switch (command.type) {
    case 'IntendEffect':
    case 'CreateTask':
    case 'AwaitEvent':
    case 'ScheduleTimer': return own(state.runs, command.runId);
    case 'RaiseException': return own(state.runs, command.runId);
    case 'StartCall':
    case 'ScheduleRetry':
    case 'DeadLetter': return own(state.runs, own(state.effects, command.effectId)?.runId);
    default: return undefined;
  }
}

/** A run of a cancelled branch that was left to end begins nothing new: when no call of it is in question any more, it is over. */
export function endedInstead(state: CaseState, command: CaseCommand): Decision | undefined {
  const run = beginner(state, command);
  if (!isOpenRun(run) || !isCancelledBranch(state, run)) return undefined;
  if (Object.values(state.effects).some((effect) => effect.runId === run.runId && effectPending(effect))) return undefined;
  return accepted(...voidWork(state, (of) => of.runId === run.runId, 'branch-cancelled').events);
}

/** Missing branches of open gatherings that have ended elsewhere: no token and no run of them is left. */
export function branchesEnded(state: CaseState): readonly AnyEvent[] {
  const events: AnyEvent[] = [];
  for (const gathering of Object.values(state.gatherings)) {
    if (gathering.status !== 'open' || gathering.arrived.length >= gathering.need || !isOpenRun(own(state.runs, gathering.holder))) continue;
    const came = new Set(gathering.arrived.map((one) => one.branch));
    const mayCome = [...Object.values(state.tokens).filter((token) => token.state === 'live'), ...Object.values(state.runs).filter(isOpenRun)]
      .some((one) => one.forks?.some((place) => place.forkId === gathering.forkId && !came.has(place.branch)) === true);
    if (mayCome) continue;
    const branches = Object.values(state.tokens).flatMap((token) => token.forks?.filter((place) => place.forkId === gathering.forkId).map((place) => place.branch) ?? []);
    events.push({
      type: 'BranchesEnded', address: gathering.address,
      data: { forkId: gathering.forkId, holder: gathering.holder, branches: [...new Set(branches)].filter((branch) => !came.has(branch)) },
    });
  }
  return events;
}
