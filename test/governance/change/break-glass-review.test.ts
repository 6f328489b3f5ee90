import assert from 'node:assert/strict';
import type { PersonIdentity } from '../../../src/engine/api.ts';
import { openEngine } from '../../../src/engine/runtime.ts';
import type { Engine } from '../../../src/engine/engine.ts';
import type { TaskRow } from '../../../src/ledger/port.ts';
import { eventually } from '../../web/support/real-engine.ts';
import { temporary } from '../catalogue/support/central.ts';

const person = (name: string, roles = ['engineer']): PersonIdentity => ({ userId: name, name, roles, sites: ['dc-1'], authMethod: 'password', channel: 'inbox' });

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
    const done = await engine.decideTask({ taskId: task!.task_id, decision: 'approve', factsHash: task!.facts_hash, by: person('arch', ['central-architect']) });
    assert.ok(done.ok);
    await eventually(async () => ((await engine.ledger.getCase(task!.case_id))?.outcome === 'done' ? true : undefined));
  });
});
