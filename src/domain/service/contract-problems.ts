import type { Json } from '../json.ts';
import type { ServiceProblem } from './problem.ts';
import { schemasIn } from './schema-walk.ts';

const DIALECT = 'https://json-schema.org/draft/2020-12/schema';
const REFERENCES = ['$ref', '$dynamicRef', '$recursiveRef'] as const;

/** A contract is complete in itself: nothing of it is fetched, and nothing of another one is taken for it. */
export function* contractProblems(contract: Json | undefined, at: string): Generator<ServiceProblem> {
  for (const { at: within, schema } of schemasIn(contract)) {
    const place = `${at}${within}`;
    for (const keyword of REFERENCES) {
      const reference = schema[keyword];
      if (reference === undefined || (typeof reference === 'string' && reference.startsWith('#'))) continue;
      yield { at: `${place}/${keyword}`, message: `It refers to ${JSON.stringify(reference).slice(0, 200)}, which lies elsewhere; a contract is complete in itself. Copy what is meant into its "$defs", and refer to "#/$defs/…".` };
    }
    const dialect = schema['$schema'];
    if (dialect !== undefined && dialect !== DIALECT) yield { at: `${place}/$schema`, message: `Contracts are JSON Schema 2020-12 ("${DIALECT}"); write it in that, or leave "$schema" out.` };
    if (within !== '' && Object.hasOwn(schema, '$id')) yield { at: `${place}/$id`, message: 'A part of a contract has no "$id" of its own; references would mean something else below it. Leave it out.' };
  }
}
