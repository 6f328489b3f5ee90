import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import vm from 'node:vm';
import { bundleEditorScript, bundleSettingsModule } from '../../scripts/lib/bundle.ts';
import { RULES } from '../../src/governance/gate/rules/index.ts';
import { nrlintRules } from '../../src/governance/gate/rules/nrlint.ts';
import { readFlows } from '../../src/governance/gate/rules/read-flows.ts';
import { runRules } from '../../src/governance/gate/rules/run.ts';
import type { Fixture } from './support/fixture-context.ts';

const require = createRequire(import.meta.url);
const root = path.join(import.meta.dirname, '../..');
const fixtures = path.join(import.meta.dirname, 'rules');
const nrlint = path.dirname(require.resolve('nrlint/package.json'));

const flow = [
  { id: 't', type: 'tab', label: 'receiving' }, { id: 'c', type: 'waybill-case-close', z: 't', stepId: 'c', x: 1, y: 1, wires: [] },
  { id: 's', type: 'waybill-scan-in', z: 't', stepId: 's', x: 1, y: 1, wires: [['c']] }, { id: 'x', type: 'exec', z: 't', x: 1, y: 1, command: 'lpr', wires: [[], [], []] },
  { id: 'f', type: 'function', z: 't', x: 1, y: 1, func: 'a();\nb();\nc();', wires: [[]] },
];
const rules = { 'waybill-no-exec': true, 'waybill-function-limits': { lines: 2 }, 'waybill-owner-and-family': 'off' };

describe('rules as a plugin of nrlint', function () {
  this.timeout(60_000);
  const folder = mkdtempSync(path.join(tmpdir(), 'waybill-nrlint-'));
  after(() => { rmSync(folder, { recursive: true, force: true }); });

  it('are those that judge by the flows alone, with their options', () => {
    const all = nrlintRules();
    assert.ok(Object.keys(all).length >= 14);
    assert.ok(!('waybill-template-unchanged' in all) && !('waybill-open-cases-removed' in all));
    assert.deepEqual(all['waybill-function-limits']?.meta.options['lines'], { type: 'number', default: 150, label: 'lines' });
  });

  it('find what the gate finds, in every fixture that flows alone decide', () => {
    const rules = nrlintRules();
    let compared = 0;
    for (const file of globSync('*/*.json', { cwd: fixtures })) {
      const fixture = JSON.parse(readFileSync(path.join(fixtures, file), 'utf8')) as Fixture;
      const code = path.dirname(file);
      const rule = rules[`waybill-${code}`];
      if (rule === undefined || fixture.context?.machine !== undefined || fixture.policy?.modules !== undefined) continue;
      const found: string[] = [];
      const context = { flows: { export: () => fixture.flows }, report: ({ location, message, severity }: { location: readonly string[]; message: string; severity: string }): void => { found.push(`${severity} ${location.join()} ${message}`); } };
      rule.create(context, fixture.policy?.rules[code]?.options).start();
      const expected = runRules(readFlows(fixture.flows), { now: '' }, { version: '1', rules: { [code]: { options: fixture.policy?.rules[code]?.options ?? {} } } }, { rules: RULES.filter((each) => each.code === code) });
      assert.deepEqual(found, expected.map(({ level, node, message, mend }) => `${level} ${node?.id ?? ''} ${message} ${mend}`), file);
      compared += found.length;
    }
    assert.ok(compared > 80, `${compared} findings`);
  });

  it('find the same on its command line', async () => {
    const [built] = (await bundleSettingsModule({ source: path.join(root, 'src/governance/gate/nrlint.ts'), target: 'settings/nrlint' })).files.filter(({ path: name }) => name.endsWith('.cjs'));
    writeFileSync(path.join(folder, 'plugin.cjs'), built!.contents);
    writeFileSync(path.join(folder, '.nrlintrc.js'), `module.exports = ${JSON.stringify({ plugins: [path.join(folder, 'plugin.cjs')], rules })}`);
    writeFileSync(path.join(folder, 'flows.json'), JSON.stringify(flow));
    const out = await new Promise<string>((resolve) => {
      execFile(process.execPath, [path.join(nrlint, 'bin/nrlint.js'), '-f', 'json', '-c', path.join(folder, '.nrlintrc.js'), path.join(folder, 'flows.json')], (_error, stdout) => { resolve(stdout); });
    });
    const found = JSON.parse(out) as { location: string[]; rule: string; severity: string; message: string }[];
    assert.deepEqual(found.map(({ location, rule, severity }) => [rule, severity, ...location]), [['waybill-no-exec', 'error', 'x'], ['waybill-function-limits', 'error', 'f']]);
    assert.match(found[1]?.message ?? '', /has 3 lines of code; at most 2 are allowed\. Split it/);
  });

  it('find the same in its worker, as the editor runs it', async () => {
    const ours = await bundleEditorScript(path.join(root, 'src/editor/browser/nrlint-worker.ts'));
    const posted: { readonly cmd: string; readonly rule?: string; readonly result?: readonly { rule: string; location: string[] }[] }[] = [];
    const context = vm.createContext({ console: { log: () => { /* It says that it has started. */ } }, TextEncoder, URL, postMessage: (message: (typeof posted)[number]) => { posted.push(message); }, importScripts: (url: string) => {
      assert.equal(url, '../@waybill/node-red/nrlint-rules.js');
      vm.runInContext(ours, context);
    } });
    vm.runInContext(readFileSync(path.join(nrlint, 'resources/nrlint-worker.js'), 'utf8'), context);
    const send = (data: unknown): unknown => (context as unknown as { onmessage(event: { data: unknown }): void }).onmessage({ data });
    // As nrlint's page does with what `registerPlugin` told it.
    const plugin = readFileSync(path.join(root, 'src/editor/browser/nrlint.plugin.ts'), 'utf8');
    send({ cmd: 'load', url: `../${/worker: '([^']+)'/.exec(plugin)?.[1] ?? ''}` });
    assert.ok(posted.some(({ cmd, rule }) => cmd === 'ruleAdded' && rule === 'waybill-no-exec'));
    send({ cmd: 'lint', flow: structuredClone(flow), config: { rules } });
    assert.equal(posted.at(-1)?.result?.map(({ rule, location }) => `${rule} ${location.join()}`).join('; '), 'waybill-no-exec x; waybill-function-limits f');
  });
});
