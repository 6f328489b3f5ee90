import { readServiceReference, serviceReference, sunsetAt } from '../../../domain/service/index.ts';
import type { FlowNode, Flows } from './flows.ts';
import { textOf, textsOf } from './property.ts';
import type { RuleContext, ServiceRuleFacts } from './rule.ts';

/** Nodes that use a service of a system. */
const CALLS: readonly string[] = ['waybill-call', 'waybill-erp', 'waybill-wms', 'waybill-file-in', 'waybill-queue-in'];

/** Config nodes that stand for an installation of a system at this site. */
export const SYSTEM = 'waybill-system';

/** A node that calls, with what it says of the service. */
export interface ServiceCall {
  readonly node: FlowNode;
  /** The config node of its system; undefined when the address stands in the node. */
  readonly system: FlowNode | undefined;
  /** What it names, as far as it is known here: a variable that is filled in later says nothing. */
  readonly named: string | undefined;
  /** `family/name@1.2.0`; undefined when what it names is no version of a registered service. */
  readonly reference: string | undefined;
  /** What the catalogue says of that version. */
  readonly facts: ServiceRuleFacts | undefined;
}

function systemOf(flows: Flows, node: FlowNode): FlowNode | undefined {
  return ['systemNode', 'system'].map((property) => flows.byId.get(textOf(node, property))).find((each) => each?.type === SYSTEM);
}

/** Every call in the flows; a node in a block whose service is a parameter counts once for each value. */
export function* serviceCalls(flows: Flows, { services }: RuleContext): Generator<ServiceCall> {
  for (const node of CALLS.flatMap((type) => flows.ofType(type))) {
    const system = systemOf(flows, node);
    const names = textOf(node, 'service').trim() === '' ? [''] : textsOf(flows, node, 'service').map((text) => text.trim());
    for (const named of names.length === 0 ? [undefined] : new Set(names)) {
      const read = named === undefined ? undefined : readServiceReference(named);
      const reference = read === undefined ? undefined : serviceReference(read);
      yield { node, system, named, reference, facts: reference === undefined ? undefined : services?.get(reference) };
    }
  }
}

/** A node that answers an operation for other systems. */
export interface ServiceOffer extends Omit<ServiceCall, 'system'> { readonly operations: readonly string[] }

/** Every node that answers for Waybill; a node in a block whose service is a parameter counts once for each value. */
export function* serviceOffers(flows: Flows, { services }: RuleContext): Generator<ServiceOffer> {
  for (const node of flows.ofType('waybill-service-in')) {
    const names = textOf(node, 'service').trim() === '' ? [''] : textsOf(flows, node, 'service').map((text) => text.trim());
    const operations = textOf(node, 'operation').trim() === '' ? [''] : textsOf(flows, node, 'operation');
    for (const named of new Set(names)) {
      const read = readServiceReference(named);
      const reference = read === undefined ? undefined : serviceReference(read);
      yield { node, named, reference, operations, facts: reference === undefined ? undefined : services?.get(reference) };
    }
  }
}

/** Retired by its status, or because its sunset has come. */
export function isRetired({ status, sunset }: ServiceRuleFacts, now: string): boolean {
  return status === 'retired' || (status === 'deprecated' && sunset !== undefined && !(sunsetAt(sunset) > Date.parse(now)));
}

/** What to do about a version that goes. */
export function moveOn({ successor, owner }: ServiceRuleFacts): string {
  return successor === undefined ? `Ask its owner (${owner}) what takes its place.` : `Choose ${successor} in the node; its page says what changed.`;
}
