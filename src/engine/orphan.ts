import type { RaiseException } from '../domain/case/commands.ts';
import { uuidv7 } from './support/ids.ts';

/**
 * Raises that a run or token rests at an address which no node of the running flows has (PROTOCOL §2.6).
 * @param other the node that stands there instead: of another type, with other guards, so it does not go on with the run
 * @param unknown installed template whose migration map nobody has
 */
export function raiseOrphan(address: string, about: { readonly runId?: string; readonly tokenId?: string }, other?: { readonly was: string; readonly is: string }, unknown?: string): RaiseException {
  const missing = unknown === undefined ? '' : ` The catalogue of this site does not have ${unknown}, whose migration map may name the step that takes it over: as soon as it has, the case goes on by itself.`;
  return {
    type: 'RaiseException', exceptionId: uuidv7(), class: 'orphan', severity: 'high', queue: 'engineer', code: `orphan:${address}`,
    ...about,
    message: other === undefined
      ? `The case rests at "${address}", and no node of the running flows has this step id.${missing} Bring the node back, or cancel the case.`
      : `The case rests at "${address}" in a ${other.was} node, and the node there is a ${other.is} now. Bring the old one back, or cancel the case.`,
  };
}
