import type { NodeStatus } from 'node-red';
import { numberOf, putAside, type Counts } from './intake-status.ts';

/** What a sparkplug in node shows while it is connected: `3 of 4 edge nodes online · 12 reports`. */
export function sparkplugConnected({ known, online }: { readonly known: number; readonly online: number }, counts: Counts): NodeStatus {
  const nodes = known === 0 ? 'no edge node yet' : `${online} of ${numberOf(known, 'edge node', 'edge nodes')} online`;
  const reports = counts.taken === 0 ? '' : ` · ${numberOf(counts.taken, 'report', 'reports')}`;
  return { fill: online < known ? 'yellow' : 'green', shape: 'dot', text: `${nodes}${reports}${putAside(counts)}` };
}
