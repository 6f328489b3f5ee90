import type { Json, JsonObject } from '../domain/json.ts';
import type { ServiceDefinition, ServiceOperation } from '../domain/service/index.ts';
import type { Base, TlsMaterial, TransportClock } from './http/index.ts';

/** One request of a driver, below the system's address: the transport adds host, sign-in, limits and timeouts. */
export interface WireRequest {
  readonly method: string;
  /** Path and query below the system's address, beginning with a slash; never a host. */
  readonly path: string;
  /** Lower-case names; no credentials but those of a session that the driver has opened itself (`authorization`), which are recorded nowhere. */
  readonly headers: { readonly [name: string]: string };
  readonly body: string | Uint8Array | undefined;
  /** Changes nothing over there: whatever becomes of it, it may be sent again. */
  readonly safe: boolean;
}

/** What came of a request. A failure is a value: `sent` false when the other side cannot have acted on it. */
export type WireResult =
  | { readonly kind: 'response'; readonly status: number; readonly headers: { readonly [name: string]: string }; readonly body: Uint8Array; readonly truncated: boolean }
  | { readonly kind: 'failure'; readonly sent: boolean; readonly errorClass: string; readonly message: string };

/** What is wrong, as RFC 9457 has it; `code` and `target` are the system's own. */
export interface Problem {
  readonly title: string;
  readonly status?: number;
  readonly detail?: string;
  readonly code?: string;
  readonly target?: string;
  /** Class for rules and counters: `http-503`, `timeout`, `malformed-answer`, `contract`. */
  readonly errorClass: string;
}

/** What became of a call. */
export type Outcome =
  /** `unreadable`: it happened, and what came back cannot be used; a person looks at it. */
  | { readonly kind: 'done'; readonly answer: Json; readonly status?: number; readonly etag?: string; readonly unreadable?: Problem }
  /** For good: the same document will not be taken later. */
  | { readonly kind: 'refused'; readonly problem: Problem }
  /** Somebody else changed it meanwhile; `newer` is how it stands now, where the system says so. */
  | { readonly kind: 'conflict'; readonly problem: Problem; readonly newer?: Json; readonly etag?: string }
  /** Certainly not done; `hopeless`: not before somebody mends something, such as credentials. */
  | { readonly kind: 'again'; readonly problem: Problem; readonly retryAfterMs?: number; readonly hopeless?: true }
  /** It may have been done. */
  | { readonly kind: 'unknown'; readonly problem: Problem; readonly retryAfterMs?: number };

/** What a driver keeps between calls to one system: a session, a CSRF token, metadata. Lost with the process; never secrets in the ledger. */
export type DriverMemory = Map<string, unknown>;

export interface DriverCall {
  readonly service: ServiceDefinition;
  readonly operation: ServiceOperation;
  /** As it was stored with the effect: exactly this is sent, however often. */
  readonly document: Json;
  /** Undefined for what reads. */
  readonly idempotencyKey: string | undefined;
  /** An earlier call under this key may have happened. */
  readonly repeated: boolean;
  readonly memory: DriverMemory;
  /** The system's address, to judge links that it gives out (`https://host:port/base`); absent: links to a host are refused. */
  readonly address?: string;
  /** Name and password of the system, for drivers that sign in by themselves. */
  readonly credentials?: { readonly user?: string; readonly password?: string; readonly database?: string };
  /** Of the sequence that the driver asks for; the same however often this call is made. */
  readonly number?: TakenNumber;
  readonly now: number;
}

/** A number out of a sequence of the ledger, and when it was taken (ISO 8601 UTC). */
export interface TakenNumber { readonly number: number; readonly at: string }

/** A sequence of whole numbers from 1 to `last`, and then from 1 again. */
export interface NumberSequence { readonly name: string; readonly last: number }

/**
 * Speaks a protocol over HTTP without I/O of its own: it yields requests, is given what came of them, and returns the
 * outcome. So a session, a CSRF token or a second look at an ETag is part of one call, and tests need no network.
 */
export interface HttpDriver {
  /** @throws DriverError when the definition or the document cannot be spoken: nothing was sent */
  call(call: DriverCall): Generator<WireRequest, Outcome, WireResult>;
  /** Of an operation whose documents are numbered: where its numbers come from; undefined as well for a document that cannot be spoken. Each effect gets one, once. */
  sequence?(operation: ServiceOperation, document: Json): NumberSequence | undefined;
  /** What of the definition's bindings this driver cannot work with: one sentence each, with the JSON Pointer of its place. */
  problems(service: ServiceDefinition): readonly { readonly at: string; readonly message: string }[];
}

/** Where a system is and how one signs in there, for a driver with connections of its own. */
export interface LineSettings {
  readonly base: Base;
  /** Of several that a server holds; blank: as the address says, or none. */
  readonly database: string;
  /** As the files have them now; the same object until one changes. @throws RangeError */
  readonly tls: () => TlsMaterial;
  /** Undefined where the system has none. @throws SecretError */
  readonly secret: (name: 'user' | 'password') => string | undefined;
  readonly clock: TransportClock;
}

/** What went over a line for one call: no values but `request` and `answer`, which are masked before they are kept. */
export interface LineNote {
  readonly method: string;
  readonly path: string;
  readonly request?: Json;
  readonly answer?: Json;
  /** Class of what went wrong; `sent`: the other side may have acted on it. */
  readonly failure?: { readonly errorClass: string; readonly sent: boolean };
}

/** The connections of one driver to one system. */
export interface Line {
  /** @throws DriverError, SecretError before anything was sent */
  call(call: DriverCall, witness: (note: LineNote) => void): Promise<Outcome>;
  /** Connects and signs in, and changes nothing. One sentence when that fails. @throws SecretError */
  reach(service: ServiceDefinition): Promise<string | undefined>;
  /** What is under way may come to its end. */
  close(): Promise<void>;
}

/** Speaks a protocol with connections of its own, such as a database's; limits, times and outcomes are those of all drivers. */
export interface LineDriver {
  /** Schemes of the addresses where it can be spoken. */
  readonly schemes: readonly string[];
  open(settings: LineSettings): Line;
  problems(service: ServiceDefinition): readonly { readonly at: string; readonly message: string }[];
}

/** The definition or the document cannot be spoken; `message` is one sentence that says what to do. */
export class DriverError extends Error {
  override readonly name = 'DriverError';
  /** JSON Pointer into the document. */
  readonly at: string | undefined;

  constructor(message: string, at?: string) {
    super(message);
    this.at = at;
  }
}

/** What a driver says of itself where only a part is known, for the ledger: masked and without secrets. */
export interface ExchangeNote extends JsonObject {
  readonly method: string;
  readonly path: string;
  readonly status: number | null;
  readonly durationMs: number;
  readonly requestHash: string;
  readonly answerHash: string;
}
