import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { publish, Publisher } from '../../../bench/publisher.ts';
import { ErpProcess } from '../../../bench/support/erp-process.ts';
import { freePorts } from '../../../bench/support/ports.ts';
import { WaybillProcess } from '../../../bench/support/waybill-process.ts';
import type { WaybillProcessOptions } from '../../../bench/support/waybill-process.ts';
import { serviceCatalogue } from '../../../scripts/lib/service-catalogue.ts';
import { Random } from '../../../src/cli/simulate/demo-data/random.ts';
import { shiftData, shiftPlan } from '../../../src/cli/simulate/index.ts';
import type { PlannedScan, ShiftOptions } from '../../../src/cli/simulate/index.ts';
import { openSqliteAccounts } from '../../../src/ledger/sqlite/accounts.ts';
import { createApiToken, createUser } from '../../../src/web/server/index.ts';
import { badDays } from './bad-days.ts';
import { ShiftPeople } from './people.ts';
import type { Deeds } from './people.ts';
import { SHIFT_SERVICES, shiftFlow } from './shift-flow.ts';
import { judge } from './verdict.ts';
import type { Verdict } from './verdict.ts';

export interface ShiftRunOptions {
  readonly seed: number;
  readonly scans: number;
  readonly kills: number;
  /** Scans a second of the publisher. */
  readonly rate: number | 'max';
  /** An outside broker; absent: the embedded one. */
  readonly brokerUrl?: string;
  /** How long the flow may take to come to rest after the last scan, ms. */
  readonly patienceMs: number;
}

export interface ShiftRun extends Verdict {
  readonly scans: number;
  readonly kills: number;
  readonly resent: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly deeds: Deeds;
  readonly seconds: number;
  /** Of the last process: right after it was ready, and at rest. */
  readonly memory: { readonly rssBefore: number; readonly rssAfter: number; readonly heapBefore: number; readonly heapAfter: number };
  readonly handles: { readonly before: number; readonly after: number };
}

/** A broker that is still delivering has something to say within this time. */
const QUIET_MS = 15_000;

/** An account that may do everything a shift asks for, and a token that speaks for it. */
async function tokenFor(home: string): Promise<string> {
  const accounts = openSqliteAccounts({ home });
  try {
    const user = await createUser(accounts, { name: 'shift-lead', roles: ['admin', 'receiving-supervisor', 'site-manager'], sites: ['*'] });
    return (await createApiToken(accounts, { userId: user.id, name: 'crash test', scopes: ['read', 'decide'], sites: ['*'] })).secret;
  } finally {
    await accounts.close();
  }
}

/** How many cases the plan makes when everything is recorded once. */
function expectedCases(plan: readonly PlannedScan[]): number {
  return plan.filter(({ expected }) => !['quarantine', 'duplicate-transport', 'duplicate-business'].includes(expected)).length;
}

/** Where in the shift the process is killed, as shares of the work, in order. */
function killPoints(random: Random, kills: number): readonly number[] {
  return Array.from({ length: kills }, () => 0.03 + random.next() * 0.77).toSorted((a, b) => a - b);
}

/** One shift: scans come in, the ERP has bad days, people work, and the process is killed again and again. */
export class Shift {
  readonly #options: ShiftRunOptions;
  readonly #random: Random;
  readonly #plan: readonly PlannedScan[];
  readonly #acked = new Set<number>();
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'waybill-shift-'));
  readonly #home = path.join(this.#folder, 'home');
  #waybill: WaybillProcess | undefined;
  #erp: ErpProcess | undefined;
  #closed = 0;
  #working = true;

  constructor(options: ShiftRunOptions) {
    this.#options = options;
    this.#random = new Random(options.seed);
    this.#plan = [...shiftPlan(this.#shift())];
  }

  #shift(): ShiftOptions {
    return { seed: this.#options.seed, count: this.#options.scans, docks: 4 };
  }

  async run(): Promise<ShiftRun> {
    const { seed, scans, rate, kills, brokerUrl } = this.#options;
    const startedAt = performance.now();
    const erp = this.#erp = await ErpProcess.start(path.join(this.#folder, 'erp.sqlite'));
    await erp.post('/_seed', shiftData(this.#shift()));
    const [port = 0, mqttPort = 0] = await freePorts(2);
    const env = await serviceCatalogue(path.join(this.#folder, 'central'), SHIFT_SERVICES);
    const settings: WaybillProcessOptions = {
      env, home: this.#home, port, erpUrl: erp.url, flow: shiftFlow(), ...(brokerUrl === undefined ? { mqttPort } : { mqttUrl: brokerUrl }),
    };
    this.#waybill = WaybillProcess.spawn(settings);
    await this.#waybill.ready();
    const people = new ShiftPeople(this.#waybill.url, await tokenFor(this.#home));
    await this.#firstScan(people);
    const faults = badDays(erp, seed);
    const busy = this.#work(people);
    const publisher = new Publisher({
      url: this.#waybill.mqttUrl, rate, count: scans, connections: 4, inflight: 48, run: `shift-${seed}`, patienceMs: 120_000,
      topic: (i) => this.#plan[i]!.topic, payload: (i) => this.#plan[i]!.payload, onAcked: (_id, i) => { this.#acked.add(i); },
    });
    const published = publisher.run();
    try {
      for (const point of killPoints(this.#random, kills)) await this.#killAt(point, settings);
      const before = await this.#footprint();
      const summary = await published;
      if (summary.failure !== undefined) throw new Error(`The publisher gave up: ${summary.failure}\n${this.#waybill.output}`);
      await this.#atRest(people);
      this.#working = false;
      await busy;
      await faults.stop();
      await erp.post('/_faults', { mode: 'none' });
      const after = await this.#settled(before.handles);
      await this.#waybill.end();
      const verdict = await judge(this.#home, this.#plan, this.#acked, await erp.receipts());
      const { faultsInjected } = await erp.stats();
      return {
        ...verdict, scans, kills, resent: summary.resent, faults: faultsInjected, deeds: people.deeds, seconds: Math.round((performance.now() - startedAt) / 1_000),
        memory: { rssBefore: before.rss, rssAfter: after.rss, heapBefore: before.heap, heapAfter: after.heap }, handles: { before: before.handles, after: after.handles },
      };
    } finally {
      this.#working = false;
      await faults.stop();
    }
  }

  /** Ends what is left and removes the files. */
  async close(): Promise<void> {
    this.#working = false;
    await this.#waybill?.end('SIGKILL');
    await this.#erp?.end('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** An outside broker keeps nothing for a subscriber that it has not seen yet: the first scan is sent until it is recorded. */
  async #firstScan(people: ShiftPeople): Promise<void> {
    const { topic, payload } = this.#plan.find(({ expected }) => expected === 'straight-through')!;
    for (;;) {
      await publish({ url: this.#waybill!.mqttUrl, count: 1, topic, payload: () => payload });
      const work = await people.openWork();
      if (work !== undefined && work.casesOpen + work.casesClosed > 0) return;
      await sleep(100);
    }
  }

  /** People work while the shift goes on. */
  async #work(people: ShiftPeople): Promise<void> {
    while (this.#working) {
      await people.approve();
      this.#closed = (await people.openWork())?.casesClosed ?? this.#closed;
      await sleep(150);
    }
  }

  async #killAt(point: number, settings: WaybillProcessOptions): Promise<void> {
    const total = this.#plan.length + expectedCases(this.#plan);
    while (this.#working && this.#acked.size + this.#closed < point * total) await sleep(5);
    await sleep(this.#random.between(0, 200));
    await this.#waybill!.end('SIGKILL');
    await sleep(this.#random.between(0, 300));
    const { flow: _kept, ...again } = settings;
    this.#waybill = await WaybillProcess.start(again);
  }

  async #footprint(): Promise<{ rss: number; heap: number; handles: number }> {
    const reading = await this.#waybill!.ask('settle') as { heapUsedBytes: number };
    return { rss: this.#waybill!.rss(), heap: reading.heapUsedBytes, handles: this.#waybill!.handles().length };
  }

  /** At rest: connections kept alive go after some seconds, garbage after some collections. */
  async #settled(handlesBefore: number): Promise<{ rss: number; heap: number; handles: number }> {
    for (let tries = 0; ; tries += 1) {
      const now = await this.#footprint();
      if ((now.handles <= handlesBefore && tries >= 3) || tries >= 25) return now;
      await sleep(1_000);
    }
  }

  /** Waits until every case of the plan is closed, people helping; or until nothing is open and nothing comes any more, which is for the verdict to judge. */
  async #atRest(people: ShiftPeople): Promise<void> {
    const wanted = expectedCases(this.#plan);
    const until = performance.now() + this.#options.patienceMs;
    let seen = -1;
    let quietSince = performance.now();
    for (;;) {
      const work = await people.openWork();
      if (work !== undefined && work.casesOpen === 0 && work.casesClosed === wanted) return;
      if (work === undefined || work.events !== seen || work.casesOpen > 0) quietSince = performance.now();
      if (performance.now() - quietSince > QUIET_MS) return;
      if (performance.now() > until) throw new Error(`${wanted} cases were to be closed, this is how it stands: ${JSON.stringify(work)}, ${JSON.stringify(people.deeds)}\n${this.#waybill?.output ?? ''}`);
      // A person looks at exceptions when the flow has done what it can by itself: a reversal may only have been too early.
      if (work !== undefined && work.events === seen) await people.clear();
      seen = work?.events ?? -1;
      await sleep(400);
    }
  }
}
