import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { ROOT } from '../../scripts/lib/paths.ts';
import type { LoadedScenario } from '../../src/cli/scenario/format.ts';
import { eachRuleOnce } from '../support/every-combination.ts';
import { findNodeRed } from '../../src/cli/scenario/find-node-red.ts';
import { readScenarios } from '../../src/cli/scenario/read.ts';
import { failureLines } from '../../src/cli/scenario/report.ts';
import { playAll } from '../../src/cli/scenario/runner.ts';
import type { ScenarioResult } from '../../src/cli/scenario/runner.ts';
import type { TemplateManifest } from '../../src/governance/template/manifest.ts';

interface FlowNode { readonly id: string; readonly type: string; readonly tokenVariable?: string; readonly env?: readonly { readonly name: string; readonly type: string; readonly value: string }[] }
interface Template { readonly id: string; readonly folder: string; readonly manifest: TemplateManifest; readonly flow: readonly FlowNode[]; readonly scenarios: readonly LoadedScenario[] }

const text = (...parts: readonly string[]): string => readFileSync(path.join(...parts), 'utf8');

function read(file: string): Template {
  const folder = path.join(ROOT, path.dirname(file));
  return {
    id: path.dirname(file).split(path.sep).slice(-2).join('/'), folder, manifest: JSON.parse(text(folder, 'template.json')) as TemplateManifest,
    flow: JSON.parse(text(folder, 'flow.json')) as FlowNode[], scenarios: globSync('tests/*.json', { cwd: folder }).sort().flatMap((each) => readScenarios(path.join(folder, each))),
  };
}

/** Names that the flow takes from its environment, instance-wide settings aside. */
function asksFor(flow: readonly FlowNode[]): ReadonlySet<string> {
  const all = JSON.stringify(flow);
  const names = [...all.matchAll(/\$env\(\\"(\w+)\\"\)|"\$\{(\w+)\}"/g)].map((found) => found[1] ?? found[2] ?? '');
  const typed = flow.flatMap((node) => Object.entries(node).flatMap(([key, value]) => (key.endsWith('Type') && value === 'env' ? [String((node as unknown as Record<string, unknown>)[key.slice(0, -4)])] : [])));
  // A call's token has the name of its variable alone.
  const tokens = flow.flatMap(({ tokenVariable = '' }) => (tokenVariable === '' ? [] : [tokenVariable]));
  return new Set([...names, ...typed, ...tokens].filter((name) => !name.startsWith('WAYBILL_')));
}

const templates = globSync('templates/*/*/template.json', { cwd: ROOT }).sort().map(read);
const played = templates.flatMap(({ scenarios }) => eachRuleOnce(scenarios));

/** What the package ships as templates; `waybill template test templates/<family>/<name>` plays one of them. Of each, each rule once, in the long form all. */
describe('templates', () => {
  const done = new Map(played.map((scenario) => [scenario, Promise.withResolvers<ScenarioResult>()]));
  let playing: Promise<readonly ScenarioResult[]>;

  before(function () {
    this.timeout(120_000);
    execFileSync(process.execPath, ['scripts/build.ts', '--if-stale'], { cwd: ROOT, stdio: 'pipe' });
    for (const { promise } of done.values()) promise.catch(() => undefined);
    playing = playAll(findNodeRed(undefined), played, { runtimes: 2, built: true, onResult: (result, i) => { done.get(played[i]!)!.resolve(result); } });
    playing.catch((error: unknown) => { for (const each of done.values()) each.reject(error); });
  });

  after(async function () {
    this.timeout(600_000);
    const results = (await playing).map(({ file, ...result }, i) => ({ template: templates.find(({ scenarios }) => scenarios.includes(played[i]!))?.id, set: path.basename(file, '.json'), ...result }));
    mkdirSync(path.join(ROOT, 'test-results'), { recursive: true });
    writeFileSync(path.join(ROOT, 'test-results/templates.json'), `${JSON.stringify(results, undefined, 1)}\n`);
  });

  for (const { id, folder, manifest, flow, scenarios } of templates) {
    describe(id, () => {
      it('is the template and version that its folder and flow say', () => {
        assert.equal(manifest.id, id);
        assert.equal(manifest.family, id.split('/')[0]);
        assert.equal(manifest.changelog[0]?.version, manifest.version);
        if (manifest.kind === 'block') return;
        for (const tab of flow.filter(({ type }) => type === 'tab')) {
          // Installing writes it; a flow that has it already must not say something else.
          const entry = tab.env?.find(({ name }) => name === 'WAYBILL_TEMPLATE');
          assert.ok(entry === undefined || entry.value === `${id}@${manifest.version}`, entry?.value);
        }
      });

      it('asks its flow for every parameter, and for nothing else', () => {
        const asked = asksFor(flow);
        const declared = Object.keys(manifest.parameters.properties);
        // `$env("tolerance" & $class)` asks for all that begin so.
        const begun = [...JSON.stringify(flow).matchAll(/\$env\(\\"(\w+)\\" &/g)].map(([, name = '']) => name);
        assert.deepEqual([...asked].filter((name) => !declared.includes(name)), []);
        assert.deepEqual(declared.filter((name) => !asked.has(name) && !begun.some((start) => name.startsWith(start))), []);
      });

      it('has its defaults in the flow', () => {
        const env = flow.filter(({ type }) => type === (manifest.kind === 'block' ? 'subflow' : 'tab')).map((each) => each.env ?? []);
        for (const [name, { default: value, writeOnly }] of Object.entries(manifest.parameters.properties)) {
          assert.ok(env.every((each) => each.some((entry) => entry.name === name && (writeOnly === true ? entry.type === 'cred' && entry.value === '' : entry.value === String(value)))), name);
        }
      });

      it('keeps every default inside the bounds of its parameter', () => {
        for (const [name, { 'x-waybill': { bounds = {} }, ...own }] of Object.entries(manifest.parameters.properties)) {
          const { default: value, minimum = -Infinity, maximum = Infinity, pattern = '' } = { ...own, ...bounds } as typeof own;
          assert.ok(typeof value !== 'number' || (value >= minimum && value <= maximum), name);
          assert.ok(typeof value !== 'string' || new RegExp(pattern).test(value), name);
        }
      });

      it('is explained: every parameter in its README, with the picture', () => {
        const readme = text(folder, 'README.md');
        assert.ok(readme.includes('(flow.svg)'), 'the picture');
        for (const name of Object.keys(manifest.parameters.properties)) assert.ok(readme.includes(`\`${name}\``), name);
      });

      it('has at least eight scenarios, each of which names its rule', () => {
        assert.ok(scenarios.length >= 8, `${scenarios.length} scenarios`);
        assert.equal(new Set(scenarios.map(({ scenario }) => scenario.title)).size, scenarios.length);
        assert.deepEqual(scenarios.filter(({ scenario }) => (scenario.holds ?? []).length === 0).map(({ scenario }) => scenario.title), []);
      });

      for (const scenario of scenarios.filter((one) => played.includes(one))) {
        it(scenario.scenario.title, async function () {
          this.timeout(180_000);
          const result = await done.get(scenario)!.promise;
          assert.ok(result.ok, failureLines(result).join('\n'));
        });
      }
    });
  }
});
