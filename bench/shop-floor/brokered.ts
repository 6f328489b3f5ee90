import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Mosquitto } from '../../test/intake/mqtt/support/mosquitto.ts';
import { find } from '../../test/support/system-programs.ts';
import type { LoadOrder } from '../support/load.ts';
import { intakeOnlyFlow } from '../support/flows.ts';
import { freePorts } from '../support/ports.ts';
import { WaybillProcess } from '../support/waybill-process.ts';

/** A Mosquitto with an unbounded queue and a home beside it, removed at the end. */
export interface Bench {
  readonly broker: Mosquitto;
  readonly folder: string;
  readonly home: string;
  /** The same settings for every start, so that a later one goes on where the last was killed. */
  waybill(nodeOptions?: readonly string[]): Promise<WaybillProcess>;
}

/** @param settings further lines of mosquitto.conf */
export async function withMosquitto<T>(work: (bench: Bench) => Promise<T>, flow = intakeOnlyFlow(), settings: readonly string[] = []): Promise<T> {
  const program = find('mosquitto');
  if (program === undefined) throw new Error('mosquitto is not installed; on Debian: apt install mosquitto');
  const folder = mkdtempSync(path.join(tmpdir(), 'waybill-bench-'));
  const broker = await Mosquitto.start(program, ['max_inflight_messages 2000', ...settings]);
  const [port = 0] = await freePorts(1);
  const home = path.join(folder, 'home');
  try {
    return await work({
      broker, folder, home,
      waybill: (nodeOptions = []) => WaybillProcess.start({ home, port, mqttUrl: broker.url, erpUrl: 'http://127.0.0.1:9', flow, nodeOptions }),
    });
  } finally {
    await broker.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Handling units of their own from eight connections; message `i` is of device `i % 16`. */
export const order: Pick<LoadOrder, 'connections' | 'what'> = { connections: 8, what: 'units' };

/** Scans that became cases since the process started. */
export async function opened(waybill: WaybillProcess): Promise<number> {
  const { counters } = await waybill.ask('metrics') as { readonly counters: Readonly<Record<string, number>> };
  return counters['scans_opened'] ?? 0;
}

/** Waits until so many are open, or nothing more comes for twenty seconds. @returns how many there are */
export async function until(wanted: number, read: () => Promise<number>, watch: () => void = () => undefined): Promise<number> {
  let last = -1;
  let since = performance.now();
  for (;;) {
    const now = await read();
    watch();
    if (now !== last) since = performance.now();
    last = now;
    if (now >= wanted || performance.now() - since > 20_000) return now;
    await sleep(50);
  }
}

/** The most resident memory that was seen, bytes. */
export class Peak {
  bytes = 0;
  readonly #timer: NodeJS.Timeout;
  constructor(read: () => number) {
    this.#timer = setInterval(() => { this.bytes = Math.max(this.bytes, read()); }, 200);
  }
  stop(): void {
    clearInterval(this.#timer);
  }
}
