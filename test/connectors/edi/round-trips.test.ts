import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { EdiReader, fromJson, mapFor, messageMaps, readEdi, readMessage, toJson, writeInterchanges, writeMessage } from '../../../src/connectors/edi/index.ts';
import type { EdiItem, JsonFile, MessageMap } from '../../../src/connectors/edi/index.ts';
import type { SegmentSpec } from '../../../src/connectors/edi/map-types.ts';
import { codeLists } from '../../../src/connectors/edi/maps.ts';
import type { Segment } from '../../../src/connectors/edi/types.ts';
import { roundTrip, samples, sampleTable } from './support/round-trips.ts';

const ROOT = path.join(import.meta.dirname, '../../..');
const sample = (name: string): Buffer => readFileSync(path.join(import.meta.dirname, 'samples', name));
const throughJson = (bytes: Uint8Array): Buffer => writeInterchanges((JSON.parse(JSON.stringify(toJson(readEdi(bytes)).file)) as JsonFile).interchanges.map(fromJson));

describe('EDI round trips', () => {
  for (const file of samples()) {
    it(`bring ${path.basename(file)} back byte for byte, by its segments and by its documents`, () => {
      const { clean, sameBytes, sameByMap, stable, messages } = roundTrip(file);
      assert.deepEqual({ clean, sameBytes, sameByMap, stable }, { clean: true, sameBytes: true, sameByMap: true, stable: true });
      assert.ok(messages.length > 0);
    });
  }

  it('have a sample of each message that has a map', () => {
    const shown = new Set(samples().flatMap((file) => roundTrip(file).messages));
    assert.deepEqual(messageMaps.map(({ message }) => message).filter((message) => !shown.has(message)), []);
  });

  it('stand in the documentation as they are', () => {
    assert.ok(readFileSync(path.join(ROOT, 'docs/edi.md'), 'utf8').includes(sampleTable()), 'run: node scripts/edi-round-trips.ts');
  });

  it('give the same whatever pieces the bytes come in', () => {
    const plain = (items: readonly EdiItem[]): unknown => JSON.parse(JSON.stringify(items));
    for (const file of samples()) {
      const bytes = readFileSync(file);
      const whole = new EdiReader({}, 'utf-8');
      const expected = plain([...whole.push(bytes), ...whole.end()]);
      fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 20 }), (sizes) => {
        const reader = new EdiReader({}, 'utf-8');
        const items: EdiItem[] = [];
        for (let at = 0, piece = 0; at < bytes.length; piece += 1) {
          const size = sizes[piece % sizes.length] ?? 1;
          items.push(...reader.push(bytes.subarray(at, at + size)));
          at += size;
        }
        items.push(...reader.end());
        assert.deepEqual(plain(items), expected);
      }), { numRuns: 8 });
    }
  });

  it('keep what a map does not know, whatever segments come in whatever order', () => {
    const tagsOf = (specs: readonly SegmentSpec[]): string[] => specs.flatMap((spec) => [spec.tag, ...tagsOf(spec.loop ?? [])]);
    const codes = ['', 'A', '21', '137', '002', '20260302', '20261341', '203', '102', '5', '007', '+5', '12.50', '.5', '-0', 'EA', 'CS', 'LBR', 'code:X', 'UP', 'BY', 'buyer', 'a b'];
    const element = fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...codes).map((text) => [[text]]) }, fc.array(fc.array(fc.constantFrom(...codes), { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 2 }));
    const segmentOf = (map: MessageMap): fc.Arbitrary<Segment> => fc.record({ tag: fc.constantFrom('XYZ', ...tagsOf(map.segments)), elements: fc.array(element, { maxLength: 9 }) })
      .map((each) => ({ ...each, offset: 0, line: 1, before: '', raw: '' }));
    for (const map of messageMaps) {
      fc.assert(fc.property(fc.array(segmentOf(map), { maxLength: 12 }), (segments) => {
        const header: Segment = { tag: map.standard === 'x12' ? 'ST' : 'UNH', elements: [[['1']], [['2']]], offset: 0, line: 1, before: '', raw: '' };
        const separators = { element: '+', component: ':', segment: "'" };
        const { document } = readMessage(map, { header, segments }, codeLists, separators, { offset: 0, line: 1 });
        const back = writeMessage(map, JSON.parse(JSON.stringify(document)), codeLists);
        assert.deepEqual(back, segments.map(({ tag, elements }) => ({ tag, elements })));
      }), { numRuns: 120 });
    }
  });

  it('never throw for damaged bytes, and notice a segment that is gone', () => {
    const all = samples().map((file) => readFileSync(file));
    fc.assert(fc.property(fc.constantFrom(...all), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 5 }), (bytes, changes) => {
      const damaged = Buffer.from(bytes);
      for (const [at, byte] of changes) damaged[at % damaged.length] = byte;
      toJson(readEdi(damaged));
    }), { numRuns: 400 });
    for (const bytes of all) {
      const text = bytes.toString('latin1');
      const terminator = text.includes("UNB+") ? "'" : '~';
      const parts = text.split(terminator);
      for (let gone = 3; gone < parts.length - 2; gone += 1) {
        const { findings } = toJson(readEdi(Buffer.from([...parts.slice(0, gone), ...parts.slice(gone + 1)].join(terminator), 'latin1')));
        assert.ok(findings.some(({ severity }) => severity === 'error'), parts[gone]);
      }
    }
  });

  it('keep a changed document right: the map wins over what it kept', () => {
    const { file } = toJson(readEdi(sample('orders.edi')));
    const json = JSON.parse(JSON.stringify(file)) as { interchanges: { groups: { messages: { document: { lines: { price: { value: string }; quantity: { value: string } }[] } }[] }[] }[] };
    const line = json.interchanges[0]?.groups[0]?.messages[0]?.document.lines[0];
    assert.ok(line);
    line.price.value = '13.75';
    line.quantity.value = '50';
    const text = writeInterchanges((json as unknown as JsonFile).interchanges.map(fromJson)).toString('latin1');
    assert.ok(text.includes("PRI+AAA:13.75:CT::1:PCE'"), text);
    assert.ok(text.includes("QTY+21:50:PCE'"));
    assert.equal(text.replace('13.75', '12.5').replace('21:50:PCE', '21:48:PCE'), sample('orders.edi').toString('latin1'));
  });

  it('write counts anew when a line comes in', () => {
    const json = JSON.parse(JSON.stringify(toJson(readEdi(sample('850.edi'))).file)) as { interchanges: { groups: { messages: { document: { lines: object[] } }[] }[] }[] };
    json.interchanges[0]?.groups[0]?.messages[0]?.document.lines.push({ number: '3', quantity: { value: '1', unit: 'EA' }, items: [{ scheme: 'sku', value: 'S1' }] });
    const bytes = writeInterchanges((json as unknown as JsonFile).interchanges.map(fromJson));
    assert.ok(bytes.toString().includes('PO1*3*1*EA***SK*S1~\nCTT*3*58.5~'), bytes.toString());
    assert.deepEqual(toJson(readEdi(bytes)).findings, []);
  });

  it('are the same through JSON for every sample with other separators', () => {
    const other = Buffer.from(sample('850.edi').toString().replaceAll('~\n', '\n').replaceAll('*', '|'));
    assert.deepEqual(toJson(readEdi(other)).findings, []);
    assert.ok(throughJson(other).equals(other));
    assert.ok(mapFor('x12', '850'));
  });
});
