import assert from 'node:assert/strict';
import { end, eventually, knownOperator, opener, plain, Rig, step, withNodeRed } from './support/rig.ts';

describe('case open node', () => {
  withNodeRed();
  let rig: Rig;
  beforeEach(async () => { rig = await Rig.open(); });
  afterEach(() => rig.close());

  it('opens a case with keys, facts, title and operator', async () => {
    await knownOperator(rig, 'anna');
    await rig.load([
      { id: 'site', type: 'waybill-site', siteId: 'dc-7', enterprise: 'acme', configVersion: 1 },
      opener(['end'], {
        site: 'site', process: 'returns', template: 'returns@2.1.0', keyName: 'rma', key: 'payload.rma', title: '"Return " & payload.rma', titleType: 'jsonata',
        transportId: 'id', transportIdType: 'msg',
      }),
      end('end'),
    ]);
    rig.send({ payload: { rma: 'R-1' }, operator: 'anna', id: 'm-1', topic: 'desk' });
    const row = await eventually(async () => (await rig.engine.ledger.listCases({ status: 'closed' }, { limit: 1 })).items[0]);
    assert.deepEqual([row.site, row.process, row.template, row.title], ['dc-7', 'returns', 'returns@2.1.0', 'Return R-1']);
    const view = await rig.view(row.case_id);
    assert.deepEqual(view.keys, [{ type: 'rma', value: 'R-1' }]);
    assert.deepEqual(view.document, { rma: 'R-1' });
    const [scan] = await rig.eventsOf(row.case_id, 'ScanRecorded');
    assert.deepEqual([scan?.data.operatorUnknown, scan?.data.possibleDuplicate, scan?.data.deviceId], [false, false, 'node:open']);
    assert.equal(scan?.data.operator, rig.engine.pseudonym('user-anna'));
    assert.equal(scan?.personal?.operator, 'anna');
  });

  it('opens one case for a transport id and one for a unique key, and tells the second output', async () => {
    await rig.load([
      opener(['end'], { keyName: 'rma', key: 'payload.rma', unique: true, transportId: 'id', wires: [['end'], ['again']] }),
      end('end'), plain('again'),
    ]);
    const told: unknown[] = [];
    rig.node('again').on('input', (msg: { repeat: string; caseId: string; waybill?: unknown }) => { told.push([msg.repeat, msg.caseId, msg.waybill]); });
    rig.send({ payload: { rma: 'R-2' }, id: 'm-1' });
    const caseId = (await eventually(async () => (await rig.engine.ledger.listCases({ status: 'closed' }, { limit: 1 })).items[0])).case_id;
    rig.send({ payload: { rma: 'R-2' }, id: 'm-1' });
    await eventually(() => (told.length === 1 ? true : undefined));
    rig.send({ payload: { rma: 'R-2' }, id: 'm-2' });
    await eventually(() => (told.length === 2 ? true : undefined));
    assert.deepEqual(told, [['duplicate', caseId, undefined], ['repeat', caseId, undefined]]);
    assert.equal((await rig.engine.ledger.listCases({}, { limit: 5 })).items.length, 1);
    assert.deepEqual((await rig.eventsOf(caseId, 'ScanRecorded')).map((event) => event.data.repeat), ['first', 'business']);
  });

  it('refuses a message without the key that must be unique, and opens no case', async () => {
    await rig.load([opener(['end'], { keyName: 'rma', key: 'payload.rma', unique: true }), end('end')]);
    rig.send({ payload: {} });
    const complaint = await eventually(() => rig.node('open').error.getCalls()[0]);
    assert.match(String(complaint.args[0]), /^(Error: )?The case has no key, but its key must be unique/);
    assert.equal((await rig.engine.ledger.listCases({}, { limit: 5 })).items.length, 0);
  });

  it('opens the case and raises an exception when its output leads nowhere; wired, the case goes on', async () => {
    await rig.load([opener([])]);
    const raised = await rig.exception(await rig.start({ a: 1 }));
    assert.deepEqual([raised.class, raised.code], ['not-wired', 'not-wired:0']);
    await rig.load([opener(['end']), end('end')]);
    await rig.resolve(raised.exception_id, 'retry');
    assert.equal((await rig.closed(raised.case_id)).outcome, 'end');
  });
});

describe('case close node', () => {
  withNodeRed();
  let rig: Rig;
  beforeEach(async () => { rig = await Rig.open(); });
  afterEach(() => rig.close());

  it('closes with the outcome that an expression gives', async () => {
    await rig.load([opener(['end']), step('case-close', 'end', { outcome: '$facts.ok ? "received" : "rejected"', outcomeType: 'jsonata' })]);
    assert.equal((await rig.closed(await rig.start({ ok: true }))).outcome, 'received');
    assert.equal((await rig.closed(await rig.start({ ok: false }))).outcome, 'rejected');
  });

  it('does not close over other work, and closes when that is done', async () => {
    await rig.load([
      opener(['end', 'task']), end('end'),
      step('approval', 'task', { role: 'boss', wires: [['after'], ['after'], [], []] }), step('audit', 'after', { wires: [['late']] }), plain('late'),
    ]);
    const caseId = await rig.start({ a: 1 });
    const raised = await rig.exception(caseId);
    assert.deepEqual([raised.class, raised.code], ['closed-case', 'open-work-left']);
    await rig.resolve(raised.exception_id, 'retry');
    const again = await rig.exception(caseId);
    assert.notEqual(again.exception_id, raised.exception_id);
    await rig.resolve(again.exception_id, 'cancel');
    assert.equal((await rig.closed(caseId)).outcome, 'cancelled');
    assert.equal((await rig.engine.ledger.listTasks({ status: 'open', caseId }, { limit: 5 })).items.length, 0);
  });

  it('cancels other work by name when it is told to', async () => {
    await rig.load([
      opener(['wait', 'task']), plain('wait', 'end'), step('case-close', 'end', { outcome: 'done', cancelOpen: true }),
      step('approval', 'task', { role: 'boss', wires: [['end'], ['end'], [], []] }),
    ]);
    let goOn = (): void => undefined;
    rig.node('wait').on('input', function (this: { send(m: object): void }, msg: object) { goOn = () => { this.send(msg); }; });
    const caseId = await rig.start({ a: 1 });
    const task = await rig.task(caseId);
    goOn();
    await rig.closed(caseId);
    const [closed] = await rig.eventsOf(caseId, 'CaseClosed');
    assert.deepEqual(closed?.data.cancelledRuns, [task.run_id]);
    assert.equal((await rig.engine.ledger.getTask(task.task_id))?.status, 'voided');
  });

  it('gives back what the case had reserved when the outcome says that it was not used', async () => {
    const reserving = step('validate', 'check', {
      contract: 'c@1', schema: '{}', reserve: true, reserveScope: 'line', reserveKey: 'po', reserveKeyType: 'str', reserveQuantity: 'qty', reserveQuantityType: 'facts',
      reserveLimit: '10', reserveLimitType: 'num', wires: [['end'], ['end']],
    });
    await rig.load([opener(['check']), reserving, step('case-close', 'end', { outcome: 'outcome', outcomeType: 'facts' })]);
    const totals: (string | undefined)[] = [];
    for (const outcome of ['received', 'rejected', 'received']) {
      const caseId = await rig.start({ qty: 3, outcome });
      await rig.closed(caseId);
      totals.push((await rig.eventsOf(caseId, 'QuantityReserved'))[0]?.data.total);
    }
    assert.deepEqual(totals, ['3', '6', '6']);
  });
});
