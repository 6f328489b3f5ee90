/** A site with a morning behind it: what the screenshots show. The goods are the demo ERP's and the same every time. */
import { readFileSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Person, untilIsSo } from '../../demo/shift/person.ts';
import { emptyReport, publishShift, shiftPlan } from '../../src/cli/simulate/index.ts';
import type { PlannedScan, ShiftOptions } from '../../src/cli/simulate/index.ts';
import type { ServiceDefinition } from '../../src/domain/service/index.ts';
import { ROOT } from '../lib/paths.ts';
import type { Product } from '../lib/product.ts';

export interface Site {
  /** The over-receipt that Sam approved. */
  readonly decidedCase: string;
  /** An over-receipt that waits. */
  readonly openTask: string;
  readonly openCase: string;
  readonly exceptionCase: string;
  /** The exception of that case: a pallet that nobody announced. */
  readonly openException: string;
}

interface FlowNode { readonly id: string; readonly type: string; env?: readonly { readonly name: string }[] }

/** How the ERP's services are called in the pictures: what does not work is given up after two tries instead of hours, for there is to be a dead letter. */
export const IMPATIENT: Partial<ServiceDefinition> = { retry: { maxAttempts: 2, maxMinutes: 60, baseDelaySeconds: 1, maxDelaySeconds: 60 } };

/** A home with the receiving flow, which is no template there: the catalogue of the pictures has services alone. */
export function impatientHome(home: string): void {
  const flow = JSON.parse(readFileSync(path.join(ROOT, 'flows/receiving.json'), 'utf8')) as FlowNode[];
  for (const node of flow) {
    if (node.type === 'tab' && node.env !== undefined) node.env = node.env.filter(({ name }) => name !== 'WAYBILL_TEMPLATE');
  }
  mkdirSync(path.join(home, 'node-red'), { recursive: true, mode: 0o700 });
  writeFileSync(path.join(home, 'node-red/flows.json'), JSON.stringify(flow, null, 2));
}

async function scan(product: Product, options: Omit<ShiftOptions, 'seed'>): Promise<readonly PlannedScan[]> {
  const plan = [...shiftPlan({ seed: 1, rate: 40, startAt: Date.now(), reversals: 0, proglove: 0, doubles: 0, dirty: 0, ...options })];
  const report = await publishShift(plan, { url: product.mqttUrl, docks: 2 }, emptyReport());
  if (report.acknowledged !== plan.length) throw new Error(`Only ${report.acknowledged} of ${plan.length} scans were acknowledged.`);
  return plan;
}

async function faults(product: Product, settings: object): Promise<void> {
  const response = await fetch(`${product.erpUrl}/_faults`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(settings) });
  if (!response.ok) throw new Error(`The demo ERP: ${response.status} ${await response.text()}`);
  await response.body?.cancel();
}

/** Lets the morning happen: a mixed shift, goods receipts that were given up, a decision, one more over-receipt that waits. */
export async function morning(product: Product): Promise<Site> {
  const sam = await Person.from(product, 'sam', 'read,decide');
  const alex = await Person.from(product, 'alex', 'read');
  const quiet = (what: string): Promise<true> => untilIsSo(what, 60, async () => {
    const { stepsOpen, tasksOpen, exceptionsOpen, tokensLive, deadLettersOpen } = await alex.counts();
    return tokensLive === 0 && stepsOpen <= tasksOpen + exceptionsOpen + deadLettersOpen ? true : undefined;
  });
  await scan(product, { count: 90, fromScenario: 10, doubles: 0.08, dirty: 0.08, proglove: 0.1 });
  await quiet('The end of the shift\'s work');
  await faults(product, { mode: 'down', paths: ['/goods-receipts'] });
  await scan(product, { count: 2, fromScenario: 400, kinds: ['exact'] });
  await untilIsSo('The dead letters', 60, async () => (await alex.counts()).deadLettersOpen >= 2 || undefined);
  await faults(product, { mode: 'none' });
  const caseOf = async ([first]: readonly PlannedScan[]): Promise<string> => {
    const found = await untilIsSo('The case', 20, () => alex.caseOf(first?.sscc ?? ''));
    return found.caseId;
  };
  const exceptionCase = await caseOf(await scan(product, { count: 1, fromScenario: 0, kinds: ['no-asn'] }));
  const exception = await untilIsSo('The exception', 20, () => alex.exceptionOf(exceptionCase));
  const decidedCase = await caseOf(await scan(product, { count: 1, fromScenario: 3, kinds: ['over-beyond'] }));
  const task = await untilIsSo('The task', 20, async () => (await sam.tasksOf(decidedCase, 'open'))[0]);
  await sam.post(`/tasks/${task.taskId}/open`, {});
  await sleep(1_500);
  await sam.post(`/tasks/${task.taskId}/decision`, { decision: 'approve', comment: 'Agreed with purchasing: the customer takes the rest.', factsHash: task.factsHash }, `pictures-${task.taskId}`);
  await untilIsSo('The end of the decided case', 20, async () => (await alex.get<{ status: string }>(`/cases/${decidedCase}`)).status === 'closed' || undefined);
  const openCase = await caseOf(await scan(product, { count: 1, fromScenario: 6, kinds: ['over-beyond'] }));
  const open = await untilIsSo('The open task', 20, async () => (await sam.tasksOf(openCase, 'open'))[0]);
  return { decidedCase, openTask: open.taskId, openCase, exceptionCase, openException: exception.exceptionId };
}
