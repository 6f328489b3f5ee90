import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CuttableLine } from '../../test/support/cuttable-line.ts';
import { Open62541 } from '../../test/support/open62541/open62541.ts';
import { find } from '../../test/support/system-programs.ts';
import { plcFlow } from '../support/flows.ts';
import { freePorts } from '../support/ports.ts';
import { WaybillProcess } from '../support/waybill-process.ts';
import { Changes, LIMIT } from './judge.ts';

/** Tags of the server, each with a trigger: the most that one node takes. */
export const TAGS = 100;

/** A server of open62541 whose tags change, a line to it that can be cut, and a Waybill that watches them; each a process of its own. */
export class Plant {
  readonly server: Open62541;
  readonly line: CuttableLine;
  readonly home: string;
  readonly #folder: string;
  readonly #ports: readonly [number, number];
  #waybill: WaybillProcess | undefined;
  /** Changes a second that are commanded. */
  #rate = 0;
  #up = true;

  private constructor(server: Open62541, line: CuttableLine, folder: string, ports: readonly [number, number]) {
    this.server = server;
    this.line = line;
    this.#folder = folder;
    this.home = path.join(folder, 'home');
    this.#ports = ports;
  }

  static async build(): Promise<Plant> {
    const program = find('open62541');
    if (program === undefined) throw new Error('The OPC UA server is not built; run: bash test/support/open62541/build.sh');
    const folder = mkdtempSync(path.join(tmpdir(), 'waybill-bench-'));
    const server = await Open62541.start(program, { tags: 1, everyMs: 1_000, leastSamplingMs: 0, load: { tags: TAGS, log: path.join(folder, 'changes.txt') } });
    const line = await CuttableLine.to(server.port);
    const [port = 0, mqttPort = 0] = await freePorts(2);
    const plant = new Plant(server, line, folder, [port, mqttPort]);
    try {
      await plant.start();
      await plant.watched();
      return plant;
    } catch (error) {
      await plant.remove();
      throw error;
    }
  }

  /** The one that was started last. */
  get waybill(): WaybillProcess {
    if (this.#waybill === undefined) throw new Error('Waybill was not started.');
    return this.#waybill;
  }

  /** Starts Waybill, or starts it again with the same home. */
  async start(): Promise<void> {
    const [port, mqttPort] = this.#ports;
    this.#waybill = await WaybillProcess.start({
      home: this.home, port, mqttPort, erpUrl: 'http://127.0.0.1:9',
      flow: plcFlow(this.line.url, Array.from({ length: TAGS }, (_none, i) => ({ name: `t${i}`, nodeId: `ns=1;s=Load.Tag${i}` })), LIMIT - 1),
    });
  }

  async load(perSecond: number): Promise<number> {
    this.#rate = perSecond;
    return this.server.load(perSecond);
  }

  /** The server is away for a while; its tags go on with the next number. */
  async restartServer(downMs: number): Promise<void> {
    this.#up = false;
    await this.server.stop('SIGTERM');
    await sleep(downMs);
    await this.server.run(this.changes().count);
    this.#up = true;
    await this.server.load(this.#rate);
  }

  changes(): Changes {
    return Changes.of(path.join(this.#folder, 'changes.txt'), TAGS);
  }

  async counter(name: string): Promise<number> {
    const { counters } = await this.waybill.ask('metrics') as { readonly counters: Readonly<Record<string, number>> };
    return counters[name] ?? 0;
  }

  /** Sessions and subscriptions on the server; undefined while it is away. */
  async counts(): Promise<{ readonly sessions: number; readonly subscriptions: number } | undefined> {
    return this.#up ? this.server.counts() : undefined;
  }

  /** All tags have their first value. */
  watched(): Promise<void> {
    return this.moreThan(TAGS - 1);
  }

  /** Waybill was told of more values than that since it was started. */
  async moreThan(values: number): Promise<void> {
    const last = Date.now() + 60_000;
    while (await this.counter('plc_values') <= values) {
      if (Date.now() > last) throw new Error(`Nothing more is watched:\n${this.waybill.output}`);
      await sleep(5);
    }
  }

  async remove(): Promise<void> {
    await this.#waybill?.end('SIGKILL');
    this.line.close();
    await this.server.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
