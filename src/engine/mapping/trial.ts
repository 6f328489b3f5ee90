import type { Json, JsonObject } from '../../domain/json.ts';
import { inferSchema } from '../../domain/contract/index.ts';
import { checkMapping, codeListId, compileMapping, mappingProblemText, readDocument, readMapping } from '../../domain/mapping/index.ts';
import type { Explanation, Mapping, MappingLanguage, MappingProblem } from '../../domain/mapping/index.ts';
import { compileContract, contractFaults } from '../patterns/contract.ts';
import { canonicalContent } from './canonical.ts';
import { mappingExpressions } from './expressions.ts';

/** A problem with its sentence, as a form shows it. */
export interface ToldProblem { readonly row: string; readonly at: string; readonly from?: string; readonly code: string; readonly text: string; readonly warning?: true }

export interface TriedSample {
  readonly document: Json;
  readonly problems: readonly ToldProblem[];
  /** What the contract of the target finds in the result. */
  readonly faults: readonly string[];
  readonly explained: readonly Explanation[];
}

export interface MappingTrial {
  readonly mapping: unknown;
  readonly samples: readonly string[];
  readonly source?: JsonObject;
  readonly target?: JsonObject;
  readonly language: MappingLanguage;
}

const told = (language: MappingLanguage) => (problem: MappingProblem): ToldProblem => {
  const { row, at, from, code, warning } = problem;
  return { row, at, code, text: mappingProblemText(problem, language), ...(from === undefined ? {} : { from }), ...(warning === undefined ? {} : { warning }) };
};

/** What a mapping would make of samples, with the check of it by itself. Nothing is stored. @throws RangeError with a sentence when it cannot be tried */
export function tryMapping({ mapping, samples, source, target, language }: MappingTrial): { readonly checked: readonly ToldProblem[]; readonly tried: readonly TriedSample[] } {
  const read = readMapping(mapping);
  if ('problems' in read) return { checked: read.problems.map(told(language)), tried: [] };
  const { lists } = canonicalContent();
  const checked = checkMapping(read.mapping, { ...(source === undefined ? {} : { source }), ...(target === undefined ? {} : { target }), lists: lists.map(codeListId) }).map(told(language));
  const compiled = compileMapping(read.mapping, { lists, expressions: mappingExpressions(), ...(target === undefined ? {} : { target }) });
  const validate = target === undefined ? undefined : compileContract('target', JSON.stringify(target));
  return {
    checked,
    tried: samples.map((text): TriedSample => {
      const { document, problems, explained = [] } = compiled.run(readSample(text), { explain: true });
      return { document, problems: problems.map(told(language)), faults: validate === undefined ? [] : contractFaults(validate, document).slice(0, 50), explained };
    }),
  };
}

/** A JSON Schema of samples. @throws RangeError when one is no JSON */
export function schemaOfSamples(samples: readonly string[]): JsonObject {
  return withoutExamples(inferSchema(samples.map(readSample))) as JsonObject;
}

/** Samples hold what is somebody's; a flow keeps their form alone. */
function withoutExamples(schema: Json): Json {
  if (typeof schema !== 'object' || schema === null) return schema;
  if (Array.isArray(schema)) return (schema as readonly Json[]).map(withoutExamples);
  const properties = (schema as JsonObject)['properties'];
  return Object.fromEntries(Object.entries(schema as JsonObject).filter(([key]) => key !== 'examples').map(([key, value]) => [key, key === 'properties'
    ? Object.fromEntries(Object.entries(properties as JsonObject).map(([name, each]) => [name, withoutExamples(each)])) : withoutExamples(value)]));
}

function readSample(text: string): Json {
  try {
    return readDocument(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new RangeError(`The sample is no JSON: ${error.message}`, { cause: error });
  }
}

/** A mapping as a node has it, with the contract that it leads to. @throws RangeError with a sentence */
export function mappingOf(value: unknown): Mapping {
  const read = readMapping(value);
  if ('mapping' in read) return read.mapping;
  const [first] = read.problems;
  throw new RangeError(`The mapping cannot be used: ${first === undefined ? 'it has no rows' : mappingProblemText(first)}`);
}
