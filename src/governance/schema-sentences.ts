import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

type AddFormats = (ajv: Ajv2020) => void;

const compiled = new Map<string, ValidateFunction>();

/** The validator of a schema in `resources/`. */
function validator(name: string): ValidateFunction {
  const known = compiled.get(name);
  if (known !== undefined) return known;
  const schema = JSON.parse(readFileSync(fileURLToPath(import.meta.resolve(`#package/resources/${name}.schema.json`)), 'utf8')) as object;
  const ajv = new Ajv2020({ allErrors: true, strict: false });
  (addFormats as unknown as AddFormats)(ajv);
  const validate = ajv.compile(schema);
  compiled.set(name, validate);
  return validate;
}

/** A sentence for what a schema finds where its own words say more; undefined leaves it to those of all schemas. */
export type OwnSentence = (error: ErrorObject) => string | undefined;

function sentence({ keyword, params, message }: ErrorObject, page: string): string {
  const given = params as { readonly additionalProperty?: string; readonly missingProperty?: string; readonly allowedValues?: readonly unknown[]; readonly allowedValue?: unknown; readonly type?: string | readonly string[]; readonly propertyName?: string };
  switch (keyword) {
    case 'additionalProperties': return `"${given.additionalProperty ?? ''}" is not known here; mend its spelling or take it out`;
    case 'required': return `"${given.missingProperty ?? ''}" is missing`;
    case 'enum': return `must be one of ${(given.allowedValues ?? []).map(String).join(', ')}`;
    case 'const': return `must be ${JSON.stringify(given.allowedValue)}`;
    case 'type': return `must be of the type ${[given.type ?? ''].flat().join(' or ')}`;
    case 'pattern': return `has not the form that is needed; ${page} says which`;
    case 'propertyNames': return `"${given.propertyName ?? ''}" cannot be a name here; ${page} says what can`;
    case 'false schema': return 'must not be given here';
    default: return message ?? keyword;
  }
}

/** What a schema finds: the JSON Pointer of the place (RFC 6901; '' is the whole), and a sentence without its end. */
export interface SchemaProblem {
  readonly at: string;
  readonly message: string;
}

/** `parameters.properties.limit` of `/parameters/properties/limit`. */
function place(pointer: string): string {
  return pointer.split('/').slice(1).map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~')).join('.');
}

/**
 * What is wrong with a value under `resources/<name>.schema.json`, one problem each; none when it fits.
 * @param page of the documentation that says what fits
 */
export function schemaProblems(name: 'template' | 'policy' | 'service', value: unknown, page: string, own: OwnSentence = () => undefined): readonly SchemaProblem[] {
  const validate = validator(name);
  if (validate(value)) return [];
  const errors = (validate.errors ?? []).filter(({ keyword }) => keyword !== 'if');
  // The name itself is told by propertyNames, with the name.
  const telling = errors.filter(({ propertyName }) => propertyName === undefined);
  const found = (telling.length > 0 ? telling : errors).map((error) => ({ at: error.instancePath, message: own(error) ?? sentence(error, page) }));
  return [...new Map(found.map((problem) => [`${problem.at} ${problem.message}`, problem])).values()];
}

/** The same as sentences that begin with the place. */
export function schemaSentences(name: 'template' | 'policy', value: unknown, page: string, own: OwnSentence = () => undefined): readonly string[] {
  return schemaProblems(name, value, page, own).map(({ at, message }) => [place(at), message].filter((part) => part !== '').join(': '));
}
