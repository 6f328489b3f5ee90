import type { NodeAPI } from 'node-red';
import type { StepPattern } from '../api.ts';
import type { CircuitDeclaration } from '../circuits.ts';
import { currentWaybill } from '../node-red/current.ts';
import { ConfigError } from '../patterns/typed.ts';
import { serviceCallPattern as callOf } from './service-call.ts';
import type { ServiceCallConfig } from './service-call.ts';
import { systemOf } from './system-node.ts';

type Config = Omit<ServiceCallConfig, 'maxAttempts' | 'maxMinutes'> & { readonly systemNode: string };

/**
 * The call of a service by a node that names its system: retries, times and limits are the service's.
 * @param before carries on what the node began when the address stood in it
 */
export function serviceCallPattern(RED: NodeAPI, { systemNode, service, operation, body, bodyType, recordAs, milestone, conflictOutput, mapRequest, mapAnswer, asBusiness }: Config, before?: (url: string) => StepPattern): StepPattern {
  return callOf({ service, operation, body, bodyType, recordAs, milestone, conflictOutput, mapRequest, mapAnswer, ...(asBusiness === undefined ? {} : { asBusiness }) }, () => {
    const system = systemOf(RED, systemNode);
    if ('problem' in system) throw new ConfigError(system.problem);
    return system;
  }, before);
}

/** What the service says of the traffic to its system, as far as both are known by now. */
export function serviceCircuit(RED: NodeAPI, { systemNode, service }: Pick<Config, 'systemNode' | 'service'>): CircuitDeclaration {
  const system = systemOf(RED, systemNode);
  if ('problem' in system) return { system: '' };
  const { circuit, limits } = currentWaybill()?.services.service(service)?.definition ?? {};
  return {
    system: system.settings.name,
    ...(circuit === undefined || circuit.failures <= 0 ? {} : { threshold: circuit.failures, openMs: circuit.openSeconds * 1_000 }),
    ...(limits === undefined || limits.concurrency <= 0 ? {} : { concurrency: limits.concurrency }),
  };
}
