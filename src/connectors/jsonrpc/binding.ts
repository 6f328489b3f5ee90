import type { Json, JsonObject } from '../../domain/json.ts';
import type { ServiceOperation } from '../../domain/service/index.ts';
import { DriverError } from '../driver.ts';

/** A call of a method. */
export interface RpcStep {
  readonly kind: 'call';
  readonly name: string;
  readonly model: string;
  readonly method: string;
  /** Templates (expression.ts), by position. */
  readonly arguments: readonly Json[];
  /** Templates by name, where the system takes named arguments. */
  readonly keywords: JsonObject;
  readonly context: JsonObject;
  readonly effect: 'reads' | 'writes';
  /** Left out when this does not hold. */
  readonly when: Json | undefined;
  /** Records that must be as they were read: rows with `id` and `_timestamp`. */
  readonly lock: { readonly model: string; readonly rows: Json } | undefined;
  readonly accept: readonly string[];
  readonly undoOnRefusal: boolean;
}

const OTHERWISE = ['conflict', 'refused', 'done', 'again'] as const;
type Otherwise = (typeof OTHERWISE)[number];

/** Something that has to hold before the next step. */
export interface CheckStep {
  readonly kind: 'check';
  readonly name: string;
  readonly check: Json;
  readonly when: Json | undefined;
  /** `again`: it will hold once others have finished what they are at. */
  readonly otherwise: Otherwise;
  readonly code: string;
  readonly title: Json;
  /** How it stands, for a conflict. */
  readonly newer: Json | undefined;
  /** For `done`. */
  readonly answer: Json | undefined;
}

export interface Binding {
  readonly steps: readonly (RpcStep | CheckStep)[];
  readonly undo: readonly RpcStep[];
  readonly answer: Json | undefined;
  /** A read that says how it stands after a conflict. */
  readonly newer: RpcStep | undefined;
  readonly lookAgain: boolean;
}

const STEP_MEMBERS = ['name', 'model', 'method', 'arguments', 'keywords', 'context', 'effect', 'when', 'lock', 'accept', 'undoOnRefusal'];
const CHECK_MEMBERS = ['name', 'check', 'when', 'otherwise', 'code', 'title', 'newer', 'answer'];
const SEQUENCE_MEMBERS = ['steps', 'undo', 'answer', 'newer', 'lookAgain'];

/**
 * Reads the binding of an operation: one call, or a sequence of `steps`.
 * @throws DriverError with the place of what cannot be read
 */
export function readBinding(operation: ServiceOperation): Binding {
  const { binding } = operation;
  const { steps } = binding;
  if (steps === undefined) {
    const { newer, lookAgain, answer, ...call } = binding;
    return { steps: [readCall({ name: 'call', effect: operation.effect, ...call }, '')], undo: [], answer, newer: readNewer(newer), lookAgain: lookAgain === true };
  }
  onlyMembers(binding, SEQUENCE_MEMBERS, '');
  const read = list(steps, '/steps').map((step, index) => readStep(object(step, `/steps/${index}`), `/steps/${index}`));
  const names = read.map((step) => step.name);
  const twice = names.findIndex((name, index) => names.indexOf(name) !== index);
  if (twice >= 0) throw new DriverError(`Two steps are called "${names[twice] ?? ''}"; give each a name of its own.`, `/steps/${twice}/name`);
  const undo = binding['undo'] === undefined ? [] : list(binding['undo'], '/undo').map((step, index) => readCall(object(step, `/undo/${index}`), `/undo/${index}`));
  return { steps: read, undo, answer: binding['answer'], newer: readNewer(binding['newer']), lookAgain: binding['lookAgain'] === true };
}

function readStep(step: JsonObject, at: string): RpcStep | CheckStep {
  if (step['check'] === undefined) return readCall(step, at);
  onlyMembers(step, CHECK_MEMBERS, at);
  const otherwise = OTHERWISE.find((each) => each === step['otherwise']);
  if (otherwise === undefined) throw new DriverError(`A check needs "otherwise", one of ${OTHERWISE.join(', ')}.`, `${at}/otherwise`);
  return {
    kind: 'check', name: name(step, at), check: step['check'], when: step['when'], otherwise,
    code: typeof step['code'] === 'string' ? step['code'] : name(step, at), title: step['title'] ?? name(step, at), newer: step['newer'], answer: step['answer'],
  };
}

function readCall(step: JsonObject, at: string): RpcStep {
  onlyMembers(step, STEP_MEMBERS, at);
  const { model = '', method, effect, lock } = step;
  if (typeof method !== 'string' || !/^[A-Za-z_][\w.]*$/.test(method)) throw new DriverError('A call needs a "method", such as search_read.', `${at}/method`);
  if (typeof model !== 'string' || !/^[\w.]*$/.test(model)) throw new DriverError('"model" has to be a name such as stock.move.', `${at}/model`);
  if (effect !== 'reads' && effect !== 'writes') throw new DriverError('A call needs "effect": reads or writes.', `${at}/effect`);
  return {
    kind: 'call', name: name(step, at), model, method, effect, when: step['when'],
    arguments: step['arguments'] === undefined ? [] : list(step['arguments'], `${at}/arguments`),
    keywords: step['keywords'] === undefined ? {} : object(step['keywords'], `${at}/keywords`),
    context: step['context'] === undefined ? {} : object(step['context'], `${at}/context`),
    lock: lock === undefined ? undefined : readLock(object(lock, `${at}/lock`), model, `${at}/lock`),
    accept: step['accept'] === undefined ? [] : list(step['accept'], `${at}/accept`).map(String),
    undoOnRefusal: step['undoOnRefusal'] === true,
  };
}

function readLock(lock: JsonObject, model: string, at: string): RpcStep['lock'] {
  const rows = lock['rows'];
  if (rows === undefined) throw new DriverError('"lock" needs "rows": the records as they were read.', at);
  return { model: typeof lock['model'] === 'string' ? lock['model'] : model, rows };
}

function readNewer(newer: Json | undefined): RpcStep | undefined {
  return newer === undefined ? undefined : readCall({ name: 'newer', effect: 'reads', ...object(newer, '/newer') }, '/newer');
}

function name(step: JsonObject, at: string): string {
  if (typeof step['name'] === 'string' && /^[A-Za-z]\w*$/.test(step['name'])) return step['name'];
  throw new DriverError('A step needs a "name" of letters and digits.', `${at}/name`);
}

function list(value: Json | undefined, at: string): readonly Json[] {
  if (Array.isArray(value)) return value as readonly Json[];
  throw new DriverError('This has to be a list.', at);
}

function object(value: Json | undefined, at: string): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw new DriverError('This has to be an object.', at);
}

function onlyMembers(value: JsonObject, known: readonly string[], at: string): void {
  const other = Object.keys(value).find((member) => !known.includes(member));
  if (other !== undefined) throw new DriverError(`"${other}" is not known here; use one of ${known.join(', ')}.`, `${at}/${other}`);
}
