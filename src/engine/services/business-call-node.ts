import type { NodeAPI } from 'node-red';
import { governedNode } from '../node-red/governed-node.ts';
import type { GovernedConfig } from '../node-red/governed-node.ts';
import { circuitStatus } from '../node-red/retry-status.ts';
import { serviceCallPattern, serviceCircuit } from './service-call-node.ts';

/** Configuration of an `erp` or `wms` node. */
export interface BusinessCallConfig extends GovernedConfig {
  readonly systemNode: string; readonly business: string; readonly service: string; readonly operation: string;
  readonly body: string; readonly bodyType: string; readonly recordAs: string; readonly milestone: string; readonly conflictOutput: boolean;
}

/** Registers a node that calls what the business calls a thing: the same as `call`, with the mappings that the service brings. */
export function registerBusinessCall(RED: NodeAPI, type: string, migrate: (config: Readonly<Record<string, unknown>>) => object): void {
  governedNode<BusinessCallConfig>(RED, type, {
    outputs: 3, migrate: migrate as (config: Readonly<Record<string, unknown>>) => BusinessCallConfig,
    pattern: (config) => serviceCallPattern(RED, { ...config, asBusiness: config.business }),
    circuit: (config) => serviceCircuit(RED, config),
    status: (waybill, address, site, config) => circuitStatus(waybill, address, site, serviceCircuit(RED, config)),
  });
}
