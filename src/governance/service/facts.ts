import { serviceReference } from '../../domain/service/index.ts';
import type { ServiceFacts } from '../../domain/service/index.ts';
import type { ServiceRuleFacts } from '../gate/rules/rule.ts';

/** A version of a service as rules need it. */
export function serviceRuleFacts({ definition: { id, version, owner, system, operations, offered }, status, sunset, successor }: ServiceFacts): ServiceRuleFacts {
  const requests = Object.fromEntries(Object.entries(operations).flatMap(([name, { request }]) => (typeof request === 'object' ? [[name, request]] : [])));
  return { id, version, owner, system, operations: Object.keys(operations), requests, ...(offered === undefined ? {} : { offered: true }), status, ...(sunset === undefined ? {} : { sunset }), ...(successor === undefined ? {} : { successor }) };
}

/** By `family/name@1.2.0`. */
export function serviceRuleFactsOf(services: readonly ServiceFacts[]): ReadonlyMap<string, ServiceRuleFacts> {
  return new Map(services.map((each) => [serviceReference(each.definition), serviceRuleFacts(each)]));
}
