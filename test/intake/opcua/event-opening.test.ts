import assert from 'node:assert/strict';
import { eventOpenings, type EventOpeningOptions } from '../../../src/intake/opcua/events/event-opening.ts';
import { judgeAnswer, refusedAnswer } from '../../../src/intake/opcua/events/conditions.ts';
import type { OpcUaEvent } from '../../../src/intake/opcua/events/types.ts';

const NOW = Date.parse('2026-11-29T08:00:00Z');
const options: EventOpeningOptions = { address: 'line/scans', process: 'p', template: '', site: 's', device: 'portal 3', uniqueScope: '', keyField: '', keyType: '', title: '' };
const scanEvent = (results: readonly object[]): OpcUaEvent => ({
  eventId: 'ab12', eventType: 'nsu=http://opcfoundation.org/UA/AutoID/;i=1009', source: 'ns=1;s=Portal', sourceName: 'Portal 3', at: NOW - 500, message: 'scan', severity: 100,
  fields: { ScanResult: results as never, DeviceName: 'portal-3' },
});
const scan = (code: string, more: object = {}): object => ({ CodeType: 'GS1', ScanData: { String: code }, Timestamp: '2026-11-29T07:59:59Z', ...more });

describe('what a case of an event holds', () => {
  it('is one for each code of a scan, with the keys that the code has', () => {
    const openings = eventOpenings({ event: scanEvent([scan('00340123450000000017'), scan('(01)09521234543213(10)LOT7(21)9')]), id: 'event/ab12', typeName: 'OpticalScanEventType' }, NOW, options);
    assert.deepEqual(openings.map(({ title, transportId }) => [title, transportId]), [
      ['SSCC 340123450000000017', 'line/scans/event/ab12/0'], ['GTIN 09521234543213', 'line/scans/event/ab12/1'],
    ]);
    assert.deepEqual(openings.map(({ keys }) => keys), [[{ type: 'sscc', value: '340123450000000017' }], [{ type: 'sgtin', value: '09521234543213.9' }, { type: 'gtin', value: '09521234543213' }]]);
    assert.equal(openings[0]?.occurredAt, '2026-11-29T07:59:59.000Z');
    assert.equal((openings[1]?.document['plc'] as { gs1: { lot: string } }).gs1.lot, 'LOT7');
  });

  it('reads an EPC from the bytes of a tag', () => {
    const uid = Buffer.from('3074257bf7194e4000001a85', 'hex').toString('base64');
    const [opening] = eventOpenings({ event: scanEvent([{ CodeType: 'EPC', ScanData: { Epc: { PC: 12_288, UId: uid } } }]), id: 'event/ab12', typeName: 'RfidScanEventType' }, NOW, options);
    assert.deepEqual(opening?.keys[0], { type: 'sgtin', value: '80614141123458.6789' });
    assert.equal(opening?.transportId, 'line/scans/event/ab12');
  });

  it('is one for a reader that read nothing, and for a code that is no GS1', () => {
    for (const results of [[], [scan('')]]) {
      const [none] = eventOpenings({ event: scanEvent(results), id: 'event/ab12', typeName: 'OpticalScanEventType' }, NOW, options);
      assert.equal(none?.title, 'Not read at Portal 3');
      assert.deepEqual(none?.keys, []);
    }
    const [other] = eventOpenings({ event: scanEvent([scan('LOC-A-17')]), id: 'event/ab12', typeName: 'OpticalScanEventType' }, NOW, options);
    assert.deepEqual(other?.keys, [{ type: 'code', value: 'LOC-A-17' }]);
  });

  it('has of an alarm its state and its name', () => {
    const event: OpcUaEvent = { ...scanEvent([]), fields: { NormalState: 'i=1' }, message: 'belt jammed', condition: { id: 'ns=1;s=Jam', name: 'Jam', branch: '', retain: true, enabled: true, active: true, activeSince: NOW - 1_000, comment: '' } };
    const [opening] = eventOpenings({ event, id: 'ns=1;s=Jam//1', typeName: 'OffNormalAlarmType' }, NOW, { ...options, title: '{condition} at {source}: {message} ({severity})' });
    assert.equal(opening?.title, 'Jam at Portal 3: belt jammed (100)');
    assert.deepEqual(opening.keys, [{ type: 'alarm', value: 'Portal 3 Jam' }]);
    assert.equal((opening.document['plc'] as { alarm: string }).alarm, 'ns=1;s=Jam//1');
    assert.equal(JSON.stringify(opening.document).includes('activeSince'), true);
  });

  it('does not believe a time in the future', () => {
    const [opening] = eventOpenings({ event: { ...scanEvent([]), at: NOW + 3_600_000 }, id: 'x', typeName: 't' }, NOW, options);
    assert.equal(opening?.occurredAt, undefined);
  });

  it('says of each refused answer what to do', () => {
    assert.equal(judgeAnswer('BadConditionBranchAlreadyAcked'), 'done');
    assert.equal(judgeAnswer('BadEventIdUnknown'), 'stale');
    assert.equal(judgeAnswer('BadTimeout'), 'later');
    assert.equal(judgeAnswer('BadUserAccessDenied'), 'refused');
    assert.match(refusedAnswer('Line Jam', 'acknowledge', 'BadUserAccessDenied'), /"Line Jam" is not acknowledged.*give this user the right/);
  });
});
