import { createHash } from 'node:crypto';
import type { CatalogueState, RoleKeys, SiteCatalogue } from '../../governance/catalogue/site-catalogue.ts';
import type { SiteLog } from '../site-log.ts';
import { once } from '../support/reporting.ts';
import { within } from '../support/within.ts';

/** How often the source is asked, ms, and how much later at random, so that not all sites ask at once. */
const EVERY_MS = 5 * 60_000;
/** How long a stop waits for a look: a source that drips would hold it for half a minute. What it keeps is kept whole or not at all. */
const STOP_MS = 1_000;
/** How soon after a look that did not succeed, and twice as long after each further one. */
const SOON_MS = 15_000;
const JITTER = 0.3;

export interface CatalogueWatchDeps {
  readonly catalogue: SiteCatalogue;
  readonly siteLog: SiteLog;
  /** From 0 up to, and without, 1. */
  random(): number;
  /** Templates, policy or waivers may be others. */
  changed(): void;
}

/** Asks the source of the catalogue again and again, and records when the site sees it differently. */
export class CatalogueWatch {
  readonly #deps: CatalogueWatchDeps;
  #timer: NodeJS.Timeout | undefined;
  #last = '';
  #keys = new Map<string, RoleKeys>();
  #stopped = false;
  /** Looks that did not succeed, one after the other. */
  #failed = 0;
  #looking: Promise<void> = Promise.resolve();
  constructor(deps: CatalogueWatchDeps) {
    this.#deps = deps;
  }

  start(): void {
    if (this.#deps.catalogue.state().state === 'none') return;
    this.#look();
  }
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await within(STOP_MS, this.#looking);
  }
  /** Now, because somebody asked. */
  async refresh(): Promise<CatalogueState> {
    const state = await this.#deps.catalogue.refresh();
    // The ledger is closed by now, or soon; the next start finds what came.
    if (this.#stopped) return state;
    this.#failed = state.state === 'fresh' ? 0 : this.#failed + 1;
    await this.#seen(state);
    await this.#seenKeys();
    return state;
  }

  #look(): void {
    this.#looking = this.refresh().then(() => undefined, (error: unknown) => once('catalogue', `The catalogue could not be looked at: ${String(error)}`)).finally(() => {
      if (this.#stopped) return;
      this.#timer = setTimeout(() => { this.#look(); }, this.#delay() * (1 + JITTER * this.#deps.random()));
      this.#timer.unref();
    });
  }

  /** A site that starts before its line is there does not stand for minutes. */
  #delay(): number {
    return this.#failed === 0 ? EVERY_MS : Math.min(EVERY_MS, SOON_MS * 2 ** (this.#failed - 1));
  }

  /**
   * Keys that came or went. What a start finds is recorded under its own name, once; so nothing is lost with a process that
   * ended before it had recorded a change.
   */
  async #seenKeys(): Promise<void> {
    for (const next of this.#deps.catalogue.signing()) {
      const before = this.#keys.get(next.role);
      const [now, was] = [setOf(next), before === undefined ? '' : setOf(before)];
      if (now === was) continue;
      const added = next.keyIds.filter((id) => before?.keyIds.includes(id) !== true);
      const withdrawn = before === undefined ? next.withdrawn : before.keyIds.filter((id) => !next.keyIds.includes(id));
      await this.#deps.siteLog.record('governance', { type: 'KeyEvent', data: { role: next.role, keyIds: next.keyIds, threshold: next.threshold, added, withdrawn } }, { commandKey: `catalogue-keys:${next.role}:${was}:${now}${before === undefined ? '' : `:${next.version}`}` });
      this.#keys.set(next.role, next);
    }
  }

  async #seen(state: CatalogueState): Promise<void> {
    const { catalogue, siteLog, changed } = this.#deps;
    const code = state.state === 'refused' ? state.code : state.state === 'stale' ? 'stale' : 'ok';
    const policyVersion = catalogue.policy()?.version;
    const templates = catalogue.templates();
    const seen = JSON.stringify([state.state, code, policyVersion, [...templates, ...catalogue.services()].map(({ contentHash, status }) => [contentHash, status]), catalogue.waivers().map(({ id, expiresAt }) => [id, expiresAt])]);
    const before = this.#last;
    if (seen === before) return;
    this.#last = seen;
    changed();
    if (state.state === 'refused') once('catalogue-refused', `The catalogue is refused, what was verified before goes on being used: ${state.reason}`);
    try {
      await siteLog.record('governance', { type: 'CatalogueChanged', data: { state: state.state, code, ...(policyVersion === undefined ? {} : { policyVersion }), templates: templates.length } });
    } catch (error) {
      // The next look records it.
      this.#last = before;
      throw error;
    }
  }
}

const setOf = ({ keyIds, threshold }: RoleKeys): string => createHash('sha256').update(JSON.stringify([threshold, ...keyIds])).digest('base64url').slice(0, 22);
