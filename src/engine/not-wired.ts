import type { Address, CaseCommand } from '../domain/index.ts';
import { uuidv7 } from './support/ids.ts';

/** Target of the token of an output that is not wired. */
export const nowhere = '';

/** Raises that something is to leave at an output port which leads nowhere (PROTOCOL §2.2). */
export function raiseNotWired(address: Address, port: number, name: string | undefined, about: { readonly runId?: string; readonly tokenId?: string }): CaseCommand {
  return {
    type: 'RaiseException', exceptionId: uuidv7(), class: 'not-wired', severity: 'high', queue: 'engineer', code: `not-wired:${port}`, address, ...about,
    message: `Output ${port + 1} of "${name || address.stepId}" is not wired, so the case cannot go on. Wire it, deploy, and retry.`,
  };
}
