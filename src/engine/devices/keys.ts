import { pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto';

/** Of Mosquitto's own password files (`mosquitto_passwd`, 2.0): PBKDF2-SHA512, 101 rounds, 12 bytes of salt, 64 of hash. */
const rounds = 101;
const saltBytes = 12;
const hashBytes = 64;
/** More are somebody's mistake, and would hold up everything else. */
const mostRounds = 10_000;

/** A new key: 32 random bytes as 43 characters of base64url. It is shown once and kept nowhere. */
export function newDeviceKey(): string {
  return randomBytes(32).toString('base64url');
}

/** `$7$101$<salt>$<hash>`: says whether a key is the right one, and nothing about the key. Mosquitto reads it as it is. */
export function verifierOf(key: string): string {
  const salt = randomBytes(saltBytes);
  return `$7$${rounds}$${salt.toString('base64')}$${pbkdf2Sync(key, salt, rounds, hashBytes, 'sha512').toString('base64')}`;
}

/** Whether a password is the key behind a verifier; compared in constant time. */
export function isKeyOf(verifier: string, password: string): boolean {
  const [, kind, count, salt, hash] = verifier.split('$');
  const times = Number(count);
  if (kind !== '7' || salt === undefined || hash === undefined || !Number.isInteger(times) || times < 1 || times > mostRounds || password.length > 512) return false;
  const expected = Buffer.from(hash, 'base64');
  return expected.length === hashBytes && timingSafeEqual(expected, pbkdf2Sync(password, Buffer.from(salt, 'base64'), times, hashBytes, 'sha512'));
}
