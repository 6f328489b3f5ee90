import { mappingProblems, mappingProblemText } from '../mapping/index.ts';
import { pointerOf } from '../json-pointer.ts';
import { BUSINESS_OPERATIONS } from './business.ts';
import type { ServiceProblem } from './problem.ts';
import type { ServiceDefinition } from './service.ts';

/** What is wrong with what the operations of a service are for a business. */
export function* businessProblems({ operations }: ServiceDefinition): Generator<ServiceProblem> {
  const seen = new Map<string, string>();
  for (const [name, { business, effect }] of Object.entries(operations)) {
    if (business === undefined) continue;
    const at = pointerOf('operations', name, 'business');
    const known = Object.hasOwn(BUSINESS_OPERATIONS, business.as) ? BUSINESS_OPERATIONS[business.as] : undefined;
    if (known === undefined) {
      yield { at: `${at}/as`, message: `There is no business operation ${JSON.stringify(business.as)}; it is one of ${Object.keys(BUSINESS_OPERATIONS).join(', ')}.` };
      continue;
    }
    const other = seen.get(business.as);
    if (other !== undefined) yield { at: `${at}/as`, message: `${JSON.stringify(other)} is "${business.as}" already; a node could not tell which of the two is meant. Take it from one of them.` };
    seen.set(business.as, name);
    if (effect !== known.effect) yield { at: `${at}/as`, message: `"${business.as}" ${known.effect}, and the operation ${effect}; one of the two has to change.` };
    for (const side of ['takes', 'gives'] as const) {
      const [wanted, ready] = [known[side], business[side]];
      if (wanted !== undefined && ready?.contract.split('@')[0] !== wanted) yield { at: `${at}/${side}`, message: `"${business.as}" ${side} the contract "${wanted}"; give it a mapping ${side === 'takes' ? 'from' : 'to'} a version of it, such as ${wanted}@1.0.0.` };
      if (wanted === undefined && ready !== undefined) yield { at: `${at}/${side}`, message: `"${business.as}" ${side} no canonical contract; take the mapping away.` };
      if (ready === undefined) continue;
      const [problem] = mappingProblems(ready.mapping);
      if (problem !== undefined) yield { at: `${at}/${side}/mapping`, message: mappingProblemText(problem) };
    }
  }
}
