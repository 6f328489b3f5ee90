import assert from 'node:assert/strict';
import { globSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { FlowNode } from '../../../src/governance/gate/rules/flows.ts';
import { LINT_CODES } from '../../../src/governance/template/lint/finding.ts';
import { flowPicture } from '../../../src/governance/template/flow-picture.ts';
import { lintTemplate } from '../../../src/governance/template/lint/lint.ts';
import { inRange, isRange } from '../../../src/governance/gate/rules/ranges.ts';
import { exported, manifest, templateFolder } from './support/templates.ts';

const root = path.join(import.meta.dirname, '../../..');
const scenario = { title: 'one', steps: [] };
const node = (more: object): FlowNode[] => [...exported, { id: 'more', type: 'change', z: 'sub', x: 1, y: 1, wires: [[]], ...more }];
const changed = (id: string, more: object): FlowNode[] => exported.map((each) => (each.id === id ? { ...each, ...more } : each));
const { tolerance } = manifest.parameters.properties;
const withParameter = (name: string): object => ({ ...manifest, parameters: { ...manifest.parameters, properties: { ...manifest.parameters.properties, [name]: tolerance } } });
const older = [...manifest.changelog, { version: '1.0.0', date: '2026-01-01', changes: ['x'] }];

describe('waybill template lint', () => {
  const folders: string[] = [];
  const found = (files: Parameters<typeof templateFolder>[0] = {}): string[] => {
    const folder = templateFolder(files);
    folders.push(folder);
    return lintTemplate(folder).map(({ code, level, where }) => `${level} ${code}${where === undefined ? '' : ` at ${where}`}`);
  };
  after(() => { for (const each of folders) rmSync(each, { recursive: true }); });

  it('finds nothing in a good template, nor an error in those that are shipped', () => {
    assert.deepEqual(found(), []);
    const shipped = globSync('templates/*/*/template.json', { cwd: root });
    for (const file of shipped) assert.deepEqual(lintTemplate(path.join(root, path.dirname(file))).filter(({ level }) => level === 'error'), [], file);
  });

  const cases: readonly [string, Parameters<typeof templateFolder>[0], readonly string[]][] = [
    ['few scenarios', { tests: scenario }, ['error few-scenarios']],
    ['few scenarios of what is not released', { tests: scenario, manifest: { ...manifest, version: '1.2.0-beta.1', changelog: [{ ...manifest.changelog[0]!, version: '1.2.0-beta.1' }] } }, ['warn few-scenarios']],
    ['no README', { readme: '\n' }, ['error no-readme']],
    ['no picture', { readme: '# Over-receipt' }, ['error no-picture']],
    ['a picture that is not there', { readme: '![x](other.png)' }, ['error picture-missing at other.png']],
    ['a picture that lies elsewhere, and one that no address can have', { readme: '![x](../../../../bin) ![y](%E0%A4%A.png)' }, ['error picture-missing at ../../../../bin', 'error picture-missing at %E0%A4%A.png']],
    ['a picture of another flow', { picture: flowPicture(exported.slice(0, 2), manifest.title) }, ['warn picture-old']],
    ['the picture as it is drawn', { picture: flowPicture(exported, manifest.title) }, []],
    ['a parameter without a title', { manifest: { ...manifest, parameters: { type: 'object', properties: { a: { type: 'string', 'x-waybill': { scope: 'site' } } } } } }, ['error wrong-folder']],
    ['a parameter that nobody uses', { manifest: withParameter('margin') }, ['warn unused-parameter at margin']],
    ['a parameter that nobody declared', { flow: node({ to: '${margin}' }) }, ['error undeclared-parameter at change more, to']],
    ['one in an expression, and one in a function', { flow: node({ to: '$env("margin")', toType: 'jsonata', func: 'env.get("other")' }) }, ['error undeclared-parameter at change more, to', 'error undeclared-parameter at change more, func']],
    ['one in a typed input', { flow: node({ rules: [{ t: 'set', p: 'x', to: 'margin', tot: 'env' }] }) }, ['error undeclared-parameter at change more, rules.0.to']],
    ['a misspelt one', { flow: node({ to: '${tolerence}' }) }, ['error parameter-misspelt at change more, to']],
    ['blanks in it', { flow: node({ to: '${ tolerance }' }) }, ['error parameter-misspelt at change more, to']],
    ['one that is not closed', { flow: node({ to: '${tolerance' }) }, ['error parameter-misspelt at change more, to']],
    ['one amid other text', { flow: node({ to: 'up to ${tolerance} %' }) }, ['error parameter-not-whole at change more, to']],
    ['Waybill\'s own variables', { flow: node({ to: '${WAYBILL_ERP_URL}' }) }, []],
    ['a template literal of a program', { flow: node({ type: 'function', func: 'const tolerance = 1; msg.x = `${tolerance} x`; return msg;' }) }, []],
    ['a family that nobody knows', { manifest: { ...manifest, id: 'customs/over-receipt', family: 'customs' } }, ['warn family-unknown at family']],
    ['a key in an address', { flow: node({ url: '"/orders?site=1&token=hunter22"', other: '?token=<token>' }) }, ['error secret at change more, url']],
    ['a secret', { flow: node({ password: 'hunter2' }) }, ['error secret at change, password']],
    ['credentials in the export', { flow: changed('ask', { credentials: { user: 'me', password: 'x' } }) }, ['error secret at waybill-approval, credentials']],
    ['an address of a machine', { flow: node({ url: 'https://erp.acme.local:8443/api' }) }, ['error site-address at change more, url']],
    ['an address in a program', { flow: node({ func: 'fetch("http://10.1.2.3/x")' }) }, ['error site-address at change more, func']],
    ['a bare address', { flow: node({ to: '192.168.0.17' }) }, ['error site-address at change more, to']],
    ['what only looks like one', { flow: node({ to: 'https://json-schema.org/draft/2020-12/schema', other: '1.2.3', url: '${WAYBILL_ERP_URL}', docs: 'https://erp.example.com/x' }) }, []],
    ['an address in a config node', { flow: changed('site', { host: 'broker.acme.de' }) }, ['warn site-config at waybill-site "the author\'s", host']],
    ['a step id twice', { flow: node({ type: 'waybill-audit', stepId: 'ask' }) }, ['error step-id-twice at waybill-audit more']],
    ['cases of another version', { flow: node({ type: 'waybill-case-open', stepId: 'open', template: 'procure-to-pay/over-receipt@1.1.0' }) }, ['error opens-as-another at waybill-case-open more']],
    ['no step id', { flow: node({ type: 'waybill-audit', stepId: '' }) }, ['error step-id-missing at waybill-audit more']],
    ['a wire that leads nowhere', { flow: node({ wires: [['gone']] }) }, ['warn dangling at change more']],
    ['a node that is switched off', { flow: node({ d: true }) }, ['warn disabled at change more']],
    ['a version that is not the newest', { manifest: { ...manifest, changelog: [...manifest.changelog, { version: '1.10.0', date: '2026-01-01', changes: ['x'] }] } }, ['error version-not-newest at version']],
    ['a version without an entry', { manifest: { ...manifest, version: '1.3.0', migrations: [{ from: '<1.3.0', steps: {} }] } }, ['error version-without-changes at changelog']],
    ['no word on open cases', { manifest: { ...manifest, changelog: older } }, ['warn migration-missing at migrations']],
    ['a step that is not there', { manifest: { ...manifest, changelog: older, migrations: [{ from: '^1.0.0 <1.2.0', steps: { old: 'aks', gone: 'drain', bad: 'refuse', kept: 'ask' } }] } }, ['error migration-unknown-step at migrations.0.steps.old']],
    ['two steps that go to one', { manifest: { ...manifest, changelog: older, migrations: [{ from: '^1.0.0 <1.2.0', steps: { first: 'ask', second: 'ask' } }] } }, ['error migration-two-sources at migrations.0.steps.second']],
    ['a step that goes to two', { manifest: { ...manifest, changelog: older, migrations: [{ from: '^1.0.0 <1.1.0', steps: { old: 'ask' } }, { from: '^1.1.0 <1.2.0', steps: { old: 'weigh' } }] }, flow: [...changed('weigh', { type: 'waybill-audit', stepId: 'weigh' })] }, ['error migration-two-targets at migrations.1.steps.old']],
    ['a step that has not gone', { manifest: { ...manifest, changelog: older, migrations: [{ from: '^1.0.0 <1.2.0', steps: { ask: 'weigh' } }] }, flow: [...changed('weigh', { type: 'waybill-audit', stepId: 'weigh' })] }, ['error migration-step-still-there at migrations.0.steps.ask']],
    ['a range that is none', { manifest: { ...manifest, migrations: [{ from: 'older', steps: {} }] } }, ['error migration-range at migrations.0.from']],
    ['a range with this version in it', { manifest: { ...manifest, migrations: [{ from: '^1.0.0', steps: {} }] } }, ['error migration-range at migrations.0.from']],
    ['no required package', { manifest: { ...manifest, requires: { nodes: {} } } }, ['error requirement-missing at requires.nodes']],
    ['a package of no version', { manifest: { ...manifest, requires: { nodes: { '@waybill/node-red': 'latest' } } } }, ['error requirement-range at requires.nodes.@waybill/node-red']],
    ['contracts', { manifest: { ...manifest, requires: { ...manifest.requires, contracts: ['b@1'] } }, flow: node({ contract: 'a@1' }) }, ['warn contract-missing at requires.contracts', 'warn contract-unused at requires.contracts']],
    ['a flow of another kind', { manifest: { ...manifest, kind: 'flow' } }, ['error wrong-flow']],
    ['no flow at all', { flow: 'x' }, ['error wrong-folder']],
  ];
  for (const [what, files, expected] of cases) {
    it(`${expected.length === 0 ? 'lets pass' : 'finds'} ${what}`, () => { assert.deepEqual(found(files), expected); });
  }

  it('has a case for each of its codes, and a line in the page', () => {
    const seen = new Set(cases.flatMap(([, , expected]) => expected.map((each) => each.split(' ')[1])));
    assert.deepEqual(LINT_CODES.filter((code) => !seen.has(code)), []);
    const page = readFileSync(path.join(root, 'docs/templates.md'), 'utf8');
    assert.deepEqual(LINT_CODES.filter((code) => !page.includes(`| \`${code}\` |`)), []);
  });
});

describe('ranges of versions', () => {
  const holds: readonly [string, readonly string[], readonly string[]][] = [
    ['^1.2.3', ['1.2.3', '1.9.0'], ['1.2.2', '2.0.0', '2.0.0-beta']], ['^0.2.3', ['0.2.9'], ['0.3.0']], ['^0.0.3', ['0.0.3'], ['0.0.4']], ['~1.2', ['1.2.9'], ['1.3.0']], ['~1', ['1.9.0'], ['2.0.0']],
    ['1.x', ['1.0.0', '1.9.9'], ['2.0.0']], ['*', ['0.0.1', '9.9.9'], []], ['>=1.0.0 <2.0.0', ['1.5.0'], ['2.0.0', '0.9.0']], ['>= 1.0.0', ['1.0.0'], ['0.9.9']], ['1.0.0 - 1.5.0', ['1.5.0'], ['1.5.1']],
    ['1.0.0 || ^3.0.0', ['1.0.0', '3.1.0'], ['1.0.1', '2.0.0']], ['>1', ['2.0.0'], ['1.9.9']], ['<=1.2', ['1.2.9'], ['1.3.0']], ['=1.2.3', ['1.2.3'], ['1.2.4']],
  ];
  for (const [range, inside, outside] of holds) {
    it(range, () => {
      for (const version of inside) assert.equal(inRange(version, range), true, version);
      for (const version of outside) assert.equal(inRange(version, range), false, version);
    });
  }
  it('are told from what is none', () => {
    for (const text of ['latest', '1.2.3.4', '^', '>', 'a || b', '1'.repeat(200)]) assert.equal(isRange(text), false, text);
    assert.equal(inRange('1.0.0', 'latest'), false);
  });
});
