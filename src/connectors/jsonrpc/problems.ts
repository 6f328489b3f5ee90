import type { Json, JsonObject } from '../../domain/json.ts';
import type { ServiceDefinition, ServiceOperation } from '../../domain/service/index.ts';
import { DriverError } from '../driver.ts';
import { readBinding, type Binding, type CheckStep, type RpcStep } from './binding.ts';
import type { Dialect } from './dialect.ts';
import { CONDITIONS, EXPRESSIONS, isExpression } from './expression.ts';
import { WIRE_TYPES } from './typed.ts';

type Found = { readonly at: string; readonly message: string };

/** What of a service cannot be spoken, before anybody calls it. */
export function bindingProblems(service: ServiceDefinition, dialect: Dialect): readonly Found[] {
  return [...dialect.problems(service), ...Object.entries(service.operations).flatMap(([name, operation]) => {
    const at = `/operations/${name.replaceAll('~', '~0').replaceAll('/', '~1')}/binding`;
    try {
      return operationProblems(readBinding(operation), operation, dialect).map((found) => ({ at: at + found.at, message: found.message }));
    } catch (error) {
      if (error instanceof DriverError) return [{ at: at + (error.at ?? ''), message: error.message }];
      throw error;
    }
  })];
}

function operationProblems(binding: Binding, operation: ServiceOperation, dialect: Dialect): readonly Found[] {
  const found: Found[] = [...templateProblems(operation.binding, '')];
  const writes = binding.steps.filter((step): step is RpcStep => step.kind === 'call' && step.effect === 'writes');
  if (operation.effect === 'reads' && writes.length > 0) found.push({ at: '', message: `The operation is said to read, and "${writes[0]?.name ?? ''}" writes; say "writes".` });
  if (operation.effect === 'writes' && operation.recovery.by === 'same-key' && !looksForKey(binding)) found.push({ at: '', message: 'The operation is to be made again under its key, and no step before the first that writes looks for the key; add one, or recover by a query.' });
  if (!dialect.locks && binding.steps.some((step) => step.kind === 'call' && step.lock !== undefined)) found.push({ at: '', message: 'This system cannot lock records as they were read; check a field such as write_date instead.' });
  return found;
}

/** Whether it is looked up, before anything is changed, what an earlier call has done. */
function looksForKey(binding: Binding): boolean {
  const firstWrite = binding.steps.findIndex((step) => step.kind === 'call' && step.effect === 'writes');
  const before: readonly (RpcStep | CheckStep)[] = firstWrite < 0 ? binding.steps : binding.steps.slice(0, firstWrite);
  return before.some((step) => step.kind === 'call' && JSON.stringify([step.arguments, step.keywords]).includes('"/key"'));
}

/** Expressions and conditions that are misspelt would be sent as they stand. */
function templateProblems(value: Json, at: string): readonly Found[] {
  if (Array.isArray(value)) return value.flatMap((each: Json, index) => templateProblems(each, `${at}/${index}`));
  if (value === null || typeof value !== 'object') return [];
  const object = value as JsonObject;
  const found: Found[] = [];
  const unknown = Object.keys(object).find((name) => name.startsWith('$') && !EXPRESSIONS.includes(name as typeof EXPRESSIONS[number]));
  if (unknown !== undefined) found.push({ at: `${at}/${unknown}`, message: `"${unknown}" is no expression; use one of ${EXPRESSIONS.join(', ')}.` });
  if (isExpression(object) && object['type'] !== undefined && !WIRE_TYPES.includes(object['type'] as typeof WIRE_TYPES[number])) found.push({ at: `${at}/type`, message: `"${String(object['type'])}" is no type; use one of ${WIRE_TYPES.join(', ')}.` });
  for (const place of ['when', 'check', 'where', 'holds']) {
    if (Object.hasOwn(object, place)) found.push(...conditionProblems(object[place] as Json, `${at}/${place}`));
  }
  return [...found, ...Object.entries(object).flatMap(([name, each]) => templateProblems(each, `${at}/${name}`))];
}

function conditionProblems(condition: Json, at: string): readonly Found[] {
  if (typeof condition === 'boolean') return [];
  const names = typeof condition === 'object' && condition !== null && !Array.isArray(condition) ? Object.keys(condition) : [];
  const [name] = names;
  if (names.length !== 1 || !CONDITIONS.includes(name as typeof CONDITIONS[number])) return [{ at, message: `A condition has one member of ${CONDITIONS.join(', ')}.` }];
  const of = (condition as JsonObject)[name ?? ''];
  if (name === 'not') return conditionProblems(of as Json, `${at}/not`);
  if (name === 'all' || name === 'any') return Array.isArray(of) ? of.flatMap((each: Json, index) => conditionProblems(each, `${at}/${name}/${index}`)) : [{ at: `${at}/${name}`, message: 'This has to be a list of conditions.' }];
  return [];
}
