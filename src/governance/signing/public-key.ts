import { createHash, createPublicKey, verify } from 'node:crypto';
import type { JsonObject } from '../../domain/json.ts';

/** By which office an owner signs. */
export const FUNCTIONS = ['operations', 'it', 'finance'] as const;
export type OwnerFunction = typeof FUNCTIONS[number];

/** A public key as TUF writes it (TUF specification 4.2), with who holds it. The holder is signed along with the key. */
export interface PublicKey {
  readonly keyId: string;
  readonly keytype: 'ed25519';
  readonly scheme: 'ed25519';
  /** Hex of the 32 bytes. */
  readonly value: string;
  readonly name: string;
  readonly function?: OwnerFunction;
}

/** TUF specification 4.2: SHA-256 of the canonical JSON of type, scheme and value (members sorted; hex needs no escapes). */
export function keyIdOf(value: string): string {
  return createHash('sha256').update(`{"keytype":"ed25519","keyval":{"public":"${value}"},"scheme":"ed25519"}`).digest('hex');
}

/** Makes the description of a key from its value. */
export function publicKey(value: string, name: string, ownerFunction?: OwnerFunction): PublicKey {
  return { keyId: keyIdOf(value), keytype: 'ed25519', scheme: 'ed25519', value, name, ...(ownerFunction === undefined ? {} : { function: ownerFunction }) };
}

export function isFunction(value: unknown): value is OwnerFunction {
  return FUNCTIONS.includes(value as OwnerFunction);
}

/** `Ada Lovelace (finance) 0a1b2c3d, …`: holders of keys, and the beginnings of the keys' ids. */
export const keysText = (keys: readonly PublicKey[]): string => keys.map(({ name, function: office, keyId }) => `${name}${office === undefined ? '' : ` (${office})`} ${keyId.slice(0, 8)}`).join(', ');

/** The key as it stands in metadata and in a `.pub` file. */
export function publicKeyToJson(key: PublicKey): JsonObject {
  return {
    keytype: key.keytype, scheme: key.scheme, keyval: { public: key.value },
    'x-waybill': { name: key.name, ...(key.function === undefined ? {} : { function: key.function }) },
  };
}

/** Whether a signature is this key's over the bytes: Ed25519 (RFC 8032, pure), the key as RFC 8037 writes it. */
export function isSignedBy({ value }: PublicKey, bytes: Uint8Array, signature: Uint8Array): boolean {
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(value, 'hex').toString('base64url') }, format: 'jwk' });
  return verify(null, bytes, key, signature);
}

/** Reads what publicKeyToJson wrote. @throws Error with one sentence */
export function publicKeyFromJson(json: unknown): PublicKey {
  const { keytype, scheme, keyval, 'x-waybill': holder } = (json ?? {}) as { keytype?: unknown; scheme?: unknown; keyval?: { public?: unknown }; 'x-waybill'?: { name?: unknown; function?: unknown } };
  const value = keyval?.public;
  if (keytype !== 'ed25519' || scheme !== 'ed25519' || typeof value !== 'string' || !/^[0-9a-f]{64}$/.test(value)) throw new Error('It is no Ed25519 public key as "waybill catalogue key" writes it.');
  if (typeof holder?.name !== 'string' || holder.name === '') throw new Error('The key does not say who holds it.');
  if (holder.function !== undefined && !isFunction(holder.function)) throw new Error(`The key's function is ${String(holder.function)}; there are ${FUNCTIONS.join(', ')}.`);
  return publicKey(value, holder.name, holder.function);
}
