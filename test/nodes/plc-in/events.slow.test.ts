import assert from 'node:assert/strict';
import { Open62541 } from '../../support/open62541/open62541.ts';
import { needs } from '../../support/system-programs.ts';
import { eventually, Rig, step, withNodeRed, type FlowNode } from '../support/rig.ts';
import { Killable, opened, plcFlow, running } from './support/flow.ts';

const pause = (ms: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms); });

describe('plc in node, alarms and processes that end', function () {
  this.timeout(180_000);
  withNodeRed();
  let program: string;
  let rig: Rig;
  let plc: Open62541;
  const closing: (() => Promise<void> | void)[] = [];

  before(function () { program = needs(this, 'open62541-alarms'); });
  beforeEach(async () => {
    rig = await Rig.open();
    plc = await Open62541.startAlarms(program);
  });
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
    await rig.close();
    await plc.stop();
  });

  const flow = (config: Readonly<Record<string, unknown>> = {}, more: readonly FlowNode[] = []): FlowNode[] => [
    ...plcFlow(plc.url, { mode: 'events', tags: [], triggers: [], wires: [['waits']], ...config }),
    // open until its alarm is over
    step('wait-for-event', 'waits', { mode: 'wait', eventName: 'alarm.inactive', key: 'plc.alarm', keyType: 'facts', timeout: 0, timeoutUnit: 'hours', wires: [['done'], []] }), ...more,
  ];
  const cases = (count: number): Promise<true> => eventually(async () => ((await opened(rig)).length === count ? true : undefined));
  const state = (says: string): Promise<true> => eventually(async () => ((await plc.tell('state Jam')).includes(says) ? true : undefined));

  it('after SIGKILL acknowledges what was recorded, opens no second case, and sees what became active meanwhile', async () => {
    await rig.close(true);
    const nodes = flow({ acknowledgeWhen: 'never' });
    const child = new Killable(rig.home, nodes);
    closing.push(() => child.kill());
    await eventually(() => (plc.counts().then(({ subscriptions }) => (subscriptions === 1 ? true : undefined))));
    await plc.tell('active Jam 700');
    await eventually(() => (child.cases === 1 ? true : undefined));
    await child.kill();
    await plc.tell('severity Jam 800');
    await plc.tell('active Hot 600');
    rig = await Rig.open({}, { home: rig.home });
    await rig.load(flow({ acknowledgeWhen: 'recorded' }));
    await cases(2);
    await state('acknowledged 1');
    await pause(500);
    await cases(2);
    assert.equal(running(rig).running.counters()['answersOpen'], 0);
  });

  it('ends around the commit of many alarms without a second case of one', async () => {
    await rig.close(true);
    const nodes = flow({ acknowledgeWhen: 'recorded' });
    let activations = 0;
    for (let round = 0; round < 3; round += 1) {
      const child = new Killable(rig.home, nodes);
      closing.push(() => child.kill());
      const before = child.cases;
      await eventually(() => (plc.counts().then(({ subscriptions }) => (subscriptions >= 1 ? true : undefined))));
      // the commit, what is remembered and the acknowledgement lie within milliseconds of this
      await eventually(async () => {
        await plc.tell('inactive Jam');
        await pause(5);
        await plc.tell('active Jam 700');
        activations += 1;
        await pause(15 + 7 * round);
        return child.cases > before + 5 ? true : undefined;
      });
      await child.kill();
      await pause(200);
    }
    rig = await Rig.open({}, { home: rig.home });
    await rig.load(nodes);
    await eventually(async () => ((await plc.tell('state Jam')).includes('acknowledged 1') && running(rig).running.counters()['answersOpen'] === 0 ? true : undefined));
    const names = (await opened(rig)).map(({ plc: { alarm } }) => String(alarm));
    assert.equal(new Set(names).size, names.length);
    assert.equal(names.length, activations);
  });
});
