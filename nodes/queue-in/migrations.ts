import { migrationTo } from '../config-version.ts';
import { DOCUMENT_INTAKE_DEFAULTS } from '../document-intake.ts';
import type { DocumentIntakeConfig } from '../document-intake.ts';

/** Configuration of a queue-in node, version 1. */
export interface QueueInConfig extends DocumentIntakeConfig {
  readonly prefetch: number;
}

export const QUEUE_IN_DEFAULTS: QueueInConfig = { ...DOCUMENT_INTAKE_DEFAULTS, prefetch: 20 };

export const migrateQueueIn = migrationTo(QUEUE_IN_DEFAULTS);
