import assert from 'node:assert/strict';
import { packagingLevels, type PackagingRow } from '../../../src/domain/packaging/index.ts';
import { withCheckDigit } from '../../../src/domain/gs1/check-digit.ts';
import { createScanMapper, type MapperOptions, type Scan } from '../../../src/intake/mapper/index.ts';

const FNC1 = '\x1d';
const EACH = '09506000134352';
const CASE = withCheckDigit('1950600013435');
const PALLET = withCheckDigit('3950600013435');
const LAYER = withCheckDigit('2950600013435');
const VARIABLE = withCheckDigit('9950600013435');
const SSCC = '376104250021234569';
const ROWS: readonly PackagingRow[] = [
  { gtin: CASE, contained: EACH, quantity: '12', unit: 'EA' },
  { gtin: PALLET, contained: CASE, quantity: '40', unit: '' },
];

function read(message: string | object, options: Partial<MapperOptions> = {}): Scan | string {
  const map = createScanMapper({ preset: 'auto', packaging: packagingLevels(ROWS), ...options });
  const result = map(Buffer.from(typeof message === 'string' ? message : JSON.stringify(message)), { receivedAt: Date.UTC(2026, 5, 1) });
  return result.ok ? result.scans[0] as Scan : `${result.reason}: ${result.detail}`;
}

/** What the goods are in base units; the quantity of the label itself where nobody knows. */
function counted(message: string | object, options: Partial<MapperOptions> = {}): unknown {
  const scan = read(message, options);
  return typeof scan === 'string' ? scan : { ...(scan.quantity === undefined ? {} : { quantity: scan.quantity }), ...scan.base, ...(scan.unknownPack === true ? { unknown: true } : {}) };
}

describe('from packs to base units', () => {
  for (const [clause, rule, message, gives] of [
    ['§3.3.2', 'one case is 12 of the base unit', `]C101${CASE}`, { gtin: EACH, quantity: '12', unit: 'EA' }],
    ['§3.3.2', 'the base unit itself', `]C101${EACH}`, { gtin: EACH, quantity: '1', unit: 'EA' }],
    ['§3.3.2', 'levels inside each other', `]C101${PALLET}`, { gtin: EACH, quantity: '480', unit: 'EA' }],
    ['§3.3.2', 'a bare ITF-14', `]I1${CASE}`, { gtin: EACH, quantity: '12', unit: 'EA' }],
    ['§3.3.3, §3.6.5', '02 with 37: five cases on a pallet', `]C100${SSCC}02${CASE}375`, { quantity: '60', gtin: EACH, unit: 'EA' }],
    ['§3.6.5', '02 without 37: nobody knows how many', `]C100${SSCC}02${CASE}`, { gtin: EACH, unit: 'EA' }],
    ['§3.6.1', '30 on a pack of fixed measure is redundant: it counts no packs', `]C101${CASE}3012`, { gtin: EACH, quantity: '12', unit: 'EA' }],
    ['§3.6.1', '30 on the base unit is how many pieces, as ever', `]C101${EACH}305`, { quantity: '5', gtin: EACH, unit: 'EA' }],
    ['§3.6.1', '30 of a variable measure is how many pieces it holds, and needs no row', `]C101${VARIABLE}3017`, { quantity: '17', gtin: VARIABLE }],
    ['§3.6.5', '37 counts before 30', `]C102${CASE}307${FNC1}372`, { quantity: '24', gtin: EACH, unit: 'EA' }],
  ] as const) {
    it(`${clause}: ${rule}`, () => {
      assert.deepEqual(counted(message), gives);
    });
  }

  it('the quantity of the label or the message stays beside it', () => {
    const scan = read(`]C100${SSCC}02${CASE}375`);
    assert.ok(typeof scan === 'object');
    assert.deepEqual([scan.quantity, scan.base?.quantity], ['5', '60']);
    const said = read({ id: '1', code: CASE, quantity: '2.50' });
    assert.ok(typeof said === 'object');
    assert.deepEqual([said.quantity, said.base?.quantity], ['2.5', '30']);
  });

  it('a reversal and a last delivery of nothing are counted the same way', () => {
    assert.deepEqual(counted({ code: CASE, quantity: '0', final: true }), { quantity: '0', gtin: EACH, unit: 'EA' });
  });

  it('without levels nothing is converted, and nobody is asked', () => {
    assert.deepEqual(counted(`]C101${CASE}`, { packaging: packagingLevels([]), unknownPacks: 'quarantine' }), {});
  });

  it('what the message says of base units is taken where the levels do not know better', () => {
    assert.deepEqual(counted({ code: LAYER, quantity: '3', baseUnits: '60' }), { quantity: '180' });
    assert.deepEqual(counted({ code: `(00)${SSCC}(02)${LAYER}`, baseUnits: '60' }), {});
    assert.deepEqual(counted({ code: CASE, quantity: '3', baseUnits: 12 }), { gtin: EACH, quantity: '36', unit: 'EA' });
    assert.equal(counted({ code: CASE, baseUnits: '10' }), `base-units-differ: ${CASE}: 10 in the message, 12 in the packaging levels`);
  });

  it('an unknown pack is taken as it is, and said', () => {
    assert.deepEqual(counted(`]C101${LAYER}`), { unknown: true });
    assert.deepEqual(counted(withCheckDigit('950600013439')), { unknown: true });
  });

  it('or goes to quarantine, with what its indicator digit says', () => {
    assert.equal(counted(`]C101${LAYER}`, { unknownPacks: 'quarantine' }), `unknown-pack: ${LAYER}, by its indicator digit a pack of ${EACH}`);
    const stranger = `0${withCheckDigit('950600013439')}`;
    assert.equal(counted(stranger, { unknownPacks: 'quarantine' }), `unknown-pack: ${stranger}`);
    assert.deepEqual(counted(`]C100${SSCC}`, { unknownPacks: 'quarantine' }), {}, 'an SSCC alone names no trade item');
  });
});
