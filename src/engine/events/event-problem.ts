import type { ReportEvent } from '../api.ts';

/** What an event is called, by those who report it and those who wait for it. */
export const EVENT_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const keyLength = 256;
/** Largest data of an event, characters of JSON. */
const dataLength = 65_536;
/** How long an event is kept at most, ms: 90 days. */
export const LONGEST_KEPT_MS = 90 * 86_400_000;

/** What is wrong with a report, in one sentence that says what to do. */
export function eventProblem(input: Pick<ReportEvent, 'name' | 'key' | 'data' | 'id' | 'keepMs'>): { readonly code: string; readonly message: string } | undefined {
  if (!EVENT_NAME.test(input.name)) return { code: 'event-name', message: 'The event has no usable name; give 1 to 64 letters, digits, dots, dashes and underscores, for example asn-arrived.' };
  if (input.key === '' || input.key.length > keyLength || !input.key.isWellFormed()) return { code: 'event-key', message: `The event has no usable key; give what it is about in 1 to ${keyLength} characters, for example the delivery's number.` };
  if (input.id !== undefined && (input.id === '' || input.id.length > keyLength)) return { code: 'event-id', message: `The id of the event is not usable; give 1 to ${keyLength} characters that its sender never uses again, or none.` };
  if (!Number.isFinite(input.keepMs) || input.keepMs < 0 || input.keepMs > LONGEST_KEPT_MS) return { code: 'event-lifetime', message: 'An event is kept for 0 to 90 days; give another time.' };
  const text = JSON.stringify(input.data);
  if (text.length > dataLength || !text.isWellFormed()) return { code: 'event-too-large', message: `The data of the event is no text, or has more than ${dataLength} characters; send a reference to it instead.` };
  return undefined;
}
