import assert from 'node:assert/strict';
import { Directory } from '../../../src/engine/directory/directory.ts';
import type { Member } from '../../../src/engine/directory/directory.ts';
import { ActingPeople } from '../../../src/engine/people/acting.ts';
import { evolve, absentCase } from '../../../src/domain/index.ts';
import type { CaseEvent, CaseState, Task } from '../../../src/domain/index.ts';
import { record } from '../../domain/properties/hostile-case.ts';
import { createTask, enterStep, openCase } from '../../domain/support/commands.ts';
import { happened } from '../../domain/support/given.ts';

const member = (userId: string, ...roles: string[]): Member => ({ userId, pseudonym: `p-${userId}`, name: userId.toUpperCase(), account: userId, roles, sites: ['*'] });
const people = [member('sue', 'supervisor'), member('max', 'site-manager'), member('both', 'supervisor', 'site-manager'), member('new', 'site-manager'), member('dora', 'buyer')];

describe('limits of people who act', () => {
  const directory = new Directory(
    { people: () => Promise.resolve(people), person: (id) => Promise.resolve(people.find(({ userId }) => userId === id)), problem: undefined },
    () => ({ conflicts: [], limits: [
      { role: 'supervisor', amount: '1000', currency: 'EUR' }, { role: 'site-manager', amount: '50000', currency: 'EUR' }, { role: 'site-manager', person: 'new', amount: '500', currency: 'EUR' },
    ] }),
    { activeTo: (to) => Promise.resolve(to !== 'p-dora' ? [] : ['supervisor', 'site-manager'].map((role) => ({ delegationId: role, from: 'p-both', roles: [role], sites: ['*'], toTime: '2026-04-01T00:00:00.000Z' }))) },
  );
  const acting = new ActingPeople({ person: (id) => `p-${id}` }, () => ({ directory, named: true }));
  const state: CaseState = happened(openCase(), enterStep('t1'), createTask('t1', { role: 'supervisor', amount: '20000', currency: 'EUR' }))
    .reduce<CaseState>((now, event, serial) => evolve(now, record(event as CaseEvent, serial)), absentCase);
  const task = state.tasks['task-t1'] as Task;
  const limit = async (userId: string, raisedTo?: string): Promise<string | undefined> => {
    const { name, roles, sites } = people.find((each) => each.userId === userId) ?? member(userId);
    const by = { userId, name, roles, sites, authMethod: 'password', channel: 'inbox' };
    return (await acting.of({ by, state, task: raisedTo === undefined ? task : { ...task, alsoRole: raisedTo }, at: '2026-03-02T08:00:00.000Z' })).limit?.amount;
  };

  it('are those of the role in which they decide, also when a ladder has raised the task to another', async () => {
    assert.equal(await limit('sue'), '1000');
    assert.equal(await limit('sue', 'site-manager'), '1000', 'a task that was raised makes nobody\'s limit higher');
    assert.equal(await limit('max', 'site-manager'), '50000', 'not that of the role that was asked first');
    assert.equal(await limit('new', 'site-manager'), '500', 'a limit of the role that it was raised to holds');
    assert.equal(await limit('both', 'site-manager'), '50000');
    assert.equal(await limit('both'), '1000', 'not raised: the other role counts for nothing');
  });

  it('are those of the delegator in the roles that were delegated; two delegations of one person are one delegator', async () => {
    assert.equal(await limit('dora'), '1000');
    assert.equal(await limit('dora', 'site-manager'), '50000');
    const by = { userId: 'dora', name: 'DORA', roles: ['buyer'], sites: ['*'], authMethod: 'password', channel: 'inbox' };
    const at = '2026-03-02T08:00:00.000Z';
    const raised = { ...task, role: 'finance', alsoRole: 'site-manager' };
    assert.deepEqual((await acting.delegators({ by, state, task: raised, at })).map(({ member: { userId } }) => userId), ['both'], 'a ladder raised it to what was delegated');
    assert.equal((await acting.of({ by, state, task: raised, at })).onBehalfOf?.person, 'p-both');
    assert.deepEqual(await acting.delegators({ by, state, task: { ...task, role: 'finance' }, at }), []);
  });
});
