import { hash } from 'node:crypto';
import type { CallerProof, Offer } from '../../../domain/service/index.ts';
import { SIGNATURE_SECONDS } from '../../../domain/service/index.ts';
import { problemReply, unavailable } from '../reply.ts';
import type { ServiceReply } from '../reply.ts';
import type { ServiceRequest, ShownCertificate } from '../request.ts';
import type { Caller } from './caller.ts';
import { mayCall } from './caller.ts';
import type { IdentityProviders } from './identity-provider.ts';
import { sameText, signatureOf, tokenHash } from './secrets.ts';

/** Who calls. `delivery`: a signed request's own id and the hash of its signature, by which a replay is known. */
export interface Admitted { readonly caller: Caller; readonly by: CallerProof; readonly delivery?: { readonly id: string; readonly signature: string } }

/** Who calls is known once the body was read. */
export interface AfterBody { judge(body: Uint8Array): Admitted | ServiceReply }

const SIGNATURES = 10;

/** How a caller can prove who it is, for the sentence of a refusal. */
const HOW: Readonly<Record<CallerProof, string>> = {
  token: 'a token of this site as "Authorization: Bearer …"', oidc: 'a token of your identity provider as "Authorization: Bearer …"', mtls: 'a registered client certificate',
  signature: 'a signed request (webhook-id, webhook-timestamp, webhook-signature)',
};

function refused(code: string, detail: string, { admits }: Offer): ServiceReply {
  const bearer = admits.includes('token') || admits.includes('oidc');
  // RFC 9110 §11.6.1 asks for a challenge in every 401; schemes of no registered name say that there is another way.
  return problemReply(401, code, 'Who calls is not known.', detail, { headers: { 'WWW-Authenticate': bearer ? 'Bearer realm="waybill services"' : 'Waybill-Service realm="waybill services"' } });
}

/**
 * Who calls, as far as headers and connection say: the body of somebody who is refused is not read. What is presented first counts:
 * a signature, a bearer token, a client certificate.
 */
export async function admit(request: ServiceRequest, service: string, offer: Offer, callers: readonly Caller[], providers: IdentityProviders, now: number): Promise<Admitted | AfterBody | ServiceReply> {
  const mine = callers.filter((caller) => mayCall(caller, service));
  const { headers, certificate } = request;
  if (headers['webhook-signature'] !== undefined && offer.admits.includes('signature')) return signed(request, offer, mine, now);
  if (headers.authorization !== undefined) return bearer(headers.authorization, offer, { mine, callers }, providers, now, service);
  if (certificate !== undefined && offer.admits.includes('mtls')) return byCertificate(certificate, offer, mine, now);
  return refused('caller-unknown', `Send ${offer.admits.map((each) => HOW[each]).join(', or ')}.`, offer);
}

async function bearer(authorization: string, offer: Offer, { mine, callers }: { readonly mine: readonly Caller[]; readonly callers: readonly Caller[] }, providers: IdentityProviders, now: number, service: string): Promise<Admitted | ServiceReply> {
  const token = /^Bearer +([A-Za-z0-9\-._~+/]+=*)$/i.exec(authorization)?.[1]; // RFC 6750 §2.1
  if (token === undefined || token.length > 16_384) return refused('caller-unknown', `This is no bearer token; send ${offer.admits.map((each) => HOW[each]).join(', or ')}.`, offer);
  if (offer.admits.includes('token')) {
    const digest = tokenHash(token);
    let found: { readonly caller: Caller; readonly until: string | undefined } | undefined;
    // Every hash is compared, so that the time tells nothing.
    for (const caller of callers) for (const { sha256, until } of caller.tokens) if (sameText(sha256, digest)) found ??= { caller, until };
    if (found !== undefined) {
      if (found.until !== undefined && Date.parse(found.until) <= now) return { ...refused('token-expired', `The token ended on ${found.until.slice(0, 10)}; ask whoever looks after this site for a new one.`, offer), caller: found.caller.name };
      if (!mine.includes(found.caller)) return { ...problemReply(403, 'service-not-allowed', 'This caller may not call this service.', `Ask whoever looks after this site to let ${found.caller.name} call ${service}.`), caller: found.caller.name };
      return { caller: found.caller, by: 'token' };
    }
  }
  if (!offer.admits.includes('oidc') || token.split('.').length !== 3) return refused('token-invalid', 'The token is unknown here, or was taken back; ask whoever looks after this site for a new one.', offer);
  const verdict = await providers.verify(token, mine.flatMap((caller) => caller.identities.map((identity) => ({ caller, identity }))), now);
  if (verdict.kind === 'caller') return { caller: verdict.caller, by: 'oidc' };
  return verdict.kind === 'refused' ? refused('token-invalid', verdict.detail, offer) : unavailable(verdict.detail);
}

function byCertificate(shown: ShownCertificate, offer: Offer, mine: readonly Caller[], now: number): Admitted | ServiceReply {
  if (now > shown.validTo || now < shown.validFrom) return refused('certificate-expired', 'The client certificate is not valid today; renew it, and have the new one registered here.', offer);
  const caller = mine.find(({ certificates }) => certificates.some(({ sha256, subject }) => sha256 === shown.sha256 || (subject !== undefined && subject === shown.subject)));
  return caller === undefined ? refused('certificate-unknown', `No caller of this service has the client certificate with the SHA-256 fingerprint ${shown.sha256}; ask whoever looks after this site to register it.`, offer) : { caller, by: 'mtls' };
}

/** Standard Webhooks 1.0: `webhook-id`, `webhook-timestamp` (s) and `webhook-signature` (`v1,<base64>`, several with blanks between). */
function signed({ headers }: ServiceRequest, offer: Offer, mine: readonly Caller[], now: number): AfterBody | ServiceReply {
  const [id, timestamp, given] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => String(headers[name] ?? ''));
  if (!/^[\x21-\x7e]{1,200}$/.test(id!) || !/^\d{1,12}$/.test(timestamp!)) return refused('signature-incomplete', 'A signed request has a webhook-id of up to 200 characters without blanks and a webhook-timestamp in seconds since 1970; send both.', offer);
  const window = offer.signatureSeconds ?? SIGNATURE_SECONDS;
  const off = Math.round(now / 1_000) - Number(timestamp);
  if (Math.abs(off) > window) {
    return refused('signature-time', `The webhook-timestamp is ${Math.abs(off)} s ${off > 0 ? 'old' : 'ahead of this site'}, and ${window} s are allowed; sign the request anew with the time of now${off > 0 ? '' : ', and look at your clock'}.`, offer);
  }
  const signatures = given!.split(' ').filter((each) => each.startsWith('v1,')).map((each) => each.slice(3)).slice(0, SIGNATURES);
  if (signatures.length === 0) return refused('signature-incomplete', 'The webhook-signature has no "v1,<base64>"; sign with HMAC-SHA-256 over "<webhook-id>.<webhook-timestamp>.<body>".', offer);
  return {
    judge(body) {
      let found: Admitted | undefined;
      for (const caller of mine) {
        for (const { secret } of caller.secrets) {
          const right = signatureOf(secret, id!, timestamp!, body);
          for (const each of signatures) if (sameText(each, right)) found ??= { caller, by: 'signature', delivery: { id: id!, signature: hash('sha256', right, 'base64url') } };
        }
      }
      return found ?? refused('signature-invalid', 'The signature fits no secret of a caller of this service; sign the bytes that are sent, as "<webhook-id>.<webhook-timestamp>.<body>".', offer);
    },
  };
}
