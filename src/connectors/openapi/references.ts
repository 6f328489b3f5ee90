import type { Json, JsonObject } from '../../domain/json.ts';
import { atPointer } from '../../domain/json-pointer.ts';
import { OpenApiError } from './openapi-error.ts';
import { isObject } from '../../domain/json.ts';

const mostHops = 20;

/** Where a reference within the document leads, as a JSON Pointer. @throws OpenApiError for one that leads out of it */
export function pointerIn(reference: Json | undefined, at: string): string {
  if (typeof reference !== 'string') throw new OpenApiError('A "$ref" is no text.', at);
  if (!reference.startsWith('#')) throw new OpenApiError(`It refers to "${reference.slice(0, 120)}", which is outside of the document and is not fetched; bundle the document first, so that it is complete in itself.`, at);
  if (reference !== '#' && !reference.startsWith('#/')) throw new OpenApiError(`It refers to the anchor "${reference.slice(0, 120)}"; refer to what is meant by its path, such as #/components/schemas/Order.`, at);
  return decodeURIComponent(reference.slice(1));
}

/** A part of the document behind its references: a parameter, a request body, a response. */
export function resolved(document: JsonObject, value: Json | undefined, at: string): { readonly value: JsonObject; readonly at: string } {
  let [here, place]: [Json | undefined, string] = [value, at];
  for (let hops = 0; isObject(here) && here['$ref'] !== undefined; hops++) {
    const pointer = pointerIn(here['$ref'], `${place}/$ref`);
    if (hops >= mostHops) throw new OpenApiError('Its references go round in a circle.', at);
    const target = atPointer(document, pointer);
    if (target === undefined) throw new OpenApiError(`It refers to "#${pointer}", where nothing is.`, `${place}/$ref`);
    [here, place] = [target, pointer];
  }
  if (!isObject(here)) throw new OpenApiError('There should be an object.', place);
  return { value: here, at: place };
}
