import assert from 'node:assert/strict';
import { end, eventually, opener, plain, Rig, step, withNodeRed } from './support/rig.ts';

describe('wait for event node', () => {
  withNodeRed();
  let rig: Rig;
  beforeEach(async () => { rig = await Rig.open(); });
  afterEach(() => rig.close());

  const heard: Record<string, unknown>[] = [];
  async function load(report: Readonly<Record<string, unknown>> = {}, wait: Readonly<Record<string, unknown>> = {}): Promise<void> {
    heard.length = 0;
    await rig.load([
      opener(['wait']),
      step('wait-for-event', 'wait', { eventName: 'asn', key: 'delivery', keyType: 'facts', recordAs: 'asn', wires: [['came'], ['late']], ...wait }), end('came'), end('late'),
      step('wait-for-event', 'report', { mode: 'event', eventName: 'asn', key: 'payload.delivery', keyType: 'msg', data: 'payload', dataType: 'msg', eventId: 'payload.id', eventIdType: 'msg', wires: [['taken'], ['kept']], ...report }),
      plain('taken'), plain('kept'),
    ]);
    for (const id of ['taken', 'kept']) rig.node(id).on('input', (msg) => heard.push({ at: id, ...msg as object }));
  }
  const report = (payload: object): void => rig.node('report').receive({ payload });

  it('joins a case with the event of a plain message, whichever comes first', async () => {
    await load();
    report({ delivery: '1', id: 'a', pallets: 3 });
    const kept = await eventually(() => heard[0]);
    assert.equal(kept['at'], 'kept');
    const first = await rig.start({ delivery: '1' });
    assert.equal((await rig.closed(first)).outcome, 'came');
    assert.deepEqual((await rig.view(first)).document['asn'], { delivery: '1', id: 'a', pallets: 3 });

    const second = await rig.start({ delivery: '2' });
    await eventually(async () => ((await rig.eventsOf(second, 'EventAwaited')).length === 1 ? true : undefined));
    report({ delivery: '2', id: 'b' });
    const taken = await eventually(() => heard[1]);
    assert.equal(taken['at'], 'taken');
    assert.equal((taken['event'] as { caseId: string }).caseId, second);
    assert.equal((await rig.closed(second)).outcome, 'came');
  });

  it('takes a message with the same id once', async () => {
    await load();
    report({ delivery: '1', id: 'a' });
    report({ delivery: '1', id: 'a' });
    await eventually(() => (heard.length === 2 ? true : undefined));
    assert.deepEqual(heard.map((msg) => (msg['event'] as { repeated: boolean }).repeated).sort(), [false, true]);
    assert.equal((await rig.engine.ledger.listSignals({ status: 'kept' }, { limit: 10 })).items.length, 1);
  });

  it('lets a case go at the second output when nothing came in time', async () => {
    await load({}, { timeout: 0.002, timeoutUnit: 'minutes' });
    assert.equal((await rig.closed(await rig.start({ delivery: '1' }))).outcome, 'late');
  });

  it('says on the node what is missing, and how many wait until when', async () => {
    await load({ eventName: 'not one name' }, { timeout: 3, timeoutUnit: 'days' });
    assert.match(rig.shown('report').at(-1)?.text ?? '', /no event to report/);
    await rig.start({ delivery: '1' });
    await eventually(() => rig.shown('wait').find((status) => /^1 here, next \d{4}-\d\d-\d\d \d\d:\d\d$/.test(status.text ?? '')));
  });
});
