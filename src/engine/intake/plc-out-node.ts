import type { NodeAPI } from 'node-red';
import { answerLatest, OpcUaTags } from '../../intake/opcua/index.ts';
import type { OpcUaConnection } from '../../intake/opcua/index.ts';
import type { CircuitDeclaration } from '../circuits.ts';
import { governedNode } from '../node-red/governed-node.ts';
import type { GovernedConfig } from '../node-red/governed-node.ts';
import { circuitStatus } from '../node-red/retry-status.ts';
import type { PlcLink, PlcOutConfig } from '../patterns/plc-out/config.ts';
import { plcOutPattern } from '../patterns/plc-out/plc-out.ts';
import { circuitOf } from '../patterns/retry.ts';
import { opcUaOf, opcUaStatus } from './opcua-endpoint-node.ts';

type Config = PlcOutConfig & GovernedConfig;

const tagsOf = new WeakMap<OpcUaConnection, OpcUaTags>();

/** The controller of an endpoint node, as it is deployed now. */
export function plcOf(RED: Pick<NodeAPI, 'nodes'>, endpoint: string): PlcLink | { readonly problem: string } {
  const link = opcUaOf(RED, endpoint);
  if ('problem' in link) return link;
  let tags = tagsOf.get(link.connection);
  if (tags === undefined) tagsOf.set(link.connection, tags = new OpcUaTags(link.connection));
  return { tags, name: link.name, answer: (answer) => answerLatest(link.connection, answer) };
}

/** Registers the plc out node: a governed step whose effect is at a controller. Nodes of one endpoint share its circuit. */
export function registerPlcOutNode(RED: NodeAPI, type: string, migrate: (config: Readonly<Record<string, unknown>>) => PlcOutConfig): void {
  const systemOf = ({ endpoint }: PlcOutConfig): string => {
    const link = opcUaOf(RED, endpoint);
    return 'problem' in link ? 'plc' : link.name;
  };
  governedNode<Config>(RED, type, {
    outputs: 2, migrate: migrate as unknown as (config: Readonly<Record<string, unknown>>) => Config,
    pattern: (config) => plcOutPattern(config, () => plcOf(RED, config.endpoint), systemOf(config)),
    circuit: (config): CircuitDeclaration | undefined => circuitOf({ system: systemOf(config), circuitFailures: config.circuitFailures ?? 0, openSeconds: config.openSeconds ?? 30 }),
    status: (waybill, address, site, config) => {
      const link = opcUaOf(RED, config.endpoint);
      if ('problem' in link) return { fill: 'red', shape: 'ring', text: link.problem };
      const { kind } = link.connection.state;
      return kind === 'connected' ? circuitStatus(waybill, address, site, { system: link.name }) : opcUaStatus(link.connection.state);
    },
  });
}
