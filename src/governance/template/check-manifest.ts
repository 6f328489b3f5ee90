import { schemaSentences } from '../schema-sentences.ts';
import type { OwnSentence } from '../schema-sentences.ts';
import type { TemplateManifest } from './manifest.ts';
import { parameterProblems, parameterSchema } from './parameters.ts';

/** Names that parameters can have; the schema says the same. */
export const PARAMETER_NAME = /^(?!WAYBILL_|NR_)[A-Za-z][A-Za-z0-9_]{0,63}$/;

/** Why a variable cannot be a parameter, as a sentence without its end. */
export function nameProblem(name: string): string {
  return `"${name}" cannot be the name of a parameter: it takes letters, digits and underscores, begins with a letter, and not with WAYBILL_ or NR_. Rename it in the editor and export again`;
}

/** Forms in words, by the member that has to have them. */
const FORMS: Readonly<Record<string, string>> = {
  version: 'three numbers with dots, such as 1.0.0 or 1.2.0-beta.1 (semver)', date: 'a day, such as 2026-11-28', id: 'family/name, each of small letters, digits and single dashes', family: 'small letters, digits and single dashes',
  title: 'one line', summary: 'one line', owner: 'one line',
};

const own: OwnSentence = ({ keyword, instancePath, params }) => {
  if (keyword === 'propertyNames' && instancePath === '/parameters/properties') return nameProblem(String((params as { readonly propertyName?: string }).propertyName ?? ''));
  const form = keyword === 'pattern' ? FORMS[instancePath.split('/').at(-1) ?? ''] : undefined;
  return form === undefined ? undefined : `must be ${form}`;
};

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
  const problems = schemaSentences('template', value, 'docs/templates.md', own);
  return problems.length > 0 ? problems : furtherProblems(value as TemplateManifest);
}
