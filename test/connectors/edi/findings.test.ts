import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv } from 'ajv';
import { acknowledge, documentSchema, findDuplicates, fromJson, mapFor, messageMaps, readEdi, toJson, writeInterchange } from '../../../src/connectors/edi/index.ts';
import type { EdiLimits } from '../../../src/connectors/edi/index.ts';
import { decode, encode } from '../../../src/connectors/edi/charset.ts';
import type { SegmentSpec } from '../../../src/connectors/edi/map-types.ts';
import { codeLists, envelopeMap } from '../../../src/connectors/edi/maps.ts';
import { samples } from './support/round-trips.ts';
import schema from '../../../src/connectors/edi/maps/map.schema.json' with { type: 'json' };

const sample = (name: string): string => readFileSync(path.join(import.meta.dirname, 'samples', name), 'latin1');
const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');
const sentences = (text: string, limits: Partial<EdiLimits> = {}): string[] => toJson(readEdi(bytes(text), limits)).findings.map(({ sentence }) => sentence);
const acknowledged = (text: string, by?: '999'): string => {
  const edi = readEdi(bytes(text));
  const [interchange] = edi.interchanges;
  assert.ok(interchange);
  const answer = acknowledge(interchange, toJson(edi).findings, { controlNumber: '31', at: new Date('2026-03-02T10:30:00Z'), ...(by === undefined ? {} : { by }) });
  return answer === undefined ? '' : writeInterchange(fromJson({ ...answer, newline: '\n', tail: '\n' })).toString('latin1');
};
const changed = (name: string, from: string, to: string): string => {
  assert.ok(sample(name).includes(from), from);
  return sample(name).replace(from, to);
};

describe('findings in EDI', () => {
  const x12 = (from: string, to: string): string[] => sentences(changed('850.edi', from, to));
  const edifact = (from: string, to: string): string[] => sentences(changed('orders.edi', from, to));
  const id = /^ISA(?:[^*]*\*){13}(\d{9})/.exec(sample('850.edi'))?.[1] ?? '';
  const ref = /UNB\+.*?(REF\d+)/.exec(sample('orders.edi'))?.[1] ?? '';

  it('name interchange, group, message, segment, element, byte and line in one sentence', () => {
    assert.deepEqual(x12('PO-4711**20260302', 'PO-4711**20261341'), [`Interchange ${id}, group 7, message 0001 (850), segment 2 BEG, element 5, byte ${sample('850.edi').indexOf('PO-4711') + 9}, line 4: "20261341" is no date of the calendar, written as CCYYMMDD.`]);
    assert.deepEqual(edifact('QTY+21:48:PCE', 'QTY+21:4x:PCE'), [`Interchange ${ref}, message 1 (ORDERS), segment 20 QTY, element 1 component 2, byte ${sample('orders.edi').indexOf('QTY+21:48') + 7}, line 22: "4x" is no decimal number.`]);
  });

  it('are about counts and control numbers at every level', () => {
    const only = (found: string[]): string => (assert.equal(found.length, 1, found.join('\n')), (found[0] ?? '').replace(/^.*line \d+: /, ''));
    assert.equal(only(x12(/SE\*\d+/.exec(sample('850.edi'))?.[0] ?? '', 'SE*9')), `SE says "9", and there are ${/SE\*(\d+)/.exec(sample('850.edi'))?.[1] ?? ''} segments with header and trailer; something was lost or added on the way.`);
    assert.equal(only(x12('GE*1*7', 'GE*2*7')), 'GE says "2", and there are 1 messages; something was lost or added on the way.');
    assert.equal(only(x12('GE*1*7', 'GE*1*8')), 'GE has the control number "8", and GS has "7".');
    assert.equal(only(x12(`IEA*1*${id}`, 'IEA*1*000000999')), `IEA has the control number "000000999", and ISA has "${id}".`);
    assert.equal(only(edifact(`UNZ+1+${ref}`, `UNZ+3+${ref}`)), 'UNZ says "3", and there are 1 messages; something was lost or added on the way.');
    assert.equal(only(x12('CTT*2', 'CTT*5')), 'CTT says "5", and there are 2 lines.');
    assert.equal(only(x12('GS*PO', 'GS*IN')), 'a 850 belongs into a group PO, and this is a group "IN".');
  });

  it('are about levels of a ship notice whose parent is not there', () => {
    assert.match(sentences(changed('856.edi', 'HL*3*2*P', 'HL*3*9*P')).join(), /segment \d+ HL, element 2, byte \d+, line \d+: no id of levels before it is "9"\.$/);
    assert.match(sentences(changed('desadv.edi', 'CPS+2+1+3', 'CPS+2+2+3')).join(), /segment \d+ CPS, element 2, .*no id of levels before it is "2"\.$/);
  });

  it('are warnings about GTIN, GLN and SSCC that are none', () => {
    assert.match(x12('UP*012345678905', 'UP*012345678904').join(), /segment \d+ PO1, element 7, byte \d+, line \d+: "012345678904" is no GTIN-12: its check digit is wrong\.$/);
    assert.match(x12('UK*10012345678902', 'UK*1001234567890').join(), /"1001234567890" is no GTIN-14, which has 14 digits\.$/);
    assert.match(edifact('LIN+1++4012345678901:EN', 'LIN+1++4012345678902:EN').join(), /segment \d+ LIN, element 3 component 1, .*"4012345678902" is no GTIN-13/);
    assert.match(edifact('NAD+BY+4012345000009', 'NAD+BY+4012345000008').join(), /segment \d+ NAD, element 2 component 1, .*"4012345000008" is no GLN/);
    assert.match(sentences(sample('856.edi').replace(/MAN\*GM\*00/, 'MAN*GM*99')).join(), /segment \d+ MAN, element 2, .*does not begin with 00/);
    assert.ok(acknowledged(changed('850.edi', 'UP*012345678905', 'UP*012345678904')).includes('AK5*A~'));
  });

  it('are about a damaged segment, and reading goes on behind it', () => {
    assert.match(x12('PID*F****Oat', '\u0001ID*F****Oat').join(), /segment \d+ "\\u0001ID", byte \d+, line \d+: "\\u0001ID" is no segment tag/);
    assert.match(edifact("QTY+21:48:PCE'", 'QTY+21:48:PCE').join('\n'), /UNT says/);
    assert.match(x12('~\nGE*1', '~~\nGE*1').join(), /there is a segment terminator with no segment before it/);
  });

  it('are about files that are none, cut off, or too large', () => {
    assert.deepEqual(sentences('hello world, how are you'), ['Byte 0, line 1: "hello world," begins neither an X12 interchange (ISA) nor an EDIFACT one (UNA or UNB).']);
    assert.match(sentences(sample('850.edi').slice(0, 400)).join('\n'), /the file ends in the middle of the segment[^]*the message has no SE; it is cut off\.|the message has no SE; it is cut off\.[^]*the file ends in the middle/);
    assert.match(sentences(sample('850.edi').slice(0, 60)).join('\n'), /ISA has 16 elements, and the end of element \d+ was not found/);
    assert.match(sentences(sample('850.edi'), { bytes: 100 }).join(), /more than 100 bytes have come/);
    assert.match(sentences(sample('850.edi'), { segments: 3 }).join(), /a message has more than 3 segments/);
    assert.match(sentences(sample('850.edi'), { segmentBytes: 50 }).join(), /a segment is longer than 50 bytes; its terminator "~" is missing/);
    assert.match(sentences(sample('850.edi'), { elementLength: 20 }).join(), /element \d+ is longer than 20 characters/);
    assert.match(sentences("UNA::.? 'UNB+UNOA:3'").join(), /UNA declares "::\.\? '": separators must differ/);
    assert.match(sentences(sample('850.edi').replace('*ACMESUPPLY     *', '*ACMESUPPLY*').replace(/\*ZZ\*ACMESUPPLY {5}/, '*ZZ*ACMESUPPLY')).join(), /ISA element 8 has 10 characters instead of 15; pad it with blanks/);
  });

  it('are about what UNOA and UNOB do not have', () => {
    assert.match(sentences(sample('orders.edi').replace('UNOC', 'UNOB')).join(), /there are bytes above 7F, which UNOB does not have; the sender must declare UNOC/);
    assert.match(sentences(sample('orders-group-unob.edi').replace('UNOB', 'UNOA').replace('PO-4713', 'po-4713')).join(), /lower case letters/);
    assert.match(sentences(sample('orders.edi').replace('UNOC', 'UNOQ')).join(), /the character set "UNOQ" is not known/);
  });
});

describe('character sets of EDIFACT', () => {
  it('give back every byte that they have', () => {
    for (const charset of ['latin1', 'iso-8859-2', 'iso-8859-5', 'iso-8859-7', 'iso-8859-9', 'iso-8859-15']) {
      for (let byte = 0; byte < 256; byte += 1) {
        const text = decode(String.fromCharCode(byte), charset);
        if (text !== undefined) assert.deepEqual([...encode(text, charset)], [byte], `${charset} ${byte}`);
      }
    }
    assert.equal(decode('\u00a3', 'iso-8859-2'), 'Ł');
    assert.throws(() => encode('東', 'iso-8859-2'), { message: 'The character "東" cannot be written in iso-8859-2; choose a character set that has it, for example UNOY (UTF-8).' });
  });
});

describe('acknowledgements of EDI', () => {
  it('accept what is right with a 997', () => {
    assert.equal(acknowledged(sample('850.edi')), [
      'ISA*00*          *00*          *ZZ*ACMESUPPLY     *ZZ*NORTHWINDDC    *260302*1030*U*00401*000000031*0*P*>', 'GS*FA*ACME*NORTHWIND*20260302*1030*31*X*004010', 'ST*997*0001', 'AK1*PO*7', 'AK2*850*0001', 'AK5*A', 'AK9*A*1*1*1', 'SE*6*0001', 'GE*1*31', 'IEA*1*000000031', ''].join('~\n'));
  });

  it('refuse what is wrong, with place and codes', () => {
    const text = acknowledged(changed('850.edi', 'PO-4711**20260302', 'PO-4711**20261341').replace('PO1*2*10.5', 'PO1*2*tenx'));
    assert.ok(text.includes('AK2*850*0001~\nAK3*BEG*2**8~\nAK4*5**8*20261341~\nAK3*PO1*21**8~\nAK4*2**6*tenx~\nAK5*R*5~\nAK9*R*1*1*0~'), text);
    assert.deepEqual(sentences(text), []);
    assert.ok(acknowledged(sample('850.edi').replace(/SE\*(\d+)\*0001/, 'SE*$1*0002')).includes('AK5*R*3~'));
    assert.ok(acknowledged(changed('850.edi', 'GE*1*7', 'GE*3*7')).includes('AK9*R*3*1*0*5~'));
    assert.match(acknowledged(sample('850.edi').replace(/IEA\*1\*\d+/, 'IEA*1*000000999')), /\nTA1\*\d{9}\*260302\*0915\*R\*001~\nGS/);
    assert.ok(acknowledged(sample('850.edi').replace('ST*850', 'ST*888')).includes('AK2*888*0001~\nAK5*R*1~'));
  });

  it('are 999 where the partner goes by guidelines of 005010', () => {
    const text = acknowledged(changed('850-5010-one-line.edi', '*5*EA*9.99', '*x*EA*9.99'), '999');
    for (const part of ['*00501*000000031*', 'GS*FA*ACME*NORTHWIND*20260302*1030*31*X*005010X231A1~', 'ST*999*0001*005010X231A1~', 'AK1*PO*7*005010~', 'IK3*PO1*3**8~', 'IK4*2**6*x~', 'IK5*R*5~', 'AK9*R*1*1*0~']) assert.ok(text.includes(part), `${part} in\n${text}`);
    assert.deepEqual(sentences(text), []);
    assert.equal(acknowledged(sample('999.edi'), '999'), '');
  });

  it('answer EDIFACT with CONTRL', () => {
    const ref = /UNB\+.*?(REF\d+)/.exec(sample('orders.edi'))?.[1] ?? '';
    assert.equal(acknowledged(sample('orders.edi')), `UNA:+.? '\r\nUNB+UNOC:3+4098765000003:14+4012345000009:14+260302:1030+31'\nUNH+1+CONTRL:D:3:UN'\nUCI+${ref}+4012345000009:14+4098765000003:14+7'\nUNT+3+1'\nUNZ+1+31'\n`);
    const wrong = acknowledged(changed('orders.edi', 'QTY+21:48:PCE', 'QTY+21:4x:PCE'));
    assert.ok(wrong.includes("UCM+1+ORDERS:D:96A:UN+4'\nUCS+20'\nUCD+37+1:2'"), wrong);
    assert.deepEqual(sentences(wrong), []);
    assert.match(acknowledged(sample('orders.edi').replace(/UNZ\+1/, 'UNZ+2')), /UCI\+REF\d+\+.*\+4\+29\+UNZ\+1'/);
    assert.match(acknowledged(sample('orders-group-unob.edi').replace('QTY+21:5', 'QTY+21:x')), /UCF\+12\+NORTHWIND\+ACME\+7'\nUCM\+1\+ORDERS:D:96A:UN\+4'\nUCS\+\d+'\nUCD\+37\+1:2'/);
  });

  it('are not acknowledged themselves', () => {
    assert.equal(acknowledged(sample('997.edi')), '');
    assert.equal(acknowledged(sample('contrl.edi')), '');
  });
});

describe('repeats of EDI interchanges', () => {
  it('are known by sender, receiver and control number', async () => {
    const kept = new Set<string>();
    const numbers = { take: (key: object): boolean => kept.size < kept.add(JSON.stringify(key)).size };
    const twice = readEdi(bytes(sample('850.edi') + sample('orders.edi') + sample('850.edi')));
    const found = await findDuplicates(twice.interchanges, numbers);
    assert.equal(found.length, 1);
    assert.match(found[0]?.sentence ?? '', /ZZ:NORTHWINDDC has sent the control number \d{9} to ZZ:ACMESUPPLY before; the interchange is a repeat and is not taken again\.$/);
    assert.equal(found[0]?.place.offset, sample('850.edi').length + sample('orders.edi').length);
  });
});

describe('message maps', () => {
  const validate = new Ajv({ allErrors: true, strict: false }).compile(schema);
  const lists = new Set(Object.keys(codeLists));
  const each = (specs: readonly SegmentSpec[], visit: (spec: SegmentSpec, level: readonly SegmentSpec[]) => void): void => {
    for (const spec of specs) {
      visit(spec, specs);
      each(spec.loop ?? [], visit);
    }
  };

  for (const map of messageMaps) {
    it(`of ${map.name} are valid, and two segments never write into one place`, () => {
      assert.ok(validate(map), JSON.stringify(validate.errors));
      each(map.segments, (spec, level) => {
        for (const name of [...(spec.fields ?? []).map(({ codes }) => codes), spec.pairs?.codes]) assert.ok(name === undefined || lists.has(name), name);
        const taken = level.flatMap((one) => (one.list === undefined ? [...(one.fields ?? []).flatMap(({ to }) => to ?? []), ...(one.pairs === undefined ? [] : [one.pairs.to])] : [one.list]));
        assert.deepEqual(taken.filter((name, index) => taken.indexOf(name) !== index), [], spec.tag);
      });
    });
  }

  it('have a schema that every sample document is valid by, and a slip is not', () => {
    for (const file of samples()) {
      const { file: { interchanges: [interchange] } } = toJson(readEdi(readFileSync(file)));
      const message = interchange?.groups[0]?.messages[0];
      const map = interchange === undefined || message === undefined ? undefined : mapFor(interchange.standard, message.message);
      assert.ok(map && message?.document);
      const valid = new Ajv({ allErrors: true }).compile(documentSchema(map));
      assert.ok(valid(message.document), `${file} ${JSON.stringify(valid.errors)}`);
      assert.ok(!valid({ ...message.document, numbr: '1' }));
      assert.ok(!valid({ ...message.document, type: 'other' }));
    }
    const valid = new Ajv().compile(documentSchema(messageMaps[0]!));
    const order = (value: unknown): object => ({ type: 'purchase-order', lines: [{ quantity: { value, unit: 'EA' } }] });
    assert.deepEqual(['1.50', '-2', 1.5, '1,5', 'x'].map((value) => valid(order(value))), [true, true, false, false, false]);
  });

  it('have code lists in which no code and no name comes twice', () => {
    for (const [name, list] of Object.entries(codeLists)) assert.equal(new Set(Object.values(list)).size, Object.keys(list).length, name);
  });

  it('have envelopes whose fields differ', () => {
    for (const { fields = [] } of Object.values(envelopeMap)) assert.equal(new Set(fields.map(({ to }) => to)).size, fields.length);
  });
});
