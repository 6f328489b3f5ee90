/**
 * What the deploy gate costs: the real gate over a real ledger judges, records and copies deploys of flows that are made
 * of the receiving flow, tab after tab. The yardstick is that the same flows are written as JSON and read again, which
 * Node-RED itself does several times in a deploy.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ROOT } from '../scripts/lib/paths.ts';
import { openEngine } from '../src/engine/runtime.ts';
import type { FlowNode } from '../src/engine/governance/port.ts';

export interface GateFigures {
  readonly nodes: number;
  readonly bytes: number;
  /** Judging alone, ms. */
  readonly judgeMs: Spread;
  /** All that a deploy takes longer: judged, noted as pending, recorded in the ledger, copied. */
  readonly deployMs: Spread;
  /** Processor time of that, all threads, ms, p50: what other work on the machine does not change. */
  readonly deployCpuMs: number;
  /** JSON.stringify and JSON.parse of the same flows, ms. */
  readonly jsonMs: Spread;
}
export interface Spread { readonly p50: number; readonly p95: number; readonly max: number }

const SIZES = [500, 5_000, 20_000];

function receiving(): readonly FlowNode[] {
  return JSON.parse(readFileSync(path.join(ROOT, 'flows/receiving.json'), 'utf8')) as FlowNode[];
}

/** Copies of the flow with ids of their own, until there are so many nodes. Config nodes are shared. */
export function flowsOf(nodes: number): readonly FlowNode[] {
  const one = receiving();
  const shared = new Set(one.filter(({ z, type }) => z === undefined && type !== 'tab').map(({ id }) => id));
  const flows: FlowNode[] = one.filter(({ id }) => shared.has(id));
  for (let copy = 0; flows.length < nodes; copy += 1) {
    const ids = new Map(one.filter(({ id }) => !shared.has(id)).map(({ id }) => [id, `${copy.toString(16).padStart(4, '0')}${id.slice(4)}`]));
    const text = JSON.stringify(one.filter(({ id }) => !shared.has(id))).replace(/"([0-9a-f]{16})"/g, (all, id: string) => (ids.has(id) ? `"${ids.get(id)!}"` : all));
    for (const node of JSON.parse(text) as FlowNode[]) {
      flows.push(node.type === 'tab' ? { ...node, env: [{ name: 'WAYBILL_INSTANCE', type: 'str', value: `receiving-${copy}` }] } : node);
    }
  }
  return flows.slice(0, nodes);
}

function spread(samples: readonly number[]): Spread {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  return { p50: at(0.5), p95: at(0.95), max: sorted.at(-1) ?? 0 };
}

async function timed(rounds: number, work: (round: number) => unknown): Promise<Spread> {
  const samples: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const from = performance.now();
    await work(round);
    samples.push(performance.now() - from);
  }
  // The first ones are still being compiled.
  return spread(samples.slice(Math.min(2, rounds - 1)));
}

export async function benchGate(rounds: number): Promise<readonly GateFigures[]> {
  const home = mkdtempSync(path.join(tmpdir(), 'waybill-bench-gate-'));
  const engine = await openEngine({ settings: { home, site: 'dc-1', enterprise: 'acme', legalEntity: 'acme-gmbh', publicUrl: undefined, mqttUrl: undefined, erpUrl: undefined, gate: 'warn' } });
  try {
    const { gate } = engine.governance;
    const figures: GateFigures[] = [];
    for (const nodes of SIZES) {
      const flows = flowsOf(nodes);
      // Another name each time: no judgement is used again.
      const changed = (round: number): readonly FlowNode[] => flows.map((node, i) => (i === flows.length - 1 ? { ...node, name: `round ${round}` } : node));
      const jsonMs = await timed(rounds, () => JSON.parse(JSON.stringify(flows)));
      await gate.deploy({ scope: '', flows, user: undefined, save: () => Promise.resolve(), credentials: () => Promise.resolve({}) });
      const judgeMs = await timed(rounds, (round) => gate.judge(changed(round), 'deploy', undefined));
      const cpu: number[] = [];
      const deployMs = await timed(rounds, async (round) => {
        const from = process.cpuUsage();
        await gate.deploy({ scope: '', flows: changed(round + rounds), user: undefined, save: () => Promise.resolve(), credentials: () => Promise.resolve({}) });
        const { user, system } = process.cpuUsage(from);
        cpu.push((user + system) / 1_000);
      });
      figures.push({ nodes, bytes: JSON.stringify(flows).length, judgeMs, deployMs, deployCpuMs: spread(cpu.slice(2)).p50, jsonMs });
    }
    return figures;
  } finally {
    await engine.close();
    rmSync(home, { recursive: true, force: true });
  }
}
