import type { Json, JsonObject } from '../../domain/json.ts';

/** One place of a request that is wrong, as RFC 9457 §3 shows it: a JSON Pointer in fragment form and what is wrong there. */
export interface ReplyFault extends JsonObject { readonly pointer: string; readonly detail: string }

/** What a caller is answered. */
export interface ServiceReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Json;
  /** In place of `body`: what is no JSON. */
  readonly bytes?: Uint8Array;
  /** `application/json` when absent. */
  readonly contentType?: string;
  /** Of a refusal, where it is known: whom it is for. It counts for figures alone. */
  readonly caller?: string;
}

/** A refusal as problem details (RFC 9457); `detail` says what to do. */
export function problemReply(status: number, code: string, title: string, detail: string, more: { readonly headers?: Readonly<Record<string, string>>; readonly errors?: readonly ReplyFault[]; readonly members?: JsonObject } = {}): ServiceReply {
  return {
    status, contentType: 'application/problem+json', ...(more.headers === undefined ? {} : { headers: more.headers }),
    body: { type: `urn:waybill:problem:${code}`, title, status, detail, code, ...more.members, ...(more.errors === undefined ? {} : { errors: more.errors }) },
  };
}

export const again = (seconds: number): Readonly<Record<string, string>> => ({ 'Retry-After': String(seconds) });

export function withHeaders(reply: ServiceReply, headers: Readonly<Record<string, string>>): ServiceReply {
  return { ...reply, headers: { ...headers, ...reply.headers } };
}

/** Nothing can be recorded now; nothing was. */
export function unavailable(detail = 'Nothing was recorded: send the same request again in a moment, under the same key.'): ServiceReply {
  return problemReply(503, 'service-unavailable', 'The request cannot be taken in now.', detail, { headers: again(2) });
}

/** How soon a caller looks again for an answer that takes longer, s. */
const LOOK_AGAIN = 5;

export function pendingReply(status: string, detail = 'The request is recorded and being worked; ask at "location" for its answer.'): ServiceReply {
  return { status: 202, headers: { Location: status, ...again(LOOK_AGAIN) }, body: { status: 'accepted', detail, location: status } };
}
