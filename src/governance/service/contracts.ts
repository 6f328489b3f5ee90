import { Ajv2020, MissingRefError } from 'ajv/dist/2020.js';
import type { ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { JsonObject } from '../../domain/json.ts';
import { pointerOf } from '../../domain/json-pointer.ts';
import type { ServiceDefinition, ServiceProblem } from '../../domain/service/index.ts';

type AddFormats = (ajv: Ajv2020) => void;

/** One for all contracts: most of its work is to understand the schema of schemas. */
let compiler: Ajv2020 | undefined;

function theCompiler(): Ajv2020 {
  if (compiler !== undefined) return compiler;
  compiler = new Ajv2020({ allErrors: true, strict: false, validateFormats: true, logger: false, multipleOfPrecision: 9 });
  (addFormats as unknown as AddFormats)(compiler);
  return compiler;
}

/**
 * The check of a contract (JSON Schema 2020-12). Nothing is fetched: what refers elsewhere does not compile.
 * @throws Error with Ajv's words when it is no schema
 */
export function compileServiceContract(contract: JsonObject | boolean): ValidateFunction {
  const ajv = theCompiler();
  if (typeof contract === 'boolean') return ajv.compile(contract);
  const { $id: id } = contract;
  // one that calls itself what the compiler knows already is refused, and must not take that away
  const named = typeof id === 'string' && ajv.getSchema(id) === undefined ? id : undefined;
  try {
    return ajv.compile(contract);
  } catch (error) {
    if (error instanceof MissingRefError) throw new Error(`it refers to ${error.missingRef.slice(0, 200)}, which is not in it, and nothing is fetched: put what is meant into the contract itself`, { cause: error });
    throw error;
  } finally {
    // No contract knows another one, by whatever name it calls itself.
    ajv.removeSchema(contract);
    if (named !== undefined) ajv.removeSchema(named);
  }
}

/** Contracts that do not compile, each with why. It takes milliseconds a contract: a publisher asks, a site does not. */
export function* contractFaults({ operations }: Pick<ServiceDefinition, 'operations'>): Generator<ServiceProblem> {
  for (const [name, operation] of Object.entries(operations)) {
    for (const member of ['request', 'answer'] as const) {
      const contract = operation[member];
      if (contract === undefined) continue;
      try {
        compileServiceContract(contract);
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        yield { at: pointerOf('operations', name, member), message: `The contract is no JSON Schema 2020-12: ${error.message}. Mend it.` };
      }
    }
  }
}
