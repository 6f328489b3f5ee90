import { randomBytes, randomInt, scrypt, timingSafeEqual } from 'node:crypto';
import { MAX_PASSWORD_LENGTH } from './password-rules.ts';

export { MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH, passwordProblem } from './password-rules.ts';

/** scrypt's cost (RFC 7914): 2^15 × 8 × 1 takes 32 MiB and some 80 ms. */
const COST = { N: 2 ** 15, r: 8, p: 1 };
const KEY_BYTES = 32;
const SALT_BYTES = 16;
/** Bounds for parameters read from a stored hash, so that a damaged one cannot exhaust the memory. */
const MAX_MEMORY = 256 * 1024 * 1024;

/** Derivations that run at the same time; others wait. Bounds memory during a flood of sign-ins. */
const PARALLEL = 2;
/** Derivations that may wait; beyond it {@link PasswordBusyError}. */
const MAX_WAITING = 64;

/** The server is busy with other sign-ins; try again in a moment. */
export class PasswordBusyError extends Error {
  override readonly name = 'PasswordBusyError';
}

let running = 0;
const waiting: (() => void)[] = [];

async function withSlot<T>(work: () => Promise<T>): Promise<T> {
  if (running >= PARALLEL) {
    if (waiting.length >= MAX_WAITING) throw new PasswordBusyError('Too many sign-ins at the same moment.');
    await new Promise<void>((resolve) => waiting.push(resolve));
  } else {
    running += 1;
  }
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  }
}

function derive(password: string, salt: Buffer, cost: { N: number; r: number; p: number }, length: number): Promise<Buffer> {
  const options = { ...cost, maxmem: MAX_MEMORY };
  // NFKC: the same password typed on another keyboard or system gives the same bytes (SP 800-63B §3.1.1.2).
  const bytes = Buffer.from(password.normalize('NFKC'), 'utf8');
  return withSlot(() => new Promise((resolve, reject) => {
    scrypt(bytes, salt, length, options, (error, key) => (error === null ? resolve(key) : reject(error)));
  }));
}

/** Hashes a password: `scrypt$N=32768,r=8,p=1$<salt>$<key>`, salt and key in base64url. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const key = await derive(password, salt, COST, KEY_BYTES);
  return `scrypt$N=${COST.N},r=${COST.r},p=${COST.p}$${salt.toString('base64url')}$${key.toString('base64url')}`;
}

const FORMAT = /^scrypt\$N=(\d{1,8}),r=(\d{1,3}),p=(\d{1,2})\$([\w-]{16,})\$([\w-]{32,})$/;

/** Stands in for the hash of an account that does not exist, so that both answers take the same time. */
const NOBODY = `scrypt$N=${COST.N},r=${COST.r},p=${COST.p}$${'A'.repeat(22)}$${'A'.repeat(43)}`;

/**
 * True when the password belongs to the stored hash. With `undefined` (no such account) or a hash that
 * is not ours it works as long and answers false.
 * @throws PasswordBusyError
 */
export async function verifyPassword(password: string, stored: string | undefined): Promise<boolean> {
  const known = stored === undefined ? null : FORMAT.exec(stored);
  const [, n, r, p, salt, key] = (known ?? FORMAT.exec(NOBODY))!;
  const expected = Buffer.from(key!, 'base64url');
  const found = await derive(password.slice(0, MAX_PASSWORD_LENGTH), Buffer.from(salt!, 'base64url'), { N: Number(n), r: Number(r), p: Number(p) }, expected.length);
  return timingSafeEqual(found, expected) && known !== null;
}

/** True when the hash was made with parameters that are no longer ours: the next sign-in makes it anew. */
export function needsRehash(stored: string): boolean {
  const known = FORMAT.exec(stored);
  return known !== null && (Number(known[1]) !== COST.N || Number(known[2]) !== COST.r || Number(known[3]) !== COST.p);
}

/** Consonants and vowels that are not mistaken for one another on paper or on the phone. */
const CONSONANTS = 'bdfghjkmnprstvz';
const VOWELS = 'aeiou';

/** A random password that can be read out: five groups such as `tibag`, some 80 bits. */
export function readablePassword(): string {
  const pick = (letters: string): string => letters[randomInt(letters.length)]!;
  const group = (): string => pick(CONSONANTS) + pick(VOWELS) + pick(CONSONANTS) + pick(VOWELS) + pick(CONSONANTS);
  return [group(), group(), group(), group(), group()].join('-');
}
