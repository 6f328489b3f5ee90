import type { RegisteredStep, StepRegistry } from '../step-registry.ts';

/** A node of the running flows, governed or plain. */
export interface FlowNode {
  readonly type: string;
  readonly name?: string;
  readonly wires: readonly (readonly string[])[];
  /** Ids of the `link in` nodes that a `link out` node leads to. */
  readonly links?: readonly string[];
  /** What the flow's author calls the outputs. */
  readonly outputLabels?: readonly string[];
}

/** Gives the nodes that run now; undefined for one that is not there, or disabled. */
export type FlowReader = (nodeId: string) => FlowNode | undefined;

/** Plain nodes that are looked through from one output; a flow that has more between two steps is drawn without the rest. */
const maxPlain = 2_000;

const portNames: Readonly<Record<string, readonly string[]>> = {
  'waybill-approval': ['approved', 'rejected', 'rework', 'expired'],
  'waybill-validate': ['valid', 'invalid'],
  'waybill-call': ['done', 'refused'],
  'waybill-erp': ['done', 'refused'],
  'waybill-wms': ['done', 'refused'],
  'waybill-plc-out': ['done', 'refused'],
  'waybill-event-out': ['sent', 'refused'],
  'waybill-retry': ['attempt', 'gave up'],
  'waybill-case-open': ['opened', 'repeat'],
  'waybill-gather': ['complete', 'partial'],
  'waybill-compensate': ['onwards', 'undo'],
};

/** What an output is called: by the flow's author, else by the type of the node; undefined where there is only one. */
export function portLabel(step: RegisteredStep | undefined, nodeType: string, port: number, read: FlowReader): string | undefined {
  const own = step === undefined ? undefined : read(step.node.id)?.outputLabels?.[port];
  return own !== undefined && own !== '' ? own : step?.registration.portNames?.[port] ?? portNames[nodeType]?.[port];
}

/** The governed steps that a message comes to from these nodes, through plain nodes, links and subflows. */
export function stepsBehind(targets: readonly string[], registry: StepRegistry, read: FlowReader): readonly RegisteredStep[] {
  const seen = new Set<string>();
  const steps: RegisteredStep[] = [];
  const queue = [...targets];
  for (let id = queue.shift(); id !== undefined && seen.size < maxPlain; id = queue.shift()) {
    if (seen.has(id)) continue;
    seen.add(id);
    const step = registry.byNode(id);
    if (step !== undefined) {
      steps.push(step);
      continue;
    }
    const node = read(id);
    if (node !== undefined) queue.push(...node.wires.flat(), ...node.links ?? []);
  }
  return steps;
}
