/**
 * The load of a bench, in a process of its own: publishes scans by bench/publisher.ts and prints its summary as a line of JSON.
 *
 *   node bench/support/load.ts '<LoadOrder as JSON>'
 */
import { demoData, scenarioAt, type DemoData } from '../../src/cli/simulate/demo-data/index.ts';
import { shiftData, shiftPlan } from '../../src/cli/simulate/index.ts';
import type { ShiftOptions } from '../../src/cli/simulate/index.ts';
import { publish, ssccOf } from '../publisher.ts';
import type { PublishOptions } from '../publisher.ts';

export interface LoadOrder {
  readonly url: string;
  readonly rate: number | 'max';
  readonly seconds?: number;
  readonly count?: number;
  readonly connections: number;
  /** Unacknowledged scans per connection. */
  readonly inflight: number;
  /** Prefix of the transport ids. */
  readonly run: string;
  /**
   * `units`: handling units, an SSCC each; `goods`: articles with order, line and quantity, an order line each;
   * `receiving`: announced handling units of the receiving flow that go straight through.
   */
  readonly what: 'units' | 'goods' | 'receiving';
  /** Topic of all scans; by default the publisher's, or what `what` brings. */
  readonly topic?: string;
  /** Number of the first scan; no two runs on one ledger may overlap. */
  readonly from: number;
}

const SEED = 7;

function receivingPlan(from: number, count: number): ShiftOptions {
  return { seed: SEED, count, fromScenario: from, kinds: ['exact'], doubles: 0, dirty: 0, reversals: 0, proglove: 0, docks: 8 };
}

/** What the demo ERP has to know before the load begins. */
export function dataFor(what: 'goods' | 'receiving', from: number, count: number): DemoData {
  if (what === 'receiving') return shiftData(receivingPlan(from, count));
  const { lines, asns } = demoData(SEED, count, from);
  // A scanned article does not say its unit, and every line is to take it.
  return { lines: lines.map((line) => ({ ...line, unit: 'EA', deliveryComplete: false })), asns };
}

/** Message `i` of the run. */
function messages(order: LoadOrder): Pick<PublishOptions, 'payload' | 'topic'> {
  const { from, run, what } = order;
  if (what === 'units') {
    return { payload: (i) => `{"id":"${run}-${i}","code":"(00)${ssccOf(from + i)}","device":"load-${i % 16}","operator":"op-${i % 8}"}` };
  }
  if (what === 'goods') {
    return {
      payload: (i) => {
        const { po, line, gtin } = scenarioAt(SEED, from + i).lines[0]!;
        return `{"id":"${run}-${i}","code":"(01)${gtin}","po":"${po}","line":"${line}","quantity":"1","device":"load-${i % 16}","operator":"op-${i % 8}"}`;
      },
    };
  }
  const plan = [...shiftPlan(receivingPlan(from, order.count ?? 0))];
  return { payload: (i) => plan[i]!.payload, topic: (i) => plan[i]!.topic };
}

if (import.meta.main) {
  const order = JSON.parse(process.argv[2] ?? '{}') as LoadOrder;
  const { url, rate, seconds, count, connections, inflight, run, topic } = order;
  const summary = await publish({
    url, rate, connections, inflight, run, ...(topic === undefined ? {} : { topic }), ...messages(order),
    ...(seconds === undefined ? {} : { seconds }), ...(count === undefined ? {} : { count }),
  });
  process.stdout.write(`${JSON.stringify(summary)}\n`);
}
