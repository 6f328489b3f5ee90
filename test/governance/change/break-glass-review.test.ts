import assert from 'node:assert/strict';
import type { PersonIdentity } from '../../../src/engine/api.ts';
import { openEngine } from '../../../src/engine/runtime.ts';
import type { Engine } from '../../../src/engine/engine.ts';
import { systemClock } from '../../../src/engine/support/clock.ts';
import type { TaskRow } from '../../../src/ledger/port.ts';
import { eventually } from '../../web/support/real-engine.ts';
import { temporary } from '../catalogue/support/central.ts';

const person = (name: string, roles = ['engineer']): PersonIdentity => ({ userId: name, name, roles, sites: ['dc-1'], authMethod: 'password', channel: 'inbox' });

describe('break-glass', function () {
  this.timeout(30_000);
  const home = temporary('break-glass-ends');
  let now = Date.parse('2026-12-01T08:00:00.000Z');
  let engine: Engine;
  const open = async (): Promise<void> => {
    engine = await openEngine({
      settings: { home, site: 'dc-1', enterprise: 'acme', legalEntity: 'acme', publicUrl: undefined, mqttUrl: undefined, erpUrl: undefined }, clock: { ...systemClock, now: () => now, iso: () => new Date(now).toISOString() },
    });
  };
  const ask = (rules: readonly string[], by = 'eve') => engine.governance.breakGlass.ask({ rules, reason: 'The printer stands still.', hours: 2, by: person(by) });
  const agree = (id: string, by = 'mo') => engine.governance.breakGlass.agree({ id, by: person(by) });
  const rules = (): readonly string[] => engine.governance.breakGlass.open().flatMap((each) => each.rules);
  const events = async (id: string): Promise<readonly string[]> => (await engine.ledger.readStream(`break-glass:${id}`)).map(({ type, data }) => (type === 'BreakGlassEnded' ? `${type} ${(data as { how: string }).how}` : type));
  const idOf = (result: Awaited<ReturnType<typeof ask>>): string => { assert.ok(result.ok, JSON.stringify(result)); return result.breakGlass.id; };
  before(open);
  after(() => engine.close());

  it('ends by itself, is over for good whatever the clock shows then, and its end is in the ledger', async () => {
    const id = idOf(await ask(['no-exec']));
    assert.ok((await agree(id)).ok);
    assert.deepEqual(rules(), ['no-exec']);
    now += 2 * 3_600_000;
    assert.deepEqual(rules(), [], 'to the second, before anything is recorded');
    await engine.governance.breakGlass.look();
    await engine.governance.breakGlass.look();
    assert.deepEqual(await events(id), ['BreakGlassAsked', 'BreakGlassUsed', 'BreakGlassEnded time']);
    now -= 3_600_000;
    assert.deepEqual(rules(), [], 'the clock was set back');
    assert.equal((await agree(id, 'max')).ok, false);
    await engine.close();
    await open();
    assert.deepEqual(rules(), [], 'nor after a restart');
  });

  it('ends when one person ends it, and a request when nobody agrees within the hour or who asked takes it back', async () => {
    const used = idOf(await ask(['no-exec']));
    assert.ok((await agree(used)).ok);
    const ended = await engine.governance.breakGlass.end({ id: used, by: person('eve') });
    assert.ok(ended.ok && ended.breakGlass.state === 'over');
    assert.ok((await engine.governance.breakGlass.end({ id: used, by: person('mo') })).ok, 'again changes nothing');
    const [back, late] = [idOf(await ask(['no-exec'])), idOf(await ask(['no-secrets']))];
    assert.ok((await engine.governance.breakGlass.end({ id: back, by: person('eve') })).ok);
    assert.equal((await agree(back)).ok, false);
    now += 3_600_000;
    await engine.governance.breakGlass.look();
    assert.deepEqual([await events(used), await events(back), await events(late)], [['BreakGlassAsked', 'BreakGlassUsed', 'BreakGlassEnded person'], ['BreakGlassAsked', 'BreakGlassEnded person'], ['BreakGlassAsked', 'BreakGlassEnded not-agreed']]);
    assert.deepEqual(rules(), []);
  });

  it('may be opened for other rules while one holds, and not made longer by a second one', async () => {
    const [one, two, same] = await Promise.all([ask(['no-exec']), ask(['no-secrets'], 'max'), ask(['no-exec'], 'max')]);
    assert.ok((await agree(idOf(one))).ok && (await agree(idOf(two), 'eve')).ok);
    assert.deepEqual(rules().toSorted(), ['no-exec', 'no-secrets']);
    for (const refused of [await ask(['no-exec', 'no-secrets'].slice(0, 1)), await agree(idOf(same), 'eve')]) assert.equal(refused.ok ? '' : refused.code, 'break-glass-holds');
    // Both were noted, though they were asked for at the same instant.
    await engine.close();
    await open();
    assert.deepEqual(rules().toSorted(), ['no-exec', 'no-secrets']);
    now += 2 * 3_600_000;
    await engine.close();
    await open();
    await engine.governance.breakGlass.look();
    assert.deepEqual([rules(), await events(idOf(one))], [[], ['BreakGlassAsked', 'BreakGlassUsed', 'BreakGlassEnded time']], 'it ended while nothing ran');
  });
});

describe('a use of break-glass', function () {
  this.timeout(90_000);
  const home = temporary('break-glass');
  let engine: Engine;
  const open = async (): Promise<void> => {
    engine = await openEngine({ settings: { home, site: 'dc-1', enterprise: 'acme', legalEntity: 'acme', publicUrl: undefined, mqttUrl: undefined, erpUrl: undefined } });
    await engine.flowsStarted('full');
  };
  const tasks = async (): Promise<readonly TaskRow[]> => (await engine.ledger.listTasks({ role: 'central-architect' }, { limit: 10 })).items;
  before(open);
  after(() => engine.close());

  it('is a task of central architects, once, which they end', async () => {
    const asked = await engine.governance.breakGlass.ask({ rules: ['no-exec'], reason: 'The printer stands still.', hours: 2, by: person('eve') });
    assert.ok(asked.ok);
    assert.deepEqual(await tasks(), [], 'one person alone has used nothing');
    for (const who of ['mo', 'mo', 'max']) assert.ok((await engine.governance.breakGlass.agree({ id: asked.breakGlass.id, by: person(who) })).ok);
    const [task, ...more] = await eventually(async () => { const found = await tasks(); return found.length === 0 ? undefined : found; });
    assert.deepEqual([task?.site, task?.status, task?.title, JSON.parse(task?.shown ?? '{}').rules, more.length], ['dc-1', 'open', 'Break-glass was used at dc-1: no-exec', ['no-exec'], 0]);
    const { counters } = engine.metrics();
    assert.deepEqual([counters['governance_cases_opened'], counters['cases_opened']], [1, undefined], 'it is counted apart from the site\'s own cases');
    await engine.close();
    await open();
    assert.equal((await tasks()).length, 1, 'also after a restart');
    assert.deepEqual([task?.process, (await engine.ledger.listCases({ process: 'governance' }, { limit: 5 })).items.map(({ case_id }) => case_id)], ['governance', [task?.case_id]]);
    assert.equal((await engine.decideTask({ taskId: task!.task_id, decision: 'rework', factsHash: task!.facts_hash, by: person('arch', ['central-architect']) })).ok, false, 'there is nobody to send it back to');
    const own = await engine.decideTask({ taskId: task!.task_id, decision: 'approve', factsHash: task!.facts_hash, by: person('mo', ['engineer', 'central-architect']) });
    assert.deepEqual(own.ok ? '' : own.code, 'requester-may-not-decide', 'who opened the glass does not review it');
    for (const who of [person('eve', ['engineer', 'site-manager']), person('mo', ['central-architect'])]) {
      const taken = await engine.withdrawTask({ taskId: task!.task_id, reason: 'Not needed.', by: who });
      assert.equal(taken.ok ? '' : taken.code, 'withdraw-not-yours', 'nor do they take it back');
    }
    const done = await engine.decideTask({ taskId: task!.task_id, decision: 'approve', factsHash: task!.facts_hash, by: person('arch', ['central-architect']) });
    assert.ok(done.ok);
    await eventually(async () => ((await engine.ledger.getCase(task!.case_id))?.outcome === 'done' ? true : undefined));
  });
});
