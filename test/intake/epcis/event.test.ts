import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  BUSINESS_STEPS, DISPOSITIONS, epcisDocument, epcisEvent, eventHashId, NAMESPACES, placePatternProblem, timeZoneOffsets, type EpcisEvent, type EpcisOptions, type ScannedObject,
} from '../../../src/intake/epcis/index.ts';
import { parseGs1, withCheckDigit, type Gs1Code } from '../../../src/intake/gs1/index.ts';
import { schemaFaults } from './support.ts';

const AT = Date.parse('2026-07-01T08:15:00.250Z');
const GLN = '4012345000009';
const OPTIONS: EpcisOptions = {
  bizStep: 'receiving', disposition: 'in_progress', readPoint: '', bizLocation: '', companyPrefixes: [], gln: '', enterprise: 'acme', site: 'dc-1', offsetAt: timeZoneOffsets('Europe/Berlin'),
};
const MOMENT = { at: AT, variables: { area: 'receiving', station: 'dock-1' }, scanId: 'dc-1\0scanner/1' };
const SSCC = '340123450000000017'.slice(0, 17);
const sscc = withCheckDigit(SSCC);

function gs1(code: string): Gs1Code {
  const parsed = parseGs1(code, { referenceYear: 2026 });
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return parsed;
}

/** The event of a label; it is valid by GS1's schema, alone and in a document. */
function eventOf(code: string, options: Partial<EpcisOptions> = {}, scan: Partial<ScannedObject> = {}): EpcisEvent {
  const label = gs1(code);
  const event = epcisEvent({ gs1: label, ...(label.quantity === undefined ? {} : { quantity: label.quantity }), ...scan }, MOMENT, { ...OPTIONS, ...options });
  assert.ok(event);
  assert.deepEqual(schemaFaults(event), []);
  assert.deepEqual(schemaFaults(epcisDocument([event], new Date(AT).toISOString())), []);
  return event;
}

describe('the EPCIS event of a scan', () => {
  it('is an ObjectEvent of a logistic unit, with time, zone and names for places that have no GLN', () => {
    const { eventID, 'waybill:scanId': scanId, ...event } = eventOf(`(00)${sscc}`);
    assert.deepEqual(event, {
      '@context': ['https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld', { waybill: 'urn:waybill:epcis:' }],
      type: 'ObjectEvent', eventTime: '2026-07-01T08:15:00.250Z', eventTimeZoneOffset: '+02:00', epcList: [`https://id.gs1.org/00/${sscc}`], action: 'OBSERVE', bizStep: 'receiving', disposition: 'in_progress',
      readPoint: { id: 'urn:waybill:acme:dc-1:receiving:dock-1' }, bizLocation: { id: 'urn:waybill:acme:dc-1' },
    });
    assert.match(eventID, /^ni:\/\/\/sha-256;[0-9a-f]{64}\?ver=CBV2\.0$/);
    assert.match(scanId, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  });

  it('is an AggregationEvent where the label of a logistic unit says what it holds (02 with 37)', () => {
    const event = eventOf(`(00)${sscc}(02)09506000134352(37)24(10)LOT-7`, { gln: GLN, readPoint: '{gln}/{station}' });
    assert.ok(event.type === 'AggregationEvent');
    assert.equal(event.parentID, `https://id.gs1.org/00/${sscc}`);
    assert.deepEqual(event.childQuantityList, [{ epcClass: 'https://id.gs1.org/01/09506000134352/10/LOT-7', quantity: 24 }]);
    assert.deepEqual([event.readPoint.id, event.bizLocation?.id], [`https://id.gs1.org/414/${GLN}/254/dock-1`, `https://id.gs1.org/414/${GLN}`]);
  });

  it('tells one piece from a class of them, and how many from how much', () => {
    const list = (code: string, scan: Partial<ScannedObject> = {}): unknown => {
      const event = eventOf(code, {}, scan);
      return event.type === 'ObjectEvent' ? { epcs: event.epcList, classes: event.quantityList } : event;
    };
    assert.deepEqual(list('(01)09506000134352(10)A/1(21)S 1'.replace(' ', '')), { epcs: ['https://id.gs1.org/01/09506000134352/21/S1'], classes: undefined });
    assert.deepEqual(list('(01)09506000134352(10)A/1'), { epcs: undefined, classes: [{ epcClass: 'https://id.gs1.org/01/09506000134352/10/A%2F1' }] });
    assert.deepEqual(list('(01)09506000134352', { quantity: '12.5' }), { epcs: undefined, classes: [{ epcClass: 'https://id.gs1.org/01/09506000134352', quantity: 12.5 }] });
    assert.deepEqual(list('(02)09506000134352(37)6'), { epcs: undefined, classes: [{ epcClass: 'https://id.gs1.org/01/09506000134352', quantity: 6 }] });
    const measured = withCheckDigit('9950600013435');
    assert.deepEqual(list(`(01)${measured}(3103)001500(30)2`), { epcs: undefined, classes: [{ epcClass: `https://id.gs1.org/01/${measured}`, quantity: 1.5, uom: 'KGM' }] });
    assert.deepEqual(list('(01)09506000134352(3103)001500'), { epcs: undefined, classes: [{ epcClass: 'https://id.gs1.org/01/09506000134352' }] });
    assert.deepEqual(list(`(8003)0${withCheckDigit('401234500022')}334455`), { epcs: ['https://id.gs1.org/8003/04012345000221334455'], classes: undefined });
    assert.deepEqual(list('(8004)4012345ABC345'), { epcs: ['https://id.gs1.org/8004/4012345ABC345'], classes: undefined });
  });

  it('writes EPC URNs for the company prefixes that are known, and the same id', () => {
    const urns = { companyPrefixes: ['4012345', '950600013'], gln: GLN, readPoint: '{gln}/{station}' };
    const pallet = eventOf(`(00)${sscc}(02)09506000134352(37)24(10)A/1`, urns);
    assert.ok(pallet.type === 'AggregationEvent');
    assert.deepEqual([pallet.parentID, pallet.childQuantityList[0]?.epcClass, pallet.readPoint.id, pallet.bizLocation?.id], [
      `urn:epc:id:sscc:4012345.3${SSCC.slice(8)}`, 'urn:epc:class:lgtin:950600013.0435.A%2F1', 'urn:epc:id:sgln:4012345.00000.dock-1', 'urn:epc:id:sgln:4012345.00000.0',
    ]);
    assert.equal(pallet.eventID, eventOf(`(00)${sscc}(02)09506000134352(37)24(10)A/1`, { ...urns, companyPrefixes: [] }).eventID);
    const piece = eventOf('(01)09506000134352(21)"7"', urns);
    assert.deepEqual(piece.type === 'ObjectEvent' && piece.epcList, ['urn:epc:id:sgtin:950600013.0435.%227%22']);
    const other = eventOf('(01)09506000134352', { companyPrefixes: ['4012345'] });
    assert.deepEqual(other.type === 'ObjectEvent' && other.quantityList?.[0]?.epcClass, 'https://id.gs1.org/01/09506000134352');
  });

  it('names the order by our GLN, the delivery note by us, and where it is sent', () => {
    const event = eventOf(`(00)${sscc}(400)PO/17(410)${GLN}`, { gln: GLN }, { po: 'PO/17', deliveryNote: 'DN 4' });
    assert.deepEqual(event.bizTransactionList, [{ type: 'po', bizTransaction: `urn:epcglobal:cbv:bt:${GLN}:PO%2F17` }, { type: 'desadv', bizTransaction: 'urn:waybill:acme:dc-1:desadv:DN%204' }]);
    assert.deepEqual(event.destinationList, [{ type: 'location', destination: `https://id.gs1.org/414/${GLN}` }]);
  });

  it('has the id of what it says: another scan of the same goods at the same instant is another event', () => {
    const first = eventOf('(01)09506000134352');
    assert.equal(first.eventID, eventHashId(first as unknown as Readonly<Record<string, unknown>>, NAMESPACES));
    assert.equal(first.eventID, eventOf('(01)09506000134352').eventID);
    const second = epcisEvent({ gs1: gs1('(01)09506000134352') }, { ...MOMENT, scanId: 'dc-1\0scanner/2' }, OPTIONS);
    assert.notEqual(second?.eventID, first.eventID);
  });

  it('is not made of a reversal, nor of what no GS1 key names', () => {
    assert.equal(epcisEvent({ gs1: gs1(`(00)${sscc}`), reverse: true }, MOMENT, OPTIONS), undefined);
    assert.equal(epcisEvent({ gs1: gs1(`(414)${GLN}`) }, MOMENT, OPTIONS), undefined);
    assert.equal(epcisEvent({}, MOMENT, OPTIONS), undefined);
  });

  it('falls back to a name of our own where a place cannot be said as it was configured', () => {
    const far = { ...MOMENT, variables: { area: 'receiving', station: 'a-station-of-twenty-one' } };
    const event = epcisEvent({ gs1: gs1(`(00)${sscc}`) }, far, { ...OPTIONS, gln: GLN, readPoint: '{gln}/{station}' });
    assert.equal(event?.readPoint.id, 'urn:waybill:acme:dc-1:receiving:a-station-of-twenty-one');
    const odd = epcisEvent({ gs1: gs1(`(00)${sscc}`) }, { ...MOMENT, variables: { station: 'tor 1/ä' } }, { ...OPTIONS, readPoint: 'https://acme.example/docks/{station}' });
    assert.equal(odd?.readPoint.id, 'https://acme.example/docks/tor%201%2F%C3%A4');
    assert.deepEqual(schemaFaults(odd), []);
  });

  it('knows every business step and disposition that the schema knows, and no other', () => {
    for (const bizStep of BUSINESS_STEPS) eventOf(`(00)${sscc}`, { bizStep });
    for (const disposition of DISPOSITIONS) eventOf(`(00)${sscc}`, { disposition });
    const unknown = { ...eventOf(`(00)${sscc}`), bizStep: 'unpack' };
    assert.notDeepEqual(schemaFaults(unknown), [], 'the schema does look at it');
    const { readPoint: _, eventTimeZoneOffset: __, ...without } = eventOf(`(00)${sscc}`);
    assert.notDeepEqual(schemaFaults(without), []);
  });

  it('is valid whatever stands in lots, serials, notes and topics', () => {
    const text = fc.stringMatching(/^[!"%&'()*+,\-./0-9:;<=>?A-Z_a-z]{1,20}$/);
    const free = fc.string({ minLength: 1, maxLength: 35, unit: 'grapheme' });
    fc.assert(fc.property(text, text, free, free, fc.boolean(), (lot, serial, note, station, urns) => {
      const elements = gs1('(01)09506000134352');
      const options = { ...OPTIONS, gln: GLN, readPoint: '{gln}/{station}', companyPrefixes: urns ? ['9506000'] : [] };
      for (const code of [{ ...elements, lot }, { ...elements, lot, serial }]) {
        const event = epcisEvent({ gs1: code, po: note, deliveryNote: note }, { ...MOMENT, variables: { station } }, options);
        assert.deepEqual(schemaFaults(event), [], JSON.stringify(event));
      }
    }), { numRuns: 300 });
  });
});

describe('places of EPCIS events in a configuration', () => {
  it('are a GLN, one with an extension, or a URI; anything else is named', () => {
    for (const good of ['', GLN, `${GLN}/{station}`, '{gln}', '{gln}/{area}-{station}', 'urn:epc:id:sgln:4012345.00011.987', 'https://acme.example/{site}/{station}', 'geo:50.9,6.9']) assert.equal(placePatternProblem(good), undefined, good);
    assert.match(placePatternProblem('4012345000001') ?? '', /is no GLN: 13 digits, the last of which is the check digit/);
    for (const wrong of ['dock-1', '{station}', '{gln', 'http:/x', '401']) assert.match(placePatternProblem(wrong) ?? '', /is no (place|GLN)/, wrong);
  });
});

describe('the offset of a time zone', () => {
  it('is that of the instant, on both sides of a change', () => {
    const berlin = timeZoneOffsets('Europe/Berlin');
    assert.deepEqual(['2026-03-29T00:59:59Z', '2026-03-29T01:00:00Z', '2026-10-25T00:59:59Z', '2026-10-25T01:00:00Z'].map((time) => berlin(Date.parse(time))), ['+01:00', '+02:00', '+02:00', '+01:00']);
    assert.deepEqual(['Asia/Kathmandu', 'America/St_Johns', 'Pacific/Kiritimati', 'UTC'].map((zone) => timeZoneOffsets(zone)(AT)), ['+05:45', '-02:30', '+14:00', '+00:00']);
  });
});
