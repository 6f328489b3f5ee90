import { checkMapping } from '../../../domain/mapping/check.ts';
import type { Mapping } from '../../../domain/mapping/mapping.ts';
import type { MappingProblem } from '../../../domain/mapping/problem.ts';
import { mappingProblemText } from '../../../domain/mapping/texts.ts';
import { textsOf } from './property.ts';
import type { Breach, Rule } from './rule.ts';
import { serviceCalls } from './service-calls.ts';
import type { ServiceCall } from './service-calls.ts';
import { Called, counted, shortened } from './words.ts';

const MOST = 5;
const placeOf = ({ at }: MappingProblem): string => shortened(at.replaceAll('/*', '[]'));

/** What every call by this mapping lacks, or has that its operation does not take. */
function* ofMapping({ node }: ServiceCall, mapping: Mapping, request: object, what: string): Generator<Breach> {
  const problems = checkMapping(mapping, { target: request as never }).filter(({ warning }) => warning !== true);
  const missing = problems.filter(({ code }) => code === 'required-unmapped').map(placeOf);
  const [wrong] = problems.filter(({ code }) => code !== 'required-unmapped');
  if (missing.length > 0) {
    yield {
      node, property: 'mapRequest', about: `${what} lacks ${missing.join(' ')}`,
      message: `${Called(node)} gives ${what} nothing for ${counted(missing.length, 'field')} that it requires: ${missing.slice(0, MOST).join(', ')}${missing.length > MOST ? ` and ${missing.length - MOST} more` : ''}.`,
      mend: 'Open "Map fields" in the node and give them a field, a constant or an expression.',
    };
  }
  if (wrong === undefined) return;
  const place = placeOf(wrong) === '' ? 'the document' : placeOf(wrong);
  yield {
    node, property: 'mapRequest', about: `${what} ${placeOf(wrong)}`,
    message: `${Called(node)} maps ${place} so that ${what} never takes it.`, mend: `Mend the row of ${place} in "Map fields": ${mappingProblemText(wrong)}`,
  };
}

export const requestIncomplete: Rule = {
  code: 'request-incomplete',
  title: 'A mapping gives what the operation requires',
  level: 'error',
  *check(flows, context) {
    for (const call of serviceCalls(flows, context)) {
      const { node, system, facts, reference } = call;
      const mapping = node['mapRequest'];
      if (system === undefined || facts === undefined || typeof mapping !== 'object' || mapping === null) continue;
      for (const operation of textsOf(flows, node, 'operation')) {
        const request = facts.requests?.[operation];
        if (request !== undefined) yield* ofMapping(call, mapping as Mapping, request, `${reference} ${operation}`);
      }
    }
  },
};
