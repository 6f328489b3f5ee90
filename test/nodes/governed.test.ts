import assert from 'node:assert/strict';
import { setCurrentWaybill } from '../../src/engine/node-red/current.ts';
import { RefusingWaybill } from '../../src/engine/refusing.ts';
import { end, eventually, opener, plain, Rig, step, withNodeRed } from './support/rig.ts';

/** What every governed node does, shown with `audit` and `validate`. */
describe('governed nodes', () => {
  withNodeRed();
  let rig: Rig;
  beforeEach(async () => { rig = await Rig.open(); });
  afterEach(() => rig.close());

  it('says on the node what is wrong with its configuration', async () => {
    const mistakes: readonly (readonly [ReturnType<typeof step>, RegExp])[] = [
      [step('audit', 'no-step-id', { stepId: '' }), /^This node has no step id; open it, give it one, and deploy\.$/],
      [step('validate', 'bad-json', { contract: 'receipt@1', schema: '{' }), /^The schema of contract "receipt@1" is no JSON: /],
      [step('validate', 'bad-schema', { contract: 'receipt@1', schema: '{"type":"thing"}' }), /^The schema of contract "receipt@1" is no JSON Schema: /],
      [step('audit', 'too-new', { configVersion: 9 }), /^The node was configured with a newer Waybill \(configuration 9, this one reads up to \d+\)\./],
      [step('approval', 'no-role'), /^This approval has no role; say who decides, and deploy\.$/],
      [step('approval', 'matrix', { role: 'boss', matrix: [{ amount: 5 }] }), /^This approval has a matrix that cannot be read; open the node, set it up again, and deploy\.$/],
      [step('call', 'no-url', { system: 'erp' }), /^This call has no URL; say where the system is, and deploy\.$/],
    ];
    await rig.load(mistakes.map(([node]) => node));
    for (const [{ id }, sentence] of mistakes) {
      const shown = rig.shown(id).at(-1);
      assert.deepEqual([shown?.fill, shown?.shape], ['red', 'ring'], id);
      assert.ok((shown?.text?.length ?? 99) <= 60, id);
      const errors = rig.node(id).error.getCalls().filter((call) => call.thisValue.id === id).map((call) => String(call.args[0]));
      assert.equal(errors.length, 1, id);
      assert.match(errors[0] ?? '', sentence);
    }
  });

  it('refuses a step id that another node has', async () => {
    await rig.load([step('audit', 'one', { stepId: 'same' }), step('audit', 'two', { stepId: 'same' })]);
    assert.equal(rig.shown('one').at(-1)?.fill, undefined);
    assert.match(rig.shown('two').at(-1)?.text ?? '', /^The step id "same" is used by another node/);
  });

  it('puts a message without a waybill into quarantine', async () => {
    await rig.load([step('audit', 'audit', { wires: [['end']] }), end('end')]);
    rig.node('audit').receive({ payload: { secret: 7 } });
    const [row] = await eventually(async () => {
      const { items } = await rig.engine.ledger.listQuarantine({}, { limit: 5 });
      return items.length > 0 ? items : undefined;
    });
    assert.equal(row?.reason, 'no-waybill');
    assert.equal(row?.device_id, 'node:main/audit');
    assert.match(row?.message ?? '', /^A message without a waybill reached a governed node/);
    assert.match(Buffer.from(row?.head ?? '', 'base64').toString(), /"secret":7/);
  });

  it('finds the case again when a plain node drops msg.waybill', async () => {
    await rig.load([opener(['strip']), plain('strip', 'end'), end('end')]);
    rig.node('strip').on('input', function (this: { send(m: object): void }, msg: { _msgid: string; payload: unknown }) {
      this.send({ _msgid: msg._msgid, payload: msg.payload });
    });
    const caseId = await rig.start({ a: 1 });
    assert.equal((await rig.closed(caseId)).outcome, 'end');
  });

  it('puts a forged waybill into quarantine or an exception, never into the step', async () => {
    await rig.load([opener(['hold']), plain('hold', 'end'), end('end')]);
    const caseId = await rig.start({ a: 1 });
    rig.node('end').receive({ payload: 1, waybill: { caseId: '0190-none', token: 't', attempt: 1 } });
    const quarantined = await eventually(async () => (await rig.engine.ledger.listQuarantine({}, { limit: 5 })).items[0]);
    assert.equal(quarantined.reason, 'unknown-case');
    rig.node('end').receive({ payload: 1, waybill: { caseId, token: 'made-up', attempt: 1 } });
    const raised = await rig.exception(caseId);
    assert.deepEqual([raised.class, raised.code], ['guard-breached', 'token-unknown']);
    assert.equal((await rig.view(caseId)).status, 'open');
  });

  it('raises an exception when a plain node makes a message that cannot be kept', async () => {
    await rig.load([opener(['spoil']), plain('spoil', 'end'), end('end')]);
    rig.node('spoil').on('input', function (this: { send(m: object): void }, msg: object) { this.send({ ...msg, payload: Number.NaN }); });
    const raised = await rig.exception(await rig.start({ a: 1 }));
    assert.equal(raised.code, 'message-not-durable');
    assert.match(raised.message, /^msg\.payload is NaN/);
  });

  it('stops a case whose milestones are missing, and lets it go on when they are there', async () => {
    await rig.load([opener(['audit']), step('audit', 'audit', { requires: 'approved', what: 'x', wires: [['end']] }), end('end')]);
    const caseId = await rig.start({ a: 1 });
    const raised = await rig.exception(caseId);
    assert.deepEqual([raised.class, raised.code], ['guard-breached', 'milestone-missing:approved']);
    assert.match(raised.message, /^This step needs "approved"/);
  });

  it('raises an exception at an output that leads nowhere, and goes on once it is wired', async () => {
    const audit = (wires: readonly string[]): ReturnType<typeof step> => step('audit', 'audit', { what: 'seen', wires: [wires] });
    await rig.load([opener(['audit']), audit([]), end('end')]);
    const caseId = await rig.start({ a: 1 });
    const raised = await rig.exception(caseId);
    assert.deepEqual([raised.class, raised.code, raised.queue], ['not-wired', 'not-wired:0', 'engineer']);
    assert.equal((await rig.eventsOf(caseId, 'AuditRecorded')).length, 0);
    await rig.load([opener(['audit']), audit(['end']), end('end')]);
    await rig.resolve(raised.exception_id, 'retry');
    await rig.closed(caseId);
    assert.equal((await rig.eventsOf(caseId, 'AuditRecorded')).length, 1);
  });

  it('goes on after a deploy through the node that is there now', async () => {
    const hold = [opener(['task']), step('approval', 'task', { role: 'boss', wires: [['end'], ['end'], [], []] }), end('end')];
    await rig.load(hold);
    const caseId = await rig.start({ a: 1 });
    await rig.task(caseId);
    await rig.load([opener(['task']), end('end')]);
    const raised = await rig.exception(caseId);
    assert.deepEqual([raised.class, raised.code], ['orphan', 'orphan:main/task']);
    await rig.load(hold);
    await eventually(async () => ((await rig.engine.ledger.getException(raised.exception_id))?.status === 'resolved' ? true : undefined));
    await rig.task(caseId);
  });

  it('shows how many cases rest at a node, and nothing when none does', async () => {
    await rig.engine.accounts?.createUser({ id: 'user-bo', name: 'bo', displayName: 'Bo', roles: ['boss'], sites: ['*'], passwordHash: 'none', disabled: false, createdAt: new Date().toISOString() });
    await rig.load([opener(['task']), step('approval', 'task', { role: 'boss', deadline: 0, wires: [['end'], ['end'], [], []] }), end('end')]);
    assert.deepEqual(rig.shown('task').at(-1), {});
    await rig.start({ a: 1 });
    await eventually(() => (rig.shown('task').at(-1)?.text === '1 here' ? true : undefined));
    assert.deepEqual(rig.shown('task').at(-1), { fill: 'blue', shape: 'dot', text: '1 here' });
    await rig.start({ a: 2 });
    await eventually(() => (rig.shown('task').at(-1)?.text === '2 here' ? true : undefined));
  });

  it('shows why nothing moves when Waybill refuses to work, and gives messages back at once', async () => {
    setCurrentWaybill(new RefusingWaybill(rig.engine.settings, 'The home folder cannot be written to.'));
    await rig.load([opener(['end']), end('end')]);
    for (const id of ['open', 'end']) assert.deepEqual(rig.shown(id).at(-1), { fill: 'red', shape: 'ring', text: 'The home folder cannot be written to.' });
    for (const id of ['open', 'end']) {
      rig.node(id).receive({ payload: {} });
      const complaint = await eventually(() => rig.node(id).error.getCalls().find((call) => call.thisValue.id === id));
      assert.match(String(complaint.args[0]), /The home folder cannot be written to/);
    }
  });
});
