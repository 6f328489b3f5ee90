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

/** Whether a contract can be used, before anything is sent that is judged by it. @throws ConfigError */
export function usable(schema: Schema | undefined, what: string): void {
  if (schema !== undefined && typeof schema !== 'boolean') validator(schema, what);
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
  if (keyword === 'format' && params['format'] === 'date-time') return ' (with its time zone, such as 2026-03-02T14:00:00Z or 2026-03-02T15:00:00+01:00)';
  if (keyword === 'pattern') return decimals(String(params['pattern']));
  if (keyword === 'multipleOf') return ' (it has more digits than that; nothing is rounded)';
  if (keyword === 'enum') return ` (${(params['allowedValues'] as readonly unknown[] | undefined)?.slice(0, 8).map(String).join(', ') ?? ''})`;
  return '';
}

/** `^-?\d{1,9}(\.\d{1,3})?$` and the like, with the number of decimals. */
const decimalPattern = /^\^(?:-\?)?(?:\\d|\[0-9\])(?:\+|\{[\d,]+\})(\(\\\.(?:\\d|\[0-9\])(?:\+|\{(?:\d+,)?(\d+)\})\)\?)?\$$/;

/** What a pattern of decimals as text means, for people. */
function decimals(pattern: string): string {
  const match = decimalPattern.exec(pattern);
  if (match === null) return '';
  if (match[1] === undefined) return ' (a whole number as text)';
  return match[2] === undefined ? ' (a decimal number as text)' : ` (a decimal number as text with at most ${match[2]} decimals; nothing is rounded)`;
}
