/**
 * Values of a controller that change all the time, on a server of another stack (open62541): what becomes of them when the
 * line is cut, the server restarts or the process is killed. Each change has a number, so what is missing, doubled or out of
 * order is told exactly; what is missing has to lie in a gap that the ledger names.
 *
 *   node bench/opcua-faults/index.ts 'SIGKILL, and' quick      those whose name has it; without quick as long as for docs/benchmarks.md
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Peak, until } from '../shop-floor/brokered.ts';
import type { ProbeReading } from '../support/probe-protocol.ts';
import { judge, recordedIn, type Judgement } from './judge.ts';
import { Plant, TAGS } from './plant.ts';

const RATE = 5_000;

export interface FaultRun extends Judgement {
  readonly name: string;
  /** How long the tags changed. */
  readonly seconds: number;
  /** Values that the last process was told of: with the fault behind it, less than all. */
  readonly values: number;
  readonly process: ProbeReading;
  readonly rssMaxBytes: number;
  /** The most at once, and how long after the fault there was one session with one subscription again; absent: never. */
  readonly sessionsMax: number;
  readonly subscriptionsMax: number;
  readonly oneAfterSeconds?: number;
  readonly sessionsEnd: number;
  readonly subscriptionsEnd: number;
  /** From the end of the fault until cases came within two seconds again, s. */
  readonly behindSeconds: number;
}

export interface OpcUaFaultsResult { readonly rate: number; readonly tags: number; readonly runs: readonly FaultRun[] }

interface Fault {
  readonly name: string;
  readonly beforeSeconds: number;
  readonly afterSeconds: number;
  /** Resolves when it is over. */
  act(plant: Plant): Promise<void>;
}

async function cut(plant: Plant, seconds: number): Promise<void> {
  plant.line.cut();
  await sleep(seconds * 1_000);
  plant.line.mend();
}

async function kill(plant: Plant): Promise<void> {
  await plant.waybill.end('SIGKILL');
  await plant.start();
}

const faults = (quick: boolean): readonly Fault[] => {
  const [long, calm] = quick ? [8, 5] : [60, 15];
  return [
    { name: 'nothing', beforeSeconds: quick ? 10 : 60, afterSeconds: 0, act: () => Promise.resolve() },
    { name: 'line cut for 3 s', beforeSeconds: calm, afterSeconds: calm, act: (plant) => cut(plant, 3) },
    { name: `line cut for ${long} s`, beforeSeconds: calm, afterSeconds: 2 * calm, act: (plant) => cut(plant, long) },
    { name: 'server restarted', beforeSeconds: calm, afterSeconds: calm, act: (plant) => plant.restartServer(1_000) },
    {
      name: `line cut for ${long / 2} s, server restarted while it catches up`, beforeSeconds: calm, afterSeconds: calm,
      act: async (plant) => {
        const before = await plant.counter('plc_values');
        await cut(plant, long / 2);
        await plant.moreThan(before);
        await plant.restartServer(1_000);
      },
    },
    { name: 'SIGKILL, and started again', beforeSeconds: calm, afterSeconds: calm, act: kill },
    {
      name: `line cut for ${long / 2} s, SIGKILL while it catches up`, beforeSeconds: calm, afterSeconds: 2 * calm,
      act: async (plant) => {
        const before = await plant.counter('plc_values');
        await cut(plant, long / 2);
        await plant.moreThan(before);
        await kill(plant);
      },
    },
  ];
};

/** Looks at the server twice a second. */
class Sessions {
  sessionsMax = 0;
  subscriptionsMax = 0;
  readonly #seen: { readonly at: number; readonly one: boolean }[] = [];
  #going = true;
  readonly #done: Promise<void>;
  constructor(plant: Plant) {
    this.#done = (async () => {
      while (this.#going) {
        const counts = await plant.counts().catch(() => undefined); // it ends in this moment
        if (counts !== undefined) {
          this.sessionsMax = Math.max(this.sessionsMax, counts.sessions);
          this.subscriptionsMax = Math.max(this.subscriptionsMax, counts.subscriptions);
          this.#seen.push({ at: Date.now(), one: counts.sessions === 1 && counts.subscriptions === 1 });
        }
        await sleep(500);
      }
    })();
  }
  async stop(): Promise<void> {
    this.#going = false;
    await this.#done;
  }
  /** Seconds from then until it was one of each for good. */
  oneAfter(ms: number): number | undefined {
    if (this.#seen.at(-1)?.one !== true) return undefined;
    const since = this.#seen.findLastIndex(({ one }) => !one);
    return Math.max(0, Number((((this.#seen[since + 1]?.at ?? ms) - ms) / 1_000).toFixed(1)));
  }
}

async function run(fault: Fault): Promise<FaultRun> {
  const plant = await Plant.build();
  const peak = new Peak(() => plant.waybill.rss());
  const sessions = new Sessions(plant);
  try {
    await plant.waybill.ask('reset');
    const from = Date.now();
    await plant.load(RATE);
    await sleep(fault.beforeSeconds * 1_000);
    const begun = Date.now();
    await fault.act(plant);
    const over = Date.now();
    await sleep(fault.afterSeconds * 1_000);
    const reading = await plant.waybill.read();
    await plant.load(0);
    const seconds = Number(((Date.now() - from) / 1_000).toFixed(1));
    await until(Infinity, () => plant.counter('plc_opened'));
    const values = await plant.counter('plc_values');
    const end = await plant.counts() ?? { sessions: 0, subscriptions: 0 };
    await sessions.stop();
    await plant.waybill.end();
    const judged = judge(plant.changes(), await recordedIn(plant.home));
    const oneAfterSeconds = sessions.oneAfter(begun);
    return {
      name: fault.name, seconds, ...judged, values, process: reading, rssMaxBytes: peak.bytes, sessionsMax: sessions.sessionsMax, subscriptionsMax: sessions.subscriptionsMax,
      ...(oneAfterSeconds === undefined ? {} : { oneAfterSeconds }), sessionsEnd: end.sessions, subscriptionsEnd: end.subscriptions,
      behindSeconds: Math.max(0, Number(((judged.lateUntilMs - over) / 1_000).toFixed(1))),
    };
  } finally {
    peak.stop();
    await sessions.stop();
    await plant.remove();
  }
}

export async function benchOpcUaFaults(quick: boolean, only?: string): Promise<OpcUaFaultsResult> {
  const runs: FaultRun[] = [];
  for (const fault of faults(quick)) {
    if (only !== undefined && !fault.name.includes(only)) continue;
    runs.push(await run(fault));
    process.stderr.write(`bench: opcua-faults: ${fault.name}: ${runs.at(-1)?.cases} cases\n`);
  }
  return { rate: RATE, tags: TAGS, runs };
}

if (import.meta.main) {
  const [only = 'nothing', quick = ''] = process.argv.slice(2);
  console.log(JSON.stringify(await benchOpcUaFaults(quick === 'quick', only), null, 1));
}
