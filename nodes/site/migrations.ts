import { migrationTo } from '../config-version.ts';

/** Configuration of a site node, version 1. */
export interface SiteConfig {
  readonly name: string;
  readonly siteId: string;
  readonly enterprise: string;
  readonly legalEntity: string;
  /** GS1's number of the site; '' where it has none. */
  readonly gln: string;
  /** IANA time zone; '' is the time zone of the server. */
  readonly timeZone: string;
  readonly stallSeconds: number;
  readonly hopLimit: number;
  readonly configVersion: number;
}

export const SITE_DEFAULTS: SiteConfig = {
  name: '',
  siteId: '',
  enterprise: '',
  legalEntity: '',
  gln: '',
  timeZone: '',
  stallSeconds: 60,
  hopLimit: 100,
  configVersion: 1,
};

export const migrateSite = migrationTo(SITE_DEFAULTS);
