import type { SiteCatalogue } from '../../governance/catalogue/site-catalogue.ts';
import type { ChangePort } from './change-port.ts';

/** What web, editor and command line see of governance. */
export interface GovernancePort {
  /** Undefined while the site has none. */
  readonly catalogue: SiteCatalogue | undefined;
  readonly changes: ChangePort;
}
