import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import type { JsonObject } from '../../domain/json.ts';
import type { Operation, Schema } from './operation.ts';
import { problem } from './problems.ts';

const options = { allErrors: true, strict: true, validateFormats: false, useDefaults: true, strictRequired: false } as const;
/** Bodies are taken as they are; path and query are text, so numbers are read from it. */
const bodies = new Ajv2020(options);
const texts = new Ajv2020({ ...options, coerceTypes: true });

function closed(properties: Readonly<Record<string, Schema>>, required: readonly string[]): Schema {
  return { type: 'object', properties, required, additionalProperties: false };
}

/** Checks the three parts of a request against an operation's schemas. */
export interface RequestValidator {
  /** @throws WebError `request-invalid` */
  params(value: Record<string, string>): object;
  query(value: Record<string, string>): object;
  body(value: unknown): unknown;
}

/** Compiles a schema when it is first asked for: a start need not wait for those that nobody uses. */
function onUse(ajv: Ajv2020, schema: Schema): () => ValidateFunction {
  let compiled: ValidateFunction | undefined;
  return () => compiled ??= ajv.compile(schema);
}

export function requestValidator(operation: Operation): RequestValidator {
  const params = onUse(texts, closed(operation.params ?? {}, Object.keys(operation.params ?? {})));
  const query = onUse(texts, closed(operation.query ?? {}, []));
  const body = operation.body === undefined ? undefined : onUse(bodies, operation.body);
  return {
    params: (value) => checked(params(), value, 'path'),
    query: (value) => checked(query(), value, 'query'),
    body: (value) => {
      if (body === undefined || (value === undefined && operation.bodyOptional === true)) return body === undefined ? undefined : {};
      return checked(body(), value ?? null, 'body');
    },
  };
}

function checked<T>(validate: ValidateFunction, value: T, part: string): T {
  if (validate(value)) return value;
  const long = part === 'query' ? validate.errors?.find((error) => error.keyword === 'maxLength' && error.instancePath !== '/cursor') : undefined;
  if (long !== undefined) {
    const name = long.instancePath.slice(1);
    const { length } = String((value as Record<string, unknown>)[name]);
    throw problem('filter-too-long', `The filter ${name} has ${length} characters and may have ${String(long.params['limit'])}; search for a few words or one key at a time.`);
  }
  const errors = (validate.errors ?? []).slice(0, 20).map((error) => describe(error, part));
  throw problem('request-invalid', errors.map(({ path, message }) => `${path} ${message}`).join('; '), { members: { errors } });
}

function describe(error: ErrorObject, part: string): JsonObject & { readonly path: string; readonly message: string } {
  const extra = error.keyword === 'additionalProperties' ? ` (${String(error.params['additionalProperty'])})`
    : error.keyword === 'enum' ? ` (${(error.params['allowedValues'] as string[]).join(', ')})` : '';
  return { path: `${part}${error.instancePath}`, message: `${error.message ?? 'is not valid'}${extra}` };
}
