import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { durationMs } from '../../../src/cli/scenario/duration.ts';
import { unmet } from '../../../src/cli/scenario/expect.ts';
import { differences } from '../../../src/cli/scenario/match.ts';
import { readScenarios, scenarioFiles } from '../../../src/cli/scenario/read.ts';
import { ScenarioError } from '../../../src/cli/scenario/scenario-error.ts';
import { placed, substitute } from '../../../src/cli/scenario/substitute.ts';
import { select } from '../../../src/cli/scenario/world.ts';
import type { World } from '../../../src/cli/scenario/world.ts';

const good = {
  title: 'a scenario', flow: [{ id: 'a', type: 'tab' }], clock: { start: '2026-03-02T08:00:00+01:00' }, people: [{ name: 'ann', roles: ['boss'] }],
  steps: [{ decide: { by: 'ann', decision: 'approve' } }] as unknown[],
};

describe('a file of scenarios', () => {
  let folder: string;
  beforeEach(() => { folder = mkdtempSync(path.join(tmpdir(), 'waybill-scenario-files-')); });
  afterEach(() => { rmSync(folder, { recursive: true, force: true }); });

  function written(value: unknown): string {
    const file = path.join(folder, 'it.json');
    writeFileSync(file, typeof value === 'string' ? value : JSON.stringify(value));
    return file;
  }
  function wrong(value: unknown): ScenarioError {
    try {
      readScenarios(written(value));
    } catch (error) {
      assert.ok(error instanceof ScenarioError);
      assert.equal(error.code, 'wrong-scenario');
      assert.match(error.message, /it\.json/);
      return error;
    }
    return assert.fail('it was taken');
  }

  it('is one scenario, or a set whose scenarios take over what it says for all', () => {
    assert.deepEqual(readScenarios(written(good)).map(({ scenario }) => scenario.title), ['a scenario']);
    const { title, steps, ...common } = good;
    const set = readScenarios(written({ ...common, env: { A: '1' }, scenarios: [{ title, steps }, { title: 'other', env: { B: '2' }, steps, people: [{ name: 'ann', roles: ['x'] }] }] }));
    assert.deepEqual(set.map(({ scenario }) => [scenario.title, scenario.env, scenario.people?.[0]?.roles]), [['a scenario', { A: '1' }, ['boss']], ['other', { A: '1', B: '2' }, ['x']]]);
  });

  it('that is wrong is named with its step and what to mend', () => {
    const cases: readonly (readonly [unknown, RegExp])[] = [
      ['{', /cannot be read/],
      [[], /is no scenario/],
      [{ ...good, steps: undefined }, /"steps" is missing/],
      [{ ...good, colour: 'red' }, /"colour" is not known here/],
      [{ ...good, steps: [{ decide: { decision: 'approve' } }] }, /step 1 \(decide\): "by" is missing/],
      [{ ...good, steps: [{ advance: 'PT1H' }, { decide: { by: 'ann', decison: 'approve', decision: 'approve' } }] }, /step 2 \(decide\): "decison" is not known here/],
      [{ ...good, steps: [{ fly: {} }] }, /step 1 \(fly\): "fly" is not known here/],
      [{ ...good, steps: [{ decide: { by: 'bob', decision: 'approve' } }] }, /step 1 \(decide\): "bob" is none of the people; they are ann/],
      [{ ...good, steps: [{ note: 'nothing' }] }, /step 1: has neither an action nor "expect"/],
      [{ ...good, steps: [{ advance: 'PT1H', deploy: { change: {} } }] }, /step 1: has 2 actions \(advance, deploy\)/],
      [{ ...good, steps: [{ restart: 'maybe' }] }, /step 1 \(restart\)/],
      [{ ...good, clock: { start: 'tomorrow' } }, /clock\.start: has not the form/],
      [{ ...good, clock: { start: '2026-13-02T08:00:00Z' } }, /is no instant/],
      [{ ...good, clock: { start: '2026-03-02T08:00:00Z', timeZone: 'Europe/Berlim' } }, /the time zone "Europe\/Berlim" is not known/],
      [{ ...good, people: [...good.people, ...good.people] }, /"ann" is there twice/],
      [{ ...good, flow: 'missing.json' }, /the flow missing\.json cannot be read/],
      [{ scenarios: [{ title: 'x' }] }, /"steps" is missing/],
    ];
    for (const [value, expected] of cases) {
      const error = wrong(value);
      assert.match([error.message, ...error.details].join('\n'), expected);
    }
  });

  it('is found in a folder, or in the tests of a template', () => {
    assert.throws(() => scenarioFiles(path.join(folder, 'no')), /There is no/);
    assert.throws(() => scenarioFiles(folder), /holds no scenarios/);
    const template = path.join(folder, 'template-without-tests');
    mkdirSync(template);
    writeFileSync(path.join(template, 'template.json'), '{}');
    assert.throws(() => scenarioFiles(template), /template-without-tests has no scenarios yet; they go into .*tests/);
    const file = written(good);
    assert.deepEqual(scenarioFiles(folder), [file]);
    assert.deepEqual(scenarioFiles(file), [file]);
  });
});

describe('expectations of scenarios', () => {
  it('are partial, know instants by time, and say where what is different', () => {
    assert.deepEqual(differences({ a: 1, b: { c: [1, 2] } }, { b: { c: [1, 2] } }, ''), []);
    assert.deepEqual(differences({ a: { b: 1 } }, { a: { b: 2 } }, ''), ['a.b: expected 2, was 1']);
    assert.deepEqual(differences({ a: [1] }, { a: [1, 2] }, ''), ['a: expected 2 items, were 1: [1]']);
    assert.deepEqual(differences('2026-03-02T07:00:00.000Z', '2026-03-02T08:00:00+01:00', 'at'), []);
    assert.equal(differences('2026-03-02T07:00:00.001Z', '2026-03-02T08:00:00+01:00', 'at').length, 1);
    assert.deepEqual(differences(undefined, null, 'x'), []);
    assert.equal(differences(0, null, 'x').length, 1);
  });

  it('have a few words of their own', () => {
    for (const [actual, expected, fits] of [
      ['x', { $any: true }, true], [null, { $any: true }, false], [undefined, { $absent: true }, true], [1, { $absent: true }, false],
      ['abc', { $matches: '^a' }, true], ['b', { $matches: '^a' }, false], [1, { $not: 1 }, false], [1, { $not: 2 }, true],
      [1, { $in: [1, 2] }, true], [3, { $in: [1, 2] }, false], [[{ a: 1 }], { $has: { a: 1 } }, true], [[], { $has: { a: 1 } }, false],
    ] as const) assert.equal(differences(actual as never, expected as never, 'x').length === 0, fits, JSON.stringify([actual, expected]));
  });

  const world = {
    now: '2026-03-02T07:00:00.000Z', events: [{ type: 'A', data: {} }, { type: 'B', data: { n: 1 } }, { type: 'B', data: { n: 2 } }], cases: [{ caseId: 'c', outcome: 'done', document: { x: 1 } }],
    tasks: [{ taskId: 't1', role: 'boss', status: 'open' }, { taskId: 't2', role: 'boss', status: 'approved' }], exceptions: [], deadLetters: [], quarantine: [], timers: [], received: { n: [{ payload: 1 }] },
  } as unknown as World;
  const misses = (expected: object): number => unmet(expected, world, { erp: [] }, { ok: true }).length;

  it('of lists are exact as a list, and partial as what they contain, lack and count', () => {
    for (const met of [
      { tasks: [{ status: 'open' }, { status: 'approved' }] }, { tasks: { count: 2, contains: [{ taskId: 't2' }], absent: [{ status: 'rejected' }] } },
      { events: ['A', { type: 'B', data: { n: 2 } }] }, { events: { absent: ['C'], counts: { B: 2, C: 0 } } }, { outputs: { n: [{ payload: 1 }], m: [] } },
      { calls: { erp: [] } }, { outcome: 'done', document: { x: 1 }, answer: { ok: true }, now: '2026-03-02T08:00:00+01:00' },
    ]) assert.equal(misses(met), 0, JSON.stringify(met));
    for (const unmetOne of [
      { tasks: [{ status: 'open' }] }, { tasks: [{ status: 'approved' }, { status: 'open' }] }, { tasks: { count: 1 } }, { tasks: { contains: [{ status: 'open' }, { status: 'open' }] } },
      { tasks: { absent: [{ role: 'boss' }] } }, { events: ['B', 'A'] }, { events: { absent: ['A'] } }, { events: { counts: { B: 1 } } }, { outputs: { n: [] } },
      { calls: { erp: { count: 1 } } }, { calls: { erp: { keys: 1 } } }, { outcome: null }, { document: { x: 2 } }, { answer: { ok: false } }, { now: '2026-03-02T07:00:01Z' }, { exceptions: [{}] },
    ]) assert.notEqual(misses(unmetOne), 0, JSON.stringify(unmetOne));
  });

  it('pick one row, and say what there is when they pick none or several', () => {
    assert.equal(select(world, 'task', 'boss')['taskId'], 't1');
    assert.equal(select(world, 'task', { status: 'approved' })['taskId'], 't2');
    assert.throws(() => select(world, 'task', 'clerk'), (error: ScenarioError) => /no open task/.test(error.message) && error.details.length === 2);
    const two = { ...world, tasks: [...world.tasks, { taskId: 't3', role: 'boss', status: 'open' }] } as unknown as World;
    assert.throws(() => select(two, 'task', undefined), /2 times there is an open task/);
    assert.equal(select(two, 'task', { $nth: -1 })['taskId'], 't3');
  });
});

describe('texts of scenarios', () => {
  it('take in what is known, and say what is not', () => {
    const known = (name: string): number | undefined => (name === 'n' ? 7 : undefined);
    assert.deepEqual(substitute({ a: '${n}', b: ['x${n}'] }, known), { a: 7, b: ['x7'] });
    assert.throws(() => substitute('${m}', known), /Nothing is known for \$\{m\}/);
    assert.equal(placed('${system:erp}/x ${ENV}', new Map([['system:erp', 'http://e']])), 'http://e/x ${ENV}');
    assert.throws(() => placed('${system:wms}', new Map()), /declare it under systems/);
  });

  it('are durations in ISO 8601', () => {
    assert.deepEqual(['PT4H30M', 'P1DT1S', 'P2W', 'PT0S', 'PT0.5S'].map(durationMs), [16_200_000, 86_401_000, 1_209_600_000, 0, 500]);
    for (const text of ['', 'P', 'PT', '4h', 'P1M', 'PT1H2', 'PT-1H']) assert.equal(durationMs(text), undefined, text);
  });
});
