import type { NodeAPI, Node, NodeDef } from 'node-red';
import { currentWaybill } from '../node-red/current.ts';
import { isTimeZone } from '../sites.ts';
import { siteOf } from '../node-red/site-config.ts';

export interface SiteNodeConfig {
  readonly siteId: string;
  readonly legalEntity: string;
  readonly timeZone: string;
}

/** A site as an intake works with it. */
export interface IntakeSite {
  readonly id: string;
  readonly enterprise: string;
  /** GS1's number of the site, '' where it has none. */
  readonly gln: string;
  readonly stallMs: number | undefined;
  readonly hopLimit: number | undefined;
}

/** Registers the site config node. It only holds its configuration; whoever needs it reads it there. */
export function registerSiteNode(RED: NodeAPI, type: string, migrate: (config: Readonly<Record<string, unknown>>) => SiteNodeConfig): void {
  RED.nodes.registerType(type, function (this: Node, raw: NodeDef) {
    RED.nodes.createNode(this, raw);
    try {
      const { siteId, legalEntity, timeZone } = migrate({ ...raw });
      if (siteId === '') this.error('The site node has no site id; give it one.');
      const known = timeZone === '' || isTimeZone(timeZone);
      if (!known) this.error(`The time zone "${timeZone}" of the site is not known; give it a name such as Europe/Berlin. Until then the server's holds.`);
      const forget = currentWaybill()?.nodes.setSite(this.id, { siteId, legalEntity, timeZone: known ? timeZone : '' });
      this.on('close', (done: () => void) => {
        forget?.();
        done();
      });
    } catch (error) {
      this.error(error instanceof Error ? error.message : String(error)); // a configuration of a newer Waybill
    }
  });
}

/** The site of an intake's configuration, or one sentence that says what to mend. What the site node leaves empty comes from this instance's settings. */
export function intakeSite(RED: NodeAPI, nodeId: string): IntakeSite | { readonly problem: string } {
  const site = siteOf(RED, nodeId);
  if (site === undefined) {
    return { problem: nodeId === '' ? 'No site is set; add a site node and choose it here.' : 'The site node of this node no longer exists; choose another one.' };
  }
  const settings = currentWaybill()?.settings;
  const id = site.siteId || (settings?.site ?? '');
  if (id === '') return { problem: 'The site node has no site id; give it one.' };
  return { id, enterprise: site.enterprise || (settings?.enterprise ?? ''), gln: site.gln, stallMs: site.stallMs, hopLimit: site.hopLimit };
}
