import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { ROOT } from '../../scripts/lib/paths.ts';
import { findNodeRed } from '../../src/cli/scenario/find-node-red.ts';
import { readScenarios } from '../../src/cli/scenario/read.ts';
import type { LoadedScenario } from '../../src/cli/scenario/format.ts';
import { ScenarioError } from '../../src/cli/scenario/scenario-error.ts';
import { failureLines } from '../../src/cli/scenario/report.ts';
import { eachRuleOnce } from '../support/every-combination.ts';
import { playAll } from '../../src/cli/scenario/runner.ts';
import type { ScenarioResult } from '../../src/cli/scenario/runner.ts';

/** One file that cannot be read must not take all other tests with it. */
function read(file: string): { readonly scenarios: readonly LoadedScenario[]; readonly problem: string | undefined } {
  try {
    return { scenarios: readScenarios(file), problem: undefined };
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    return { scenarios: [], problem: [error.message, ...error.details].join('\n') };
  }
}

const results = path.join(import.meta.dirname, '../../test-results');

/** What users of the package run with `waybill template test test/scenarios`; each rule once, in the long form all. */
describe('scenarios', () => {
  const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.json')).sort().map((name) => path.join(import.meta.dirname, name));
  const sets = files.map((file) => ({ name: path.basename(file, '.json'), ...read(file) }));
  const all = sets.flatMap(({ scenarios }) => scenarios);
  const played = eachRuleOnce(all);
  const done = new Map(played.map((scenario) => [scenario, Promise.withResolvers<ScenarioResult>()]));
  let playing: Promise<readonly ScenarioResult[]>;

  before(function () {
    this.timeout(120_000);
    execFileSync(process.execPath, ['scripts/build.ts', '--if-stale'], { cwd: ROOT, stdio: 'pipe' });
    for (const { promise } of done.values()) promise.catch(() => undefined);
    playing = playAll(findNodeRed(undefined), played, { runtimes: 2, built: true, onResult: (result, i) => { done.get(played[i]!)!.resolve(result); } });
    playing.catch((error: unknown) => { for (const each of done.values()) each.reject(error); });
  });

  after(async () => {
    const table = (await playing).map(({ file, ...result }) => ({ set: path.basename(file, '.json'), ...result }));
    mkdirSync(results, { recursive: true });
    writeFileSync(path.join(results, 'scenarios.json'), `${JSON.stringify(table, undefined, 1)}\n`);
  });

  for (const { name, scenarios, problem } of sets) {
    describe(name, () => {
      it('can be played', () => { assert.equal(problem, undefined); });
      for (const scenario of scenarios.filter((one) => played.includes(one))) {
        it(scenario.scenario.title, async function () {
          this.timeout(120_000);
          const result = await done.get(scenario)!.promise;
          assert.ok(result.ok, failureLines(result).join('\n'));
        });
      }
    });
  }

  it('are at least 60, at least 20 of which are refusals, each with a title of its own', () => {
    const refusals = all.filter(({ scenario }) => scenario.steps.some((step) => step.refused !== undefined || (step.status ?? 0) >= 400 || (step.together?.refused?.length ?? 0) > 0));
    assert.ok(all.length >= 60, `${all.length} scenarios`);
    assert.ok(refusals.length >= 20, `${refusals.length} refusals`);
    assert.equal(new Set(all.map(({ scenario }) => scenario.title)).size, all.length);
  });

  it('each name the rule that they hold', () => {
    assert.deepEqual(all.filter(({ scenario }) => (scenario.holds ?? []).length === 0).map(({ scenario }) => scenario.title), []);
  });
});
