import type { NobodyTold, ToldState } from '../events/told-requests.ts';
import { pendingReply, problemReply, withHeaders } from './reply.ts';
import type { ServiceReply } from './reply.ts';
import type { Untellable } from './service-intake.ts';

/** What the caller of a request that is about a case is told: the same, however often it asks. */
export function toldReply({ request, signalId, status, caseId, answer, expiresAt = '' }: ToldState, address: string): ServiceReply {
  const headers = { 'Waybill-Request': signalId, ...(caseId === undefined ? {} : { 'Waybill-Case': caseId }) };
  return withHeaders(
    status === 'kept' ? pendingReply(`${address}/requests/${signalId}`, `The request is recorded. No case waits for it yet; it is kept for one until ${expiresAt}. Ask at "location" whether one has it.`)
      : status === 'expired' ? problemReply(404, 'no-case-came', 'No case has waited for this.', `The request was kept until ${expiresAt}, and no case came for it. Ask whoever looks after this site; what is still to be done needs a request of its own, under a new key.`)
        : request.status === 204 ? { status: 204 }
          : request.bodyHash === undefined ? { status: request.status, body: { case: caseId ?? '' } }
            : answer === undefined ? problemReply(410, 'answer-erased', 'The answer is no longer kept.', 'The request was answered, and the answer has been erased since; do not send it again.')
              : { status: request.status, body: answer },
    headers,
  );
}

/** Nothing was recorded; the key is free. */
export function untoldReply(why: NobodyTold | Untellable): ServiceReply {
  switch (why.kind) {
    case 'none': return problemReply(404, 'no-case-waits', 'No case waits for this.', 'Nothing was recorded: the case is closed, has this already, or does not wait for it yet. Look at what the request is about; if it is right, send it again later under the same key, or ask whoever looks after this site.');
    case 'several': return problemReply(409, 'several-cases-wait', 'More than one case waits for this.', 'Nothing was recorded, because it is not known which one is meant. Ask whoever looks after this site; the same key may be used again.');
    case 'unusable': return problemReply(422, why.code, 'The request cannot be told to a case.', `${why.message} Nothing was recorded; the key is still free.`);
    case 'no-answer': return problemReply(500, why.code, 'The answer cannot be made.', 'The site has to mend that; nothing was recorded. Send it again later under the same key.');
  }
}

export const keyReused = (): ServiceReply => problemReply(422, 'idempotency-key-reused', 'The idempotency key was used for another request.', 'A key stands for one request: repeat it exactly as it was, or send this one under a key of its own.');

export const webhookReplayed = (): ServiceReply => problemReply(409, 'webhook-replayed', 'This very delivery was taken before.', 'Nothing was done again. To ask for its answer, sign the same body anew, with the same webhook-id and the time of now.');
