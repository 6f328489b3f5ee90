/** First level of every topic of Sparkplug B (tck-id-topic-structure-namespace-a). */
export const NAMESPACE = 'spBv1.0';

const NODE_TYPES = ['NBIRTH', 'NDEATH', 'NDATA'] as const;
const DEVICE_TYPES = ['DBIRTH', 'DDEATH', 'DDATA'] as const;

/** A topic on which an edge node speaks to its host (§4.1). */
export interface EdgeTopic {
  readonly type: (typeof NODE_TYPES)[number] | (typeof DEVICE_TYPES)[number];
  readonly group: string;
  readonly edgeNode: string;
  /** For the types that begin with D. */
  readonly device?: string;
}

/** Undefined for commands, for STATE and for what is no topic of Sparkplug. */
export function edgeTopic(topic: string): EdgeTopic | undefined {
  const [namespace, group, type, edgeNode, device, ...more] = topic.split('/');
  if (namespace !== NAMESPACE || more.length > 0 || !isId(group) || !isId(edgeNode)) return undefined;
  const nodeType = NODE_TYPES.find((known) => known === type);
  if (nodeType !== undefined) return device === undefined ? { type: nodeType, group, edgeNode } : undefined;
  const deviceType = DEVICE_TYPES.find((known) => known === type);
  return deviceType !== undefined && isId(device) ? { type: deviceType, group, edgeNode, device } : undefined;
}

function isId(value: string | undefined): value is string {
  return value !== undefined && isSparkplugId(value);
}

/** Group, edge node, device and host ids are one topic level each, without wildcards (§4.2, §4.3). */
export function isSparkplugId(value: string): boolean {
  return value !== '' && value.length <= 256 && !/[+#/\0]/.test(value);
}

/** tck-id-host-topic-phid-birth-topic. */
export function stateTopic(hostId: string): string {
  return `${NAMESPACE}/STATE/${hostId}`;
}

/** Filters for groups; all of them when none is named. */
export function groupFilters(groups: readonly string[]): readonly string[] {
  return groups.length === 0 ? [`${NAMESPACE}/#`] : [...new Set(groups)].map((group) => `${NAMESPACE}/${group}/#`);
}

/** tck-id-topics-ncmd-topic. */
export function nodeCommandTopic(group: string, edgeNode: string): string {
  return `${NAMESPACE}/${group}/NCMD/${edgeNode}`;
}
