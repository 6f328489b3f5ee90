import assert from 'node:assert/strict';
import { createScanMapper, type Scan } from '../../../src/intake/mapper/index.ts';
import { shiftData, shiftPlan, type PlannedScan, type ShiftOptions } from '../../../src/cli/simulate/index.ts';
import { demoData, mostWithinTolerance, type AsnUnit, type PurchaseOrderLine } from '../../../src/cli/simulate/demo-data/index.ts';

const options: ShiftOptions = { seed: 1, count: 4_000, rate: 50 };
const plan = [...shiftPlan(options)];
const mapper = createScanMapper({ preset: 'auto' });

function read(scan: PlannedScan): Scan | string {
  const result = mapper(scan.payload, { receivedAt: Date.UTC(2026, 0, 5) });
  return result.ok ? (result.scans[0] as Scan) : result.reason;
}

/** The receiving rules of the flow, in a few lines, for scans that come one after the other. */
class Dock {
  readonly #lines: Map<string, PurchaseOrderLine>;
  readonly #asns: Map<string, AsnUnit>;
  readonly #received = new Map<string, number>();
  readonly #transports = new Set<string>();
  readonly #units = new Set<string>();

  constructor(data: { lines: readonly PurchaseOrderLine[]; asns: readonly AsnUnit[] }) {
    this.#lines = new Map(data.lines.map((line) => [`${line.po}/${line.line}`, line]));
    this.#asns = new Map(data.asns.map((asn) => [asn.sscc, asn]));
  }

  receive(scan: Scan): string {
    if (scan.transportId !== undefined) {
      if (this.#transports.has(scan.transportId)) return 'duplicate-transport';
      this.#transports.add(scan.transportId);
    }
    const sscc = scan.gs1?.sscc;
    if (scan.reverse === true) return sscc !== undefined && this.#units.has(sscc) ? 'reversal' : 'nothing to reverse';
    if (sscc !== undefined) {
      if (this.#units.has(sscc)) return 'duplicate-business';
      this.#units.add(sscc);
    }
    const goods = sscc === undefined ? { po: scan.po, line: scan.line, gtin: scan.gs1?.gtin, quantity: scan.quantity } : this.#asns.get(sscc);
    if (goods === undefined) return 'exception-no-asn';
    const key = `${goods.po}/${goods.line}`;
    const line = this.#lines.get(key);
    if (line === undefined || line.gtin !== goods.gtin) return 'exception-unknown-line';
    if (line.deliveryComplete) return 'exception-line-closed';
    const received = (this.#received.get(key) ?? Number(line.received)) + Number(goods.quantity);
    this.#received.set(key, received);
    return received <= Number(mostWithinTolerance(line)) ? 'straight-through' : 'approval';
  }
}

describe('Shift plan', () => {
  it('has exactly as many scans as asked for, in order and in time', () => {
    for (const count of [1, 2, 7, 150, 401]) assert.equal([...shiftPlan({ ...options, count })].length, count);
    assert.deepEqual(plan.map((scan) => scan.index), plan.map((_, index) => index));
    assert.deepEqual(plan.map((scan) => scan.at), plan.map((_, index) => index * 20));
  });

  it('is the same for the same options, and can be run through twice', () => {
    const again = shiftPlan(options);
    assert.deepEqual([...again], plan);
    assert.deepEqual([...again], plan);
    assert.notDeepEqual([...shiftPlan({ ...options, seed: 2, count: 50 })], plan.slice(0, 50));
  });

  it('names every transport once, but for the same message sent twice', () => {
    const fresh = plan.filter((scan) => scan.kind !== 'double-same-id' && scan.transportId !== undefined).map((scan) => scan.transportId);
    assert.equal(new Set(fresh).size, fresh.length);
    for (const scan of plan.filter((one) => one.kind === 'double-same-id')) {
      const original = plan[scan.sameAs as number] as PlannedScan;
      assert.equal(scan.transportId, original.transportId);
      assert.deepEqual(scan.payload, original.payload);
      assert.ok(original.index < scan.index);
    }
    const later = [...shiftPlan({ ...options, count: 500, fromScenario: 10_000 })];
    assert.ok(later.every((scan) => scan.transportId === undefined || !fresh.includes(scan.transportId)));
  });

  it('is read by the mapper as it says', () => {
    for (const scan of plan) {
      const result = read(scan);
      if (scan.expected === 'quarantine') {
        assert.equal(result, scan.quarantineReason, scan.kind);
        continue;
      }
      assert.ok(typeof result !== 'string', `${scan.kind}: ${JSON.stringify(result)}`);
      assert.equal(result.transportId, scan.transportId);
      assert.equal(result.operatorId, scan.operator);
      assert.equal(result.deviceId, scan.device);
      assert.equal(result.gs1?.sscc, scan.sscc);
      if (scan.sscc === undefined) assert.deepEqual([result.po, result.line, result.quantity, result.gs1?.gtin], [scan.po, scan.line, scan.quantity, scan.gtin]);
      assert.equal(result.final, scan.final);
      assert.equal(result.reverse, scan.kind === 'reversal' ? true : undefined);
    }
  });

  it('leads to what it expects under the receiving rules', () => {
    const dock = new Dock(demoData(1, 10_000));
    const groups = new Map<string, string[]>();
    const seen = new Set<string>();
    for (const scan of plan) {
      const result = read(scan);
      if (typeof result === 'string') continue;
      const outcome = dock.receive(result);
      seen.add(scan.expected);
      if (scan.group === undefined) assert.equal(outcome, scan.expected, `${scan.index} ${scan.kind}`);
      else groups.set(scan.group, [...(groups.get(scan.group) ?? []), outcome]);
    }
    assert.ok(groups.size > 0);
    for (const [group, outcomes] of groups) assert.deepEqual(outcomes.sort(), ['approval', 'straight-through'], group);
    assert.equal(seen.size, 8, 'every outcome but quarantine comes up');
  });

  it('puts the two units of a joint over-receipt at two docks, one right after the other', () => {
    const pairs = Map.groupBy(plan.filter((scan) => scan.group !== undefined), (scan) => scan.group);
    for (const [first, second, ...more] of pairs.values()) {
      assert.ok(first !== undefined && second !== undefined && more.length === 0);
      assert.notEqual(first.dock, second.dock);
      assert.equal(second.index, first.index + 1);
    }
  });

  it('keeps to the kinds and shares that are asked for', () => {
    const clean = [...shiftPlan({ seed: 1, count: 300, kinds: ['exact', 'over-beyond'], doubles: 0, dirty: 0, reversals: 0, proglove: 0, docks: 3, site: 'dc-9', enterprise: 'umbra' })];
    assert.equal(clean.length, 300);
    assert.deepEqual([...new Set(clean.map((scan) => scan.kind))].sort(), ['exact', 'over-beyond']);
    assert.ok(clean.every((scan) => scan.operator !== undefined));
    assert.deepEqual([...new Set(clean.map((scan) => scan.topic))].sort(), [1, 2, 3].map((dock) => `umbra/dc-9/receiving/dock-${dock}/scan`));
  });

  it('tells the ERP which orders it needs', () => {
    const data = shiftData({ ...options, count: 200 });
    const ssccs = new Set(data.asns.map((asn) => asn.sscc));
    const pos = new Set(data.lines.map((line) => line.po));
    for (const scan of shiftPlan({ ...options, count: 200 })) {
      if (scan.po !== undefined) assert.ok(pos.has(scan.po), String(scan.index));
      if (scan.sscc !== undefined && scan.po !== undefined) assert.ok(ssccs.has(scan.sscc), String(scan.index));
      if (scan.kind === 'no-asn') assert.ok(!ssccs.has(scan.sscc as string), String(scan.index));
    }
  });
});
