import type { Json, JsonObject } from '../../domain/json.ts';
import { DriverError, type DriverCall, type Outcome, type Problem } from '../driver.ts';
import { readBinding, type Binding, type CheckStep, type RpcStep } from './binding.ts';
import type { Dialect, Exchange, RpcResult } from './dialect.ts';
import { fill, holds, plainValue, type Scope } from './expression.ts';
import type { WireValue } from './typed.ts';

/** `partly`: steps before have changed something. */
type Ended = Outcome | { readonly kind: 'changed'; readonly problem: Problem; readonly partly: boolean };

/**
 * Carries out an operation: its steps in order, each looking at what the ones before have found. Nothing is remembered
 * between two calls under one key; the first steps look up under the key how far an earlier call has come, and the
 * conditions of the others leave out what is done. So a call that broke off anywhere is resumed by being made again.
 *
 * What counts as the outcome when a step in the middle fails:
 * - nobody knows whether it happened: `unknown`;
 * - certainly not, but an earlier step has changed something: `unknown` as well, since a part is done;
 * - refused: `undo` is carried out if the step asks for it, then `refused`;
 * - a record was changed meanwhile: everything once more from the start if `lookAgain` is set, and later if that came too
 *   late as well: others work on the same records, which is no answer to this call. Without it, `conflict`.
 */
export function* carryOut(call: DriverCall, dialect: Dialect): Exchange<Outcome> {
  const binding = readBinding(call.operation);
  for (let round = 1; ; round++) {
    const ended = yield* once(binding, call, dialect);
    if (ended.kind !== 'changed') return ended;
    if (binding.lookAgain && round === 1) continue;
    const { problem } = ended;
    if (ended.partly) return { kind: 'unknown', problem: { ...problem, detail: `${problem.detail ?? ''} Steps before were carried out.`.trim() } };
    if (binding.lookAgain) return { kind: 'again', problem: { ...problem, errorClass: 'contended' } };
    return yield* conflict(binding, problem, scopeOf(call, {}), call, dialect);
  }
}

function* once(binding: Binding, call: DriverCall, dialect: Dialect): Exchange<Ended> {
  const steps: { [name: string]: Json } = {};
  let changed = false;
  let last: Json = null;
  let status = 200;
  for (const step of binding.steps) {
    const scope = scopeOf(call, steps);
    if (step.when !== undefined && !holds(step.when, scope)) continue;
    if (step.kind === 'check') {
      const ended = yield* checked(binding, step, scope, changed, call, dialect);
      if (ended !== undefined) return ended;
      continue;
    }
    const result = yield* dialect.invoke(rpcOf(step, scope, dialect), call);
    if (result.kind === 'answer') {
      steps[step.name] = result.value;
      last = result.value;
      status = result.status;
      changed ||= step.effect === 'writes';
      continue;
    }
    return yield* ended(binding, step, result, scope, changed, call, dialect);
  }
  return { kind: 'done', answer: binding.answer === undefined ? last : plainValue(binding.answer, scopeOf(call, steps)), status };
}

function* ended(binding: Binding, step: RpcStep, result: RpcResult & { kind: Exclude<RpcResult['kind'], 'answer'> }, scope: Scope, changed: boolean, call: DriverCall, dialect: Dialect): Exchange<Ended> {
  if (result.kind === 'again' && changed) {
    const { problem } = result;
    return { kind: 'unknown', problem: { ...problem, detail: `"${step.name}" was not carried out, but steps before it were. ${problem.detail ?? ''}`.trim() }, ...(result.retryAfterMs === undefined ? {} : { retryAfterMs: result.retryAfterMs }) };
  }
  if (result.kind === 'changed') return { ...result, partly: changed };
  if (result.kind !== 'refused') return result;
  if (!step.undoOnRefusal) return changed ? { ...result, problem: { ...result.problem, detail: `${result.problem.detail ?? ''} What steps before "${step.name}" did stands in the system.`.trim() } } : result;
  for (const undo of binding.undo) {
    if (undo.when !== undefined && !holds(undo.when, scope)) continue;
    const undone = yield* dialect.invoke(rpcOf(undo, scope, dialect), call);
    if (undone.kind === 'answer') continue;
    return { kind: 'unknown', problem: { ...undone.problem, title: `"${step.name}" was refused (${result.problem.title}), and what was done before could not be taken back: ${undone.problem.title}` } };
  }
  return result;
}

const CLASSES = { conflict: 'conflict', refused: 'refused', again: 'contended' } as const;

function* checked(binding: Binding, step: CheckStep, scope: Scope, changed: boolean, call: DriverCall, dialect: Dialect): Exchange<Outcome | undefined> {
  if (holds(step.check, scope)) return undefined;
  if (step.otherwise === 'done') return { kind: 'done', answer: plainValue(step.answer ?? null, scope) };
  const problem: Problem = { title: String(plainValue(step.title, scope)), code: step.code, errorClass: CLASSES[step.otherwise] };
  if (step.otherwise === 'again') return { kind: changed ? 'unknown' : 'again', problem };
  if (step.otherwise === 'refused') return { kind: 'refused', problem };
  return step.newer === undefined ? yield* conflict(binding, problem, scope, call, dialect) : { kind: 'conflict', problem, newer: plainValue(step.newer, scope) };
}

/** With the state as it is now, where the binding says how to read it. */
function* conflict(binding: Binding, problem: Problem, scope: Scope, call: DriverCall, dialect: Dialect): Exchange<Outcome> {
  if (binding.newer === undefined) return { kind: 'conflict', problem };
  const read = yield* dialect.invoke(rpcOf(binding.newer, scope, dialect), call);
  return read.kind === 'answer' ? { kind: 'conflict', problem, newer: read.value } : { kind: 'conflict', problem };
}

function scopeOf(call: DriverCall, steps: { readonly [name: string]: Json }): Scope {
  return { document: call.document, key: call.idempotencyKey ?? null, steps: { ...steps } };
}

function rpcOf(step: RpcStep, scope: Scope, dialect: Dialect): Parameters<Dialect['invoke']>[0] {
  const lock = step.lock === undefined ? undefined : { model: step.lock.model, rows: lockedRows(plainValue(step.lock.rows, scope)) };
  if (lock !== undefined && !dialect.locks) throw new DriverError('This system cannot lock records as they were read; take "lock" out of the binding and check a field such as write_date instead.');
  return {
    model: step.model, method: step.method, safe: step.effect === 'reads', lock, accept: step.accept,
    arguments: step.arguments.map((each) => fill(each, scope)),
    keywords: filled(step.keywords, scope),
    context: filled(step.context, scope),
  };
}

function filled(templates: JsonObject, scope: Scope): { readonly [name: string]: WireValue } {
  return Object.fromEntries(Object.entries(templates).map(([name, template]) => [name, fill(template, scope)]));
}

function lockedRows(rows: Json): readonly JsonObject[] {
  if (!Array.isArray(rows)) throw new DriverError('"lock" has to name a list of records as they were read.');
  return rows as readonly JsonObject[];
}
