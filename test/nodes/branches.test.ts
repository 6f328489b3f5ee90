import assert from 'node:assert/strict';
import { end, eventually, opener, Rig, step, withNodeRed } from './support/rig.ts';

describe('parallel, gather and compensate nodes', () => {
  withNodeRed();
  let rig: Rig;
  beforeEach(async () => { rig = await Rig.open(); });
  afterEach(() => rig.close());

  const audit = (id: string, next: string): ReturnType<typeof step> => step('audit', id, { what: id, whatType: 'str', why: 'test', whyType: 'str', evidence: '', evidenceType: 'msg', redact: '', wires: [[next]] });
  const branches = (...names: readonly (readonly [string, string])[]): object => ({ branches: names.map(([name, condition]) => ({ name, condition, conditionType: 'jsonata' })), outputs: names.length });

  it('take the branches whose condition holds, join them, and go on once', async () => {
    await rig.load([
      opener(['fork']), step('parallel', 'fork', { ...branches(['always', ''], ['heavy', '$facts.kg > 100'], ['light', '$facts.kg <= 100']), wires: [['a'], ['b'], ['c']] }),
      audit('a', 'join'), audit('b', 'join'), audit('c', 'join'), step('gather', 'join', { wires: [['end'], ['partial']] }), end('end'), end('partial'),
    ]);
    const caseId = await rig.start({ kg: 250 });
    assert.equal((await rig.closed(caseId)).outcome, 'end');
    assert.deepEqual((await rig.eventsOf(caseId, 'Gathered')).map((e) => [[...e.data.branches].sort(), e.data.outcome]), [[['always', 'heavy'], 'complete']]);
    assert.deepEqual((await rig.eventsOf(caseId, 'AuditRecorded')).map((e) => e.data.what).sort(), ['a', 'b']);
  });

  it('say in one sentence what is wrong with the branches', async () => {
    await rig.load([opener(['fork']), step('parallel', 'fork', { ...branches(['same', ''], ['same', '']), wires: [['end'], ['end']] }), end('end')]);
    assert.match(String(rig.shown('fork').at(-1)?.text ?? ''), /Two branches are called "same"/);
  });

  it('stop at a condition that is neither true nor false, and leave out no branch', async () => {
    await rig.load([opener(['fork']), step('parallel', 'fork', { ...branches(['a', ''], ['b', '$facts.kg']), wires: [['end'], ['end']] }), end('end')]);
    const raised = await rig.exception(await rig.start({ kg: 250 }));
    assert.match(raised.message, /neither true nor false/);
    assert.equal((await rig.eventsOf(raised.case_id, 'StepCompleted')).length, 1, 'only the intake is done');
  });

  it('wait across a deploy, and end after the working of their deadline with what is there', async () => {
    const flow = (deadline: number): readonly ReturnType<typeof step>[] => [
      opener(['fork']), step('parallel', 'fork', { ...branches(['a', ''], ['b', '']), wires: [['a'], ['stop']] }),
      audit('a', 'join'), step('exception', 'stop', { severity: 'low', queue: 'clerk', code: 'stop', message: 'Stop.', messageType: 'str', place: '', placeType: 'str', wires: [['join']] }),
      step('gather', 'join', { deadline, deadlineUnit: 'minutes', wires: [['end'], ['partial']] }), end('end'), end('partial'),
    ];
    await rig.load(flow(0.01));
    const caseId = await rig.start({});
    await eventually(async () => ((await rig.eventsOf(caseId, 'BranchArrived')).length === 1 ? true : undefined));
    await rig.load(flow(0.01));
    assert.equal((await rig.closed(caseId)).outcome, 'partial');
    assert.equal((await rig.eventsOf(caseId, 'Gathered')).length, 1);
    assert.deepEqual((await rig.eventsOf(caseId, 'ExceptionResolved')).map((e) => e.data.code), ['branch-cancelled']);
  });

  it('undo what was registered when the case is cancelled, in the flow', async () => {
    await rig.load([
      opener(['one']), step('compensate', 'one', { undoName: 'give back', wires: [['two'], ['undo-one']] }), step('compensate', 'two', { undoName: 'unbook', wires: [['stop'], ['undo-two']] }),
      audit('undo-one', 'done'), audit('undo-two', 'done'), step('compensate', 'done', { mode: 'done', outputs: 0, wires: [] }),
      step('exception', 'stop', { severity: 'low', queue: 'clerk', code: 'stop', message: 'Stop.', messageType: 'str', place: '', placeType: 'str', wires: [['end']] }), end('end'),
    ]);
    const raised = await rig.exception(await rig.start({}));
    await rig.resolve(raised.exception_id, 'cancel');
    const view = await rig.closed(raised.case_id);
    assert.equal(view.outcome, 'cancelled');
    assert.deepEqual((await rig.eventsOf(raised.case_id, 'AuditRecorded')).map((e) => e.data.what), ['undo-two', 'undo-one']);
  });

  it('stop an undo path that leads to a case close, and say how to end it', async () => {
    await rig.load([
      opener(['one']), step('compensate', 'one', { undoName: 'give back', wires: [['stop'], ['wrong']] }), end('wrong'),
      step('exception', 'stop', { severity: 'low', queue: 'clerk', code: 'stop', message: 'Stop.', messageType: 'str', place: '', placeType: 'str', wires: [['wrong']] }),
    ]);
    const raised = await rig.exception(await rig.start({}));
    await rig.resolve(raised.exception_id, 'cancel');
    const stuck = await rig.exception(raised.case_id);
    assert.equal(stuck.code, 'close-in-undo');
    await rig.resolve(stuck.exception_id, 'continue');
    assert.equal((await rig.closed(raised.case_id)).outcome, 'cancelled');
  });
});
