import { acknowledgeEdifact } from './acknowledge-edifact.ts';
import { acknowledgeX12 } from './acknowledge-x12.ts';
import type { JsonInterchange } from './file.ts';
import type { EdiFinding, Interchange, Message } from './types.ts';
import { messageTypeOf } from './reader.ts';
import { isoDate } from './values.ts';

/** What an acknowledgement needs that does not stand in what it answers. */
export interface Acknowledging {
  /** Control number of the new interchange, the next one of the own side. */
  readonly controlNumber: string;
  readonly at: Date;
  /** Of X12: 997 unless the partner wants 999, which is of 005010. */
  readonly by?: '997' | '999';
}

/** Date and time of an envelope, UTC. */
export const stamp = ({ at }: Acknowledging): { readonly date: string; readonly time: string } => ({ date: isoDate(at), time: at.toISOString().slice(11, 16) });

/** Errors of a message: those that stand between its header and its last segment. */
export function errorsOf(message: Message, findings: readonly EdiFinding[]): readonly EdiFinding[] {
  const last = message.trailer ?? message.segments.at(-1) ?? message.header;
  return findings.filter(({ severity, place }) => severity === 'error' && place.message !== undefined && place.offset >= message.header.offset && place.offset < last.offset + Math.max(1, last.raw.length));
}

/** Acknowledgements are not acknowledged: two systems would go on for ever (X12.20; UN/EDIFACT D.96A CONTRL §3). */
const isAcknowledgement = (message: Message): boolean => ['997', '999', 'CONTRL'].includes(messageTypeOf(message.header));

/**
 * The answer to a read interchange: 997 for each group of X12 (and TA1 where its envelope is damaged), CONTRL for EDIFACT.
 * `undefined` when there is nothing to answer, for it holds acknowledgements alone. `findings` are all of the file.
 */
export function acknowledge(interchange: Interchange, findings: readonly EdiFinding[], how: Acknowledging): JsonInterchange | undefined {
  const messages = interchange.groups.flatMap((group) => group.messages);
  if (messages.length > 0 && messages.every(isAcknowledgement)) return undefined;
  const own = { ...interchange, groups: interchange.groups.filter((group) => group.messages.length === 0 || !group.messages.every(isAcknowledgement)) };
  return interchange.standard === 'x12' ? acknowledgeX12(own, findings, how) : acknowledgeEdifact(own, findings, how);
}

/** Errors of an envelope, by its trailer or the lack of it. */
export function envelopeErrors(interchange: Interchange, findings: readonly EdiFinding[], tags: readonly string[]): readonly EdiFinding[] {
  const end = interchange.trailer === undefined ? Infinity : interchange.trailer.offset + interchange.trailer.raw.length + 1;
  return findings.filter(({ severity, place }) => severity === 'error' && place.message === undefined && place.offset >= interchange.header.offset && place.offset < end && place.tag !== undefined && tags.includes(place.tag));
}
