import { hash } from 'node:crypto';
import type { Json, JsonObject } from '../../domain/json.ts';
import { valueAt } from '../../domain/merge-patch.ts';
import { stableJson } from '../../ledger/stable-json.ts';
import { hmacSha256 } from './hmac.ts';

/** Canonical JSON: keys sorted, no white space (RFC 8785 for what this product stores: no lone surrogates, finite numbers). */
export function canonicalJson(value: Json): string {
  const text = stableJson(value);
  if (text === undefined || !text.isWellFormed()) throw new TypeError('not canonical JSON: a lone surrogate or an undefined value');
  return text;
}

/** SHA-256 of the canonical JSON, base64url, 43 characters. */
export function hashJson(value: Json): string {
  return hash('sha256', canonicalJson(value), 'base64url');
}

/** Hash of the facts at the declared paths (PROTOCOL §8): what is elsewhere in the document does not count. */
export function hashFacts(document: JsonObject, covers: readonly string[]): string {
  const facts: { [path: string]: Json } = {};
  for (const path of covers) facts[path] = valueAt(document, path) ?? null;
  return hashJson(facts);
}

/** Keyed hashes for pseudonyms and reservation keys: 22 characters of base64url (132 bit). */
export class Pseudonyms {
  readonly #hmac: (text: string) => string;
  constructor(key: Uint8Array) {
    this.#hmac = hmacSha256(key);
  }
  #hash(domain: string, value: string): string {
    return this.#hmac(`${domain}\0${value}`).slice(0, 22);
  }
  /** Pseudonym of a person, by account id or by an unknown badge. */
  person(id: string): string {
    return `p_${this.#hash('person', id)}`;
  }
  /** Key of a reservation; the key itself stands only in erasable content. */
  reservation(scope: string, key: string): string {
    return this.#hash(`reservation\0${scope}`, key);
  }
}

/**
 * Idempotency key of an effect: hash(ledger, case, address, visit, generation), 22 characters of base64url (PROTOCOL §3).
 * `visit` counts the case's runs at the address. Nothing in it is random, so that a ledger restored from a backup asks under the same key.
 */
export function idempotencyKey(ledgerId: string, caseId: string, address: string, visit: number, generation: number): string {
  return hash('sha256', [ledgerId, caseId, address, String(visit), String(generation)].join('\0'), 'base64url').slice(0, 22);
}
