import type { AccountStore, UserRecord } from '../../../ledger/accounts-port.ts';
import { accessNote } from '../accounts/access-note.ts';
import { headerOf, type Request } from '../http.ts';
import { problem, type WebError } from '../problems.ts';
import { PasswordBusyError, verifyPassword } from './passwords.ts';
import type { FoundSession } from './sessions.ts';
import { SignInThrottle } from './sign-in-throttle.ts';

/** Wrong PINs in a row after which the shared session is over. */
const MOST_FAILURES = 5;
const MAX_SESSIONS = 10_000;
const MAX_NAME = 256;

/**
 * Who makes a write on a shared device: the person of the PIN, which comes with every write. Guessing is
 * slowed down per session and person, and per account that signed the device in, for each person and for
 * all together, and ends the session after five wrong ones in a row. Never per person alone or per
 * address: nobody locks others out on other devices, though a whole site may share an address.
 */
export class PinGuard {
  readonly #throttle = new SignInThrottle();
  readonly #failures = new Map<string, number>();

  /** The person of the PIN. @throws WebError `pin-required`, `pin-missing`, `pin-wrong`, `too-many-attempts`, `not-signed-in` when the session was ended */
  async personOf(store: AccountStore, session: FoundSession, request: Request): Promise<UserRecord> {
    const pin = headerOf(request, 'x-waybill-pin');
    if (pin === undefined || pin === '') throw problem('pin-required');
    const as = decoded(headerOf(request, 'x-waybill-as'))?.slice(0, MAX_NAME);
    const person = as === undefined || as === '' ? session.user : await store.findUserByName(as) ?? await store.findUserByBadge(as);
    if (person === session.user && person.pinHash === undefined) throw problem('pin-missing');
    const { idHash } = session.record;
    const who = person?.id ?? `name ${as ?? ''}`.toLowerCase();
    const attempts = [
      { account: '', address: '', device: `${idHash} ${who}` },
      { account: who, address: `signed in as ${session.user.id}`, device: undefined },
    ];
    const now = Date.now();
    const delay = Math.max(...attempts.map((attempt) => this.#throttle.delay(attempt, now)));
    if (delay > 0) {
      const seconds = Math.ceil(delay / 1_000);
      throw problem('too-many-attempts', `Too many wrong PINs; try again in ${seconds} s.`, { headers: { 'Retry-After': String(seconds) } });
    }
    for (const attempt of attempts) this.#throttle.begin(attempt, now);
    this.#count(idHash);
    const right = await verifyPassword(pin.slice(0, 16), person?.pinHash).catch((error: unknown) => {
      if (error instanceof PasswordBusyError) throw problem('busy', error.message, { headers: { 'Retry-After': '5' } });
      throw error;
    });
    if (person === undefined || !right || person.disabled) throw await this.#wrong(store, session);
    for (const attempt of attempts) this.#throttle.succeeded(attempt);
    this.#failures.delete(idHash);
    return person;
  }

  /** Counted before the PIN is looked at, so that attempts at the same moment all count. */
  #count(idHash: string): void {
    this.#failures.set(idHash, (this.#failures.get(idHash) ?? 0) + 1);
    while (this.#failures.size > MAX_SESSIONS) this.#failures.delete(this.#failures.keys().next().value!);
  }

  async #wrong(store: AccountStore, session: FoundSession): Promise<WebError> {
    const failures = this.#failures.get(session.record.idHash) ?? 1;
    const left = MOST_FAILURES - failures;
    if (left > 0) return problem('pin-wrong', `The PIN is wrong, or it is not this person's. After ${left} more the device is signed out.`);
    this.#failures.delete(session.record.idHash);
    await store.deleteSession(session.record.idHash, accessNote('session-ended wrong-pins', session.user.id));
    return problem('not-signed-in', 'The PIN was wrong too often; this device is signed out. Sign in again.');
  }
}

/** The page sends it percent-encoded, because headers carry no umlauts. */
function decoded(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  try {
    return decodeURIComponent(value);
  } catch (error) {
    if (error instanceof URIError) return value;
    throw error;
  }
}
