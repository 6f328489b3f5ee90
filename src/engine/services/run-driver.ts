import { SecretError, TokenUnavailable } from '../../connectors/auth/index.ts';
import type { Signer } from '../../connectors/auth/index.ts';
import { DriverError } from '../../connectors/driver.ts';
import type { DriverCall, HttpDriver, Line, LineNote, Outcome, WireRequest, WireResult } from '../../connectors/driver.ts';

/** Requests of one call; a driver that needs more is going round in circles. */
const mostRequests = 50;

/** What was on the wire for one call, in order; handed to whoever records it. */
export type Witness = (request: WireRequest, result: WireResult, durationMs: number) => void;

export interface Wire {
  readonly signer: Signer;
  /** Brings a signed request to the system. */
  readonly send: (request: WireRequest) => Promise<WireResult>;
  readonly witness?: Witness;
}

/** Lets a driver make its call: signs what it yields, signs anew once where the system no longer takes the sign-in, and gives it what came back. */
export async function runDriver(driver: HttpDriver, call: () => DriverCall, wire: Wire): Promise<Outcome> {
  let unsafeSent = false;
  try {
    const steps = driver.call(call());
    let next = steps.next();
    for (let count = 0; next.done !== true; count++) {
      if (count >= mostRequests) return { kind: unsafeSent ? 'unknown' : 'refused', problem: { title: 'The call needs more requests than one call may make; its service has to be mended.', errorClass: 'driver' } };
      const request = next.value;
      const result = await sent(request, wire, () => { unsafeSent ||= !request.safe; });
      next = steps.next(result);
    }
    return next.value;
  } catch (error) {
    if (error instanceof DriverError) return { kind: unsafeSent ? 'unknown' : 'refused', problem: { title: error.message, errorClass: 'bad-document', ...(error.at === undefined ? {} : { target: error.at }) } };
    if (error instanceof SecretError) {
      const problem = { title: error.message, errorClass: error instanceof TokenUnavailable ? 'no-token' : 'not-authorised' };
      if (unsafeSent) return { kind: 'unknown', problem };
      return { kind: 'again', problem, ...(error instanceof TokenUnavailable ? {} : { hopeless: true as const }) };
    }
    throw error;
  }
}

/** Lets a driver with connections of its own make its call. What it throws came before anything was sent. */
export async function runLine(line: () => Line, call: () => DriverCall, witness: (note: LineNote, durationMs: number) => void): Promise<Outcome> {
  let since = performance.now();
  const note = (each: LineNote): void => {
    const now = performance.now();
    witness(each, now - since);
    since = now;
  };
  try {
    return await line().call(call(), note);
  } catch (error) {
    if (error instanceof DriverError) return { kind: 'refused', problem: { title: error.message, errorClass: 'bad-document', ...(error.at === undefined ? {} : { target: error.at }) } };
    if (error instanceof SecretError) return { kind: 'again', problem: { title: error.message, errorClass: 'not-authorised' }, hopeless: true };
    // A certificate file that is not there.
    if (error instanceof RangeError) return { kind: 'again', problem: { title: error.message, errorClass: 'bad-request' }, hopeless: true };
    throw error;
  }
}

async function sent(request: WireRequest, { signer, send, witness }: Wire, leaving: () => void): Promise<WireResult> {
  const once = async (signed: WireRequest): Promise<WireResult> => {
    const started = performance.now();
    leaving();
    const result = await send(signed);
    witness?.(request, result, performance.now() - started);
    return result;
  };
  const signed = await signer.sign(request);
  const result = await once(signed);
  if (result.kind !== 'response' || result.status !== 401) return result;
  // Not taken for its sign-in means not done: it may go again with another one.
  const anew = await signer.again(request, signed);
  return anew === undefined ? result : once(anew);
}
