import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { judge, recordedIn } from '../../bench/opcua-faults/judge.ts';
import { Plant } from '../../bench/opcua-faults/plant.ts';
import { needs } from '../support/system-programs.ts';

/** A server of another stack whose tags change, each change with a number; one in ten has to become a case. */
describe('values of a controller over faults', function () {
  this.timeout(180_000);
  let plant: Plant;

  before(function () { needs(this, 'open62541'); });
  beforeEach(async () => { plant = await Plant.build(); });
  afterEach(() => (plant as Plant | undefined)?.remove());

  async function atRest(): Promise<void> {
    await plant.load(0);
    for (let last = -1, now = 0, quiet = 0; quiet < 10; quiet = now === last ? quiet + 1 : 0) {
      last = now;
      await sleep(500);
      now = await plant.counter('plc_opened');
    }
  }

  it('become one case each when the process is killed and started again, in their order, with one session at the server', async () => {
    await plant.load(1_000);
    for (let kills = 0; kills < 2; kills += 1) {
      await sleep(3_000);
      await plant.waybill.end('SIGKILL');
      assert.deepEqual(await plant.counts(), { sessions: 1, subscriptions: 1 }, 'the server holds them');
      await plant.start();
      await plant.moreThan(500);
      assert.deepEqual(await plant.counts(), { sessions: 1, subscriptions: 1 }, 'the same ones');
    }
    await atRest();
    await plant.waybill.end();
    const { due, cases, unsaid, said, doubled, notDue, outOfOrderAcrossTags, gaps } = judge(plant.changes(), await recordedIn(plant.home));
    assert.ok(due > 600, `${due} were made`);
    assert.deepEqual({ cases, unsaid, said, doubled, notDue, outOfOrderAcrossTags, gaps }, { cases: due, unsaid: 0, said: 0, doubled: 0, notDue: 0, outOfOrderAcrossTags: 0, gaps: [] });
  });

  it('are in a recorded gap when the server restarts before it could tell them', async () => {
    await plant.load(1_000);
    await sleep(3_000);
    plant.line.cut();
    await sleep(2_000);
    await plant.restartServer(500);
    plant.line.mend();
    const before = await plant.counter('plc_values');
    await plant.moreThan(before + 1_000);
    await atRest();
    await plant.waybill.end();
    const { cases, due, unsaid, said, doubled, notDue, outOfOrder, gaps } = judge(plant.changes(), await recordedIn(plant.home));
    assert.deepEqual({ unsaid, doubled, notDue, outOfOrder }, { unsaid: 0, doubled: 0, notDue: 0, outOfOrder: 0 });
    assert.ok(said > 100 && cases + said === due, `${said} of ${due} were lost with the server`);
    assert.deepEqual(gaps.map(({ reason }) => reason), ['subscription-lost']);
  });
});
