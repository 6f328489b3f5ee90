import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';
import type { JsonObject } from '../../domain/json.ts';
import { isTimeZone } from '../../engine/sites.ts';
import { actionNames } from './format.ts';
import type { LoadedScenario, Scenario, Step } from './format.ts';
import { readFlow } from './flows.ts';
import { readServices } from './services.ts';
import { ScenarioError } from './scenario-error.ts';

let compiled: { readonly scenario: ValidateFunction; readonly set: ValidateFunction } | undefined;

function validators(): NonNullable<typeof compiled> {
  if (compiled === undefined) {
    const schema = JSON.parse(readFileSync(fileURLToPath(import.meta.resolve('#package/resources/scenario.schema.json')), 'utf8')) as object;
    const ajv = new Ajv2020({ allErrors: true, strict: false });
    ajv.addSchema(schema, 'waybill');
    const of = (name: string): ValidateFunction => {
      const found = ajv.getSchema(`waybill#/$defs/${name}`);
      if (found === undefined) throw new Error(`the schema of scenarios has no ${name}`);
      return found;
    };
    compiled = { scenario: of('scenario'), set: of('set') };
  }
  return compiled;
}

/** `step 3 (decide)` and what is left of the path inside of it. */
function place(instancePath: string, scenario: { readonly steps?: readonly Step[] }): string {
  const parts = instancePath.split('/').slice(1);
  if (parts[0] !== 'steps' || parts[1] === undefined) return parts.join('.');
  const action = parts[2] ?? Object.keys(scenario.steps?.[Number(parts[1])] ?? {})[0];
  return [`step ${Number(parts[1]) + 1}${action === undefined ? '' : ` (${action})`}`, parts.slice(3).join('.')].filter((part) => part !== '').join(', ');
}

function sentence({ keyword, params, message }: ErrorObject): string {
  const given = params as { readonly additionalProperty?: string; readonly missingProperty?: string; readonly allowedValues?: readonly unknown[]; readonly type?: string | readonly string[]; readonly pattern?: string };
  switch (keyword) {
    case 'additionalProperties': return `"${given.additionalProperty ?? ''}" is not known here; mend its spelling or take it out`;
    case 'required': return `"${given.missingProperty ?? ''}" is missing`;
    case 'enum': return `must be one of ${(given.allowedValues ?? []).map(String).join(', ')}`;
    case 'type': return `must be of the type ${[given.type ?? ''].flat().join(' or ')}`;
    case 'pattern': return `has not the form that is needed (${given.pattern ?? ''})`;
    default: return message ?? keyword;
  }
}

/** The errors that say what to mend: of alternatives only what the value itself lacks. */
function problems(errors: readonly ErrorObject[], scenario: { readonly steps?: readonly Step[] }): string[] {
  const telling = errors.filter(({ keyword }) => !['anyOf', 'if', 'oneOf'].includes(keyword));
  const deepest = telling.filter(({ instancePath }) => !telling.some((other) => other.instancePath.startsWith(`${instancePath}/`) && other.instancePath !== instancePath));
  return [...new Set((deepest.length > 0 ? deepest : [...errors]).map((error) => [place(error.instancePath, scenario), sentence(error)].filter((part) => part !== '').join(': ')))];
}

function stepProblems(steps: readonly Step[], people: ReadonlySet<string>): string[] {
  return steps.flatMap((step, i) => {
    const at = `step ${i + 1}`;
    const actions = actionNames.filter((name) => step[name] !== undefined);
    const found: string[] = [];
    if (actions.length > 1) found.push(`${at}: has ${actions.length} actions (${actions.join(', ')}); make a step of each`);
    if (actions.length === 0 && step.expect === undefined) found.push(`${at}: has neither an action nor "expect"`);
    const [action] = actions;
    const by = action === undefined ? undefined : (step[action] as { readonly by?: unknown } | undefined)?.by;
    if (typeof by === 'string' && action !== 'advance' && !people.has(by)) found.push(`${at} (${action ?? ''}): "${by}" is none of the people; they are ${[...people].join(', ') || 'none'}`);
    if (step.together !== undefined) found.push(...stepProblems(step.together.steps, people).map((problem) => `${at}, ${problem}`));
    return found;
  });
}

function furtherProblems(scenario: Scenario): string[] {
  const { timeZone, start } = scenario.clock;
  const found: string[] = [];
  if (timeZone !== undefined && !isTimeZone(timeZone)) found.push(`clock: the time zone "${timeZone}" is not known; give an IANA name such as Europe/Berlin`);
  if (Number.isNaN(Date.parse(start))) found.push(`clock: "${start}" is no instant; give one such as 2026-03-02T08:00:00+01:00`);
  const names = (scenario.people ?? []).map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) found.push(`people: "${twice}" is there twice`);
  return [...found, ...stepProblems(scenario.steps, new Set(names))];
}

/** One scenario of a set takes over what the set says for all; flows' changes, systems, files and variables are put together by name. */
function inSet(set: JsonObject, one: JsonObject): JsonObject {
  const { scenarios: _scenarios, $schema: _schema, title: _title, ...common } = set;
  const merged: Record<string, unknown> = { ...common, ...one };
  for (const name of ['change', 'systems', 'files', 'env', 'tuning']) {
    if (common[name] !== undefined && one[name] !== undefined) merged[name] = { ...common[name] as object, ...one[name] as object };
  }
  return merged as JsonObject;
}

function checked(file: string, value: JsonObject): LoadedScenario {
  const { scenario: validate } = validators();
  const title = typeof value['title'] === 'string' ? ` "${value['title']}"` : '';
  const wrong = validate(value) ? furtherProblems(value as unknown as Scenario) : problems(validate.errors ?? [], value as unknown as Scenario);
  if (wrong.length > 0) throw new ScenarioError('wrong-scenario', `${file}: the scenario${title} cannot be played.`, wrong);
  const scenario = value as unknown as Scenario;
  return { file, scenario, flows: readFlow(scenario.flow, file), services: readServices(scenario.services, file) };
}

/** The scenarios of a file: one, or a set. @throws ScenarioError `wrong-scenario` */
export function readScenarios(file: string): readonly LoadedScenario[] {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new ScenarioError('wrong-scenario', `${file} cannot be read: ${(error as Error).message}`, [], { cause: error });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new ScenarioError('wrong-scenario', `${file} is no scenario; it must be an object with title, flow, clock and steps.`);
  const object = value as JsonObject;
  if (object['scenarios'] === undefined) return [checked(file, object)];
  const { set } = validators();
  if (!set(object)) throw new ScenarioError('wrong-scenario', `${file}: the set of scenarios cannot be played.`, problems(set.errors ?? [], {}));
  return (object['scenarios'] as readonly JsonObject[]).map((one) => checked(file, inSet(object, one)));
}

/** The files of scenarios that a path means: itself, a template's `tests/`, or what a folder holds. @throws ScenarioError `wrong-scenario` */
export function scenarioFiles(given: string): readonly string[] {
  if (!existsSync(given)) throw new ScenarioError('wrong-scenario', `There is no ${given}; give a file with scenarios, or a folder that holds some.`);
  if (!statSync(given).isDirectory()) return [given];
  const tests = path.join(given, 'tests');
  const folder = (existsSync(tests) && statSync(tests).isDirectory()) || existsSync(path.join(given, 'template.json')) ? tests : given;
  if (!existsSync(folder)) throw new ScenarioError('wrong-scenario', `The template ${given} has no scenarios yet; they go into ${folder}, in files that end in .json (docs/scenarios.md).`);
  const files = readdirSync(folder).filter((name) => name.endsWith('.json')).sort().map((name) => path.join(folder, name));
  if (files.length === 0) throw new ScenarioError('wrong-scenario', `${folder} holds no scenarios; they are files that end in .json.`);
  return files;
}
