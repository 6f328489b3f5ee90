import type { NodeAPI, Node, NodeDef } from 'node-red';
import { runningWaybill } from './waybill-slot.ts';

export interface SiteNodeConfig {
  readonly siteId: string;
  readonly enterprise: string;
  readonly legalEntity: string;
  /** IANA name; '' is the server's. */
  readonly timeZone: string;
  readonly stallSeconds: number;
  readonly hopLimit: number;
}

/** The site as governed nodes see it. */
export interface SiteNode extends Node {
  readonly site: {
    readonly id: string; readonly enterprise: string; readonly legalEntity: string; readonly timeZone: string;
    readonly stallMs: number; readonly hopLimit: number;
  };
}

/** Registers the site config node. What it leaves empty comes from the settings of this instance. */
export function registerSiteNode(RED: NodeAPI, type: string, migrate: (config: NodeDef & Readonly<Record<string, unknown>>) => SiteNodeConfig): void {
  RED.nodes.registerType(type, function (this: Node, raw: NodeDef) {
    RED.nodes.createNode(this, raw);
    const config = migrate({ ...raw });
    const settings = runningWaybill()?.settings;
    const site: SiteNode['site'] = {
      id: config.siteId || (settings?.site ?? ''),
      enterprise: config.enterprise || (settings?.enterprise ?? ''),
      legalEntity: config.legalEntity || (settings?.legalEntity ?? ''),
      timeZone: config.timeZone || Intl.DateTimeFormat().resolvedOptions().timeZone,
      stallMs: config.stallSeconds * 1_000,
      hopLimit: config.hopLimit,
    };
    Object.assign(this, { site });
    if (site.id === '') this.error('The site node has no site id; give it one.');
  });
}

/** The site of a node's configuration: its site node, else the site of this instance, else why there is none. */
export function siteOf(RED: NodeAPI, nodeId: string): SiteNode['site'] | { readonly problem: string } {
  const node = nodeId === '' ? null : (RED.nodes.getNode(nodeId) as SiteNode | null);
  if (node === null) return { problem: nodeId === '' ? 'No site is set; choose a site node.' : 'The site node is missing or disabled; choose another one.' };
  return node.site.id === '' ? { problem: 'The site node has no site id; give it one.' } : node.site;
}
