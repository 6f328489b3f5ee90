import type { NodeAPI } from 'node-red';
import { currentWaybill } from '../node-red/current.ts';
import { governedNode } from '../node-red/governed-node.ts';
import type { GovernedConfig } from '../node-red/governed-node.ts';
import { circuitStatus } from '../node-red/retry-status.ts';
import { siteOf } from '../node-red/site-config.ts';
import { eventOutPattern } from '../patterns/event-out.ts';
import type { EventOutConfig } from '../patterns/event-out.ts';
import { circuitOf } from '../patterns/retry.ts';
import { brokerOf } from './broker-node.ts';

type Config = EventOutConfig & GovernedConfig & { readonly site?: string };

/** URN of a site: what an event says it comes from, where the node names no other source. */
export function siteSource(RED: NodeAPI, siteNode: string | undefined): string {
  const settings = currentWaybill()?.settings;
  const site = siteOf(RED, siteNode);
  const part = (text: string | undefined): string => encodeURIComponent(text ?? '');
  return `urn:waybill:${part(site?.enterprise || settings?.enterprise)}:${part(site?.siteId || settings?.site)}`;
}

/** Registers the event out node: a governed step whose effect is that another system has an event. */
export function registerEventOutNode(RED: NodeAPI, type: string, migrate: (config: Readonly<Record<string, unknown>>) => EventOutConfig): void {
  governedNode<Config>(RED, type, {
    outputs: 2, migrate: migrate as unknown as (config: Readonly<Record<string, unknown>>) => Config,
    pattern: (config) => eventOutPattern(config, { source: siteSource(RED, config.site), broker: () => brokerOf(RED, config.broker) }),
    circuit: circuitOf,
    status: (waybill, address, site, config) => {
      const broker = config.to === 'mqtt' ? brokerOf(RED, config.broker) : undefined;
      if (broker !== undefined && 'problem' in broker) return { fill: 'red', shape: 'ring', text: broker.problem };
      return circuitStatus(waybill, address, site, config);
    },
    credentials: { token: { type: 'password' } },
    credentialVariables: ({ tokenVariable = '' }) => ({ token: tokenVariable }),
  });
}
