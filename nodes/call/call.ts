import type { NodeAPI } from 'node-red';
import { governedNode } from '../../src/engine/node-red/governed-node.ts';
import type { GovernedConfig } from '../../src/engine/node-red/governed-node.ts';
import { callPattern } from '../../src/engine/patterns/call.ts';
import type { CallConfig } from '../../src/engine/patterns/call.ts';
import { circuitStatus, stopStatus } from '../../src/engine/node-red/retry-status.ts';
import { circuitOf } from '../../src/engine/patterns/retry.ts';
import { serviceCallPattern, serviceCircuit } from '../../src/engine/services/service-call-node.ts';
import { migrateCall } from './migrations.ts';
import type { CallNodeConfig } from './migrations.ts';

type Config = CallConfig & GovernedConfig & Pick<CallNodeConfig, 'systemNode' | 'conflictOutput'>;

/** `_ADD_` is the editor's own entry for none. */
const isChosen = (systemNode: string): boolean => systemNode !== '' && systemNode !== '_ADD_';

export default function register(RED: NodeAPI): void {
  governedNode<Config>(RED, 'waybill-call', {
    outputs: 3, migrate: migrateCall as unknown as (config: Readonly<Record<string, unknown>>) => Config,
    pattern: (config) => (isChosen(config.systemNode) ? serviceCallPattern(RED, config, (url) => callPattern({ ...config, url, urlType: 'str' })) : callPattern(config)),
    circuit: (config) => (isChosen(config.systemNode) ? () => serviceCircuit(RED, config) : circuitOf(config)),
    status: (waybill, address, site, config) => stopStatus(waybill, site, config) ?? circuitStatus(waybill, address, site, isChosen(config.systemNode) ? serviceCircuit(RED, config) : config),
    credentials: { token: { type: 'password' } },
    credentialVariables: ({ tokenVariable = '' }) => ({ token: tokenVariable }),
  });
}
