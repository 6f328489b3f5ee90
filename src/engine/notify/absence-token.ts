import { createHmac, timingSafeEqual } from 'node:crypto';

/** How long the link in a mail sets absences. */
export const ABSENCE_LINK_MS = 7 * 86_400_000;

/** What the signature covers besides the token: a key that signs something else some day makes no absences. */
const purpose = 'waybill-absence-1';

function sign(key: Uint8Array, payload: string): Buffer {
  return createHmac('sha256', key).update(`${purpose}\0${payload}`).digest();
}

/** A token with which exactly this person (account id) sets an absence until `expires`, ms since 1970. It opens nothing else. */
export function absenceToken(key: Uint8Array, userId: string, expires: number): string {
  const payload = Buffer.from(JSON.stringify({ u: userId, x: Math.floor(expires / 1_000) })).toString('base64url');
  return `${payload}.${sign(key, payload).toString('base64url')}`;
}

/** The account id that a token is for; undefined when it is not ours or too old. */
export function readAbsenceToken(key: Uint8Array, token: string, now: number): string | undefined {
  const [payload = '', signature = '', ...more] = token.length > 500 ? [] : token.split('.');
  const given = Buffer.from(signature, 'base64url');
  const right = sign(key, payload);
  if (more.length > 0 || given.length !== right.length || !timingSafeEqual(given, right)) return undefined;
  // Signed by us, so it is what we wrote.
  const { u, x } = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as { readonly u: string; readonly x: number };
  return x * 1_000 > now ? u : undefined;
}
