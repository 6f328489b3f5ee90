import type { CaseCommand } from '../domain/index.ts';
import { uuidv7 } from './support/ids.ts';

/** Raises that a run or token rests at an address which no node of the running flows has (PROTOCOL §2.6). */
export function raiseOrphan(address: string, about: { readonly runId?: string; readonly tokenId?: string }): CaseCommand {
  return {
    type: 'RaiseException', exceptionId: uuidv7(), class: 'orphan', severity: 'high', queue: 'engineer', code: `orphan:${address}`,
    message: `The case rests at "${address}", and no node of the running flows has this step id. Bring the node back, or cancel the case.`, ...about,
  };
}
