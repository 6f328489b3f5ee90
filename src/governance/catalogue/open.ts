import { hasCatalogueCache } from './kept.ts';
import type { CatalogueState, SiteCatalogue } from './site-catalogue.ts';
import type { Ring } from './target-custom.ts';

export interface SiteCatalogueOptions {
  /** Home folder of the instance; `<home>/catalogue` is the kept copy. */
  readonly home: string;
  /** A folder or an http(s) address (WAYBILL_CATALOGUE); undefined: what is kept is all there is. */
  readonly source: string | undefined;
  /** The root to begin with (WAYBILL_CATALOGUE_ROOT); undefined: the one that is kept. */
  readonly rootFile?: string | undefined;
  /** WAYBILL_RING. */
  readonly ring: Ring;
  /** Site for which waivers are shown; undefined: all. */
  readonly site?: string | undefined;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly log: (level: 'info' | 'warn', text: string) => void;
  /** How long one file may take; 30 s. */
  readonly timeoutMs?: number;
}

const none: SiteCatalogue = {
  state: (): CatalogueState => ({ state: 'none' }),
  refresh: () => Promise.resolve({ state: 'none' }),
  templates: () => [], template: () => undefined, services: () => [], service: () => undefined, policy: () => undefined, contracts: () => [], codeLists: () => [], signing: () => [], owners: () => undefined, waivers: () => [],
};

/**
 * Opens the catalogue of a site from its kept copy, which is verified; `refresh` asks the source. Without a source and a kept
 * copy the site has none. The libraries are loaded only where there is one.
 */
export async function openSiteCatalogue(options: SiteCatalogueOptions): Promise<SiteCatalogue> {
  if (options.source === undefined && !hasCatalogueCache(options.home)) return none;
  const { VerifiedSiteCatalogue } = await import('./site/site.ts');
  const catalogue = new VerifiedSiteCatalogue(options);
  await catalogue.load();
  return catalogue;
}
