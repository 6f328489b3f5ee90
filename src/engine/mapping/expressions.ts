import { Script, type Context } from 'node:vm';
import { decimalFunctions } from '../../domain/index.ts';
import type { ExpressionPort } from '../../domain/mapping/index.ts';
import { EXPRESSION_LIMIT_MS, jsonataRoom, readResult, sentence } from '../intake/expression.ts';

/** Text goes in, text comes out; the one function of this process that is in reach takes texts and answers one. */
const PRELUDE = `(function () {
  const expressions = [];
  const count = globalThis.waybillCount;
  const names = globalThis.waybillNames.split(' ');
  delete globalThis.waybillCount;
  delete globalThis.waybillNames;
  const functions = {};
  names.forEach(function (name) {
    functions[name] = function () {
      const answer = count(name, JSON.stringify(Array.prototype.slice.call(arguments)));
      if (answer[0] === 'e') throw new Error(answer.slice(1));
      return JSON.parse(answer.slice(1));
    };
  });
  globalThis.waybillCompile = function (text) { return expressions.push(jsonata(text)) - 1; };
  globalThis.waybillRun = function (index, input, root) {
    globalThis.waybillResult = undefined;
    expressions[index].evaluate(JSON.parse(input), Object.assign({ root: JSON.parse(root) }, functions)).then(
      function (value) { const text = JSON.stringify(value); globalThis.waybillResult = 'v' + (text === undefined ? '' : text); },
      function (error) { globalThis.waybillResult = 'e' + String((error && error.message) || error); }
    );
  };
})()`;

const prelude = new Script(PRELUDE);
const compile = new Script('waybillCompile(waybillExpression)');
const run = new Script('waybillRun(waybillIndex, waybillInput, waybillRoot)');

type Counting = Readonly<Record<string, (...values: readonly unknown[]) => unknown>>;

/** Never throws: what is thrown here would bring this process's own objects into the room. */
function count(name: string, values: string): string {
  try {
    return `v${JSON.stringify((decimalFunctions as unknown as Counting)[name]!(...JSON.parse(values) as readonly unknown[]))}`;
  } catch (error) {
    return `e${sentence(error)}`;
  }
}

/**
 * JSONata for one mapping: `$root` is the whole document, `$plus`, `$times`, `$rounded` and so on count exactly. An expression
 * that does not end is stopped after the limit; nothing of this process is in its reach.
 */
export function mappingExpressions(limitMs = EXPRESSION_LIMIT_MS): ExpressionPort {
  const texts: string[] = [];
  let room: Context | undefined;

  function entered(): Context {
    if (room !== undefined) return room;
    const made = jsonataRoom();
    made['waybillCount'] = count;
    made['waybillNames'] = Object.keys(decimalFunctions).join(' ');
    prelude.runInContext(made);
    for (const text of texts) compileIn(made, text);
    room = made;
    return made;
  }

  function compileIn(context: Context, text: string): void {
    context['waybillExpression'] = text;
    compile.runInContext(context, { timeout: limitMs });
  }

  return {
    compile(text) {
      try {
        compileIn(entered(), text);
      } catch (error) {
        throw new RangeError(`The expression "${text.slice(0, 80)}" is no JSONata: ${sentence(error)}`, { cause: error });
      }
      const index = texts.push(text) - 1;
      const needsRoot = text.includes('$root');
      return (input, root) => {
        const here = entered();
        here['waybillIndex'] = index;
        here['waybillInput'] = JSON.stringify(input);
        here['waybillRoot'] = needsRoot ? JSON.stringify(root) : 'null';
        try {
          run.runInContext(here, { timeout: limitMs });
        } catch (error) {
          room = undefined; // what was stopped in the middle is not gone on with
          const slow = typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
          return { ok: false, detail: slow ? `stopped after ${limitMs} ms` : sentence(error) };
        }
        const result = readResult(here['waybillResult']);
        return result.ok ? result : { ok: false, detail: result.detail ?? 'no reason given' };
      };
    },
  };
}
