import type { Change, ChangeTerms } from '../../domain/change/index.ts';
import { answerChange, evolveChange, followWaiver, ownerRole, waiverNoticeMs } from '../../domain/change/index.ts';
import type { PublishedTemplate, SiteCatalogue, Waiver } from '../../governance/catalogue/site-catalogue.ts';
import { LedgerError } from '../../ledger/port.ts';
import type { ChangeRow, Ledger, WaiverRow } from '../../ledger/port.ts';
import type { SiteLog } from '../site-log.ts';
import type { Clock } from '../support/clock.ts';
import type { GovernanceTask } from './governance-tasks.ts';
import { Looks } from '../support/looks.ts';
import { once } from '../support/reporting.ts';

/** How often ends of waivers are looked for; a refreshed catalogue is followed at once. */
const everyMs = 60_000;
/** Active waivers that are read at once. */
const atOnce = 200;

interface Options {
  readonly ledger: Ledger;
  readonly siteLog: SiteLog;
  readonly clock: Clock;
  readonly site: string;
  readonly catalogue: () => SiteCatalogue | undefined;
  readonly openTask: (task: GovernanceTask) => Promise<unknown>;
}

/**
 * Keeps the ledger's waivers in step with those of the signed catalogue. What the gate admits it asks the catalogue for, not the
 * ledger, so that nothing here can make a waiver. Every look compares all anew: a crash in between costs nothing.
 */
export class WaiverFollower {
  readonly #options: Options;
  readonly #looks = new Looks(everyMs, () => this.#look().catch((error: unknown) => {
    once('waivers', `Waivers could not be compared with the catalogue, and are again in a minute: ${error instanceof LedgerError ? error.message : String(error)}`);
  }));
  /** Ends for which there is a task; the ledger keeps them apart for good. */
  readonly #noticed = new Set<string>();

  constructor(options: Options) {
    this.#options = options;
  }

  start(): void {
    this.#looks.start();
  }
  stop(): void {
    this.#looks.stop();
  }

  /** One look after the other; never rejects: the next look does what this one could not. */
  follow(): Promise<void> {
    return this.#looks.now();
  }

  async #look(): Promise<void> {
    const catalogue = this.#options.catalogue();
    // Without a catalogue nothing can be said of what it grants; ends of waivers go by the clock all the same.
    const signed = catalogue === undefined || catalogue.state().state === 'none' ? undefined : catalogue.waivers().filter(({ sites }) => sites.includes(this.#options.site) || sites.includes('*'));
    for (const waiver of signed ?? []) await this.#take(waiver, waiver.id);
    const ids = new Set(signed?.map(({ id }) => id));
    for (const row of await this.#active()) {
      if (!ids.has(row.waiver_id)) await this.#take(signed === undefined ? signedBefore(row) : undefined, row.waiver_id);
    }
    for (const waiver of signed ?? []) await this.#answerByWaiver(waiver);
    if (catalogue !== undefined && catalogue.state().state !== 'none') await this.#answerByVersions(catalogue.templates());
    const families = new Map(signed?.map((waiver) => [waiver.id, waiver.family]));
    for (const row of await this.#active()) await this.#notice(row, families.get(row.waiver_id));
  }

  async #active(): Promise<readonly WaiverRow[]> {
    const rows: WaiverRow[] = [];
    let cursor: string | undefined;
    do {
      const page = await this.#options.ledger.listWaivers({ status: 'active' }, { limit: atOnce, ...(cursor === undefined ? {} : { cursor }) });
      rows.push(...page.items);
      cursor = page.next;
    } while (cursor !== undefined);
    return rows;
  }

  async #take(signed: Waiver | undefined, id: string): Promise<void> {
    const { ledger, siteLog, clock, site } = this.#options;
    const row = await ledger.getWaiver(id);
    const known = row === undefined ? undefined : { id, rule: row.rule, expiresAt: row.expires_at, status: row.status };
    const events = followWaiver(known, signed, clock.iso());
    if (events.length === 0) return;
    const streamId = `waiver:${id}`;
    const version = (await ledger.readStream(streamId)).length;
    const result = await siteLog.recordAll(streamId, version, events, { site });
    if (!result.ok) throw new Error(`waiver ${id}: ${result.reason}`);
  }

  /** One that ends within a week is a task for the owners of its family, once for each end; it is over when the waiver is. */
  async #notice(row: WaiverRow, signedBy: string | undefined): Promise<void> {
    const { ledger, clock, openTask, site } = this.#options;
    if (Date.parse(row.expires_at) - clock.now() > waiverNoticeMs) return;
    const key = `waiver:${row.waiver_id}:${row.expires_at}`;
    if (this.#noticed.has(key)) return;
    const family = signedBy ?? row.template?.split('/')[0] ?? (row.change_id === null ? undefined : (await ledger.getChange(row.change_id))?.family);
    await this.#asked(openTask({
      key, site, role: family === undefined ? 'central-architect' : ownerRole(family), dueAt: row.expires_at,
      title: `The waiver of ${row.rule} ends on ${row.expires_at.slice(0, 10)}`,
      question: 'From then on what it covers is a finding again, and refuses the next deploy. Have it mended before, or sign a new waiver; then say that it is done.',
      shown: { rule: row.rule, ...(family === undefined ? {} : { family }), until: row.expires_at, reason: row.reason, ...(row.template === null ? {} : { template: row.template }), findings: JSON.parse(row.fingerprints) as string[] },
    }), key);
  }

  async #asked(opened: Promise<unknown>, key: string): Promise<void> {
    try {
      await opened;
      this.#noticed.add(key);
    } catch (error) {
      // While flows are deployed or the disk is full nothing is taken in; the next look asks again.
      if (!(error instanceof LedgerError)) throw error;
    }
  }

  /** The request that a signed waiver answers is decided by it, wherever its owners have decided. */
  async #answerByWaiver({ changeId, rule, scope, expiresAt, family, sites }: Waiver): Promise<void> {
    if (changeId === undefined) return;
    const row = await this.#options.ledger.getChange(changeId);
    if (row === undefined || (row.status !== 'requested' && row.status !== 'in-review')) return;
    // The owners of another family, or of another site's request, do not answer this one.
    if ((family !== undefined && family !== row.family) || !(sites.includes(row.site) || sites.includes('*'))) return;
    await this.#answer(row, { decision: 'waive', rule, scope, expiresAt });
  }

  /** A signed version whose changelog names an open request of its template has taken it in. */
  async #answerByVersions(templates: readonly PublishedTemplate[]): Promise<void> {
    let cursor: string | undefined;
    do {
      const page = await this.#options.ledger.listChanges({ status: 'open', kind: 'change' }, { limit: atOnce, ...(cursor === undefined ? {} : { cursor }) });
      for (const row of page.items) {
        const id = row.template?.split('@')[0];
        const answer = templates.find(({ manifest, status }) => manifest.id === id && status !== 'retired'
          && manifest.changelog.some(({ version, changes }) => version === manifest.version && changes.some((text) => text.includes(row.change_id))));
        if (answer !== undefined) await this.#answer(row, { decision: 'accept', version: answer.manifest.version });
      }
      cursor = page.next;
    } while (cursor !== undefined);
  }

  async #answer({ change_id: changeId, site }: ChangeRow, terms: ChangeTerms): Promise<void> {
    const { ledger, siteLog } = this.#options;
    const events = await ledger.readStream(`change:${changeId}`);
    const decision = answerChange(events.reduce<Change | undefined>(evolveChange, undefined), terms);
    if (decision.kind === 'refused' || decision.events.length === 0) return;
    const result = await siteLog.recordAll(`change:${changeId}`, events.length, decision.events, { site });
    if (!result.ok && result.reason !== 'version-conflict') throw new Error(`change ${changeId}: ${result.reason}`);
  }
}

/** What is known of a waiver while no catalogue can be asked. */
function signedBefore(row: WaiverRow): Waiver {
  return {
    id: row.waiver_id, rule: row.rule, sites: JSON.parse(row.sites) as string[], reason: row.reason, grantedAt: row.granted_at, expiresAt: row.expires_at,
    scope: { fingerprints: JSON.parse(row.fingerprints) as string[], ...(row.template === null ? {} : { template: row.template }) }, ...(row.change_id === null ? {} : { changeId: row.change_id }),
  };
}
