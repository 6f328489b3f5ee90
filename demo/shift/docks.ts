/** The docks of the demo: pallets of the demo ERP's data, scanned over MQTT. */
import { scenarioAt } from '../../src/cli/simulate/demo-data/index.ts';
import type { AsnUnit, ScenarioKind } from '../../src/cli/simulate/demo-data/index.ts';
import { emptyReport, publishShift, shiftPlan } from '../../src/cli/simulate/index.ts';
import type { PlannedScan } from '../../src/cli/simulate/index.ts';
import { StoryError } from './person.ts';

/** Seed of the demo ERP's data. */
const SEED = 1;
/** The two pallets of the story, as the README has them: 280 cartons where 200 were ordered, and one that nobody announced. */
const OVER_RECEIVED = 3;
const NOT_ANNOUNCED = 0;
/** Pallets that flow by come from here on. */
const FLOW_FROM = 10;
const FLOW_KINDS: readonly ScenarioKind[] = ['exact', 'exact', 'short', 'over-within'];

export class Docks {
  readonly #url: string;
  readonly #stop = new AbortController();
  readonly #acknowledged: PlannedScan[] = [];
  #flow: Promise<unknown> = Promise.resolve();

  constructor(mqttUrl: string) {
    this.#url = mqttUrl;
  }

  /** Pallets of the flow whose scan was acknowledged, by SSCC. */
  get acknowledged(): ReadonlySet<string> {
    return new Set(this.#acknowledged.flatMap(({ sscc }) => (sscc === undefined ? [] : [sscc])));
  }

  /** Lets pallets come in, `rate` a second, now and then one scanned twice, until the docks close. */
  open(rate: number): void {
    const plan = shiftPlan({ seed: SEED, count: 100_000, rate, fromScenario: FLOW_FROM, kinds: FLOW_KINDS, dirty: 0, reversals: 0, proglove: 0, doubles: 0.1, startAt: Date.now() });
    const publishing = publishShift(plan, { url: this.#url, docks: 2, signal: this.#stop.signal, onAcknowledged: (scan) => { this.#acknowledged.push(scan); } }, emptyReport());
    this.#flow = publishing;
    // Somebody awaits it when the docks close; until then its failure is not an unhandled one.
    publishing.catch(() => undefined);
  }

  /** No more pallets; resolves when the last scan is acknowledged. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#flow;
  }

  /** Scans the pallet with more on it than was ordered. */
  async scanOverReceived(): Promise<PlannedScan> {
    return this.#scanOne(OVER_RECEIVED, 'over-beyond');
  }

  /** Scans the carton that the ERP has no ship notice for. */
  async scanNotAnnounced(): Promise<PlannedScan> {
    return this.#scanOne(NOT_ANNOUNCED, 'no-asn');
  }

  async #scanOne(scenario: number, kind: ScenarioKind): Promise<PlannedScan> {
    const [scan] = shiftPlan({ seed: SEED, count: 1, fromScenario: scenario, kinds: [kind], dirty: 0, doubles: 0, proglove: 0, reversals: 0, startAt: Date.now() });
    if (scan?.scenario !== scenario) throw new StoryError(`The demo data has no ${kind} as scenario ${scenario}.`);
    const report = await publishShift([scan], { url: this.#url, docks: 1 });
    if (report.acknowledged !== 1) throw new StoryError('The broker did not acknowledge the scan.');
    return scan;
  }
}

/** The ship notice that the supplier forgot: for {@link Docks.scanNotAnnounced}. */
export function forgottenShipNotice(): AsnUnit {
  const { lines: [line], ssccs: [sscc] } = scenarioAt(SEED, NOT_ANNOUNCED);
  if (line === undefined || sscc === undefined) throw new StoryError('The demo data has no pallet without a ship notice.');
  const { po, gtin, ordered: quantity, unit, supplier } = line;
  return { asn: `ASN-${po.slice(-7)}`, sscc, po, line: line.line, gtin, quantity, unit, supplier, deliveryNote: `DN-${po.slice(-7)}` };
}

/** What was ordered and what is on the over-received pallet. */
export function overReceived(): { readonly ordered: string; readonly quantity: string; readonly unit: string } {
  const { lines: [line], asns: [asn] } = scenarioAt(SEED, OVER_RECEIVED);
  if (line === undefined || asn === undefined) throw new StoryError('The demo data has no over-received pallet.');
  return { ordered: line.ordered, quantity: asn.quantity, unit: asn.unit };
}
