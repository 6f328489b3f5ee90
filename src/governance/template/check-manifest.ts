import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { TemplateManifest } from './manifest.ts';
import { parameterProblems, parameterSchema } from './parameters.ts';

type AddFormats = (ajv: Ajv2020) => void;

let compiled: ValidateFunction | undefined;

function validator(): ValidateFunction {
  if (compiled === undefined) {
    const schema = JSON.parse(readFileSync(fileURLToPath(import.meta.resolve('#package/resources/template.schema.json')), 'utf8')) as object;
    const ajv = new Ajv2020({ allErrors: true, strict: false });
    (addFormats as unknown as AddFormats)(ajv);
    compiled = ajv.compile(schema);
  }
  return compiled;
}

function sentence({ keyword, params, message }: ErrorObject): string {
  const given = params as { readonly additionalProperty?: string; readonly missingProperty?: string; readonly allowedValues?: readonly unknown[]; readonly allowedValue?: unknown; readonly type?: string | readonly string[]; readonly propertyName?: string };
  switch (keyword) {
    case 'additionalProperties': return `"${given.additionalProperty ?? ''}" is not known here; mend its spelling or take it out`;
    case 'required': return `"${given.missingProperty ?? ''}" is missing`;
    case 'enum': return `must be one of ${(given.allowedValues ?? []).map(String).join(', ')}`;
    case 'const': return `must be ${JSON.stringify(given.allowedValue)}`;
    case 'type': return `must be of the type ${[given.type ?? ''].flat().join(' or ')}`;
    case 'pattern': return 'has not the form that is needed; docs/templates.md says which';
    case 'propertyNames': return `"${given.propertyName ?? ''}" cannot be a name here; docs/templates.md says what can`;
    case 'false schema': return 'must not be given here';
    default: return message ?? keyword;
  }
}

/** `parameters.properties.limit` of `/parameters/properties/limit`. */
function place(instancePath: string): string {
  return instancePath.split('/').slice(1).map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~')).join('.');
}

/** What JSON Schema cannot say. */
function furtherProblems(manifest: TemplateManifest): string[] {
  const found: string[] = [];
  if (!manifest.id.startsWith(`${manifest.family}/`)) found.push(`family: the id "${manifest.id}" begins with another family than "${manifest.family}"`);
  for (const name of manifest.parameters.required ?? []) {
    if (!Object.hasOwn(manifest.parameters.properties, name)) found.push(`parameters.required: there is no parameter "${name}"`);
  }
  for (const [name, parameter] of Object.entries(manifest.parameters.properties)) {
    if (parameter.default === undefined) continue;
    found.push(...parameterProblems(parameterSchema(parameter), parameter.default).map((problem) => `parameters.properties.${name}.default: ${problem}`));
  }
  return found;
}

/** What is wrong with the content of a `template.json`, one sentence each; none when it can be used as a `TemplateManifest`. */
export function manifestProblems(value: unknown): readonly string[] {
  const validate = validator();
  if (validate(value)) return furtherProblems(value as TemplateManifest);
  const errors = (validate.errors ?? []).filter(({ keyword }) => keyword !== 'if');
  // The name itself is told by propertyNames, with the name.
  const telling = errors.filter(({ propertyName }) => propertyName === undefined);
  return [...new Set((telling.length > 0 ? telling : errors).map((error) => [place(error.instancePath), sentence(error)].filter((part) => part !== '').join(': ')))];
}
