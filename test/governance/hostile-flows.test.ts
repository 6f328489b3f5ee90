import assert from 'node:assert/strict';
import { readFlows } from '../../src/governance/gate/rules/read-flows.ts';
import type { Finding } from '../../src/governance/gate/rules/rule.ts';
import { runRules } from '../../src/governance/gate/rules/run.ts';

const MANY = 10_000;
const tab = { id: 't', type: 'tab', label: 'x' };
const close = { id: 'close', type: 'waybill-case-close', z: 't', stepId: 'close', wires: [] };
const scan = { id: 'scan', type: 'waybill-scan-in', z: 't', stepId: 'scan', wires: [['n0']] };
const times = <T>(make: (i: number) => T, count = MANY): readonly T[] => Array.from({ length: count }, (_, i) => make(i));
const inout = (inner: string): object => ({ in: [{ wires: [{ id: inner }] }], out: [{ wires: [{ id: inner, port: 0 }] }] });

/** Shapes for which a rule that looks at pairs, or follows every way, would not come to an end in this test's time. */
const SHAPES: Readonly<Record<string, () => readonly unknown[]>> = {
  'one long chain': () => [tab, scan, close, ...times((i) => ({ id: `n${i}`, type: 'function', z: 't', func: 'return msg', wires: [[i + 1 < MANY ? `n${i + 1}` : 'close']] }))],
  'one output with all wires': () => [tab, scan, close, { id: 'n0', type: 'function', z: 't', wires: [times((i) => `s${i}`)] }, ...times((i) => ({ id: `s${i}`, type: 'waybill-audit', stepId: `s${i}`, z: 't', wires: [['close']] }))],
  'steps in a circle': () => [tab, scan, ...times((i) => ({ id: `n${i}`, type: 'waybill-audit', stepId: `s${i}`, z: 't', wires: [[`n${(i + 1) % MANY}`, `n${(i * 7) % MANY}`]] }))],
  'instances of one block': () => [tab, { id: 's', type: 'subflow', env: [{ name: 'a', type: 'str', value: 'x' }], ...inout('i') }, { id: 'i', type: 'waybill-audit', z: 's', stepId: 'i', wires: [[]] },
    ...times((i) => ({ id: `n${i}`, type: 'subflow:s', z: 't', env: [{ name: 'a', type: 'env', value: `B${i}` }], wires: [[`n${i + 1}`]] }))],
  'subflows in subflows in subflows': () => [tab, ...times((i) => ({ id: `s${i}`, type: 'subflow', ...inout(`x${i}`) }), 5000), ...times((i) => ({ id: `x${i}`, type: i < 4999 ? `subflow:s${i + 1}` : 'waybill-audit', stepId: 'q', z: `s${i}`, env: [{ name: 'A', type: 'env', value: 'A' }], wires: [[]] }), 5000),
    { id: 'top', type: 'subflow:s0', z: 't', wires: [[]] }],
  'two instances of each in the one before': () => [tab, ...times((i) => ({ id: `s${i}`, type: 'subflow', env: [{ name: 'A', type: 'str', value: `v${i}` }] }), 60), ...times((i) => ({ id: `a${i}`, type: `subflow:s${i + 1}`, z: `s${i}`, env: [{ name: 'A', type: 'env', value: 'A' }] }), 59),
    ...times((i) => ({ id: `b${i}`, type: `subflow:s${i + 1}`, z: `s${i}`, env: [{ name: 'A', type: 'env', value: 'A' }] }), 59), { id: 'h', type: 'http request', z: 's59', url: '${A}', wires: [[]] }, { id: 'g', type: 'waybill-audit', z: 's59', stepId: 'g', wires: [[]] }, { id: 'top', type: 'subflow:s0', z: 't' }],
  'subflows in themselves': () => [tab, ...times((i) => ({ id: `s${i}`, type: 'subflow', ...inout(`x${i}`) }), 1000), ...times((i) => ({ id: `x${i}`, type: `subflow:s${(i + 1) % 1000}`, z: `s${i}`, wires: [[`x${i}`]] }), 1000), { id: 'g', type: 'waybill-audit', z: 's5', stepId: 'g', wires: [['x5']] }],
  'links into one': () => [tab, scan, close, ...times((i) => ({ id: `o${i}`, type: 'link out', z: 't', links: ['li'], wires: [] })), { id: 'li', type: 'link in', z: 't', links: times((i) => `o${i}`), wires: [['close']] }],
  'config nodes that use each other': () => [tab, close, ...times((i) => ({ id: `b${i}`, type: 'mqtt-broker', broker: `host${i}`, port: '1883', tls: `b${(i + 1) % MANY}` }))],
  'one id over and over': () => [tab, close, ...times(() => ({ id: 'same', type: 'exec', z: 't', wires: [] }))],
  'texts that repeat what patterns look for': () => [tab, close, ...['"', '\'', '/', '/*', '\\', '`', '${', 'eyJ-', 'Bearer ', 'Basic ', 'sk-', '://a:', 'http://', 'password="', 'env("', 'Password=']
    .map((part, i) => ({ id: `f${i}`, type: 'function', z: 't', url: part.repeat(150_000 / part.length), func: part.repeat(150_000 / part.length), password: part.repeat(150_000 / part.length), wires: [[]] }))],
  'the same in every other place that patterns look at': () => [tab, close, ...['${', '{{', '$(', '{"password":"', 'url="', 'a-', '?api_key=', 'key=', '://', 'http://{{', '//', '@', '%', ' ', '\n', '[', ':', '.', 'global.set(', 'ü', 'x:x@', '${a', '{a', '+/', 'subflow:', '$share/', '-----BEGIN A', 'eyJa.', 'env.get("', 'url: "'].flatMap((part, i) => {
    const text = part.repeat(50_000 / part.length);
    return [
      { id: `h${i}`, type: 'http request', z: 't', url: text, headers: [{ keyType: text, valueValue: text }], wires: [[]] }, { id: `g${i}`, type: 'http request', z: 't', url: '', wires: [['close']] },
      { id: `c${i}`, type: 'change', z: 't', rules: [{ t: 'set', p: 'url', pt: 'msg', to: text, tot: 'str' }], wires: [[`g${i}`]] }, { id: `i${i}`, type: 'inject', z: 't', payload: text, props: [{ p: 'url', v: text, vt: 'str' }], wires: [[`g${i}`]] },
      { id: `m${i}`, type: 'template', z: 't', field: 'url', template: text, wires: [[`g${i}`]] }, { id: `f${i}`, type: 'function', z: 't', func: `msg.url = "${text}`, wires: [[`g${i}`]] }, { id: `b${i}`, type: 'mqtt-broker', broker: text, port: text },
      { id: `t${i}`, type: 'tab', label: text, info: text, env: [{ name: text, type: 'env', value: text }, { name: 'a', type: 'str', value: text }] }, { id: `u${i}`, type: 'udp out', z: 't', addr: text, wires: [] },
      { id: `a${i}`, type: 'waybill-approval', z: 't', stepId: text, role: text, autoApprove: text, quorum: text, wires: [] }, { id: `s${i}`, type: 'waybill-scan-in', z: 't', stepId: `s${i}`, pattern: text, broker: `b${i}`, wires: [['close']] },
    ];
  })],
  'requests behind long code': () => [tab, close, { id: 'c', type: 'waybill-call', z: 't', stepId: 'c', url: 'https://erp.example.com', urlType: 'str', wires: [['close']] },
    ...times((i) => ({ id: `h${i}`, type: 'http request', z: 't', url: '', wires: [[`h${(i + 1) % 5000}`]] }), 5000), ...times((i) => ({ id: `f${i}`, type: 'function', z: 't', func: 'msg.url = "http://x"'.repeat(50), wires: [[`h${i}`]] }), 5000)],
};

describe('rules on hostile flows', function () {
  // Hours or for ever where a rule grows faster than the flows; about a second where it does not.
  this.timeout(60_000);
  for (const [name, make] of Object.entries(SHAPES)) {
    it(`come to an end: ${name}`, () => {
      const flows = readFlows(make());
      const found: readonly Finding[] = runRules(flows, { now: '2026-11-28T12:00:00Z', site: 'dc-1', before: flows, openCases: new Map([['main/close', 1]]), templates: new Map(), provider: () => ({ module: 'x', version: '1.0.0' }) });
      assert.deepEqual(found.filter(({ message }) => message.includes('failed on these flows')).map(({ message }) => message), []);
    });
  }
});
