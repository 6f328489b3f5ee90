/**
 * A realistic shift at receiving, made from the seed of the demo data: pure, lazy, the same for the same options. Each
 * scan says what has to become of it, so that a test can compare.
 */
import { dataOf, Random, scenarioAt, seedAt, type AsnUnit, type DemoData, type LooseGoods, type Scenario, type ScenarioKind } from './demo-data/index.ts';
import { binaryNoise, eventId, gtinLabel, progloveMessage, ssccLabel, waybillMessage, wrongCheckDigit } from './messages.ts';
import type { ExpectedOutcome, PlannedScan, ScanKind, ShiftOptions } from './planned-scan.ts';

const EXPECTED: Readonly<Record<ScenarioKind, ExpectedOutcome>> = {
  'exact': 'straight-through', 'short': 'straight-through', 'short-final': 'straight-through', 'over-within': 'straight-through', 'mixed-pallet': 'straight-through',
  'over-beyond': 'approval', 'joint-over': 'joint-over', 'no-asn': 'exception-no-asn', 'closed-line': 'exception-line-closed',
};

/** Scans that lie between a receipt and its reversal, at least; its case is closed by then. */
const REVERSAL_DISTANCE = 100;

/** A scan without what its place in the shift decides. */
type Draft = Omit<PlannedScan, 'index' | 'at' | 'payload' | 'sameAs'> & {
  /** Makes the bytes for the time of the scan. */
  readonly message: (time: string) => Buffer;
};

/** A scan that comes later: at `due`, or as soon as nothing else is due. */
interface Deferred {
  readonly due: number;
  readonly original: PlannedScan;
  readonly draft: (original: PlannedScan) => Draft;
  /** The bytes of the original, for a transport duplicate. */
  readonly sameBytes: boolean;
}

class Shift {
  readonly #options: Required<Omit<ShiftOptions, 'kinds'>>;
  readonly #kinds: ReadonlySet<ScenarioKind> | undefined;
  readonly #deferred: Deferred[] = [];
  #index = 0;

  constructor(options: ShiftOptions) {
    const { kinds, ...rest } = options;
    this.#kinds = kinds === undefined ? undefined : new Set(kinds);
    this.#options = {
      enterprise: 'acme', site: 'dc-1', docks: 2, rate: 5, startAt: Date.UTC(2026, 0, 5, 6), fromScenario: 0,
      doubles: 0.06, dirty: 0.04, reversals: 0.01, proglove: 0.1, ...rest,
    };
  }

  *scans(): Generator<PlannedScan> {
    const { count, seed, fromScenario } = this.#options;
    for (let number = fromScenario; this.#index < count; number += 1) {
      const scenario = scenarioAt(seed, number);
      if (this.#kinds !== undefined && !this.#kinds.has(scenario.kind)) continue;
      const random = new Random(seedAt(seed ^ 0x5ca7, number));
      const dirty = random.next() < this.#options.dirty && this.#room() > 0 ? this.#dirty(scenario, random) : undefined;
      if (dirty !== undefined) {
        yield this.#place(dirty);
        yield* this.#due();
      }
      const drafts = this.#drafts(scenario, random);
      if (drafts.length <= this.#room()) {
        for (const draft of drafts) {
          const scan = this.#place(draft);
          this.#followUps(scan, scenario, random);
          yield scan;
        }
      }
      yield* this.#due();
      // the last places belong to what is still to come
      if (this.#room() === 0) yield* this.#due(Infinity);
    }
  }

  /** How many scans may still be added; what is deferred has its place already. */
  #room(): number {
    return this.#options.count - this.#index - this.#deferred.length;
  }

  #place(draft: Draft, sameAs?: PlannedScan, bytes?: Buffer): PlannedScan {
    const { message, ...rest } = draft;
    const at = Math.round((this.#index * 1000) / this.#options.rate);
    const payload = bytes ?? message(new Date(this.#options.startAt + at).toISOString());
    const scan: PlannedScan = { index: this.#index, at, payload, ...rest, ...(sameAs === undefined ? {} : { sameAs: sameAs.index }) };
    this.#index += 1;
    return scan;
  }

  *#due(upTo = this.#index): Generator<PlannedScan> {
    for (;;) {
      const next = this.#deferred.findIndex((entry) => entry.due <= upTo);
      if (next === -1) return;
      const [entry] = this.#deferred.splice(next, 1) as [Deferred];
      yield this.#place(entry.draft(entry.original), entry.original, entry.sameBytes ? entry.original.payload : undefined);
    }
  }

  /** Place and person of a scan. */
  #station(dock: number): { dock: string; device: string; topic: string; operator: string } {
    const name = `dock-${dock}`;
    const { enterprise, site } = this.#options;
    return { dock: name, device: `ring-${dock}`, operator: `operator-${dock}`, topic: `${enterprise}/${site}/receiving/${name}/scan` };
  }

  #id(scenario: number, part: string): string {
    return `shift-${this.#options.seed}-${scenario}-${part}`;
  }

  #drafts(scenario: Scenario, random: Random): readonly Draft[] {
    const first = random.between(1, this.#options.docks);
    // the units of a joint over-receipt stand at two docks at the same time
    const dockOf = (unit: number): number => ((first - 1 + unit) % this.#options.docks) + 1;
    return [
      ...scenario.ssccs.map((sscc, unit) => this.#unit(scenario, sscc, scenario.asns[unit], unit, dockOf(unit), random)),
      ...scenario.loose.map((goods, i) => this.#loose(scenario, goods, i, first)),
    ];
  }

  #unit(scenario: Scenario, sscc: string, asn: AsnUnit | undefined, unit: number, dock: number, random: Random): Draft {
    const { operator, ...station } = this.#station(dock);
    const code = ssccLabel(sscc, random);
    const final = scenario.kind === 'short-final' ? { final: true } : {};
    const base = {
      kind: scenario.kind, expected: EXPECTED[scenario.kind], scenario: scenario.index, sscc, ...final,
      ...(asn === undefined ? {} : { po: asn.po, line: asn.line, gtin: asn.gtin, quantity: asn.quantity }),
      ...(scenario.kind === 'joint-over' ? { group: `${this.#options.seed}-${scenario.index}` } : {}),
    };
    if (scenario.kind === 'exact' && random.next() < this.#options.proglove) {
      const id = eventId(this.#options.seed, scenario.index);
      const device = `MDMR00000000${dock}`;
      return { ...base, ...station, device, transportId: id, message: (time) => progloveMessage({ id, code, device, time }) };
    }
    const id = this.#id(scenario.index, String(unit + 1));
    return { ...base, ...station, operator, transportId: id, message: (time) => waybillMessage({ id, code, device: station.device, operator, time, ...final }) };
  }

  #loose(scenario: Scenario, goods: LooseGoods, i: number, dock: number): Draft {
    const { operator, ...station } = this.#station(dock);
    const id = this.#id(scenario.index, `g${i + 1}`);
    const { po, line, gtin, lot, quantity, deliveryNote } = goods;
    return {
      kind: 'loose-goods', expected: 'straight-through', scenario: scenario.index, ...station, operator, transportId: id, po, line, gtin, quantity,
      message: (time) => waybillMessage({ id, code: gtinLabel(gtin, lot), device: station.device, operator, time, po, line, quantity, deliveryNote }),
    };
  }

  /** Doubles and reversals of a handling unit that was just placed, as far as there is room. */
  #followUps(scan: PlannedScan, scenario: Scenario, random: Random): void {
    const { docks, doubles, reversals } = this.#options;
    const draw = random.next();
    const otherDock = random.between(1, docks);
    const takenBack = scenario.kind === 'exact' && random.next() < reversals;
    if (scan.sscc === undefined || scenario.kind === 'joint-over') return;
    const { index, at, payload, sameAs, ...same } = scan;
    if (draw < doubles && this.#room() > 0) {
      const sameBytes = draw < doubles / 2;
      this.#deferred.push({
        due: this.#index + random.between(0, 3), original: scan, sameBytes,
        draft: () => (sameBytes
          ? { ...same, kind: 'double-same-id', expected: 'duplicate-transport', message: () => payload }
          : this.#again(scan, otherDock, 'b', { kind: 'double-new-id', expected: 'duplicate-business' })),
      });
    }
    if (takenBack && this.#room() > REVERSAL_DISTANCE) {
      this.#deferred.push({
        due: this.#index + REVERSAL_DISTANCE, original: scan, sameBytes: false,
        draft: () => this.#again(scan, otherDock, 'r', { kind: 'reversal', expected: 'reversal' }),
      });
    }
  }

  /** The handling unit of `scan` in a message of its own. */
  #again(scan: PlannedScan, dock: number, part: string, as: { kind: ScanKind; expected: ExpectedOutcome }): Draft {
    const { operator, ...station } = this.#station(dock);
    const id = this.#id(scan.scenario, part);
    const { index, at, payload, group, sameAs, expected, ...facts } = scan;
    const flags = { ...(scan.final === undefined ? {} : { final: scan.final }), ...(as.kind === 'reversal' ? { reverse: true } : {}) };
    return {
      ...facts, ...as, ...station, operator, transportId: id,
      message: (time) => waybillMessage({ id, code: `]C100${scan.sscc ?? ''}`, device: station.device, operator, time, ...flags }),
    };
  }

  /** A label or message that cannot be read, before the goods of `scenario` come by. */
  #dirty(scenario: Scenario, random: Random): Draft {
    const { operator, ...station } = this.#station(random.between(1, this.#options.docks));
    const sscc = scenario.ssccs[0] as string;
    const id = this.#id(scenario.index, 'd');
    const base = { ...station, scenario: scenario.index, expected: 'quarantine' as const };
    const readable = (code: string): ((time: string) => Buffer) => (time) => waybillMessage({ id, code, device: station.device, operator, time });
    const style = random.next();
    if (style < 0.4) return { ...base, kind: 'dirty-check-digit', quarantineReason: 'bad-check-digit', operator, transportId: id, message: readable(`]C100${wrongCheckDigit(sscc)}`) };
    if (style < 0.7) return { ...base, kind: 'dirty-truncated', quarantineReason: 'truncated', operator, transportId: id, message: readable(`]C100${sscc.slice(0, random.between(6, 16))}`) };
    const noise = binaryNoise(random);
    if (style < 0.85) return { ...base, kind: 'dirty-binary', quarantineReason: 'invalid-utf8', message: () => noise };
    return { ...base, kind: 'dirty-json', quarantineReason: 'malformed-json', message: (time) => readable(`]C100${sscc}`)(time).subarray(0, -5) };
  }
}

/** The scans of a shift, one after the other; exactly `count` of them. */
export function shiftPlan(options: ShiftOptions): Iterable<PlannedScan> {
  return { [Symbol.iterator]: () => new Shift(options).scans() };
}

/** The orders and ship notices behind a plan, for POST /_seed of the demo ERP. */
export function shiftData(options: ShiftOptions): DemoData {
  const numbers = new Set<number>();
  for (const scan of shiftPlan(options)) numbers.add(scan.scenario);
  return dataOf([...numbers].map((number) => scenarioAt(options.seed, number)));
}
