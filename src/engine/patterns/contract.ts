import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { contractById } from '../mapping/canonical.ts';
import { ConfigError } from './typed.ts';

type AddFormats = (ajv: Ajv2020) => void;

const OPTIONS = { allErrors: true, strict: false } as const;
/** Tells what is no JSON Schema: one for all contracts, since it is made from the schema of schemas, which takes longer than any of them. */
let schemas: Ajv2020 | undefined;

/** The check of a contract's JSON Schema (2020-12). @throws ConfigError with a sentence when it is none */
export function compileContract(name: string, text: string): ValidateFunction {
  let schema: unknown;
  try {
    schema = JSON.parse(text || '{}');
  } catch (error) {
    throw new ConfigError(`The schema of contract "${name}" is no JSON: ${(error as Error).message}`, { cause: error });
  }
  // Of its own: two contracts may have the same $id.
  const ajv = new Ajv2020({ ...OPTIONS, validateSchema: false });
  (addFormats as unknown as AddFormats)(ajv);
  try {
    if (typeof schema === 'object' && schema !== null) void (schemas ??= new Ajv2020(OPTIONS)).validateSchema(schema, true);
    return ajv.compile(schema as object);
  } catch (error) {
    throw new ConfigError(`The schema of contract "${name}" is no JSON Schema: ${(error as Error).message}`, { cause: error });
  }
}

/**
 * The check that a node asks for: its own schema, or where that is blank the contract of the catalogue that it names; undefined where
 * it has neither. A schema that is written counts, however little it says: a flow from before the catalogue had contracts means it so.
 * @throws ConfigError with a sentence
 */
export function contractOf(name: string, text: string): ValidateFunction | undefined {
  if (text.trim() !== '') return compileContract(name, text);
  const canonical = contractById(name);
  return canonical === undefined ? undefined : compileContract(name, JSON.stringify(canonical.schema));
}

/** What is wrong with a value by a contract, a phrase each: `/lines/0/quantity must be string`. */
export function contractFaults(validate: ValidateFunction, value: unknown): readonly string[] {
  return validate(value) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath || '/'} ${message ?? 'is invalid'}`);
}
