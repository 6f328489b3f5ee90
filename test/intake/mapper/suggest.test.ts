import assert from 'node:assert/strict';
import { suggestMapper, type Suggestion } from '../../../src/intake/mapper/index.ts';

const NOW = Date.UTC(2026, 10, 28);
const PALLET = '00395210030100000039';
const ITEM = '0109506000134352';

function suggest(...messages: readonly unknown[]): Suggestion | undefined {
  return suggestMapper(messages.map((message) => Buffer.from(typeof message === 'string' ? message : JSON.stringify(message))), NOW);
}

describe('a format for sample messages', () => {
  it('of bare labels is plain text', () => {
    assert.deepEqual(suggest(PALLET, `${ITEM}10LOT-7`, `]C1${ITEM}`), { preset: 'plain-text', readable: 3 });
  });

  it('says what stands in the place of FNC1', () => {
    assert.deepEqual(suggest(`${ITEM}10LOT-7|21SER-1`, `${ITEM}10LOT-8|21SER-2`), { preset: 'plain-text', fnc1: '|', readable: 2 });
  });

  it('of documented devices is theirs', () => {
    const proglove = { api_version: '1.0', event_type: 'scan', event_id: 'e-1', time_created: NOW, scan_code: ITEM, device_serial: 'M2MR1' };
    assert.deepEqual(suggest(proglove, { ...proglove, event_id: 'e-2' }), { preset: 'proglove', readable: 2 });
    const zebra = { type: 'BARCODE', timestamp: '2026-11-28T10:00:00Z', data: { barcodeData: [{ symbology: 'EAN128', decodedBarcode: ITEM }] } };
    assert.deepEqual(suggest(zebra), { preset: 'zebra-rfd', readable: 1 });
    assert.deepEqual(suggest({ id: 's-1', code: ITEM, operator: 'chris' }), { preset: 'waybill', readable: 1 });
  });

  it('of devices of several kinds recognises them one by one', () => {
    assert.deepEqual(suggest(PALLET, { id: 's-1', code: ITEM }), { preset: 'auto', readable: 2 });
  });

  it('of JSON that no preset knows points at its fields', () => {
    const message = (at: number): unknown => ({ hdr: { msg_id: `m-${at}`, terminal: 'T-9', ts: '2026-11-28T10:00:00Z' }, body: { 'bar/code': PALLET, user_badge: 'b-17', qty: 3, po_number: '4500017' } });
    assert.deepEqual(suggest(message(1), message(2), message(3)), {
      preset: 'custom',
      pointers: { code: '/body/bar~1code', id: '/hdr/msg_id', device: '/hdr/terminal', operator: '/body/user_badge', time: '/hdr/ts', po: '/body/po_number', quantity: '/body/qty' },
      readable: 3,
    });
  });

  it('finds the list in which a message holds its scans', () => {
    assert.deepEqual(suggest({ reader: 'R-1', reads: [{ value: PALLET, seq: 1 }, { value: ITEM, seq: 2 }] }), {
      preset: 'custom', pointers: { items: '/reads', code: '/value', sequence: '/seq' }, readable: 1,
    });
  });

  it('is none where nothing can be read', () => {
    for (const messages of [[], ['hello'], ['{"a": 1}'], ['{broken'], [''], ['[[[[[[[[]]]]]]]]']]) {
      assert.equal(suggest(...messages), undefined);
    }
  });
});
