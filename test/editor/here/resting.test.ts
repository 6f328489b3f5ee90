import assert from 'node:assert/strict';

import { MOST_CASES, restingCases, siteReport } from '../../../src/editor/here/resting.ts';
import { RefusingWaybill } from '../../../src/engine/refusing.ts';
import { end, eventually, opener, Rig, step, withNodeRed } from '../../nodes/support/rig.ts';
import type { FlowNode } from '../../nodes/support/rig.ts';

const approval = (id: string, place: object = {}): FlowNode =>
  step('approval', id, { role: 'receiving-supervisor', covers: 'value', question: 'Go on?', questionType: 'str', wires: [['done'], ['done'], ['done'], ['done']], ...place });

/** The definition of a subflow with one approval in it. */
const SUBFLOW: readonly FlowNode[] = [
  { id: 'definition', type: 'subflow', name: 'ask', in: [{ x: 0, y: 0, wires: [{ id: 'inner' }] }], out: [{ x: 0, y: 0, wires: [{ id: 'inner', port: 0 }] }], env: [] },
  // Node-RED gives the inner nodes ids of their own and replaces the old ones in every property: a step id must differ.
  approval('inner', { z: 'definition', stepId: 'ask', wires: [[], [], [], []] }),
];

describe('what the sidebar knows', () => {
  withNodeRed();
  let rig: Rig;

  beforeEach(async () => {
    rig = await Rig.open();
  });

  afterEach(async () => {
    await rig.close();
  });

  it('counts the cases that rest at a node, and lists them oldest first with why they rest', async () => {
    await rig.load([opener(['decide']), approval('decide'), end('done')]);
    const first = await rig.start({ n: 1 });
    await rig.task(first);
    const second = await rig.start({ n: 2 });
    await rig.task(second);
    const report = await siteReport(rig.engine, '/waybill/');
    assert.deepEqual([report.site, report.enterprise, report.state, report.console], ['dc-1', 'acme', 'ready', '/waybill/']);
    assert.deepEqual(report.counts, { casesOpen: 2, tasksOpen: 2, exceptionsOpen: 0, deadLettersOpen: 0, quarantineHeld: 0 });
    assert.deepEqual(report.nodes.map(({ address, steps, tokens, editorIds }) => [address, steps, tokens, editorIds]), [
      ['main/open', 0, 0, ['open']], ['main/decide', 2, 0, ['decide']], ['main/done', 0, 0, ['done']],
    ]);
    const { items, steps, tokens, oldest } = await restingCases(rig.engine, ['decide']);
    assert.deepEqual([steps, tokens, oldest], [2, 0, items[0]?.since]);
    assert.deepEqual(items.map(({ caseId, kind, waits }) => [caseId, kind, waits]), [[first, 'step', 'decision'], [second, 'step', 'decision']]);
    assert.match(items[0]?.title ?? '', /\w/);
  });

  it('shows a case between two governed nodes at the one that it left', async () => {
    await rig.load([opener(['lost']), { id: 'lost', type: 'helper', z: 'tab', x: 0, y: 0, wires: [['done']] }, end('done')]);
    const caseId = await rig.start({});
    const { items, tokens } = await restingCases(rig.engine, ['open']);
    assert.equal(tokens, 1);
    assert.deepEqual(items.map((item) => [item.caseId, item.kind, item.waits]), [[caseId, 'token', 'on-the-way']]);
  });

  it('finds what rests inside a subflow by its instance and by the node in its definition', async () => {
    await rig.load([...SUBFLOW, opener(['instance']), { id: 'instance', type: 'subflow:definition', z: 'tab', x: 0, y: 0, wires: [['done']] }, end('done')]);
    const caseId = await rig.start({});
    await rig.task(caseId);
    for (const id of ['instance', 'inner']) {
      const { items } = await restingCases(rig.engine, [id]);
      assert.deepEqual(items.map((item) => [item.caseId, item.address]), [[caseId, 'instance/ask']], id);
    }
    assert.deepEqual((await restingCases(rig.engine, ['definition-of-nobody'])).items, []);
  });

  it('says at which steps cases were left behind when their node is gone', async () => {
    await rig.load([opener(['decide']), approval('decide'), end('done')]);
    await rig.task(await rig.start({}));
    await rig.load([opener(['done']), end('done')]);
    const { leftBehind } = await siteReport(rig.engine, undefined);
    assert.deepEqual(leftBehind, [{ address: 'main/decide', steps: 1, tokens: 0 }]);
  });

  it('cuts the list and keeps the count', async function () {
    this.timeout(30_000);
    await rig.load([opener(['decide']), approval('decide'), end('done')]);
    for (let n = 0; n < MOST_CASES + 5; n += 1) rig.send({ payload: { n } });
    await eventually(async () => ((await rig.engine.ledger.counts()).tasksOpen === MOST_CASES + 5 ? true : undefined));
    const { items, steps } = await restingCases(rig.engine, ['decide']);
    assert.deepEqual([items.length, steps], [MOST_CASES, MOST_CASES + 5]);
  });

  it('answers for an engine that refuses, with the reason', async () => {
    const refusing = new RefusingWaybill(rig.engine.settings, 'The home folder cannot be written to.');
    const report = await siteReport(refusing, undefined);
    assert.deepEqual([report.state, report.reason, report.counts, report.nodes], ['refusing', 'The home folder cannot be written to.', undefined, []]);
    assert.deepEqual((await restingCases(refusing, ['decide'])).items, []);
  });
});
