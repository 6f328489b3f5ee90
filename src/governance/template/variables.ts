import type { Json, JsonObject } from '../../domain/json.ts';
import { TEMPLATE_ENV } from '../gate/rules/provenance.ts';
import type { TemplateManifest, TemplateParameter } from './manifest.ts';
import { parameterSchema } from './parameters.ts';

/** An entry of Node-RED's `env`. */
export interface Variable {
  readonly name: string;
  readonly type: string;
  readonly value: string;
  readonly ui?: JsonObject;
}

/** Node-RED's type of a parameter's variable. */
export function variableType(parameter: TemplateParameter): string {
  if (parameter.writeOnly === true) return 'cred';
  if (parameter.type === 'boolean') return 'bool';
  return parameter.type === 'string' ? 'str' : 'num';
}

/** A value as Node-RED stores it. */
export function variableValue(value: unknown): string {
  return value === undefined || value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value);
}

/** Label as the form shows it: `Tolerance (%)`. */
function label({ title, 'x-waybill': { unit, scope }, default: value }: TemplateParameter): string {
  const named = unit === undefined ? title : `${title} (${unit})`;
  return scope === 'central' ? `${named}: ${variableValue(value)}, set centrally` : named;
}

/** The row of the instance's form: one that takes what the parameter takes, or only says what is set centrally. */
function row(parameter: TemplateParameter): JsonObject {
  const schema = parameterSchema(parameter);
  const named = { label: { 'en-US': label(parameter) } };
  if (parameter['x-waybill'].scope === 'central') return { ...named, type: 'none' };
  if (parameter.writeOnly === true) return { ...named, type: 'cred' };
  if (parameter.type === 'boolean') return { ...named, type: 'checkbox' };
  const choices = schema['enum'];
  // A choice is stored as a text, whatever it is.
  if (parameter.type === 'string' && Array.isArray(choices)) {
    return { ...named, type: 'select', opts: { opts: choices.map((choice: Json) => ({ l: { 'en-US': String(choice) }, v: String(choice) })) } };
  }
  if (parameter.type === 'integer') {
    const bounds = Object.fromEntries((['minimum', 'maximum'] as const).flatMap((name) => (typeof schema[name] === 'number' ? [[name.slice(0, 3), schema[name]]] : [])));
    return { ...named, type: 'spinner', ...(Object.keys(bounds).length === 0 ? {} : { opts: bounds }) };
  }
  return { ...named, type: 'input', opts: { types: [variableType(parameter)] } };
}

/** Variables of a block's definition, one for each parameter, with the form's rows. */
export function blockVariables(manifest: TemplateManifest): readonly Variable[] {
  return Object.entries(manifest.parameters.properties).map(([name, parameter]) => ({
    name, type: variableType(parameter), value: parameter.writeOnly === true ? '' : variableValue(parameter.default), ui: row(parameter),
  }));
}

/** Variables of a flow's tab: what it is from, and one for each parameter. */
export function flowVariables(manifest: TemplateManifest): readonly Variable[] {
  return [
    { name: TEMPLATE_ENV, type: 'str', value: `${manifest.id}@${manifest.version}` },
    ...blockVariables(manifest).map(({ name, type, value }) => ({ name, type, value })),
  ];
}
