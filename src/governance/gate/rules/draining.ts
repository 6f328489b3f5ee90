import type { FlowNode, Flows } from './flows.ts';
import { nodesOfTemplate } from './installed.ts';
import type { InstalledTemplate } from './installed.ts';
import { readFlows } from './read-flows.ts';
import type { RuleContext, TemplateFacts } from './rule.ts';

/** Nodes that bring nothing in by themselves, whatever is wired to them. */
const QUIET: ReadonlySet<string> = new Set(['link in', 'comment', 'group', 'catch', 'status', 'complete', 'tab', 'subflow']);

/** The steps that take scans, events and reports in by themselves, and open their cases. */
const INTAKES: ReadonlySet<string> = new Set(['waybill-scan-in', 'waybill-plc-in', 'waybill-sparkplug-in', 'waybill-event-in', 'waybill-service-in', 'waybill-file-in', 'waybill-queue-in']);

/**
 * What takes cases in by itself on the tabs of a flow: scans and reports, Node-RED's own sources, and what only these lead to. All other
 * steps of Waybill stay, for cases may be open at them.
 */
export function intakeOf(nodes: readonly FlowNode[]): ReadonlySet<string> {
  const tabs = new Set(nodes.filter(({ type }) => type === 'tab').map(({ id }) => id));
  const candidates = nodes.filter((node) => tabs.has(node.z ?? '') && ('x' in node || Array.isArray(node.wires)) && !QUIET.has(node.type));
  const gone = new Set(candidates.filter(({ type }) => INTAKES.has(type)).map(({ id }) => id));
  for (let before = -1; before !== gone.size;) {
    before = gone.size;
    const fed = new Set(nodes.filter(({ id }) => !gone.has(id)).flatMap(({ wires = [] }) => wires.flat()));
    for (const { id, type } of candidates) if (!type.startsWith('waybill-') && !fed.has(id)) gone.add(id);
  }
  return gone;
}

/** Members that list other nodes. */
const LISTS = ['links', 'scope', 'nodes'] as const;

/** A flow without its intake: it takes nothing in any more, and finishes the cases that it has. */
export function withoutIntake(nodes: readonly FlowNode[], intake: ReadonlySet<string> = intakeOf(nodes)): readonly FlowNode[] {
  const stays = (id: unknown): boolean => typeof id !== 'string' || !intake.has(id);
  return nodes.filter(({ id }) => stays(id)).map((node) => {
    const lists = LISTS.filter((name) => Array.isArray(node[name]) && !(node[name] as readonly unknown[]).every(stays));
    return lists.length === 0 ? node : { ...node, ...Object.fromEntries(lists.map((name) => [name, (node[name] as readonly unknown[]).filter(stays)])) };
  });
}

/**
 * True for a version that only finishes the cases that it has: nothing leads into it from outside, and it takes nothing in by itself.
 * Whether it is still as it was signed is another question.
 */
export function isDraining(flows: Flows, { kind, containers }: Pick<InstalledTemplate, 'kind' | 'containers'>): boolean {
  if (kind === 'block') {
    const instances = containers.flatMap(({ id }) => flows.instancesOf(id));
    return instances.length > 0 && instances.every(({ id }) => flows.into(id).length === 0) && !containers.some(({ id }) => flows.on(id).some(({ type }) => INTAKES.has(type)));
  }
  const places = new Set(containers.map(({ id }) => id));
  const isFed = containers.flatMap(({ id }) => flows.on(id)).some(({ id }) => flows.into(id).some(({ z }) => !places.has(z ?? '')));
  return !isFed && intakeOf(nodesOfTemplate(flows, containers)).size === 0;
}

const hashes = new WeakMap<readonly FlowNode[], string | undefined>();

/** Content hash that an installed flow has without its intake; undefined for a block, and for a flow that has none of its own. */
export function drainingHash({ kind, flow }: Pick<TemplateFacts, 'kind' | 'flow'>, contentHash: NonNullable<RuleContext['contentHash']>): string | undefined {
  if (kind !== 'flow' || flow === undefined) return undefined;
  if (!hashes.has(flow)) hashes.set(flow, hashOf(flow, contentHash));
  return hashes.get(flow);
}

function hashOf(flow: readonly FlowNode[], contentHash: NonNullable<RuleContext['contentHash']>): string | undefined {
  const intake = intakeOf(flow);
  if (intake.size === 0) return undefined;
  const rest = readFlows(withoutIntake(flow, intake));
  return contentHash(nodesOfTemplate(rest, rest.tabs));
}
