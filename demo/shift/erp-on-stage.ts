/** The demo ERP as a process that the demo really kills and starts again. */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../scripts/lib/free-port.ts';
import { startDemoErp } from '../../scripts/start/demo-erp.ts';
import type { RunningErp } from '../../scripts/start/demo-erp.ts';
import type { AsnUnit } from '../../src/cli/simulate/demo-data/index.ts';
import { StoryError } from './person.ts';

interface Receipt { readonly receipt: string; readonly sscc?: string; readonly reference: string; readonly quantity: string }

export class ErpOnStage {
  readonly #home: string;
  #running: RunningErp;

  private constructor(home: string, running: RunningErp) {
    this.#home = home;
    this.#running = running;
  }

  /** Its store and its port are kept in `home`. The port is one of those that nobody takes while the ERP is away. */
  static async start(home: string): Promise<ErpOnStage> {
    writeFileSync(join(home, 'demo-erp.json'), `${JSON.stringify({ port: await freePort() })}\n`);
    return new ErpOnStage(home, await startDemoErp(home));
  }

  get url(): string {
    return this.#running.url;
  }

  get pid(): number {
    return this.#running.process.pid ?? 0;
  }

  /** Ends its process at once, whatever it is doing. */
  async kill(): Promise<void> {
    const { process: child } = this.#running;
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  async startAgain(): Promise<void> {
    const { url } = this.#running;
    this.#running = await startDemoErp(this.#home);
    if (this.#running.url !== url) throw new StoryError(`The ERP came back at ${this.#running.url} instead of ${url}.`);
  }

  async answers(): Promise<boolean> {
    try {
      return (await fetch(`${this.url}/_stats`, { signal: AbortSignal.timeout(2_000) })).ok;
    } catch (error) {
      if (error instanceof Error) return false;
      throw error;
    }
  }

  async addShipNotice(asn: AsnUnit): Promise<void> {
    const response = await fetch(`${this.url}/_seed`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ asns: [asn] }) });
    if (!response.ok) throw new StoryError(`The ERP does not take the ship notice: ${response.status} ${await response.text()}`);
    await response.body?.cancel();
  }

  /** Every goods receipt it has. */
  async receipts(): Promise<readonly Receipt[]> {
    const all: Receipt[] = [];
    let after: string | undefined;
    do {
      const page = await (await fetch(`${this.url}/goods-receipts?limit=1000${after === undefined ? '' : `&after=${after}`}`)).json() as { readonly items: readonly Receipt[]; readonly next?: string };
      all.push(...page.items);
      after = page.next;
    } while (after !== undefined);
    return all;
  }

  stop(): Promise<void> {
    return this.#running.stop();
  }
}
