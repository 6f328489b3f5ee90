import { createHmac, hash, randomBytes, timingSafeEqual } from 'node:crypto';

/** A token of 256 random bits, so that its hash tells nothing of it. */
export function newToken(): { readonly token: string; readonly sha256: string } {
  const token = `wbs_${randomBytes(32).toString('base64url')}`;
  return { token, sha256: tokenHash(token) };
}

export function tokenHash(token: string): string {
  return hash('sha256', token, 'base64url');
}

/** What a caller signs with, in the form of Standard Webhooks. */
export function newSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`;
}

/** Both are hashed first: comparing takes equally long whatever they hold. */
export function sameText(one: string, other: string): boolean {
  return timingSafeEqual(hash('sha256', one, 'buffer'), hash('sha256', other, 'buffer'));
}

/** HMAC-SHA-256 over `id.timestamp.body` (Standard Webhooks 1.0, "Signature scheme"), base64. */
export function signatureOf(secret: string, id: string, timestamp: string, body: Uint8Array): string {
  return createHmac('sha256', Buffer.from(secret.replace(/^whsec_/, ''), 'base64')).update(`${id}.${timestamp}.`).update(body).digest('base64');
}
