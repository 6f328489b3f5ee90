import type { Json } from '../../domain/json.ts';
import { atPointer, pointerOf } from '../../domain/json-pointer.ts';
import { DriverError } from '../driver.ts';
import type { ValueSource } from './binding.ts';

/**
 * The value that a source gives, with its place for messages.
 *
 * @throws DriverError when the document has none
 */
export function valueOf(source: ValueSource, document: Json, what: string): { readonly value: Json; readonly at: string } {
  if ('value' in source) return { value: source.value, at: pointerOf(what) };
  const value = atPointer(document, source.from);
  if (value === undefined) throw new DriverError(`The document has no "${source.from.slice(1)}", which is needed for ${what}; map a value to it.`, source.from);
  return { value, at: source.from };
}
