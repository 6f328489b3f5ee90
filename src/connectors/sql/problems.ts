import { pointerOf } from '../../domain/json-pointer.ts';
import type { ServiceDefinition } from '../../domain/service/index.ts';
import { engineOf, readOperation } from './binding.ts';
import type { BindingProblem } from './binding.ts';
import { ENGINES } from './statement.ts';

/** What of a service cannot be spoken over SQL, by JSON Pointer into its definition. */
export function sqlProblems(service: ServiceDefinition): readonly BindingProblem[] {
  const problems: BindingProblem[] = [];
  if (engineOf(service) === undefined) problems.push({ at: '/binding/engine', message: `Say which database it is: "engine" is ${ENGINES.join(' or ')}.` });
  if (!['basic', 'mtls', 'none'].includes(service.authentication.kind)) problems.push({ at: '/authentication/kind', message: 'A database signs in by user and password ("basic") or by a certificate ("mtls").' });
  for (const [name, operation] of Object.entries(service.operations)) {
    const at = pointerOf('operations', name, 'binding');
    problems.push(...readOperation(service, operation).problems.map((each) => ({ at: `${at}${each.at}`, message: each.message })));
  }
  return problems;
}
