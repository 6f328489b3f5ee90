import type { Json } from '../../domain/json.ts';
import type { IdempotencyPlace } from '../../domain/service/index.ts';
import { DriverError } from '../driver.ts';
import { keyFor } from '../idempotency-key.ts';
import { atPointer, withPointer } from '../../domain/json-pointer.ts';

/**
 * The document with the key in its field, for a key that lives in one.
 *
 * @throws DriverError when something else stands there
 */
export function withKey(document: Json, place: IdempotencyPlace | undefined, key: string | undefined): Json {
  if (place?.in !== 'field' || key === undefined) return document;
  const value = keyFor(place, key);
  const there = atPointer(document, place.name);
  if (there !== undefined && there !== null && there !== value) {
    throw new DriverError(`"${place.name.slice(1)}" is where the idempotency key of this service goes: map nothing to it.`, place.name);
  }
  return withPointer(document, place.name, value);
}
