import assert from 'node:assert/strict';
import fc from 'fast-check';
import { reachOf } from '../../../src/governance/gate/rules/code/reach.ts';
import type { CodePart } from '../../../src/governance/gate/rules/code/syntax.ts';

const part = (code: string, tab: CodePart['tab'] = 'On Message'): CodePart => ({ tab, code });
const reached = (code: string, modules: readonly [string, string][] = []): string => reachOf([part(code)], modules.map(([name, module]) => ({ name, module }))).map(({ reach }) => reach).sort().join(' ');

/** Ways to do it that a search for words does not see. */
const FOUND: Readonly<Record<string, readonly string[]>> = {
  global: [
    'global.set("a", 1)', 'const g = global; g.set("a", 1)', 'global["set"]("a", 1)', 'global[`set`]("a", 1)', 'global["s" + "et"]("a", 1)', 'const how = "set"; global[how]("a", 1)', 'const { set } = global; set("a", 1)', 'const { set: put } = global; put("a", 1)',
    '(function (g) { g.set("a", 1) })(global)', 'const put = (g, v) => g.set("a", v); put(global, 1)', 'function put(g = global) { g.set("a", 1) } put()', 'let g; g = global; g.set("a", 1)', 'const s = global.set; s("a", 1)', 'global.set.call(null, "a", 1)', 'global.set.bind(global)("a", 1)',
    'context.global.set("a", 1)', 'context["global"].set("a", 1)', 'const c = context; c.global.set("a", 1)', 'const { global: g } = context; g.set("a", 1)', 'const { global: { set } } = context; set("a", 1)', 'this.global.set("a", 1)', 'globalThis.global.set("a", 1)', 'const { global: g } = globalThis; g.set("a", 1)',
    'msg.payload.forEach((x) => { global?.set?.("a", x) })', 'helper(global)', 'node.ctx = global', 'return global', 'const all = [global]; all[0].set("a", 1)', 'const box = { global }; box.global.set("a", 1)', 'Reflect.get(global, "set")("a", 1)', 'const { ...all } = global; all.set("a", 1)', 'global[msg.topic]("a", 1)', '(msg.x ? global : flow).set("a", 1)', '(0, global).set("a", 1)',
    'global.count = 1', 'delete global.count', 'global.count++', 'global.get("list").push(1)', 'global.get("state").done = true', 'const s = global.get("state"); s.done = true', 'const s = global.get("state") || {}; s.a.b = 1', 'delete global.get("state").done', 'Object.assign(global.get("state"), { done: true })',
    'util.inspect = () => ""', 'Buffer.prototype.toString = 1', 'console.log = 1', 'Object.defineProperty(Date, "now", { value: 1 })', 'return msg; })(); global.set("a", 1); (function () {', 'function f(g) { arguments[0].set("a", 1) } f(global)', '(({ set }) => set("a", 1))(global)', 'g\\u006cobal.set("a", 1)', 'a = global; b = a; b.set("a", 1)',
  ],
  eval: [
    'eval("1")', '(0, eval)("1")', 'const e = eval; e("1")', 'new Function("return 1")', 'Function("return 1")()', 'const F = Function; F("1")', '"".constructor.constructor("return this")()', '[]["constructor"]["constructor"]("1")()', '[]["con" + "structor"]["constructor"]("1")', 'const C = (() => 1).constructor; C("1")()', 'const { constructor: C } = (() => 1); new C("1")', 'new (Object.getPrototypeOf(async function () {}).constructor)("1")',
    'globalThis.eval("1")', 'const { eval: e } = globalThis; e("1")', 'Reflect.construct(Function, ["1"])', 'Reflect.get((() => 1), "constructor")("1")', 'with (msg) { payload = 1 }', 'console.log.constructor("return process")()', 'x.constructor("1")',
  ],
  require: ['require("fs")', 'const r = require; r("fs")', 'globalThis.require("fs")', 'import("fs")', 'process.exit()', 'const { env } = process', 'const p = process; p.exit()', 'globalThis["process"].exit()', 'global.get("process").exit()', 'globalThis[msg.topic]', 'require?.("fs")', 'global.get("require")("child_process")', 'child_process.exec("ls")'],
  network: ['fetch("http://x")', 'const f = fetch; f("http://x")', 'globalThis.fetch("x")', 'new WebSocket("ws://x")', 'https.request("x")', 'axios.get("x")', 'const { get } = global.get("axios"); get("x")', 'const ax = global.get("axios"); ax("x")'],
};

/** What keeps to itself, and was taken for something else when words were searched for. */
const FINE: readonly string[] = [
  '// fetch("x") global.set("a", 1)', 'const text = "global.set(1) eval(1) require(1)"', 'const p = /require\\(/', 'msg.n = global.get("n"); return msg', 'const g = global; msg.n = g.get("n")', 'const read = (g, k) => g.get(k); msg.n = read(global, "n")', 'const { get, keys } = global; msg.n = get("n")', 'msg.n = global.keys().length',
  'flow.set("a", 1)', 'flow.set("a", 1, "file")', 'context.set("a", 1)', 'context.flow.set("a", 1)', 'const process = msg.process; process.id = 1', 'function process(x) { return x } process(1)', 'const global = {}; global.set = 1', 'const fetch = (x) => x; fetch(1)', 'obj.fetch(1)', 'msg.eval = 1; msg.require = { process: 2 }', 'if (typeof process === "undefined") return msg',
  'x instanceof Function', 'Function.prototype.call', 'x.constructor.name', 'x.constructor === Array', 'class A { constructor() { this.x = 1 } copy() { return new this.constructor() } } new A()', 'RED.util.cloneMessage(msg)', 'RED.util.setMessageProperty(msg, "a", 1)', 'const s = RED.util.cloneMessage(global.get("s")); s.x = 1', 'const s = { ...global.get("s") }; s.x = 1', 'let s = global.get("s"); s = {}; s.x = 1',
  'await Promise.all(msg.all.map(async (x) => x)); return msg', 'const list = []; list.push(1); msg.set(1)', 'const m = new Map(); m.set(1, 2)', 'util.inspect(msg)', 'setTimeout(() => node.send(msg), 100)', 'node.warn(msg.process)', 'env.get("HOME")', 'const { config: { http } } = msg; msg.port = http.port', 'request = msg.request; request.id', 'label: for (;;) break label', 'for (const key in global) key',
];

describe('what the code of a function reaches for', () => {
  for (const [kind, codes] of Object.entries(FOUND)) {
    for (const code of codes) it(`${kind}: ${code}`, () => { assert.ok(reached(code).split(' ').includes(kind), `found: ${reached(code)}`); });
  }
  for (const code of FINE) it(`nothing: ${code}`, () => { assert.equal(reached(code), ''); });

  it('modules of the Setup tab have the names that the code has for them', () => {
    assert.equal(reached('const r = await client.get("x")', [['client', 'axios@1.7.0']]), 'network');
    assert.equal(reached('process(msg)', [['process', './x']]), '');
    assert.equal(reached('dayjs().format()', [['dayjs', 'dayjs']]), '');
  });

  it('a name that one piece of the code gives is followed into the others, and each is found at its place', () => {
    const pieces = [part('\n\nkept.set("a", 1)'), part('kept = global', 'On Start')];
    assert.deepEqual(reachOf(pieces, []).map(({ reach, tab, line }) => ({ reach, tab, line })), [{ reach: 'global', tab: 'On Message', line: 3 }]);
    assert.deepEqual(reachOf([part('return msg'), part('let a = 1\nfetch("x")', 'On Stop')], []), [{ reach: 'network', what: 'talks to the network (fetch)', tab: 'On Stop', line: 2 }]);
  });

  it('code that Node-RED could not run is said to be so', () => {
    assert.deepEqual(reachOf([part('const a = 1;\nconst = 2')], []), [{ reach: 'unreadable', what: 'is no JavaScript: Unexpected token', tab: 'On Message', line: 2 }]);
    assert.match(reachOf([part('('.repeat(100_000))], [])[0]?.what ?? '', /nested too deep|no JavaScript/);
    assert.match(reachOf([part('a'.repeat(300_000))], [])[0]?.what ?? '', /longer than/);
  });

  it('never throws, whatever is written', () => {
    const words = fc.constantFrom('global', 'context', 'this', 'set', 'get', 'a', 'b', '=', '.', '(', ')', '{', '}', '[', ']', ',', ';', '=>', 'const ', 'function ', 'class ', 'new ', '"a"', '`a${', '}`', '...', '?.', 'await ', 'return ', 'for ', ' of ', ' in ', 'var ', '\n', 'constructor', 'delete ', 'if ', 'else ', ':');
    fc.assert(fc.property(fc.array(words, { maxLength: 30 }), (code) => { reachOf([part(code.join(''))], []); }), { numRuns: 500 });
  });

  it('takes no longer than the code is long', function () {
    this.timeout(180_000);
    // far below what a quadratic way would take, and far above what a busy machine adds
    const LENGTH = 30_000;
    for (const [head, piece, tail] of [['', 'a=global;', ''], ['', '[a]=', '1'], ['a', '.b', ''], ['x', '+"a"', ''], ['', 'const a=b=>c;'.slice(5), ''], ['', '{', ''], ['', '(a=', ''], ['', '`${', ''], ['', 'a.constructor;', ''], ['', 'async(', ''], ['', 'function f(){', ''], ['', '/(?<a>', ''], ['', 'global.get("a").b=1;', ''], ['f(', 'global,', 'a)']] as const) {
      const started = performance.now();
      reachOf([part(head + piece.repeat(LENGTH / piece.length) + tail)], []);
      const took = performance.now() - started;
      assert.ok(took < 10_000, `${piece} took ${Math.round(took)} ms`);
    }
    // Each name is the one before, and they are given from the last to the first.
    const chain = Array.from({ length: 1_500 }, (_, i) => `a${i + 1}=a${i};`).reverse().join('');
    const started = performance.now();
    reachOf([part(`a0=global;${chain}`)], []);
    assert.ok(performance.now() - started < 10_000);
  });
});
