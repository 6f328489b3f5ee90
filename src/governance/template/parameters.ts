import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { JsonObject } from '../../domain/json.ts';
import type { TemplateParameter } from './manifest.ts';

type AddFormats = (ajv: Ajv2020) => void;

let ajv: Ajv2020 | undefined;

function schemas(): Ajv2020 {
  if (ajv === undefined) {
    ajv = new Ajv2020({ allErrors: true, strict: false });
    (addFormats as unknown as AddFormats)(ajv);
  }
  return ajv;
}

/** Members of JSON Schema that a parameter may have of its own. */
const OWN = ['type', 'enum', 'minimum', 'maximum', 'pattern', 'format'] as const;

/** JSON Schema of a parameter's values: its own members and the central bounds, of which the stricter holds. */
export function parameterSchema(parameter: TemplateParameter): JsonObject {
  const own = Object.fromEntries(OWN.flatMap((name) => (parameter[name] === undefined ? [] : [[name, parameter[name]]]))) as JsonObject;
  const bounds = parameter['x-waybill'].bounds ?? {};
  const fixed = parameter['x-waybill'].scope === 'central' && parameter.default !== undefined ? { const: parameter.default } : {};
  const clashing = Object.keys(bounds).filter((name) => Object.hasOwn(own, name));
  const stricter = Object.fromEntries(clashing.flatMap((name): [string, number][] => {
    const [a, b] = [own[name], bounds[name]];
    return typeof a === 'number' && typeof b === 'number' ? [[name, name === 'minimum' ? Math.max(a, b) : Math.min(a, b)]] : [];
  }));
  // Two patterns or lists cannot be put into one member: both have to hold.
  const both = clashing.filter((name) => !Object.hasOwn(stricter, name));
  return { ...own, ...bounds, ...stricter, ...(both.length === 0 ? {} : { allOf: [Object.fromEntries(both.map((name) => [name, own[name]!]))] }), ...fixed };
}

/** What is wrong with a parameter's value, one phrase each: `must be <= 25`. */
export function parameterProblems(schema: JsonObject, value: unknown): readonly string[] {
  let validate;
  try {
    validate = schemas().compile(schema);
  } catch (error) {
    return [`its schema cannot be used: ${(error as Error).message}`];
  } finally {
    // Compiled ones are kept by their object, and each of these is a new one.
    ajv?.removeSchema(schema);
  }
  if (validate(value)) return [];
  return [...new Set((validate.errors ?? []).map(({ keyword, params, message }) => {
    if (keyword === 'enum') return `must be one of ${(params as { allowedValues: readonly unknown[] }).allowedValues.map(String).join(', ')}`;
    if (keyword === 'const') return `is ${JSON.stringify((params as { allowedValue: unknown }).allowedValue)}, set centrally`;
    return message ?? keyword;
  }))];
}
