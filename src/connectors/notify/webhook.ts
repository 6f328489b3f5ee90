import { createHmac } from 'node:crypto';
import { postJson } from './http-post.ts';
import type { Told } from './told.ts';

/** An own receiver of messages. Without a secret nothing proves who sent them. */
export interface WebhookTarget { readonly url: string; readonly secret: string | undefined }

/**
 * Signature over `<timestamp>.<body>`, hex: the receiver computes the same with the shared secret, compares in constant time and refuses
 * old timestamps, so that a message that was listened to cannot be sent again later.
 */
export function signature(secret: string, timestamp: number, body: string): string {
  return createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
}

/** `key` is the same for a message that is sent again: the receiver takes it once. */
export function sendWebhook(target: WebhookTarget, message: object, key: string, now: number): Promise<Told> {
  const body = JSON.stringify(message);
  const timestamp = Math.floor(now / 1_000);
  return postJson(target.url, 'the webhook', body, {
    'idempotency-key': key, 'waybill-timestamp': String(timestamp),
    ...(target.secret === undefined || target.secret === '' ? {} : { 'waybill-signature': `v1=${signature(target.secret, timestamp, body)}` }),
  }, { now });
}
