import assert from 'node:assert/strict';
import { Open62541 } from '../../support/open62541/open62541.ts';
import { needs } from '../../support/system-programs.ts';
import { eventually, Rig, step, withNodeRed, type FlowNode } from '../support/rig.ts';
import { opened, plcFlow, running, shown } from './support/flow.ts';

describe('plc in node, events and alarms of a server of another stack', function () {
  this.timeout(90_000);
  withNodeRed();
  let program: string;
  let rig: Rig;
  let plc: Open62541;

  before(function () { program = needs(this, 'open62541-alarms'); });
  beforeEach(async () => {
    rig = await Rig.open();
    plc = await Open62541.startAlarms(program);
  });
  afterEach(async () => {
    await rig.close();
    await plc.stop();
  });

  const flow = (config: Readonly<Record<string, unknown>> = {}, more: readonly FlowNode[] = []): FlowNode[] => [
    ...plcFlow(plc.url, { mode: 'events', tags: [], triggers: [], wires: [['waits']], ...config }),
    // open until its alarm is over
    step('wait-for-event', 'waits', { mode: 'wait', eventName: 'alarm.inactive', key: 'plc.alarm', keyType: 'facts', timeout: 0, timeoutUnit: 'hours', wires: [['done'], []] }), ...more,
  ];
  const refreshed = (): Promise<true> => eventually(() => ((running(rig).running.counters()['refreshes'] ?? 0) > 0 ? true : undefined));
  const cases = (count: number): Promise<true> => eventually(async () => ((await opened(rig)).length === count ? true : undefined));
  const state = (says: string): Promise<true> => eventually(async () => ((await plc.tell('state Jam')).includes(says) ? true : undefined));

  it('opens one case for each activation, and a case that waits for the end of its alarm gets it', async () => {
    await rig.load(flow({ title: '{condition} ({severity})' }));
    await refreshed();
    await plc.tell('active Jam 700');
    await cases(1);
    const [first] = await opened(rig);
    assert.ok(first !== undefined);
    assert.equal((first.plc['condition'] as { active: boolean }).active, true);
    assert.equal((await rig.engine.caseView(first.caseId))?.title, 'Jam (700)');
    assert.equal((await rig.engine.caseView(first.caseId))?.status, 'open');
    await plc.tell('inactive Jam');
    await rig.closed(first.caseId);
    await plc.tell('active Jam 700');
    await cases(2);
    await eventually(() => (/^connected · 2 events$/.test(shown(rig)) ? true : undefined));
    const counters = running(rig).running.counters();
    assert.equal(counters['alarms'], 1);
    assert.deepEqual(running(rig).samples.list().map(({ kind }) => kind), ['opened', 'told', 'opened']);
  });

  it('acknowledges when the case is recorded and confirms when it is closed', async () => {
    await rig.load(flow({ acknowledgeWhen: 'recorded', confirmWhen: 'closed' }));
    await refreshed();
    await plc.tell('active Jam 700');
    await state('acknowledged 1 confirmed 0');
    await plc.tell('inactive Jam');
    await state('acknowledged 1 confirmed 1');
    await cases(1);
  });

  it('lets a governed step acknowledge and confirm, and takes what somebody else has done for done', async () => {
    await rig.load([
      ...plcFlow(plc.url, { mode: 'events', tags: [], triggers: [], wires: [['ack']] }),
      step('plc-out', 'ack', { endpoint: 'plc', action: 'acknowledge', alarm: 'plc', comment: 'seen by the shift', commentType: 'str', baseDelaySeconds: 0.1, recordAs: 'seen', wires: [['waits'], []] }),
      step('wait-for-event', 'waits', { mode: 'wait', eventName: 'alarm.inactive', key: 'plc.alarm', keyType: 'facts', timeout: 0, timeoutUnit: 'hours', wires: [['again'], []] }),
      step('plc-out', 'again', { endpoint: 'plc', action: 'acknowledge', alarm: 'plc', baseDelaySeconds: 0.1, wires: [['confirm'], []] }),
      step('plc-out', 'confirm', { endpoint: 'plc', action: 'confirm', alarm: 'plc', baseDelaySeconds: 0.1, wires: [['done'], []] }),
    ]);
    await refreshed();
    await plc.tell('active Jam 700');
    await state('acknowledged 1 confirmed 0');
    // the event that opened the case is old by now: the last one is what the server takes
    await plc.tell('severity Jam 900');
    await plc.tell('inactive Jam');
    await state('confirmed 1');
    const [first] = await opened(rig);
    const view = await rig.closed(first?.caseId ?? '');
    assert.equal((view.document['seen'] as { status: string }).status, 'Good');
    assert.deepEqual((await rig.eventsOf(first?.caseId ?? '', 'EffectIntended')).length, 3);
  });

  it('holds a step that finds no alarm, and says so', async () => {
    await rig.load([
      ...plcFlow(plc.url, { mode: 'events', tags: [], triggers: [], wires: [['ack']] }),
      step('plc-out', 'ack', { endpoint: 'plc', action: 'acknowledge', alarm: 'plc.nowhere', wires: [['done'], []] }),
    ]);
    await refreshed();
    await plc.tell('event 300 no alarm');
    await cases(1);
    const raised = await rig.exception((await opened(rig))[0]?.caseId ?? '');
    assert.equal(raised.code, 'no-alarm');
  });

  it('says what to mend when the node that is to tell the events does not, or a type is not there', async () => {
    await rig.load(flow({ notifier: 'ns=1;s=Nowhere' }));
    await eventually(() => (/The node "ns=1;s=Nowhere" is not known to the server/.test(shown(rig)) ? true : undefined));
    assert.equal(rig.shown('in').at(-1)?.fill, 'red');
    await rig.load(flow({ eventTypes: [{ nodeId: 'nsu=urn:nobody;i=1', name: 'Nobody' }] }));
    await eventually(() => (/no namespace "urn:nobody"/.test(shown(rig)) ? true : undefined));
    await rig.load(flow({ leastSeverity: 0 }));
    assert.match(shown(rig), /severity is no whole number/);
  });
});

