import { migrationTo } from '../config-version.ts';

/** A secret that stands elsewhere. */
export interface OutsideSecret {
  readonly name: 'user' | 'password' | 'token' | 'apiKey' | 'clientId' | 'clientSecret';
  /** Name of a variable, or of a file. */
  readonly value: string;
  readonly valueType: 'env' | 'file';
}

/** Configuration of a system, version 1. User, password, token, API key, client id and client secret are credentials. */
export interface SystemNodeConfig {
  readonly name: string;
  /** Which services can be called there, for example `erp`. */
  readonly kind: string;
  readonly url: string;
  readonly urlType: string;
  /** For systems that hold several, such as Tryton and Odoo. */
  readonly database: string;
  /** SFTP: fingerprints of the host's key, `SHA256:…`, with blanks between. */
  readonly hostKey: string;
  /** PEM files; a name without a folder is in the home's `pki/systems`. */
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
  readonly proxy: string;
  readonly proxyUser: string;
  readonly secrets: readonly OutsideSecret[];
  readonly configVersion: number;
}

export const SYSTEM_DEFAULTS: SystemNodeConfig = {
  name: '',
  kind: 'erp',
  url: '',
  urlType: 'str',
  database: '',
  hostKey: '',
  caFile: '',
  certFile: '',
  keyFile: '',
  proxy: '',
  proxyUser: '',
  secrets: [],
  configVersion: 1,
};

export const migrateSystem = migrationTo(SYSTEM_DEFAULTS);
