import type { CatalogueState, SiteCatalogue } from '../../governance/catalogue/site-catalogue.ts';
import type { SiteLog } from '../site-log.ts';
import { once } from '../support/reporting.ts';

/** How often the source is asked, ms, and how much later at random, so that not all sites ask at once. */
const EVERY_MS = 5 * 60_000;
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
  #stopped = false;
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
    await this.#looking;
  }
  /** Now, because somebody asked. */
  async refresh(): Promise<CatalogueState> {
    const state = await this.#deps.catalogue.refresh();
    await this.#seen(state);
    return state;
  }

  #look(): void {
    this.#looking = this.refresh().then(() => undefined, (error: unknown) => once('catalogue', `The catalogue could not be looked at: ${String(error)}`)).finally(() => {
      if (this.#stopped) return;
      this.#timer = setTimeout(() => { this.#look(); }, EVERY_MS * (1 + JITTER * this.#deps.random()));
      this.#timer.unref();
    });
  }

  async #seen(state: CatalogueState): Promise<void> {
    const { catalogue, siteLog, changed } = this.#deps;
    const code = state.state === 'refused' ? state.code : state.state === 'stale' ? 'stale' : 'ok';
    const policyVersion = catalogue.policy()?.version;
    const templates = catalogue.templates();
    const seen = JSON.stringify([state.state, code, policyVersion, templates.map(({ contentHash, status }) => [contentHash, status]), catalogue.waivers().map(({ id, expiresAt }) => [id, expiresAt])]);
    if (seen === this.#last) return;
    this.#last = seen;
    changed();
    if (state.state === 'refused') once('catalogue-refused', `The catalogue is refused, what was verified before goes on being used: ${state.reason}`);
    await siteLog.record('governance', { type: 'CatalogueChanged', data: { state: state.state, code, ...(policyVersion === undefined ? {} : { policyVersion }), templates: templates.length } });
  }
}
