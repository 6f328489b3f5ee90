import assert from 'node:assert/strict';
import { eventually, opener, Rig, step, withNodeRed } from '../../nodes/support/rig.ts';
import type { FlowNode } from '../../nodes/support/rig.ts';

/** A block with one governed step, twice on a tab that names its instance. */
function flow(env: readonly object[]): readonly FlowNode[] {
  // Node-RED takes what has no place on the canvas for a config node.
  const on = { z: 'dock', x: 1, y: 1 };
  return [
    { id: 'dock', type: 'tab', label: 'Dock', env: [{ name: 'WAYBILL_INSTANCE', value: 'dock-1', type: 'str' }] },
    { id: 'block', type: 'subflow', name: 'Block', in: [{ wires: [{ id: 'look' }] }], out: [{ wires: [{ id: 'look', port: 0 }] }], env: [] },
    { ...step('audit', 'look', { stepId: 'see', what: 'seen' }), z: 'block', x: 1, y: 1, wires: [[]] },
    { ...opener(['first']), ...on },
    { id: 'first', type: 'subflow:block', ...on, env: [], wires: [['second']] },
    { id: 'second', type: 'subflow:block', ...on, env, wires: [['end']] },
    { ...step('case-close', 'end', { outcome: 'end', outcomeType: 'str' }), ...on },
  ];
}

describe('instances of a block', () => {
  withNodeRed();
  let rig: Rig;
  beforeEach(async () => { rig = await Rig.open(); });
  afterEach(async () => { await rig.close(); });

  it('have addresses of their own, also where their tab names its instance (PROTOCOL §1)', async () => {
    await rig.load(flow([]));
    const caseId = await rig.start({ a: 1 });
    await rig.closed(caseId);
    const entered = (await rig.eventsOf(caseId, 'StepEntered')).map((event) => `${event.address?.instance}/${event.address?.stepId}`);
    assert.deepEqual(entered, ['first/see', 'second/see', 'dock-1/end']);
  });

  it('take the name that they are given themselves', async () => {
    await rig.load(flow([{ name: 'WAYBILL_INSTANCE', value: 'gate-7', type: 'str' }]));
    const caseId = await rig.start({ a: 1 });
    await rig.closed(caseId);
    assert.deepEqual((await rig.eventsOf(caseId, 'StepEntered')).map((event) => event.address?.instance), ['first', 'gate-7', 'dock-1']);
  });
});

describe('flows that do not start', () => {
  withNodeRed();
  let rig: Rig;
  beforeEach(async () => { rig = await Rig.open(); });
  afterEach(async () => { await rig.close(); });

  it('are a visible reason why cases stand still, until they start', async () => {
    await rig.load([opener(['end']), step('case-close', 'end', { outcome: 'end', outcomeType: 'str' })]);
    assert.equal(rig.engine.reason, undefined);
    rig.engine.flowsStopping();
    assert.equal(rig.engine.reason, undefined, 'a deploy is no reason to worry');
    await rig.engine.flowsNotStarted('missing-types');
    assert.match(rig.engine.reason ?? '', /missing-types.*Mend the flows and deploy/);
    assert.equal(rig.engine.accepting(), false);
    rig.send({ payload: 1 });
    await rig.engine.flowsStarted('full');
    assert.equal(rig.engine.reason, undefined);
    await eventually(async () => ((await rig.engine.ledger.counts()).casesClosed === 1 ? true : undefined));
  });
});
