import { hash } from 'node:crypto';
import type { IdempotencyPlace } from '../domain/service/index.ts';

/** The idempotency key as the system keeps it: one that is too long for it is shortened by hash, always to the same. */
export function keyFor({ maxLength }: IdempotencyPlace, key: string): string {
  return maxLength === undefined || key.length <= maxLength ? key : hash('sha256', key, 'base64url').slice(0, maxLength);
}
