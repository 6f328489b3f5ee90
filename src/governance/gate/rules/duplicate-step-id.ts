import { instanceOfBlock, instanceOnTab } from './addresses.ts';
import type { FlowNode, Flows } from './flows.ts';
import { isVariable } from './property.ts';
import type { Breach, Rule } from './rule.ts';
import { idOfSubflow } from './subflows.ts';
import { called, shortened } from './words.ts';

/** Where a step id was seen first. */
type Taken = Map<string, FlowNode>;

const where = (flows: Flows, node: FlowNode): string => {
  const place = flows.byId.get(node.z ?? '');
  const label = place?.label || place?.name || '';
  return label === '' ? called(node) : `${called(node)} on "${label}"`;
};

/** A key of two texts of which no other two give the same. */
const key = (a: string, b: string): string => JSON.stringify([a, b]);

function* ofSteps(flows: Flows, taken: Taken): Generator<Breach> {
  for (const node of flows.nodes) {
    const stepId = node['stepId'];
    if (!node.type.startsWith('waybill-') || typeof stepId !== 'string' || stepId === '') continue;
    if (isVariable(stepId)) {
      yield { node, property: 'stepId', about: 'variable', message: `The step id of ${called(node)} is the variable ${shortened(stepId)}: cases rest at this id, and would lose their place when the variable changes.`, mend: 'Write the step id itself.' };
      continue;
    }
    const block = flows.byId.get(node.z ?? '')?.type === 'subflow';
    const address = block ? key(`subflow:${node.z ?? ''}`, stepId) : key(instanceOnTab(flows, node), stepId);
    const first = taken.get(address);
    if (first === undefined) taken.set(address, node);
    else {
      yield {
        node, property: 'stepId', about: stepId,
        message: `The step id "${stepId}" is taken by ${where(flows, first)}, so the ledger could not tell the two steps apart.`,
        mend: 'Give this step an id of its own.',
      };
    }
  }
}

/** Instances of blocks that share a name: each step of theirs would be there twice. */
function* ofInstances(flows: Flows, taken: Taken): Generator<Breach> {
  const looked = new Map<string, FlowNode>();
  for (const instance of flows.nodes) {
    const subflow = idOfSubflow(instance.type);
    if (subflow === undefined) continue;
    const steps = stepIdsIn(flows, subflow);
    if (steps.length === 0) continue;
    const name = instanceOfBlock(flows, instance);
    const twin = looked.get(key(name, subflow));
    looked.set(key(name, subflow), instance);
    const first = twin ?? steps.map((stepId) => taken.get(key(name, stepId))).find((other) => other !== undefined);
    if (first !== undefined) {
      yield {
        node: instance, property: 'WAYBILL_INSTANCE', about: name,
        message: `The instance name "${name}" is that of ${where(flows, first)} as well, and steps in both have the same id.`,
        mend: 'Give each its own WAYBILL_INSTANCE, or none.',
      };
    } else for (const stepId of steps) taken.set(key(name, stepId), instance);
  }
}

function stepIdsIn(flows: Flows, subflow: string): readonly string[] {
  return flows.on(subflow).flatMap(({ type, stepId }) => (type.startsWith('waybill-') && typeof stepId === 'string' && stepId !== '' ? [stepId] : []));
}

export const duplicateStepId: Rule = {
  code: 'duplicate-step-id',
  title: 'A step id is there once in its instance',
  level: 'error',
  *check(flows) {
    const taken: Taken = new Map();
    yield* ofSteps(flows, taken);
    yield* ofInstances(flows, taken);
  },
};
