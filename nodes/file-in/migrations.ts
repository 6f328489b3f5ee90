import { migrationTo } from '../config-version.ts';
import { DOCUMENT_INTAKE_DEFAULTS } from '../document-intake.ts';
import type { DocumentIntakeConfig } from '../document-intake.ts';

/** Configuration of a file-in node, version 1. */
export interface FileInConfig extends DocumentIntakeConfig {
  readonly everySeconds: number;
}

export const FILE_IN_DEFAULTS: FileInConfig = { ...DOCUMENT_INTAKE_DEFAULTS, everySeconds: 10 };

export const migrateFileIn = migrationTo(FILE_IN_DEFAULTS);
