import type { Json } from '../../domain/json.ts';
import { atPointer } from '../../domain/json-pointer.ts';
import type { OfferedOperation } from './routes.ts';
import { problemReply } from './reply.ts';
import type { ServiceReply } from './reply.ts';
import type { ServiceRequest } from './request.ts';

const KEY = /^[\x21-\x7e]{1,255}$/;

/** `"8e03…"` as a structured field (RFC 8941 §3.3.3), or bare. */
function headerKey(value: string): string {
  const quoted = /^"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"$/.exec(value.trim())?.[1];
  return quoted === undefined ? value.trim() : quoted.replace(/\\(["\\])/g, '$1');
}

/**
 * The key under which a request is the same as another of its caller: where the service says that it stands
 * (draft-ietf-httpapi-idempotency-key-header-07), else the id of a signed delivery. Undefined for a read without one. A signature covers
 * id, time and body: beside it a key in a header or in the address may be anybody's, and a delivery that was listened to would be done
 * again under another one.
 */
export function keyOf({ name, operation }: OfferedOperation, document: Json, { headers, query }: ServiceRequest, delivery: string | undefined): string | undefined | ServiceReply {
  const { idempotency, effect } = operation;
  const place = idempotency ?? { in: 'header' as const, name: 'Idempotency-Key' };
  const found = place.in === 'header' ? headers[place.name.toLowerCase()] : place.in === 'query' ? query.get(place.name) ?? undefined : atPointer(document, place.name);
  if (delivery !== undefined && place.in !== 'field' && found !== undefined && String(found) !== delivery && headerKey(String(found)) !== delivery) {
    return problemReply(400, 'idempotency-key-unsigned', 'The request has two keys.', `The signature covers the webhook-id and not ${place.in === 'header' ? 'the header' : 'the parameter'} ${place.name}: send the same in both, or the webhook-id alone.`);
  }
  const key = typeof found === 'string' ? (place.in === 'header' ? headerKey(found) : found) : Array.isArray(found) ? String(found[0]) : typeof found === 'number' ? String(found) : delivery ?? '';
  const where = place.in === 'header' ? `the header ${place.name}` : place.in === 'query' ? `the parameter ${place.name}` : place.name;
  if (key === '') {
    if (effect === 'reads') return undefined;
    return problemReply(400, 'idempotency-key-missing', 'The request has no idempotency key.', `${name} changes something, so it is done once for each key: send one of your own in ${where}, and the same one when you ask again.`);
  }
  if (KEY.test(key)) return key;
  return problemReply(400, 'idempotency-key-invalid', 'The idempotency key cannot be used.', `A key has 1 to 255 visible ASCII characters without blanks; send another one in ${where}.`);
}
