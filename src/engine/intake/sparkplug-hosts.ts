import { withoutPassword } from '../../intake/mqtt/index.ts';
import { defaultHostLimits, HostLink, type OwnConnection, type ReportTaker } from '../../intake/sparkplug/index.ts';
import type { Waybill } from '../api.ts';
import type { IntakeSite } from './site-node.ts';
import { SparkplugNotes } from './sparkplug-notes.ts';

/** What makes a host application: nodes that agree in all of it share one. */
export interface HostConfig {
  readonly hostId: string;
  /** Whether it asks edge nodes to report anew. */
  readonly primary: boolean;
  readonly reorderMs: number;
  readonly edgeNodes: number;
  readonly metrics: number;
}

interface Running { readonly link: HostLink; readonly notes: SparkplugNotes; readonly config: string; nodes: number; timer: NodeJS.Timeout | undefined }

/** How long a host application waits for the node that a deploy puts in the place of its last one, ms. */
const HANDOVER_MS = 5_000;

const running = new WeakMap<Waybill, Map<string, Running>>();

export interface HostHold {
  readonly link: HostLink;
  add(taker: ReportTaker): () => void;
  /** @param removed no successor will come */
  release(removed: boolean): Promise<void>;
}

/**
 * The host application of this id at this broker; one for all nodes. Edge nodes stop when their primary host is gone, so it
 * stays online while a deploy replaces nodes. Gives one sentence when nodes do not agree on what it is.
 */
export function holdHost(waybill: Waybill, site: IntakeSite, broker: OwnConnection, config: HostConfig, log: (level: 'info' | 'warn', text: string) => void): HostHold | string {
  const hosts = hostsOf(waybill);
  const key = `${broker.url} ${config.hostId}`;
  const described = JSON.stringify([config, broker]);
  let host = hosts.get(key);
  if (host !== undefined && host.config !== described) {
    if (host.nodes > 0) return `Another sparkplug in node has the host id ${config.hostId} with other settings of the host or of the broker; make them the same, or take another host id.`;
    end(hosts, key, host).catch((error: unknown) => log('warn', String(error)));
    host = undefined;
  }
  if (host === undefined) {
    const notes = new SparkplugNotes(waybill, site, `${config.hostId} ${withoutPassword(broker.url)}`, log);
    host = { link: makeLink(waybill, notes, broker, config, log), notes, config: described, nodes: 0, timer: undefined };
    hosts.set(key, host);
    // the nodes of this deploy attach first; where the engine refuses for good, another process may be at work as this host
    const { link } = host;
    if (waybill.state !== 'refusing') setImmediate(() => { notes.begin(link); });
  }
  const held = host;
  clearTimeout(held.timer);
  held.nodes += 1;
  return {
    link: held.link,
    add: (taker) => held.link.add(taker),
    release: async (removed) => {
      held.nodes -= 1;
      if (held.nodes > 0) return;
      if (removed || waybill.draining || waybill.state === 'closed') await end(hosts, key, held);
      else held.timer = setTimeout(() => { end(hosts, key, held).catch((error: unknown) => log('warn', String(error))); }, HANDOVER_MS);
    },
  };
}

async function end(hosts: Map<string, Running>, key: string, host: Running): Promise<void> {
  clearTimeout(host.timer);
  if (hosts.get(key) === host) hosts.delete(key);
  const heardAt = host.link.state.kind === 'connected' ? host.link.heardAt : undefined;
  await host.link.close();
  await host.notes.close(heardAt);
}

function hostsOf(waybill: Waybill): Map<string, Running> {
  const known = running.get(waybill);
  if (known !== undefined) return known;
  const hosts = new Map<string, Running>();
  running.set(waybill, hosts);
  waybill.onState((state) => {
    if (state !== 'closed') return;
    for (const [key, host] of [...hosts]) end(hosts, key, host).catch(() => hosts.delete(key));
  });
  return hosts;
}

function makeLink(waybill: Waybill, notes: SparkplugNotes, broker: OwnConnection, config: HostConfig, log: (level: 'info' | 'warn', text: string) => void): HostLink {
  return new HostLink({
    hostId: config.hostId, broker, log, clock: () => waybill.clock.now(),
    host: { reorderMs: config.reorderMs, rebirth: config.primary, limits: { ...defaultHostLimits, edgeNodes: config.edgeNodes, metrics: config.metrics } },
    port: notes,
  });
}
