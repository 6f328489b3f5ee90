import assert from 'node:assert/strict';
import { WaitingRoom } from '../../../src/engine/node-red/waiting-room.ts';
import { LedgerError } from '../../../src/ledger/port.ts';

describe('messages that wait for the ledger', () => {
  it('wait until it takes them, in a counted number of places; who finds none is told at once', async () => {
    const room = new WaitingRoom(2);
    let takes = false;
    const work = (name: string) => (): Promise<string> => (takes ? Promise.resolve(name) : Promise.reject(new LedgerError('unavailable', 'The disk is full.')));
    const waiting = [room.whenTaken({ state: 'suspended' }, work('a')), room.whenTaken({ state: 'suspended' }, work('b'))];
    await assert.rejects(room.whenTaken({ state: 'suspended' }, work('c')), /The disk is full\. 2 messages wait already/);
    assert.equal(room.taken, 2);
    takes = true;
    assert.deepEqual(await Promise.all(waiting), ['a', 'b']);
    assert.equal(room.taken, 0);
  });

  it('do not wait for what will not come', async () => {
    const room = new WaitingRoom();
    const unavailable = (): Promise<never> => Promise.reject(new LedgerError('unavailable', 'It refuses.'));
    await assert.rejects(room.whenTaken({ state: 'refusing' }, unavailable), /It refuses/);
    await assert.rejects(room.whenTaken({ state: 'closed' }, unavailable), /It refuses/);
    await assert.rejects(room.whenTaken({ state: 'ready' }, () => Promise.reject(new Error('no key'))), /no key/);
    assert.equal(room.taken, 0);
  });
});
