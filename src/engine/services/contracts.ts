import type { ValidateFunction } from 'ajv/dist/2020.js';
import type { Json, JsonObject } from '../../domain/json.ts';
import { compileServiceContract } from '../../governance/service/contracts.ts';
import { ConfigError } from '../patterns/typed.ts';

type Schema = JsonObject | boolean;

/** What does not fit, by its place. */
export interface ContractFault extends JsonObject { readonly at: string; readonly message: string }

const compiled = new WeakMap<object, ValidateFunction>();
/** Faults that are told; more of them help nobody. */
const mostFaults = 20;

/** What of a document breaks its contract; compiled once for each schema object, without network: a remote `$ref` does not compile. */
export function contractFaults(schema: Schema | undefined, document: Json, what: string): readonly ContractFault[] {
  if (schema === undefined || schema === true) return [];
  if (schema === false) return document === null ? [] : [{ at: '', message: 'takes no document' }];
  const validate = validator(schema, what);
  return validate(document) ? [] : (validate.errors ?? []).slice(0, mostFaults).map(({ instancePath, keyword, message, params }) => ({ at: instancePath, message: `${message ?? 'is invalid'}${extra(keyword, params)}` }));
}

/** One phrase for a sentence: `/lines/0/quantity must be string`. */
export function faultText(faults: readonly ContractFault[]): string {
  const shown = faults.slice(0, 3).map(({ at, message }) => `${at === '' ? 'the document' : at} ${message}`).join('; ');
  return faults.length > 3 ? `${shown}; and ${faults.length - 3} more` : shown;
}

function validator(schema: JsonObject, what: string): ValidateFunction {
  let validate = compiled.get(schema);
  if (validate !== undefined) return validate;
  try {
    validate = compileServiceContract(schema);
  } catch (error) {
    throw new ConfigError(`The contract of ${what} cannot be used (${(error as Error).message}); its owner has to mend it.`, { cause: error });
  }
  compiled.set(schema, validate);
  return validate;
}

function extra(keyword: string, params: Readonly<Record<string, unknown>>): string {
  if (keyword === 'additionalProperties') return ` (${String(params['additionalProperty'])})`;
  if (keyword === 'enum') return ` (${(params['allowedValues'] as readonly unknown[] | undefined)?.slice(0, 8).map(String).join(', ') ?? ''})`;
  return '';
}
