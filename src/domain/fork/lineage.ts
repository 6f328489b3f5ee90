import { addressKey } from '../envelope.ts';
import type { Address } from '../envelope.ts';
import type { CaseState, Lineage } from '../case/state.ts';
import type { ForkPlace } from '../events.ts';

/** Key of a gathering: one for each fork and place. */
export function gatheringKey(address: Address, forkId: string): string {
  return `${addressKey(address)}|${forkId}`;
}

/** What the tokens of a run inherit; a fork that it joins has ended, with every fork inside of it. */
export function inherited(from: Lineage | undefined, joins?: string): Lineage {
  const forks = from?.forks ?? [];
  const joined = joins === undefined ? -1 : forks.findIndex((place) => place.forkId === joins);
  return lineage(joined === -1 ? forks : forks.slice(0, joined), from?.compensation);
}

/** A lineage with its empty parts absent, so that the states of cases without forks stay as they are. */
export function lineage(forks: readonly ForkPlace[], compensation: string | undefined): Lineage {
  return { ...(forks.length === 0 ? {} : { forks }), ...(compensation === undefined ? {} : { compensation }) };
}

export function isInFork(of: Lineage, forkId: string): boolean {
  return of.forks?.some((place) => place.forkId === forkId) === true;
}

/** It belongs to a branch that was cancelled when its fork was gathered: whatever comes of it is absorbed. */
export function isCancelledBranch(state: CaseState, of: Lineage): boolean {
  if (of.forks === undefined) return false;
  return Object.values(state.gatherings).some((gathering) => gathering.cancelled === true && isInFork(of, gathering.forkId));
}
