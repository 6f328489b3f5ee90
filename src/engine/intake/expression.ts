import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createContext, Script, type Context } from 'node:vm';
import type { Evaluation, ExpressionEvaluator } from '../../intake/mapper/index.ts';

/** Set by the build. */
declare const __WAYBILL_BUNDLED__: boolean | undefined;

/** How long one message may take: a thousand times what an ordinary expression needs. */
export const EXPRESSION_LIMIT_MS = 200;
/** Characters of JSON that one message may give. */
const LONGEST_RESULT = 1_048_576;

/** JSONata's own text: a copy beside the bundle, and its package while nothing is built. */
function jsonataUrl(): string {
  return typeof __WAYBILL_BUNDLED__ === 'undefined' ? import.meta.resolve('jsonata/jsonata.min.js') : import.meta.resolve('#package/dist/vendor/jsonata.js');
}

let library: Script | undefined;
const call = new Script('waybillRun(waybillInput, waybillTopic)');

/** Nothing of this process is in reach: text goes in, text comes out. */
const PRELUDE = `(function () {
  const expression = jsonata(waybillExpression);
  globalThis.waybillRun = function (input, topic) {
    globalThis.waybillResult = undefined;
    expression.evaluate(JSON.parse(input), { topic: JSON.parse(topic) }).then(
      function (value) { const text = JSON.stringify(value); globalThis.waybillResult = 'v' + (text === undefined ? '' : text); },
      function (error) { globalThis.waybillResult = 'e' + String((error && error.message) || error); }
    );
  };
})()`;

interface Room extends Context {
  waybillExpression?: string;
  waybillInput?: string;
  waybillTopic?: string;
  waybillResult?: unknown;
}

/**
 * Compiles a JSONata expression to an evaluator that always ends: JSONata awaits at every step, and an endless
 * recursion of it would never give the event loop back. It therefore runs in a context with a queue of microtasks of
 * its own, which V8 stops, whatever it is doing, when the time is up (node:vm, `microtaskMode`).
 * Throws RangeError, with one sentence that says what to mend, when it is no JSONata.
 */
export function compileExpression(expression: string, limitMs = EXPRESSION_LIMIT_MS): ExpressionEvaluator {
  if (expression.trim() === '') throw new RangeError('The format JSONata needs an expression that gives the field code.');
  let room: Room | undefined = enter(expression);
  return (input, topic) => {
    room ??= enter(expression);
    room.waybillInput = input;
    room.waybillTopic = topic;
    try {
      call.runInContext(room, { timeout: limitMs });
    } catch (error) {
      room = undefined; // what was stopped in the middle is not gone on with
      if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return { ok: false, reason: 'expression-too-slow', detail: `stopped after ${limitMs} ms` };
      return { ok: false, reason: 'expression-failed', detail: sentence(error) };
    }
    const { waybillResult: result } = room;
    if (typeof result !== 'string') room = undefined;
    return readResult(result);
  };
}

/** A context of its own, with JSONata and nothing else in it: whatever runs there can be stopped. */
export function jsonataRoom(): Context {
  library ??= new Script(readFileSync(fileURLToPath(jsonataUrl()), 'utf8'), { filename: 'jsonata.js' });
  const room = createContext(Object.create(null) as Context, { microtaskMode: 'afterEvaluate', codeGeneration: { strings: false, wasm: false } });
  library.runInContext(room);
  return room;
}

function enter(expression: string): Room {
  const room = jsonataRoom() as Room;
  room.waybillExpression = expression;
  try {
    new Script(PRELUDE).runInContext(room, { timeout: EXPRESSION_LIMIT_MS });
  } catch (error) {
    throw new RangeError(`The expression is no JSONata: ${sentence(error)}`, { cause: error });
  }
  return room;
}

/** What a room has written: `v` and JSON, or `e` and a message. */
export function readResult(result: unknown): Evaluation {
  if (typeof result !== 'string') return { ok: false, reason: 'expression-failed', detail: 'it waits for something that never comes' };
  const text = result.slice(1);
  if (result.startsWith('e')) return { ok: false, reason: 'expression-failed', detail: shortened(text) };
  if (text.length > LONGEST_RESULT) return { ok: false, reason: 'expression-failed', detail: `it gives ${text.length} characters, ${LONGEST_RESULT} are allowed` };
  return { ok: true, value: text === '' ? undefined : JSON.parse(text) as unknown };
}

/** The message of what was thrown in there: of another realm, so no `instanceof Error`. */
export function sentence(error: unknown): string {
  const message = typeof error === 'object' && error !== null && 'message' in error ? error.message : error;
  return shortened(typeof message === 'string' ? message : 'it threw something that is no error');
}

function shortened(text: string): string {
  // eslint-disable-next-line no-control-regex
  const plain = text.replace(/[\u0000-\u001f\u007f]/g, ' ');
  return plain.length > 300 ? `${plain.slice(0, 300)}…` : plain;
}
