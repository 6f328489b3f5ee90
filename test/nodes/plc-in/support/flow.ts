import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { RunningPlc } from '../../../../src/engine/intake/plc-in-node.ts';
import { end, eventually, step, type FlowNode, type Rig } from '../../support/rig.ts';

type Config = Readonly<Record<string, unknown>>;

export const TAG = { name: 'count', nodeId: 'ns=1;s=Line.Tag0', samplingMs: 0 };
export const COUNTED = { name: 'counted', kind: 'change', tag: 'count' };

/** A plc in node `in` that leads to the end of its case. */
export function plcFlow(url: string, config: Config = {}, endpoint: Config = {}): FlowNode[] {
  return [
    { id: 'site', type: 'waybill-site', siteId: 'dc-1', enterprise: 'acme', configVersion: 1 },
    { id: 'plc', type: 'waybill-opcua-endpoint', name: 'Line 1', url, securityMode: 'none', securityPolicy: 'auto', identity: 'anonymous', userCertificate: '', outageSeconds: 60, configVersion: 1, ...endpoint },
    step('plc-in', 'in', { site: 'site', endpoint: 'plc', mode: 'values', tags: [TAG], triggers: [COUNTED], publishingMs: 100, process: 'inventory-movement', template: 'shop-floor@1.0.0', wires: [['done']], ...config }),
    end('done'),
  ];
}

export function running(rig: Rig): RunningPlc {
  const { plc } = rig.node('in') as unknown as { readonly plc?: RunningPlc };
  if (plc === undefined) throw new Error('the plc in node does not run');
  return plc;
}

export function shown(rig: Rig): string {
  return String(rig.shown('in').at(-1)?.text ?? '');
}

export const connected = (rig: Rig): Promise<true> => eventually(() => (running(rig).link.connection.state.kind === 'connected' ? true : undefined));

interface Opened { readonly caseId: string; readonly plc: Readonly<Record<string, unknown>>; readonly occurredAt: string }

/** First facts of all cases, in the order in which they were opened. */
export async function opened(rig: Rig): Promise<readonly Opened[]> {
  return (await rig.engine.ledger.readAll(1, 100_000)).flatMap((event) => (event.type === 'CaseOpened' && event.caseId !== undefined
    ? [{ caseId: event.caseId, plc: (event.content?.document as { readonly plc: Opened['plc'] }).plc, occurredAt: event.occurredAt }] : []));
}

/** What the ledger has of gaps of controllers, oldest first. */
export async function gaps(rig: Rig): Promise<readonly Readonly<Record<string, unknown>>[]> {
  return (await rig.engine.ledger.readAll(1, 100_000)).flatMap((event) => (event.type === 'GapRecorded' && event.data.what === 'plc' ? [{ ...event.data }] : []));
}

/** The same flow on the same ledger in a process that can be killed. */
export class Killable {
  readonly #process: ChildProcess;
  cases = 0;

  constructor(home: string, flow: readonly FlowNode[]) {
    const child = spawn(process.execPath, [path.join(import.meta.dirname, 'node-process.ts'), home, JSON.stringify([{ id: 'tab', type: 'tab', label: 'Test' }, ...flow])], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#process = child;
    createInterface({ input: child.stdout as NonNullable<typeof child.stdout> }).on('line', (line) => { if (line.startsWith('opened ')) this.cases = Number(line.slice(7)); });
  }

  async kill(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const exited = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await exited;
  }
}
