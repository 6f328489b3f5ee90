import { randomBytes, hash } from 'node:crypto';
import { attributesOf, decodeMqtt, faultText } from '../../intake/cloudevents/index.ts';
import { EventReader } from '../../intake/events/index.ts';
import { eventOptions, type EventConfig } from './event-intake.ts';

/** What a tried event would become. */
export type TriedEvent =
  | { readonly ok: true; readonly title: string; readonly key?: string; readonly attributes: Readonly<Record<string, unknown>>; readonly data: string }
  | { readonly ok: false; readonly message: string };

/** Reads events as an event in node with this configuration would, and records nothing. Throws with a sentence when it cannot be configured so. */
export function tryEvents(config: EventConfig, messages: readonly string[]): readonly TriedEvent[] {
  const reader = new EventReader(eventOptions(config, ''));
  return messages.map((message): TriedEvent => {
    const decoded = decodeMqtt(Buffer.from(message), {}, { maxBytes: config.maxBytes });
    const [one] = decoded.ok ? decoded.events : [];
    if (one === undefined) return { ok: false, message: decoded.ok ? '' : faultText(decoded) };
    const judged = reader.judge(one);
    if (judged.kind !== 'taken') return { ok: false, message: judged.message };
    const { title, key, event, payload } = judged.read;
    return { ok: true, title, attributes: Object.fromEntries(attributesOf(event)), data: JSON.stringify(payload), ...(key === undefined ? {} : { key }) };
  });
}

/** The fingerprint of a sender's token, as a node keeps it. */
export function tokenHash(token: string): string {
  return hash('sha256', token, 'base64url');
}

/** A token of 256 random bits, so that its fingerprint tells nothing of it. */
export function newEventToken(): { readonly token: string; readonly tokenHash: string } {
  const token = `wbe_${randomBytes(32).toString('base64url')}`;
  return { token, tokenHash: tokenHash(token) };
}
