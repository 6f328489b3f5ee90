import type { LineSettings, Outcome } from '../driver.ts';
import { failureOf, isThisMachine } from '../http/index.ts';
import type { QueueTarget } from './binding.ts';

/** A message as it is sent: JSON in UTF-8, kept over a restart of the broker. */
export interface Message { readonly id: string; readonly body: string; readonly sentAt: number }

/** A connection to a broker, opened when it is needed, and anew when it was lost. */
export interface Broker {
  /** Sends one message and waits until the broker has taken it over. Never rejects. */
  send(target: QueueTarget, message: Message, times: { readonly connectMs: number; readonly totalMs: number }): Promise<Outcome>;
  /** Undefined when it takes the sign-in; else one sentence. */
  reach(connectMs: number): Promise<string | undefined>;
  close(): Promise<void>;
}

export interface Account { readonly user: string; readonly password: string }

export const IN_CLEAR = 'The address of the system begins with amqp://, and the password would cross the network in the clear; write amqps://.';

export function isInClear({ base }: Pick<LineSettings, 'base'>): boolean {
  return !base.secure && !isThisMachine(base);
}

/** @throws SecretError */
export function accountOf({ secret }: LineSettings): Account {
  return { user: secret('user') ?? '', password: secret('password') ?? '' };
}

export function failed(kind: 'again' | 'unknown', message: string, errorClass: string): Outcome {
  return { kind, problem: { title: message, errorClass } };
}

/** Why no connection came about, where network or TLS say it: in the words that systems over HTTP have. Nothing was sent. */
export function unconnected(error: unknown, { base }: Pick<LineSettings, 'base'>): Outcome | undefined {
  if (!(error instanceof Error) || typeof (error as NodeJS.ErrnoException).code !== 'string') return undefined;
  const { errorClass, message } = failureOf(error, base, false);
  return /^(tls|name-not-found|ECONNREFUSED)/.test(errorClass) ? failed('again', message, errorClass) : undefined;
}

/** Somebody has to mend it: a queue that is not there, a right that is missing. */
export function toMend(message: string, errorClass: string): Outcome {
  return { kind: 'again', problem: { title: message, errorClass }, hopeless: true };
}

/** @throws Error that says how the library comes in */
export async function loaded<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') throw error;
    throw new LibraryMissing(`Queues of this kind need the package "${name}": run "npm install ${name}" in Node-RED's user directory, and restart.`, { cause: error });
  }
}

export class LibraryMissing extends Error {
  override readonly name = 'LibraryMissing';
}
