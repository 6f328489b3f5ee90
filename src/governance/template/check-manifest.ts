import { schemaSentences } from '../schema-sentences.ts';
import type { TemplateManifest } from './manifest.ts';
import { parameterProblems, parameterSchema } from './parameters.ts';

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
  const problems = schemaSentences('template', value, 'docs/templates.md');
  return problems.length > 0 ? problems : furtherProblems(value as TemplateManifest);
}
