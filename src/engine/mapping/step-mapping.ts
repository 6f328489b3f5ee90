import { compileMapping, listsOf, mappingProblemSentence, readMapping } from '../../domain/mapping/index.ts';
import type { CompiledMapping, MappingProblem } from '../../domain/mapping/index.ts';
import { mappingProblemText } from '../../domain/mapping/index.ts';
import type { CaseCommand } from '../../domain/index.ts';
import type { Json, JsonObject } from '../../domain/json.ts';
import { ConfigError } from '../patterns/typed.ts';
import type { StepContext } from '../step-context.ts';
import { VEIL } from '../services/exchange-veil.ts';
import { canonicalContent, codeListById, contractById } from './canonical.ts';
import { mappingExpressions } from './expressions.ts';

/** A document that was mapped, or what is wrong: one sentence, and all of it for the exception. */
export type Mapped = { readonly document: Json } | { readonly said: string; readonly problems: readonly JsonObject[] };

export interface StepMapping {
  /**
   * @param target schema of what is made, where the mapping itself names no contract
   * @param covers places whose values are told to nobody
   */
  map(source: Json, target?: JsonObject | boolean, covers?: (at: string) => boolean): Mapped;
}

const MOST_TOLD = 20;
const MOST_SAID = 3;

/**
 * The mapping of a node, compiled once for each form that it leads to; undefined where the node has none.
 * @param what of the node it is, for the sentence when it cannot be used: `request`
 * @throws ConfigError with a sentence
 */
export function stepMapping(value: unknown, what: string): StepMapping | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const read = readMapping(value);
  if ('problems' in read) throw new ConfigError(`The mapping of the ${what} cannot be used: ${mappingProblemText(read.problems[0]!)} Open it in the node, and deploy.`);
  const { mapping } = read;
  for (const list of listsOf(mapping)) if (codeListById(list) === undefined) throw new ConfigError(`The mapping of the ${what} needs the code list ${list}, which the catalogue does not have; choose another in the node, and deploy.`);
  const named = (value as { readonly target?: unknown }).target;
  const contract = typeof named === 'string' ? contractById(named) : undefined;
  if (typeof named === 'string' && contract === undefined) throw new ConfigError(`The mapping of the ${what} leads to the contract ${named}, which the catalogue does not have; choose another in the node, and deploy.`);
  const compiled = new Map<JsonObject | boolean | undefined, CompiledMapping>();
  const mappingFor = (target: JsonObject | boolean | undefined): CompiledMapping => {
    let made = compiled.get(target);
    if (made === undefined) {
      made = compile(mapping, target, what);
      compiled.clear(); // a service that changed its schema leaves the old one behind
      compiled.set(target, made);
    }
    return made;
  };
  if (contract !== undefined) mappingFor(contract.schema);
  return {
    map(source, target, covers = () => false) {
      const { document, problems: found } = mappingFor(contract?.schema ?? target).run(source);
      const problems = found.map((problem) => (covers(problem.at) || covers(problem.from ?? '') ? covered(problem) : problem));
      return problems.length === 0 ? { document } : { said: saidOf(problems), problems: problems.slice(0, MOST_TOLD).map(detailOf) };
    },
  };
}

function compile(mapping: Parameters<typeof compileMapping>[0], target: JsonObject | boolean | undefined, what: string): CompiledMapping {
  try {
    return compileMapping(mapping, { lists: canonicalContent().lists, expressions: mappingExpressions(), ...(target === undefined ? {} : { target }) });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new ConfigError(`The mapping of the ${what} cannot be used: ${error.message}`, { cause: error });
  }
}

function saidOf(problems: readonly MappingProblem[]): string {
  const said = problems.slice(0, MOST_SAID).map((problem) => mappingProblemSentence(problem)).join(' ');
  return problems.length > MOST_SAID ? `${said} There are ${problems.length - MOST_SAID} more.` : said;
}

/** What a sentence says of the rules; everything else is of the document. */
const ofRules = new Set(['list', 'to', 'digits', 'member', 'least', 'has', 'most', 'pattern', 'places', 'format', 'zone', 'place', 'choices', 'each', 'type', 'wanted', 'yes', 'no']);

function covered(problem: MappingProblem): MappingProblem {
  return { ...problem, values: Object.fromEntries(Object.entries(problem.values).map(([name, value]) => [name, ofRules.has(name) ? value : VEIL])) };
}

const detailOf = ({ code, row, at, from, values }: MappingProblem): JsonObject => ({ code, row, at, ...(from === undefined ? {} : { from }), values: { ...values } });

/** What a step calls, for the sentences of its exceptions. */
export interface MappedCall {
  readonly system: string;
  readonly operation: string;
  /** What is asked for there. */
  readonly target?: JsonObject | boolean;
  /** Places of what is asked, or of what it is made from, whose values are told to nobody. */
  readonly covers?: (at: string) => boolean;
  /** What of a sentence about the answer everybody may read. */
  readonly discreet?: (said: string) => string;
}

/** The document that is sent; undefined when it cannot be made: then the step has its exception, and nothing is sent. */
export async function mappedRequest(step: StepContext, mapping: StepMapping | undefined, given: Json, { system, operation, target, covers }: MappedCall): Promise<Json | undefined> {
  const mapped = mapping?.map(given, target, covers) ?? { document: given };
  if ('document' in mapped) return mapped.document;
  await step.raise({
    class: 'validation', severity: 'high', queue: 'engineer', code: 'request-mapping', system, detail: { problems: mapped.problems },
    message: `The document for "${operation}" cannot be made, so nothing was sent: ${mapped.said} Correct the facts or the node, then retry.`,
  });
  return undefined;
}

/** What goes on of an answer; undefined when it cannot be made: then the step has its exception. *Continue* takes the answer as it came. */
export async function mappedAnswer(step: StepContext, mapping: StepMapping | undefined, answer: Json, { system, operation, discreet = (said) => said }: MappedCall, before: readonly CaseCommand[]): Promise<Json | undefined> {
  const mapped = mapping?.map(answer) ?? { document: answer };
  if ('document' in mapped) return mapped.document;
  if (step.resolvedException('answer-mapping')?.outcome === 'continue') return answer;
  await step.raise({
    class: 'validation', severity: 'high', queue: 'engineer', code: 'answer-mapping', system, detail: { problems: mapped.problems, answer },
    message: `"${operation}" happened at ${system}, but its answer cannot be mapped: ${discreet(mapped.said)} Correct the node and retry, which sends nothing again; or continue to go on with the answer as it came.`,
  }, before);
  return undefined;
}
