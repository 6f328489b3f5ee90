import type { Effect, Json, JsonObject } from '../../../domain/index.ts';
import { conditionHolds } from '../../../domain/plc/trigger.ts';
import type { TagCondition } from '../../../domain/plc/trigger.ts';
import { judgeValue, valueFaultText, WRITABLE_TYPES } from '../../../domain/plc/write.ts';
import type { PlcWrite } from '../../../domain/plc/write.ts';
import { coerce, judgeError, judgeStatus } from '../../../intake/opcua/index.ts';
import type { TagRead, TagWrite } from '../../../intake/opcua/index.ts';
import type { Clock } from '../../support/clock.ts';
import type { Asked, Attempt } from '../effect-run.ts';
import type { PlcLink, PlcOutConfig } from './config.ts';

/** Values by the names of their tags or arguments, as they were worked out from the case. */
export type PlcValues = { readonly [name: string]: Json };

/** A value that is not given to the controller, and why. */
export interface RefusedValue { readonly name: string; readonly value: Json; readonly code: string; readonly message: string }

/** What of one operation does not change between its parts. */
export interface Operation { readonly config: PlcOutConfig; readonly link: PlcLink; readonly values: PlcValues; readonly clock: Clock; readonly readBackMs: number; readonly interlockMs: number; readonly effect: Effect }

/** Between two looks at a tag that does not have its value yet, ms. */
const LOOK_AGAIN_MS = 50;

export function refusedValues(config: PlcOutConfig, values: PlcValues): readonly RefusedValue[] {
  return config.writes.filter(({ valueType }) => valueType !== 'key').flatMap((write): RefusedValue[] => {
    const value = Object.hasOwn(values, write.name) ? values[write.name] : undefined;
    const fault = judgeValue(write, value);
    return fault === undefined ? [] : [{ name: write.name, value: value ?? null, code: fault, message: valueFaultText(write, value, fault) }];
  });
}

/** What is answered for values that the controller is not given. */
export function refusal(refused: readonly RefusedValue[]): Attempt {
  return { outcome: 'permanent', errorClass: 'value-refused', answered: true, response: { body: { refused: refused.map((each): JsonObject => ({ ...each })) } }, error: refused.map(({ message }) => message).join(' ') };
}

const broken = (error: unknown, sent: boolean): Attempt => {
  const { message, ...judged } = judgeError(error, sent);
  return { ...judged, answered: judged.outcome === 'permanent', error: message };
};
const failed = (status: string, what: string, more: JsonObject = {}): Attempt => {
  const { outcome, errorClass, hopeless } = judgeStatus(status);
  const error = `${what}: ${status}.`;
  return { outcome, errorClass, error, answered: outcome !== 'unknown', ...(hopeless === undefined ? {} : { hopeless }), response: { body: { error, ...more } } };
};

/** One attempt: looks whether it may be, gives the values, and looks whether the controller has them. */
export async function operate(operation: Operation): Promise<Attempt> {
  const { config, values } = operation;
  const refused = refusedValues(config, values);
  if (refused.length > 0) return refusal(refused);
  let reads: readonly TagRead[];
  const nodeIds = [...config.interlocks.map(({ tag }) => tag), ...(config.action === 'write' ? config.writes.map(({ nodeId }) => nodeId) : [])];
  try {
    reads = nodeIds.length === 0 ? [] : await operation.link.tags.read(nodeIds);
  } catch (error) {
    return broken(error, false);
  }
  const stopped = interlocked(operation, reads.slice(0, config.interlocks.length));
  if (stopped !== undefined) return stopped;
  return config.action === 'call' ? callMethod(operation) : writeTags(operation, reads.slice(config.interlocks.length));
}

const shownCondition = ({ tag, operator, value }: TagCondition, read: TagRead | undefined): string => `${tag} is ${read?.good === true ? JSON.stringify(read.value ?? null) : read?.status ?? 'not known'}, and has to be ${operator} ${JSON.stringify(value)}`;

/** A condition that does not hold, or cannot be known, stops everything. */
function interlocked({ config, clock, effect, interlockMs }: Operation, reads: readonly TagRead[]): Attempt | undefined {
  const open = config.interlocks.filter((condition, at) => {
    const read = reads[at];
    return read?.good !== true || read.value === undefined || !conditionHolds(condition, read.value);
  });
  if (open.length === 0) return undefined;
  const error = `Nothing was given to the controller: ${open.map((condition) => shownCondition(condition, reads[config.interlocks.indexOf(condition)])).join('; ')}.`;
  const over = config.onInterlock === 'refuse' || clock.now() - Date.parse(effect.roundStartedAt) >= interlockMs;
  return {
    outcome: over ? 'permanent' : 'transient', errorClass: 'interlock', answered: true, error, response: { body: { error, interlock: open.map(({ tag }) => tag) } },
    policy: { maxAttempts: Number.MAX_SAFE_INTEGER, maxElapsedMs: Number.MAX_SAFE_INTEGER, baseDelayMs: 500, maxDelayMs: 10_000 },
  };
}

/** The values in the form of their tags; what does not fit is refused before anything is written. */
function fitted(writes: readonly PlcWrite[], values: PlcValues, reads: readonly TagRead[]): { readonly tags: readonly TagWrite[] } | { readonly stopped: Attempt } {
  const refused: RefusedValue[] = [];
  const tags: TagWrite[] = [];
  for (const [at, write] of writes.entries()) {
    const read = reads[at];
    const value = values[write.name] as Json;
    const refuse = (code: string, message: string): void => { refused.push({ name: write.name, value, code, message }); };
    // A tag that may only be written says no type; one that is gone, or whose device is away, is no matter of its value.
    if (read !== undefined && !read.good && read.status !== 'BadNotReadable' && judgeStatus(read.status).outcome !== 'success' && (read.type === 'Null' || write.type === '')) {
      return { stopped: failed(read.status, `${write.name} (${write.nodeId}) cannot be read before it is written`) };
    }
    const actual = read === undefined || read.type === 'Null' ? undefined : read.type;
    if (actual !== undefined && write.type !== '' && actual !== write.type) refuse('wrong-type', `${write.name} is of type ${actual} at the controller, and this step says ${write.type}; correct the step.`);
    else if (read?.array === true) refuse('unsupported-type', `${write.name} is a list at the controller; only single values are written.`);
    else {
      const type = actual ?? write.type;
      if (type === '') return { stopped: failed('BadTypeMismatch', `${write.name} does not tell its type; choose one in the step`) };
      const coerced = coerce(value, type, write.maxLength > 0 ? write.maxLength : undefined);
      if (coerced.ok) tags.push({ nodeId: write.nodeId, type, value: coerced.value });
      else refuse(coerced.code, `${write.name}: ${coerced.message}`);
    }
  }
  return refused.length > 0 ? { stopped: refusal(refused) } : { tags };
}

async function writeTags(operation: Operation, reads: readonly TagRead[]): Promise<Attempt> {
  const { config, link } = operation;
  const fit = fitted(config.writes, operation.values, reads);
  if ('stopped' in fit) return fit.stopped;
  const rounds = config.inOrder ? config.writes.map((write, at) => [{ write, tag: fit.tags[at] as TagWrite }]) : [config.writes.map((write, at) => ({ write, tag: fit.tags[at] as TagWrite }))];
  const written: string[] = [];
  for (const round of rounds) {
    try {
      const statuses = await link.tags.write(round.map(({ tag }) => tag));
      for (const [at, { write }] of round.entries()) if (judgeStatus(statuses[at] ?? '').outcome === 'success') written.push(write.name);
      const bad = round.findIndex(({ write }) => !written.includes(write.name));
      if (bad >= 0) return failed(statuses[bad] ?? 'BadUnexpectedError', `The controller does not take ${round[bad]?.write.name ?? ''}`, { written });
    } catch (error) {
      return broken(error, true);
    }
    const missing = await readBack(operation, round.filter(({ write }) => write.readBack));
    if (missing !== undefined) return { ...missing, response: { ...missing.response, body: { ...missing.response?.['body'] as JsonObject | undefined, written } } };
  }
  return { outcome: 'success', answered: true, response: { body: operation.values } };
}

/** The same number within its tolerance, single precision allowed for; the same text or signal. */
export function isSame(write: PlcWrite, tag: TagWrite, read: TagRead | undefined): boolean {
  if (read?.good !== true || read.value === undefined) return false;
  const { value } = tag;
  if (value instanceof Date) return typeof read.value === 'string' && Date.parse(read.value) === value.getTime();
  if (Array.isArray(value)) return String(read.value) === String(BigInt.asIntN(64, (BigInt(value[0] as number) << 32n) | BigInt(value[1] as number))) || String(read.value) === String((BigInt(value[0] as number) << 32n) | BigInt(value[1] as number));
  if (typeof value === 'number' && typeof read.value === 'number') {
    const tolerance = Number(write.tolerance.trim() === '' ? 0 : write.tolerance);
    return Math.abs(read.value - (tag.type === 'Float' ? Math.fround(value) : value)) <= tolerance;
  }
  return read.value === value;
}

type Pair = { readonly write: PlcWrite; readonly tag: TagWrite };

/** Looks until the tags have their values, or the time for it is over. */
async function readBack({ link, clock, readBackMs }: Operation, pairs: readonly Pair[]): Promise<Attempt | undefined> {
  if (pairs.length === 0) return undefined;
  const until = performance.now() + readBackMs;
  for (;;) {
    let reads: readonly TagRead[];
    try {
      reads = await link.tags.read(pairs.map(({ tag }) => tag.nodeId));
    } catch (error) {
      return { ...broken(error, true), outcome: 'unknown' };
    }
    const open = pairs.findIndex(({ write, tag }, at) => !isSame(write, tag, reads[at]));
    if (open < 0) return undefined;
    if (performance.now() >= until) {
      const { write } = pairs[open] as Pair;
      const read = reads[open];
      const error = `${write.name} was written and reads ${read?.good === true ? JSON.stringify(read.value ?? null) : read?.status ?? 'nothing'} afterwards: the controller does not keep the value.`;
      return { outcome: 'transient', errorClass: 'not-read-back', answered: true, error, response: { body: { error } } };
    }
    await new Promise<void>((resolve) => { clock.setTimeout(resolve, LOOK_AGAIN_MS); });
  }
}

/** After a break: whether the tags have the values. Only tags that are read back can say so. */
export async function askTags(operation: Operation): Promise<{ readonly asked: Asked; readonly answered: boolean }> {
  const writes = operation.config.writes.filter(({ readBack: asks }) => asks);
  try {
    const reads = await operation.link.tags.read(writes.map(({ nodeId }) => nodeId));
    const unreadable = reads.some(({ good, status }) => !good && judgeStatus(status).outcome !== 'permanent');
    if (writes.length === 0 || unreadable) return { asked: { kind: 'silent' }, answered: true };
    const fit = fitted(writes, operation.values, reads);
    const there = 'tags' in fit && writes.every((write, at) => isSame(write, fit.tags[at] as TagWrite, reads[at]));
    return { asked: there ? { kind: 'happened', response: { body: operation.values } } : { kind: 'not-happened' }, answered: true };
  } catch (error) {
    return { asked: { kind: 'silent' }, answered: judgeError(error, false).outcome === 'permanent' };
  }
}

async function callMethod({ config, link, values, effect }: Operation): Promise<Attempt> {
  let declared: Awaited<ReturnType<PlcLink['tags']['methodArguments']>>;
  try {
    declared = await link.tags.methodArguments(config.methodId);
  } catch (error) {
    return broken(error, false);
  }
  if (declared !== undefined && declared.inputs.length > 0 && declared.inputs.length !== config.writes.length) {
    return failed('BadArgumentsMissing', `The method takes ${declared.inputs.length} arguments (${declared.inputs.map(({ name }) => name).join(', ')}) and this step gives ${config.writes.length}`);
  }
  const reads = config.writes.map((_write, at): TagRead => {
    const argument = declared?.inputs[at];
    return { status: 'Good', good: true, type: argument !== undefined && WRITABLE_TYPES.includes(argument.type) ? argument.type : 'Null', array: argument?.array === true };
  });
  const given = Object.fromEntries(config.writes.map((write) => [write.name, write.valueType === 'key' ? effect.idempotencyKey : values[write.name] as Json]));
  const fit = fitted(config.writes, given, reads);
  if ('stopped' in fit) return fit.stopped;
  try {
    const called = await link.tags.call(config.objectId, config.methodId, fit.tags);
    const bad = called.arguments.findIndex((status) => judgeStatus(status).outcome !== 'success');
    if (judgeStatus(called.status).outcome !== 'success') return failed(called.status, bad < 0 ? 'The method was refused' : `The method does not take ${config.writes[bad]?.name ?? ''} (${called.arguments[bad] ?? ''})`);
    const body = Object.fromEntries(called.results.map((result, at) => [declared?.outputs[at]?.name || `result${at + 1}`, finite(result)]));
    return { outcome: 'success', answered: true, response: { body } };
  } catch (error) {
    return broken(error, true);
  }
}

/** NaN and infinities are no JSON. */
function finite(value: Json): Json {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}
