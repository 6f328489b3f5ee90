import type { SiteCatalogue } from '../../governance/catalogue/site-catalogue.ts';

/** Of a site that has no catalogue. */
export const noCatalogue: SiteCatalogue = {
  state: () => ({ state: 'none' }),
  refresh: () => Promise.resolve({ state: 'none' }),
  templates: () => [],
  template: () => undefined,
  services: () => [],
  service: () => undefined,
  policy: () => undefined,
  contracts: () => [],
  codeLists: () => [],
  waivers: () => [], signing: () => [], owners: () => undefined,
};
