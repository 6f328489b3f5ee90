import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseEpc96, parseGs1, withCheckDigit, type Gs1ErrorCode } from '../../../src/intake/gs1/index.ts';
import { allAis } from '../../../src/intake/gs1/ai-table.ts';
import { fullYear, gs1Date } from '../../../src/intake/gs1/dates.ts';

const options = { referenceYear: 2026 };
const SSCC = withCheckDigit('34012345000000001');
const GTIN = '09521234543213';

function pairs(code: string, more: Partial<Parameters<typeof parseGs1>[1]> = {}): string[] {
  const result = parseGs1(code, { ...options, ...more });
  assert.ok(result.ok, `${JSON.stringify(code)}: ${result.ok ? '' : result.message}`);
  return result.elements.map((element) => `${element.ai}=${element.value}`);
}

function refusal(code: string): [Gs1ErrorCode, number] {
  const result = parseGs1(code, options);
  assert.ok(!result.ok, `${JSON.stringify(code)} was read`);
  assert.match(result.message, /^[A-Z"].*\.$/, 'the message is one sentence');
  return [result.code, result.at];
}

describe('GS1 element strings (General Specifications §7.8)', () => {
  it('reads an SSCC with each symbology identifier and without one', () => {
    for (const prefix of [']C1', ']d2', ']Q3', ']e0', ']J1', '', '\x1d', ']C1\x1d']) {
      const result = parseGs1(`${prefix}00${SSCC}`, options);
      assert.ok(result.ok);
      assert.equal(result.sscc, SSCC);
      assert.equal(result.symbology, prefix.startsWith(']') ? prefix.slice(0, 3) : undefined);
    }
  });

  it('ends a variable length at FNC1 and a predefined length by itself', () => {
    assert.deepEqual(pairs(`]C101${GTIN}10AB-1\x1d3725`), [`01=${GTIN}`, '10=AB-1', '37=25']);
    assert.deepEqual(pairs(`]C101${GTIN}1727020010AB`), [`01=${GTIN}`, '17=270200', '10=AB']);
    assert.deepEqual(pairs(`]C101${GTIN}\x1d17270228\x1d10AB\x1d`), [`01=${GTIN}`, '17=270228', '10=AB'], 'a needless FNC1 is tolerated');
  });

  it('takes configured substitutes for FNC1', () => {
    assert.deepEqual(pairs(`01${GTIN}10AB{GS}3725`, { fnc1Substitutes: ['{GS}', '~'] }), [`01=${GTIN}`, '10=AB', '37=25']);
    assert.deepEqual(pairs(`~01${GTIN}10AB~3725`, { fnc1Substitutes: ['{GS}', '~'] }), [`01=${GTIN}`, '10=AB', '37=25']);
  });

  it('names what a dock asks for', () => {
    const label = parseGs1(`]C102${GTIN}15261231370048\x1d10L7\x1d400PO-77\x1d3102001250`, options);
    assert.ok(label.ok);
    assert.equal(label.contentGtin, GTIN);
    assert.equal(label.quantity, '48');
    assert.equal(label.lot, 'L7');
    assert.equal(label.purchaseOrder, 'PO-77');
    assert.equal(label.bestBefore, '2026-12-31');
    assert.equal(label.netWeightKg, '12.50');
    assert.equal(label.gtin, undefined);
  });

  it('keeps measures and amounts as exact decimals', () => {
    const decimals = (code: string): (string | undefined)[] => {
      const result = parseGs1(code, options);
      assert.ok(result.ok);
      return result.elements.map((element) => element.decimal ?? element.value);
    };
    assert.deepEqual(decimals(']C13103000195'), ['0.195']);
    assert.deepEqual(decimals(']C13100000195'), ['195']);
    assert.deepEqual(decimals(']C13922299'), ['2.99']);
    assert.deepEqual(decimals(']C139237'), ['0.007']);
    assert.deepEqual(decimals(']C13932978471'), ['4.71']);
    assert.deepEqual(decimals(']C1370007'), ['7']);
  });

  it('checks every AI of the table: the shortest, the longest, one too long', () => {
    for (const spec of allAis()) {
      const fill = (length: (part: { min: number; max: number }) => number): string =>
        spec.components.map((part) => {
          const size = length(part);
          if (part.check === 'digit') return withCheckDigit('1'.repeat(size - 1));
          if (part.check === 'hyphen') return '-'.repeat(size);
          return size > 0 && (part.check === 'date' || part.check === 'date-with-day') ? '261130' : '1'.repeat(size);
        }).join('');
      for (const value of [fill((part) => part.min), fill((part) => part.max)]) {
        const neighbour = spec.ai === '20' ? '90' : '20';
        assert.deepEqual(pairs(`]C1${spec.ai}${value}\x1d${neighbour}12`), [`${spec.ai}=${value}`, `${neighbour}=12`], spec.ai);
      }
      if (!spec.predefined) assert.equal(refusal(`]C1${spec.ai}${'1'.repeat(spec.max + 1)}`)[0], 'too-long', spec.ai);
      assert.equal(refusal(`]C1${spec.ai}${'1'.repeat(spec.min - 1)}`)[0], 'truncated', spec.ai);
    }
  });

  it('refuses with a code and a place', () => {
    const wrong = SSCC.slice(0, 17) + ((Number(SSCC[17]) + 1) % 10);
    assert.deepEqual(refusal(`]C100${wrong}`), ['bad-check-digit', 22]);
    assert.deepEqual(refusal(`]C100${SSCC.slice(0, 12)}`), ['truncated', 17]);
    assert.deepEqual(refusal(`]C101${GTIN}05AB`), ['unknown-ai', 19]);
    assert.deepEqual(refusal(`]C101${GTIN}17261340`), ['bad-date', 21]);
    assert.deepEqual(refusal(`]C101${GTIN}4326261100`), ['bad-date', 23]);
    assert.deepEqual(refusal(`]C110${'A'.repeat(21)}`), ['too-long', 25]);
    assert.deepEqual(refusal(`]C110A B`), ['bad-character', 6]);
    assert.deepEqual(refusal(`]C110Ä`), ['bad-character', 5]);
    assert.deepEqual(refusal(`]C137A`), ['bad-character', 5]);
    assert.deepEqual(refusal(`]C110A\x1d10B`), ['conflicting-elements', 0]);
    assert.deepEqual(refusal(']C1'), ['empty', 3]);
    assert.deepEqual(refusal(''), ['empty', 0]);
    assert.deepEqual(refusal(']A0ABC'), ['not-gs1', 0]);
    assert.deepEqual(refusal('LOC-01'), ['not-gs1', 0]);
    assert.deepEqual(refusal('1'.repeat(5_000)), ['too-long', 4_296]);
  });
});

describe('GS1 dates (§7.12)', () => {
  it('chooses the century within 49 years back and 50 ahead', () => {
    assert.equal(fullYear(26, 2026), 2026);
    assert.equal(fullYear(76, 2026), 2076);
    assert.equal(fullYear(77, 2026), 1977);
    assert.equal(fullYear(99, 2026), 1999);
    assert.equal(fullYear(0, 2026), 2000);
    assert.equal(fullYear(10, 2060), 2110);
    assert.equal(fullYear(11, 2060), 2011, '49 years back stays in this century');
  });

  it('takes day 00 as the last of the month, leap years included', () => {
    assert.equal(gs1Date('280200', 0, 2026, true), '2028-02-29');
    assert.equal(gs1Date('270200', 0, 2026, true), '2027-02-28');
    assert.equal(gs1Date('270200', 0, 2026, false), undefined);
    assert.equal(gs1Date('270229', 0, 2026, true), undefined);
    assert.equal(gs1Date('270001', 0, 2026, true), undefined);
  });
});

describe('Other ways to write a GS1 code', () => {
  it('reads brackets, also around data that holds brackets', () => {
    assert.deepEqual(pairs(`(01)${GTIN}(10)A(B)C(21)7`), [`01=${GTIN}`, '10=A(B)C', '21=7']);
    assert.deepEqual(pairs(`]C1(00)${SSCC}`), [`00=${SSCC}`]);
    assert.equal(refusal('(05)1')[0], 'unknown-ai');
    assert.equal(refusal('(01')[0], 'bad-character');
    assert.equal(refusal('(01)123')[0], 'truncated');
  });

  it('reads bare keys of 8, 12, 13, 14 and 18 digits', () => {
    assert.deepEqual(pairs('02345673'), ['01=00000002345673']);
    assert.deepEqual(pairs('416000336108'), ['01=00416000336108']);
    assert.deepEqual(pairs('9521234543213'), [`01=${GTIN}`]);
    assert.deepEqual(pairs(GTIN), [`01=${GTIN}`]);
    assert.deepEqual(pairs(SSCC), [`00=${SSCC}`]);
    assert.deepEqual(pairs(']E09521234543213'), [`01=${GTIN}`]);
    assert.deepEqual(pairs(']E402345673'), ['01=00000002345673']);
    assert.deepEqual(pairs(`]C0${SSCC}`), [`00=${SSCC}`]);
    assert.deepEqual(refusal('9521234543214'), ['bad-check-digit', 12]);
    assert.deepEqual(refusal(']E0952123454321X'), ['bad-character', 3]);
  });

  it('reads Digital Link URIs (URI Syntax 1.4 §4)', () => {
    assert.deepEqual(pairs('https://id.gs1.org/01/09520123456788/10/ABC1/21/12345?17=180426'), ['01=09520123456788', '10=ABC1', '21=12345', '17=180426']);
    assert.deepEqual(pairs('HTTPS://shop.example/some/stem/00/006141411234567890'), ['00=006141411234567890']);
    assert.deepEqual(pairs('https://a/00/faux/00/006141411234567890'), ['00=006141411234567890']);
    assert.deepEqual(pairs('https://a/01/9520123456788'), ['01=09520123456788']);
    assert.deepEqual(pairs('https://a/01/12312312312333/22/ABC%2d123?x&99=ABC&&98=XYZ%2f987#part'), ['01=12312312312333', '22=ABC-123', '99=ABC', '98=XYZ/987']);
    assert.deepEqual(pairs(']Q1https://a/01/12312312312333'), ['01=12312312312333']);
    for (const uri of ['https://example.org/track/77', 'https://', 'http:///', 'https://00/006141411234567890', 'https://a/stem/00/006141411234567890/', 'HtTp://a/01/12312312312333', 'httpx']) {
      assert.equal(refusal(uri)[0], 'not-gs1', uri);
    }
    assert.equal(refusal('https://a/01/12312312312333/21/A/10/B')[0], 'unknown-ai');
    assert.equal(refusal('https://a/01/12312312312333?999=faux')[0], 'unknown-ai');
    assert.equal(refusal('https://a/01/12312312312333?99=')[0], 'truncated');
    assert.equal(refusal('https://a/01/12312312312334')[0], 'bad-check-digit');
    assert.equal(refusal('https://a/01/12312312312333/10/%zz')[0], 'bad-character');
    assert.equal(refusal('https://a/01/12312312312333?98=A+B')[0], 'bad-character');
  });

  it('reads 96-bit EPCs (Tag Data Standard 2.2 §14.6)', () => {
    // urn:epc:id:sgtin:0614141.812345.6789 and urn:epc:id:sscc:0614141.1234567890, the examples of the standard
    const sgtin = parseEpc96('3074257BF7194E4000001A85', 2026);
    assert.ok(sgtin.ok);
    assert.equal(sgtin.gtin, '80614141123458');
    assert.equal(sgtin.serial, '6789');
    const sscc = parseEpc96('3174257BF4499602D2000000', 2026);
    assert.ok(sscc.ok);
    assert.equal(sscc.sscc, '106141412345678908');
    assert.equal(parseEpc96('BEDD11112222333344445555', 2026).ok, false);
    assert.equal(parseEpc96('12', 2026).ok, false);
  });
});

describe('Nothing that comes in makes the parser throw', () => {
  it('returns a result for any text and any bytes', () => {
    const digitsAndSeparators = fc.string({ unit: fc.constantFrom(...'0123456789()]CdQe\x1d/?=&%#.:AXhtps'), maxLength: 120 });
    const anything = fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString('latin1')), digitsAndSeparators, digitsAndSeparators.map((text) => `https://a/${text}`), digitsAndSeparators.map((text) => `]C101${GTIN}${text}`));
    fc.assert(fc.property(anything, (code) => {
      const result = parseGs1(code, { ...options, fnc1Substitutes: ['|'] });
      if (result.ok) assert.ok(result.elements.length > 0);
      else assert.ok(result.at >= 0 && result.at <= Math.max(code.length, 4_296));
      parseEpc96(code, 2026);
    }), { numRuns: 3_000 });
  });

  it('reads back every label that can be printed', () => {
    const specs = allAis().filter((spec) => spec.components.every((part) => part.check === undefined && part.whole !== true && (part.charset === 'n' || part.charset === 'x')));
    const label = fc.uniqueArray(fc.constantFrom(...specs), { minLength: 1, maxLength: 8, selector: (spec) => spec.ai }).chain((chosen) =>
      fc.tuple(...chosen.map((spec) => fc.integer({ min: spec.min, max: spec.max }).map((length) => [spec.ai, '7'.repeat(length)] as const))));
    fc.assert(fc.property(label, (elements) => {
      const printed = `]C1${elements.map(([ai, value]) => `${ai}${value}`).join('\x1d')}`;
      assert.deepEqual(pairs(printed), elements.map(([ai, value]) => `${ai}=${value}`));
      assert.deepEqual(pairs(elements.map(([ai, value]) => `(${ai})${value}`).join('')), elements.map(([ai, value]) => `${ai}=${value}`));
    }));
  });
});
