import path from 'node:path';
import { ROOT } from '../../scripts/lib/paths.ts';
import { MeasuredProcess } from './measured-process.ts';

/** Counts of the demo ERP (GET /_stats). */
export interface ErpStats { readonly receipts: number; readonly requests: number; readonly posted: number; readonly replayed: number; readonly faultsInjected: Readonly<Record<string, number>> }

/** A receipt as the demo ERP lists it. */
export interface ErpReceipt { readonly receipt: string; readonly reference: string; readonly po: string; readonly line: string; readonly quantity: string; readonly idempotencyKey: string; readonly reversalOf?: string }

/** The demo ERP in a process of its own. */
export class ErpProcess extends MeasuredProcess {
  url = '';

  /** @param scenarios how many of seed 1's receiving scenarios an empty store gets */
  static async start(store: string, scenarios = 0): Promise<ErpProcess> {
    const erp = new ErpProcess({ script: [path.join(ROOT, 'demo/erp/main.ts'), '--port', '0', '--store', store, '--scenarios', String(scenarios)] });
    const [, port] = await erp.printed(/\{"listening":\s*(\d+)\}/);
    erp.url = `http://127.0.0.1:${port ?? ''}`;
    return erp;
  }

  async post(pathname: '/_seed' | '/_faults', body: object): Promise<void> {
    const response = await fetch(`${this.url}${pathname}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`POST ${pathname}: ${response.status} ${await response.text()}`);
    await response.body?.cancel();
  }

  async stats(): Promise<ErpStats> {
    return (await fetch(`${this.url}/_stats`)).json() as Promise<ErpStats>;
  }

  /** Every receipt in its store. */
  async receipts(): Promise<readonly ErpReceipt[]> {
    const all: ErpReceipt[] = [];
    let after: string | undefined;
    do {
      const page = await (await fetch(`${this.url}/goods-receipts?limit=1000${after === undefined ? '' : `&after=${after}`}`)).json() as { items: ErpReceipt[]; next?: string };
      all.push(...page.items);
      after = page.next;
    } while (after !== undefined);
    return all;
  }
}
