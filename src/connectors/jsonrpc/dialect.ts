import type { Json, JsonObject } from '../../domain/json.ts';
import type { ServiceDefinition } from '../../domain/service/index.ts';
import type { DriverCall, Problem, WireRequest, WireResult } from '../driver.ts';
import type { WireValue } from './typed.ts';
import type { NoAnswer } from './wire-outcome.ts';

/** One call of a method, filled. */
export interface RpcCall {
  /** Blank for a method of the server itself. */
  readonly model: string;
  readonly method: string;
  readonly arguments: readonly WireValue[];
  readonly keywords: { readonly [name: string]: WireValue };
  readonly context: { readonly [name: string]: WireValue };
  /** Records as they were read; the call is refused when one of them was changed since. */
  readonly lock: { readonly model: string; readonly rows: readonly JsonObject[] } | undefined;
  /** Names of warnings that may be answered with yes; a star at the end stands for any rest. */
  readonly accept: readonly string[];
  readonly safe: boolean;
}

export type RpcResult =
  | { readonly kind: 'answer'; readonly value: Json; readonly status: number }
  /** Nothing was done: somebody changed a record since it was read. */
  | { readonly kind: 'changed'; readonly problem: Problem }
  | NoAnswer;

export type Exchange<Result> = Generator<WireRequest, Result, WireResult>;

/** How one family of systems is spoken to. */
export interface Dialect {
  invoke(rpc: RpcCall, call: DriverCall): Exchange<RpcResult>;
  /** What of a service it cannot work with. */
  problems(service: ServiceDefinition): readonly { readonly at: string; readonly message: string }[];
  /** Whether it can refuse a call over records that were changed (`lock`). */
  readonly locks: boolean;
}
