import assert from 'node:assert/strict';
import fc from 'fast-check';
import { hasValidCheckDigit } from '../../src/intake/gs1/index.ts';
import { fromMillionths, toMillionths } from '../../demo/erp/seed.ts';
import { demoData, mostWithinTolerance, scenarioAt, scenarios, SCENARIO_MIX, type ScenarioKind } from '../../demo/erp/seed.ts';

describe('Demo data', () => {
  const all = [...scenarios(1, 3_000)];

  it('is the same for the same seed, scenario by scenario', () => {
    assert.deepEqual(scenarioAt(1, 1_234), all[1_234]);
    assert.notDeepEqual(demoData(1, 10), demoData(2, 10));
  });

  it('holds every kind about as often as its weight says', () => {
    for (const [kind, weight] of Object.entries(SCENARIO_MIX)) {
      const share = (100 * all.filter((scenario) => scenario.kind === kind).length) / all.length;
      assert.ok(share > weight / 2 && share < weight * 2, `${kind}: ${share} %`);
    }
  });

  it('names every order and handling unit once, over seeds too, with right check digits', () => {
    const both = [...all, ...scenarios(2, 1_000)];
    const pos = both.map((scenario) => scenario.lines[0]?.po);
    const ssccs = both.flatMap((scenario) => scenario.ssccs);
    assert.equal(new Set(pos).size, pos.length);
    assert.equal(new Set(ssccs).size, ssccs.length);
    assert.ok(ssccs.every((sscc) => /^\d{18}$/.test(sscc) && hasValidCheckDigit(sscc)));
    assert.ok(both.flatMap((scenario) => scenario.lines).every((line) => /^\d{14}$/.test(line.gtin) && hasValidCheckDigit(line.gtin)));
  });

  it('leads to what each kind promises', () => {
    const number = (text: string | undefined): number => Number(text);
    const check: Record<ScenarioKind, (units: number[], ordered: number, most: number) => boolean> = {
      'exact': (units, ordered) => units.length === 1 && units[0] === ordered,
      'mixed-pallet': (units, ordered) => units.length === 1 && units[0] === ordered,
      'short': (units, ordered) => (units[0] as number) > 0 && (units[0] as number) < ordered,
      'short-final': (units, ordered) => (units[0] as number) > 0 && (units[0] as number) < ordered,
      'over-within': (units, ordered, most) => (units[0] as number) > ordered && (units[0] as number) <= most,
      'over-beyond': (units, _ordered, most) => (units[0] as number) > most,
      'joint-over': (units, _ordered, most) => units.length === 2 && units.every((unit) => unit <= most) && (units[0] as number) + (units[1] as number) > most,
      'no-asn': (units) => units.length === 0,
      'closed-line': (units) => units.length === 1,
    };
    for (const scenario of all) {
      const [line] = scenario.lines;
      assert.ok(line);
      assert.ok(check[scenario.kind](scenario.asns.map((asn) => number(asn.quantity)), number(line.ordered), number(mostWithinTolerance(line))), `${scenario.kind} ${scenario.index}`);
      assert.equal(line.deliveryComplete, scenario.kind === 'closed-line');
      assert.equal(scenario.loose.length, scenario.kind === 'mixed-pallet' ? 2 : 0);
      for (const loose of scenario.loose) assert.ok(scenario.lines.some((one) => one.line === loose.line && one.gtin === loose.gtin && one.ordered === loose.quantity));
    }
  });

  it('counts quantities exactly', () => {
    fc.assert(fc.property(fc.bigInt({ min: -(10n ** 17n), max: 10n ** 17n }), (millionths) => assert.equal(toMillionths(fromMillionths(millionths)), millionths)));
    assert.deepEqual(['0', '-0.5', '12.500000', '1e3', '1.1234567', '', '+1', ' 1'].map(toMillionths), [0n, -500_000n, 12_500_000n, undefined, undefined, undefined, undefined, undefined]);
    assert.equal(mostWithinTolerance({ ordered: '100', overDeliveryTolerancePercent: '5' }), '105');
    assert.equal(mostWithinTolerance({ ordered: '33', overDeliveryTolerancePercent: '2.5' }), '33.825');
  });
});
