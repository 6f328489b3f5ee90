import type { AccountStore } from '../../ledger/accounts-port.ts';
import type { Ledger } from '../../ledger/port.ts';
import type { Outcome, Waybill } from '../../engine/api.ts';
import type { Caller } from './auth/authenticate.ts';
import type { Sessions } from './auth/sessions.ts';
import type { SignInThrottle } from './auth/sign-in-throttle.ts';
import type { Reply, Request } from './http.ts';
import type { FieldMask } from './masking-settings.ts';
import type { Permission } from './permissions.ts';
import { commandProblem, problem, type ProblemCode } from './problems.ts';

/** A JSON Schema (2020-12), the same one that validates and that the OpenAPI document shows. */
export type Schema = { readonly [keyword: string]: unknown };

/** What the handlers work with. */
export interface Services {
  readonly waybill: Waybill;
  readonly accounts: AccountStore;
  readonly sessions: Sessions;
  readonly throttle: SignInThrottle;
  /** Sign-in at the company's provider, when there is one. */
  readonly oidc: { readonly label: string } | undefined;
  /** Facts that only some roles see. */
  readonly masks: readonly FieldMask[];
  /** Writes one line to the log of the process. */
  readonly log: (message: string) => void;
}

/** A validated request. */
export interface ApiRequest<Params, Query, Body> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly services: Services;
  /** The read side. Throws `ledger-unavailable` while there is none. */
  readonly ledger: () => Ledger;
  /** Idempotency-Key scoped to the person and the route; undefined when none came. */
  readonly commandKey: string | undefined;
  readonly raw: Request;
  /** Version of the program. */
  readonly version: string;
}

/** One route of the API: its document, its rules and its handler. */
export interface Operation {
  /** `operationId` of the document; stable. */
  readonly id: string;
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** Path below `/waybill/api/v1` in OpenAPI form. */
  readonly path: string;
  /** Express pattern, when the OpenAPI form cannot say it (a parameter with slashes). */
  readonly pattern?: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  /** `public`: nobody needs to be signed in; `signed-in`: anybody is enough. */
  readonly access: Permission | 'public' | 'signed-in';
  /** A command to the engine: needs it ready, takes an Idempotency-Key. */
  readonly command: boolean;
  /**
   * What a write needs on a shared device: the PIN of who makes it, by default; `never` asks for none;
   * `skip` does nothing there, for what the page sends by itself.
   */
  readonly pin?: 'never' | 'skip';
  readonly params?: Readonly<Record<string, Schema>>;
  readonly query?: Readonly<Record<string, Schema>>;
  readonly body?: Schema;
  readonly bodyOptional?: boolean;
  /** The body is bytes of one of these types, not JSON; the handler gets `{ type, bytes }`. */
  readonly rawBody?: { readonly types: readonly string[]; readonly maxBytes: number };
  readonly success: { readonly status: number; readonly description: string; readonly schema?: Schema; readonly contentType?: string };
  /** Problems beyond those that every operation can answer with. */
  readonly problems?: readonly ProblemCode[];
  readonly handle: (request: ApiRequest<never, never, never>, caller: Caller | undefined) => Promise<Reply>;
}

interface Definition<Params, Query, Body> extends Omit<Operation, 'handle' | 'command'> {
  readonly command?: boolean;
  readonly access: Permission | 'signed-in';
  readonly handle: (request: ApiRequest<Params, Query, Body>, caller: Caller) => Promise<Reply>;
}

/** Declares an operation for signed-in people; the type parameters say what its schemas let through. */
export function operation<Params = object, Query = object, Body = undefined>(definition: Definition<Params, Query, Body>): Operation {
  const { handle, command = false, ...rest } = definition;
  return {
    ...rest, command,
    handle: (request, caller) => {
      if (caller === undefined) throw problem('not-signed-in');
      return handle(request as unknown as ApiRequest<Params, Query, Body>, caller);
    },
  };
}

/** Declares an operation that needs nobody to be signed in. */
export function publicOperation<Params = object, Query = object, Body = undefined>(
  definition: Omit<Operation, 'handle' | 'command' | 'access'> & {
    readonly handle: (request: ApiRequest<Params, Query, Body>, caller: Caller | undefined) => Promise<Reply>;
  },
): Operation {
  const { handle, ...rest } = definition;
  return { ...rest, command: false, access: 'public', handle: (request, caller) => handle(request as unknown as ApiRequest<Params, Query, Body>, caller) };
}

/** The answer of a command; a refusal becomes its problem. */
export function accepted<T extends object>(outcome: Outcome<T>): Omit<{ readonly ok: true } & T, 'ok'> {
  if (!outcome.ok) throw commandProblem(outcome);
  const { ok: _ok, ...rest } = outcome;
  return rest;
}
