import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { release } from '../../../src/governance/catalogue/publisher/release.ts';
import { stageWaiver } from '../../../src/governance/catalogue/publisher/stage.ts';
import { openEngine } from '../../../src/engine/runtime.ts';
import { systemClock, type Clock } from '../../../src/engine/support/clock.ts';
import type { Engine } from '../../../src/engine/engine.ts';
import type { TaskRow } from '../../../src/ledger/port.ts';
import { eventually } from '../../web/support/real-engine.ts';
import { makeCentral, signAll, temporary, type Central } from '../catalogue/support/central.ts';

const day = 86_400_000;
const start = Date.parse('2026-12-01T08:00:00.000Z');

describe('a waiver that ends', function () {
  this.timeout(60_000);
  let central: Central;
  let home: string;
  let now: number;
  let engine: Engine;
  const open = async (): Promise<void> => {
    const clock: Clock = { ...systemClock, now: () => now, iso: () => new Date(now).toISOString() };
    engine = await openEngine({
      settings: { home, site: 'dc-1', enterprise: 'acme', legalEntity: 'acme', publicUrl: undefined, mqttUrl: undefined, erpUrl: undefined, catalogue: central.public, catalogueRoot: central.rootFile, gate: 'warn' },
      clock,
    });
    // No flow stands here, and the gate is not asked for: what governance does by itself needs neither.
    engine.registry.flowsStarted();
  };
  const look = async (): Promise<void> => {
    await engine.governance.refreshCatalogue();
    await engine.governance.changes.follow();
  };
  const tasks = async (): Promise<readonly TaskRow[]> => (await engine.ledger.listTasks({}, { limit: 50 })).items;
  const status = async (): Promise<string | undefined> => (await engine.ledger.getWaiver('w1'))?.status;
  const grant = async (expiresAt: number): Promise<void> => {
    await stageWaiver(central.folder, { id: 'w1', rule: 'no-exec', sites: ['dc-1'], scope: { fingerprints: ['no-exec:1'] }, reason: 'The label printer.', grantedAt: new Date(now).toISOString(), expiresAt: new Date(expiresAt).toISOString(), family: 'returns' }, now);
    await signAll(central.folder, central.returns);
    await release(central.folder, central.online, now);
  };

  before(async () => {
    now = start;
    home = temporary('waiver-task');
    central = await makeCentral({ now, lifetimes: { timestamp: 365, snapshot: 365 } });
    await grant(start + 20 * day);
    await open();
    await look();
  });
  after(async () => {
    await engine.close();
    rmSync(home, { recursive: true, force: true });
  });

  it('holds, and nobody is asked while its end is far away', async () => {
    assert.equal(await status(), 'active');
    assert.deepEqual(await tasks(), []);
  });

  it('is a task for the owners of its family a week before, once, also after a restart', async () => {
    now = start + 14 * day;
    await look();
    await look();
    const [task, ...more] = await eventually(async () => { const all = await tasks(); return all.length === 0 ? undefined : all; });
    assert.deepEqual([task?.role, task?.site, task?.process, task?.status, task?.due_at, more.length], ['owner:returns', 'dc-1', 'governance', 'open', '2026-12-21T08:00:00.000Z', 0]);
    assert.match(task?.title ?? '', /The waiver of no-exec ends on 2026-12-21/);
    await engine.close();
    await open();
    await look();
    assert.equal((await tasks()).length, 1);
  });

  it('is asked about anew when it was signed for longer, and the case of the first is closed by who did it', async () => {
    const [task] = await tasks();
    const done = await engine.decideTask({ taskId: task!.task_id, decision: 'approve', factsHash: task!.facts_hash, by: { userId: 'rita', name: 'Rita', roles: ['owner:returns'], sites: ['*'], authMethod: 'password', channel: 'inbox' } });
    assert.ok(done.ok, JSON.stringify(done));
    await eventually(async () => ((await engine.ledger.getCase(task!.case_id))?.outcome === 'done' ? true : undefined));
    await grant(start + 40 * day);
    await look();
    assert.deepEqual([await status(), (await engine.ledger.getWaiver('w1'))?.expires_at, (await tasks()).length], ['active', '2027-01-10T08:00:00.000Z', 1]);
    now = start + 35 * day;
    await look();
    await eventually(async () => ((await tasks()).length === 2 ? true : undefined));
  });

  it('ends at its time: it is recorded, and its task is over', async () => {
    now = start + 40 * day + 60_000;
    await look();
    assert.equal(await status(), 'expired');
    assert.deepEqual((await engine.ledger.readStream('waiver:w1')).map(({ type }) => type), ['WaiverGranted', 'WaiverGranted', 'WaiverExpired']);
  });

  it('that is signed again later holds again', async () => {
    await grant(start + 90 * day);
    await look();
    assert.equal(await status(), 'active');
  });
});
