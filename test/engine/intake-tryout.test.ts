import assert from 'node:assert/strict';
import { exampleTopic, messagesIn } from '../../nodes/scan-in/editor/messages.ts';
import { tryMessages, type TriedConfig, type TriedScan } from '../../src/engine/intake/tryout.ts';
import { IntakeSamples } from '../../src/engine/intake/samples.ts';
import type { ScanMessage } from '../../src/intake/mqtt/index.ts';

const NOW = Date.UTC(2026, 10, 28);
const TOPIC = 'acme/dc-1/receiving/dock-1/scan';
const CONFIG: TriedConfig = {
  pattern: '{enterprise}/{site}/{area}/{station}/scan', preset: 'auto', pointers: { code: '' }, expression: '', fnc1: '', maxBytes: 65_536, operatorRequired: false, packaging: [], unknownPacks: 'leave',
  uniqueScope: 'receiving', enterprise: 'acme', site: 'dc-1',
  epcis: false, bizStep: 'receiving', disposition: 'in_progress', readPoint: '', bizLocation: '', companyPrefixes: '', gln: '', timeZone: 'Europe/Berlin',
};
const only = (scans: readonly TriedScan[] | undefined): TriedScan => {
  assert.equal(scans?.length, 1);
  return scans[0]!;
};

describe('trying messages on the form of a scan in node', () => {
  it('shows what each would become, and by what a second arrival is known', () => {
    const [pallet, named, item] = tryMessages(CONFIG, TOPIC, ['00395210030100000039', '{"id": "s-1", "code": "00395210030100000039", "operator": "chris"}', '0109506000134352'], NOW).map(({ scans }) => only(scans));
    assert.ok(pallet?.ok && named?.ok && item?.ok);
    assert.deepEqual([pallet.title, pallet.told, pallet.device, pallet.facts], ['SSCC 395210030100000039', 'by-sscc', 'receiving/dock-1', { code: '00395210030100000039', sscc: '395210030100000039' }]);
    assert.deepEqual(pallet.elements, [{ ai: '00', title: 'SSCC', value: '395210030100000039' }]);
    assert.deepEqual([named.told, named.operator], ['by-transport-id', 'chris']);
    assert.equal(item.told, 'not');
  });

  it('says why one would be put aside, and why the topic is none of the node\'s', () => {
    const [tried] = tryMessages(CONFIG, 'acme/dc-9/receiving/dock-1/scan', ['00395210030100000031'], NOW);
    assert.match(tried?.topic ?? '', /names the site "dc-9", and this is acme\/dc-1/);
    assert.deepEqual(only(tried?.scans), { ok: false, message: 'The check digit of the label is wrong; the label is damaged or misprinted. (The check digit of AI 00 (SSCC) is wrong. (at 19))' });
  });

  it('shows the EPCIS event that a scan is going to have, and says what is wrong with where it happens', () => {
    const config: TriedConfig = { ...CONFIG, epcis: true, gln: '4012345000009', readPoint: '{gln}/{station}' };
    const [pallet, reversal] = tryMessages(config, TOPIC, ['00395210030100000039', '{"code": "00395210030100000039", "reverse": true}'], NOW).map(({ scans }) => only(scans));
    assert.ok(pallet?.ok && reversal?.ok);
    const { type, epcList, readPoint, bizLocation, eventTimeZoneOffset } = pallet.epcis as Readonly<Record<string, unknown>>;
    assert.deepEqual({ type, epcList, readPoint, bizLocation, eventTimeZoneOffset }, {
      type: 'ObjectEvent', epcList: ['https://id.gs1.org/00/395210030100000039'], readPoint: { id: 'https://id.gs1.org/414/4012345000009/254/dock-1' },
      bizLocation: { id: 'https://id.gs1.org/414/4012345000009' }, eventTimeZoneOffset: '+01:00',
    });
    assert.equal(reversal.epcis, null);
    assert.throws(() => tryMessages({ ...config, gln: '' }, TOPIC, ['x'], NOW), /the site has none; write it into the site node/);
    assert.throws(() => tryMessages({ ...config, readPoint: '4012345000001' }, TOPIC, ['x'], NOW), /"4012345000001" is no GLN: 13 digits/);
    assert.throws(() => tryMessages({ ...config, bizStep: 'unpack' }, TOPIC, ['x'], NOW), /"unpack" is no business step/);
    assert.throws(() => tryMessages({ ...config, companyPrefixes: '40123' }, TOPIC, ['x'], NOW), /"40123" is no company prefix/);
  });

  it('asks for an operator where somebody has to stand behind each scan', () => {
    const [tried] = tryMessages({ ...CONFIG, operatorRequired: true }, TOPIC, ['0109506000134352'], NOW);
    assert.deepEqual(only(tried?.scans), { ok: false, message: 'The message does not say who scanned; put the badge of that person into it.' });
  });

  it('reads with an expression as it stands in the form, and says what is wrong with it', () => {
    const config: TriedConfig = { ...CONFIG, preset: 'jsonata', expression: '{ "code": data.label, "station": $topic.station, "id": $string(n) }' };
    const [tried] = tryMessages(config, TOPIC, ['{"data": {"label": "00395210030100000039"}, "n": 7}'], NOW);
    const scan = only(tried?.scans);
    assert.ok(scan.ok);
    assert.deepEqual([scan.title, scan.told], ['SSCC 395210030100000039', 'by-transport-id']);
    assert.deepEqual(only(tryMessages({ ...config, expression: '$error("no label")' }, TOPIC, ['x'], NOW)[0]?.scans), {
      ok: false, message: 'The expression of this intake failed on the message; try the message in the form of the node and correct the expression. (no label)',
    });
    assert.throws(() => tryMessages({ ...config, expression: '{ "code": ' }, TOPIC, ['x'], NOW), /^RangeError: The expression is no JSONata: /);
    assert.throws(() => tryMessages({ ...config, expression: ' ' }, TOPIC, ['x'], NOW), /^RangeError: The format JSONata needs an expression/);
  });

  it('refuses a form that cannot work, with what to mend', () => {
    assert.throws(() => tryMessages({ ...CONFIG, pattern: 'a/#' }, TOPIC, ['x'], NOW), RangeError);
  });

  it('takes a pasted text apart: one document, or a message a line', () => {
    assert.deepEqual(messagesIn('{\n "code": "1"\n}'), ['{\n "code": "1"\n}']);
    assert.deepEqual(messagesIn('a\r\n\n b \n{"c":1}'), ['a', 'b', '{"c":1}']);
    assert.deepEqual(messagesIn(' \n '), []);
    assert.equal(exampleTopic(CONFIG.pattern, { enterprise: 'acme', site: '' }), 'acme/site-1/area-1/station-1/scan');
  });
});

describe('the last messages of an intake', () => {
  const message = (payload: Uint8Array): ScanMessage => ({ topic: TOPIC, payload, qos: 1, dup: false, retain: false, packetId: 1, truncated: false, gone: () => false });

  it('are twenty at most, the newest first, each with what became of it', () => {
    const samples = new IntakeSamples(() => NOW);
    const messages = Array.from({ length: 25 }, (_, at) => message(Buffer.from(`scan ${at}`)));
    for (const each of messages) samples.add(each);
    samples.became({ source: messages[24]!, kind: 'opened', title: 'GTIN 1', caseId: 'case-1', variables: {} });
    samples.became({ source: messages[0]!, kind: 'opened', title: 'long gone', variables: {} });
    const list = samples.list();
    assert.deepEqual([list.length, list[0], list.at(-1)?.text], [20, { at: NOW, topic: TOPIC, bytes: 7, text: 'scan 24', became: [{ kind: 'opened', title: 'GTIN 1', caseId: 'case-1' }] }, 'scan 5']);
  });

  it('are cut, and shown as bytes where they are no text', () => {
    const samples = new IntakeSamples(() => NOW);
    samples.add(message(Buffer.alloc(100_000, 'ä')));
    samples.add(message(Uint8Array.of(0xff, 0xfe, 0x00, 0x01)));
    const [bytes, long] = samples.list();
    assert.deepEqual([bytes?.text, long?.bytes, long?.text.length], ['fffe0001', 100_000, 2_048]);
  });
});
