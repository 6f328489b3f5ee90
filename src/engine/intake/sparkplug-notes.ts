import type { HostLink, HostPort } from '../../intake/sparkplug/index.ts';
import type { Waybill } from '../api.ts';
import { LedgerNotes } from './ledger-notes.ts';
import type { IntakeSite } from './site-node.ts';

/** What was published so long before we heard the broker may still have been on its way to us: Sparkplug's data come with QoS 0, once. */
const IN_TRANSIT_MS = 1_000;

/** What a host application writes besides cases: gaps, what it could not take, and until when it has heard the broker. */
export class SparkplugNotes implements HostPort {
  readonly #waybill: Waybill;
  readonly #site: string;
  readonly #notes: LedgerNotes;

  constructor(waybill: Waybill, site: IntakeSite, source: string, log: (level: 'info' | 'warn', text: string) => void) {
    this.#waybill = waybill;
    this.#site = site.id;
    this.#notes = new LedgerNotes(waybill, { what: 'sparkplug', address: `host/${source}`, site: site.id, source }, log);
  }

  /** Starts the host once the ledger has said until when an earlier process heard the broker. */
  begin(link: HostLink): void {
    this.#notes.begin(() => (link.state.kind === 'connected' ? link.heardAt - IN_TRANSIT_MS : undefined), (heardBefore) => { link.start(heardBefore); });
  }

  readonly gap: HostPort['gap'] = (gap) => { this.#notes.gap(gap); };

  readonly online: HostPort['online'] = (at) => { this.#notes.heard(at - IN_TRANSIT_MS); };

  readonly refused: HostPort['refused'] = ({ code, message, topic, bytes, source }) => {
    this.#notes.add(async () => {
      await this.#waybill.nodes.quarantine({ site: this.#site, reason: code, message, bytes, topic, device: source });
      this.#waybill.nodes.count('sparkplug_quarantined');
    });
  };

  readonly count: HostPort['count'] = (name, by) => { this.#waybill.nodes.count(name, by); };

  close(heardAt: number | undefined): Promise<void> {
    return this.#notes.close(heardAt);
  }
}
