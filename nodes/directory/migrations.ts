import { migrationTo } from '../config-version.ts';

/** Two roles that one person may not act in within one case. */
export interface ConflictConfig { readonly one: string; readonly other: string }

/** Up to how much people decide in a role; of one person (sign-in name) when it is given. */
export interface LimitConfig { readonly role: string; readonly person: string; readonly amount: string; readonly currency: string }

/** Configuration of a directory node, version 1. */
export interface DirectoryNodeConfig {
  readonly name: string;
  readonly source: 'accounts' | 'file';
  /** JSON file; relative to the home folder. */
  readonly file: string;
  readonly conflicts: readonly ConflictConfig[];
  readonly limits: readonly LimitConfig[];
  readonly longestDelegationDays: number;
  readonly configVersion: number;
}

export const DIRECTORY_DEFAULTS: DirectoryNodeConfig = {
  name: '',
  source: 'accounts',
  file: '',
  conflicts: [],
  limits: [],
  longestDelegationDays: 92,
  configVersion: 1,
};

export const migrateDirectory = migrationTo(DIRECTORY_DEFAULTS);
