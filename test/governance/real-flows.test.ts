import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { readFlows } from '../../src/governance/gate/rules/read-flows.ts';
import type { Finding } from '../../src/governance/gate/rules/rule.ts';
import { runRules } from '../../src/governance/gate/rules/run.ts';

const nodesPackage = path.dirname(createRequire(import.meta.url).resolve('@node-red/nodes/package.json'));
const own = path.join(import.meta.dirname, 'real-flows');

interface RealFlow { readonly name: string; readonly nodes: readonly { readonly type: string }[] }

function flowsIn(folder: string): readonly RealFlow[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.json')).sort()
    .map((name) => ({ name: name.replaceAll(path.sep, '/'), nodes: JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as RealFlow['nodes'] }));
}

const context = { now: '2026-11-28T12:00:00Z', site: 'dc-1', provider: () => ({ module: 'node-red', version: '5.0.7' }) };
const judge = (nodes: unknown): readonly Finding[] => runRules(readFlows(nodes), context);

/** `warn no-exec exec` for each finding, sorted. */
const found = (flows: readonly RealFlow[]): Readonly<Record<string, readonly string[]>> => Object.fromEntries(flows.flatMap(({ name, nodes }) => {
  const findings = judge(nodes).map(({ level, rule, node, property }) => [level, rule, node?.type, property].filter((part) => part !== undefined).join(' '));
  return findings.length === 0 ? [] : [[name, [...new Set(findings)].sort()]];
}));

/** What a reviewer agrees with: programs of the machine, addresses that ask nobody who calls, and secrets that stand in an example. */
const EXPECTED_OF_CORE = Object.fromEntries([
  ...['01 - Get standard output from external command', '02 - Get error output from external command', '03 - Run external command in spawn mode'].map((name) => [`function/exec/${name}.json`, ['warn no-exec exec']]),
  ...['01 - Create HTTP endpoint', '02 - Handle query parameters', '03 - Handle URL parameters', '04 - Access HTTP request headers', '05 - Post data to a flow', '06 - Post file to a flow', '07 - Working with cookies']
    .map((name) => [`network/http/${name}.json`, ['warn unauthenticated-endpoint http in url']]),
]) as Readonly<Record<string, readonly string[]>>;
const EXPECTED_OF_OTHERS = {
  'node-red-contrib-oauth2/node-red-contrib-oauth2.json': ['warn no-secrets function func', 'warn no-secrets oauth2 client_secret', 'warn no-secrets oauth2 password', 'warn no-secrets oauth2 refresh_token'],
};

describe('flows of real life under the default policy', () => {
  const core = flowsIn(path.join(nodesPackage, 'examples'));
  const others = flowsIn(own);

  it('every example of Node-RED passes, with a warning where it runs a program or opens an address to everybody', () => {
    assert.ok(core.length > 100, `${core.length} examples`);
    assert.deepEqual(found(core), EXPECTED_OF_CORE);
  });

  it('examples of ten contrib packages pass, with a warning where they hold a secret', () => {
    assert.ok(new Set(others.map(({ name }) => name.split('/')[0])).size >= 10);
    assert.deepEqual(found(others), EXPECTED_OF_OTHERS);
  });

  it('all of them beside a case crash no rule, and nothing in them is taken for malformed', () => {
    for (const { name, nodes } of [...core, ...others]) {
      const place = (nodes as readonly { readonly z?: string }[]).find(({ z }) => z)?.z ?? 'here';
      const findings = judge([...nodes, { id: 'waybill-step', type: 'waybill-call', z: place, stepId: 'x', wires: [['waybill-close']] }, { id: 'waybill-close', type: 'waybill-case-close', z: place, stepId: 'y', wires: [] }]);
      assert.deepEqual(findings.filter(({ rule, message }) => rule === 'malformed-flows' || message.includes('failed on these flows')).map(({ message }) => `${name}: ${message}`), []);
    }
  });

  it('our own examples have no finding but that nobody is named for a demo', () => {
    for (const folder of ['examples', 'flows']) {
      const flows = flowsIn(path.join(import.meta.dirname, '../..', folder));
      for (const [name, findings] of Object.entries(found(flows))) assert.deepEqual(findings.filter((each) => each !== 'warn owner-and-family tab WAYBILL_OWNER'), [], `${folder}/${name}`);
    }
  });
});
