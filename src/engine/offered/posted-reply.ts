import { problemReply } from './reply.ts';
import type { ServiceReply } from './reply.ts';
import type { PostedResult } from './posted-documents.ts';

/** Places that are told; more of them help nobody. */
const MOST_PLACES = 50;
const TAKEN_BEFORE: ReadonlySet<string> = new Set(['same-control-number', 'same-document']);

/** What the caller of documents is told: the acknowledgement, or which cases there are; a problem when nothing was taken. */
export function postedReply({ cases, reported, refused, acknowledgement, repeated }: PostedResult, mediaType: string): ServiceReply {
  const errors = refused.flatMap(({ places }) => places).slice(0, MOST_PLACES);
  const [first] = refused;
  if (first !== undefined && cases.length === 0 && reported === 0) {
    const before = refused.every(({ code }) => TAKEN_BEFORE.has(code));
    return problemReply(before ? 409 : 422, first.code, before ? 'What the document is known by has come before.' : 'The document is not taken.', refused.map(({ message }) => message).slice(0, 5).join(' '), {
      members: { errors, ...(acknowledgement === undefined ? {} : { acknowledgement: acknowledgement.toString('latin1') }) },
    });
  }
  const headers = { ...(cases.length === 1 ? { 'Waybill-Case': cases[0]! } : {}), ...(repeated ? { 'Idempotent-Replayed': 'true' } : {}) };
  if (acknowledgement !== undefined) return { status: 200, headers, bytes: acknowledgement, contentType: mediaType };
  return { status: 200, headers, body: { cases, ...(errors.length === 0 ? {} : { refused: errors }) } };
}
