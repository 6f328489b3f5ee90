import { isIPv6 } from 'node:net';

/** Failures that cost nothing, before the delays begin. */
const FREE_PER_ACCOUNT = 4;
const FREE_PER_ADDRESS = 20;
/** The first delay; each further failure doubles it up to the last. */
const FIRST_DELAY_MS = 1_000;
const LAST_DELAY_MS = 15 * 60_000;
/** A counter without a failure for so long is forgotten. */
const FORGET_MS = 60 * 60_000;
/** An address gets one failure back in so long: behind it a whole site may mistype now and then. */
const ADDRESS_LEAK_MS = 15 * 60_000;
/** Counters that are kept; the oldest go first. */
const MAX_COUNTERS = 20_000;

interface Counter { failures: number; last: number; until: number; /** `until` before the last attempt. */ readonly before: number }

/** What a sign-in is counted under. */
export interface Attempt {
  readonly account: string;
  readonly address: string;
  /** A browser that has signed in to this account before (its device cookie says so). */
  readonly device: string | undefined;
}

/**
 * Slows guessing down without letting anybody lock others out: failures count per account *and*
 * address, and per address; never per account alone. A browser that has signed in to the account before
 * has a counter of its own, so that failures of others behind the same address do not hold it up (OWASP
 * "device cookies"). Kept in memory; `now` is in milliseconds.
 */
export class SignInThrottle {
  readonly #counters = new Map<string, Counter>();

  /** Milliseconds until the attempt may be made; 0 when at once. */
  delay(attempt: Attempt, now: number): number {
    return Math.max(0, ...this.#keys(attempt).map(([key]) => (this.#counters.get(key)?.until ?? 0) - now));
  }

  /** Counts the attempt as failed, before the password is looked at: attempts at the same moment all count. */
  begin(attempt: Attempt, now: number): void {
    for (const [key, free, leak] of this.#keys(attempt)) {
      const before = this.#counters.get(key);
      const failures = before === undefined || now - before.last > FORGET_MS ? 1 : Math.max(0, before.failures - Math.max(0, now - before.last) / leak) + 1;
      this.#counters.delete(key);
      this.#counters.set(key, { failures, last: now, until: now + delayAfter(failures, free), before: before?.until ?? 0 });
    }
    while (this.#counters.size > MAX_COUNTERS) this.#counters.delete(this.#counters.keys().next().value!);
  }

  /** The attempt was none: clears the account's counter; the address only gets this attempt back, else one own account would reset it. */
  succeeded(attempt: Attempt): void {
    const [own, ...others] = this.#keys(attempt);
    this.#counters.delete(own![0]);
    for (const [key] of others) {
      const counter = this.#counters.get(key);
      if (counter === undefined) continue;
      counter.failures -= 1;
      // A success makes nobody wait.
      counter.until = counter.before;
    }
  }

  #keys({ account, address, device }: Attempt): readonly (readonly [key: string, free: number, leak: number])[] {
    const name = account.toLowerCase();
    if (device !== undefined) return [[`device ${device}`, FREE_PER_ACCOUNT, Infinity]];
    const network = networkOf(address);
    return [[`account ${network} ${name}`, FREE_PER_ACCOUNT, Infinity], [`address ${network}`, FREE_PER_ADDRESS, ADDRESS_LEAK_MS]];
  }
}

function delayAfter(failures: number, free: number): number {
  return failures <= free ? 0 : Math.min(LAST_DELAY_MS, FIRST_DELAY_MS * 2 ** (failures - free - 1));
}

/** What counts as one client: an IPv4 address, or the /64 that an IPv6 client owns whole. */
function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/, '').replace(/%.*$/, '');
  if (!isIPv6(plain)) return plain;
  const [head = '', tail] = plain.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length;
  return [...left, ...Array<string>(Math.max(0, zeros)).fill('0'), ...right].slice(0, 4).join(':');
}
