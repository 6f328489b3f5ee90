import { checkMapping } from '../../../governance/gate/rules/mapping.ts';
import type { Mapping, MappingProblem } from '../../../governance/gate/rules/mapping.ts';

const MOST_NAMED = 4;

/** What a mapping leaves out of what is asked for, and what in it does not fit. */
export interface AgainstTarget {
  /** Places that have to be there and get nothing, `/lines[]/item`. */
  readonly missing: readonly string[];
  readonly wrong: readonly MappingProblem[];
}

/** A mapping held against the form that its documents must have, whatever comes in. */
export function againstTarget(mapping: Mapping, target: object): AgainstTarget {
  const problems = checkMapping(mapping, { target: target as never }).filter(({ warning }) => warning !== true);
  return { missing: problems.filter(({ code }) => code === 'required-unmapped').map(({ at }) => shownPlace(at)), wrong: problems.filter(({ code }) => code !== 'required-unmapped') };
}

export const shownPlace = (pointer: string): string => pointer.replaceAll('/*', '[]');

/** The first names of several, with a sign that there are more. */
export const someOf = (names: readonly string[]): string => names.slice(0, MOST_NAMED).join(', ') + (names.length > MOST_NAMED ? ' …' : '');
