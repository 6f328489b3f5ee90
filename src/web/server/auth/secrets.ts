import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** Marks our API tokens, so that people and secret scanners recognise them. */
export const TOKEN_PREFIX = 'wb_';

/** 256 random bits as 43 characters of base64url: session ids, link secrets, token bodies. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** A new API token in clear; shown once, kept only as {@link hashSecret}. */
export function newApiToken(): string {
  return `${TOKEN_PREFIX}${newSecret()}`;
}

/**
 * SHA-256 in hex, as the account store keeps secrets. A plain hash is enough: what is hashed has 256
 * random bits, so it cannot be guessed (passwords can, they go through scrypt).
 */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret, 'utf8').digest('hex');
}

/** Compares two texts in a time that depends on neither. */
export function sameSecret(a: string, b: string): boolean {
  return timingSafeEqual(createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest());
}
