import type { MetricReport } from './host-types.ts';

/** Which reports a node takes; names with `*` for any text, several with commas between, '' for all. */
export interface ReportFilter {
  readonly groups: readonly string[];
  readonly edgeNodes: string;
  /** `-` alone: metrics of edge nodes themselves. */
  readonly devices: string;
  readonly metrics: string;
}

/** Compiles a filter once; what it gives is asked for every report. */
export function reportFilter({ groups, edgeNodes, devices, metrics }: ReportFilter): (report: Pick<MetricReport, 'group' | 'edgeNode' | 'device' | 'metric'>) => boolean {
  const isEdgeNode = names(edgeNodes);
  const isDevice = devices.trim() === '-' ? undefined : names(devices);
  const isMetric = names(metrics);
  return ({ group, edgeNode, device, metric }) => (groups.length === 0 || groups.includes(group))
    && isMetric(metric) && isEdgeNode(edgeNode)
    && (isDevice === undefined ? device === undefined : device === undefined ? devices.trim() === '' : isDevice(device));
}

function names(list: string): (name: string) => boolean {
  const patterns = list.split(',').map((one) => one.trim()).filter((one) => one !== '');
  if (patterns.length === 0) return () => true;
  const plain = new Set(patterns.filter((one) => !one.includes('*')));
  const wild = patterns.filter((one) => one.includes('*')).map((one) => one.split('*'));
  return (name) => plain.has(name) || wild.some((parts) => fits(name, parts));
}

/** The parts of a pattern between its stars, found from left to right: never more than one pass over the name. */
function fits(name: string, parts: readonly string[]): boolean {
  const first = parts[0] as string;
  const last = parts.at(-1) as string;
  if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last)) return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = name.indexOf(part, at);
    if (found < 0 || found + part.length > name.length - last.length) return false;
    at = found + part.length;
  }
  return true;
}
