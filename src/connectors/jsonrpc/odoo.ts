import type { Json, JsonObject } from '../../domain/json.ts';
import { DriverError, type DriverCall, type WireRequest, type WireResult } from '../driver.ts';
import type { Dialect, Exchange, RpcCall, RpcResult } from './dialect.ts';
import { readExactJson, writeExactJson } from './exact-json.ts';
import { meaningOf, type OdooFault } from './odoo-faults.ts';
import { toOdoo } from './odoo-values.ts';
import type { WireValue } from './typed.ts';
import { readAnswer, type NoAnswer } from './wire-outcome.ts';

/** How a call of one of Odoo's two services is written, and its answer read. */
export interface OdooCodec {
  readonly contentType: string;
  path(service: 'common' | 'object'): string;
  write(service: 'common' | 'object', method: string, params: readonly WireValue[]): string;
  /** @throws SyntaxError when it is none */
  read(body: Uint8Array): OdooAnswer;
}

export type OdooAnswer = { readonly result: Json } | { readonly fault: OdooFault };

/** JSON-RPC 2.0 at `/jsonrpc`. */
export const odooJson: OdooCodec = {
  contentType: 'application/json',
  path: () => '/jsonrpc',
  write: (service, method, params) => writeExactJson({ jsonrpc: '2.0', method: 'call', params: { service, method, args: params }, id: 1 }),
  read: (body) => {
    const answer = readExactJson(new TextDecoder('utf-8', { fatal: true }).decode(body));
    if (typeof answer !== 'object' || answer === null || Array.isArray(answer) || (answer as JsonObject)['jsonrpc'] !== '2.0') throw new SyntaxError('It is no answer of JSON-RPC 2.0.');
    const { error, result } = answer as JsonObject;
    // A method that returns nothing has no result at all.
    if (error === undefined) return { result: result ?? null };
    const { data, message } = error as JsonObject;
    const { name, message: said } = (data ?? {}) as JsonObject;
    return { fault: { name: typeof name === 'string' ? name : '', message: typeof said === 'string' ? said : String(message ?? '') } };
  },
};

/**
 * Odoo's external RPC API (execute_kw): every call carries database, user and password or API key, so its bodies are
 * recorded nowhere. Deprecated by Odoo since 19, where JSON-2 takes its place.
 */
export class Odoo implements Dialect {
  readonly locks = false;
  readonly #codec: OdooCodec;

  constructor(codec: OdooCodec = odooJson) {
    this.#codec = codec;
  }

  * invoke(rpc: RpcCall, call: DriverCall): Exchange<RpcResult> {
    const { database, password } = credentials(call);
    for (let renewed = false; ; renewed = true) {
      const known = call.memory.get(memoryKey(call)) as number | undefined;
      const uid = known ?? (yield* this.#authenticate(call));
      if (typeof uid !== 'number') return uid;
      const keywords = { ...rpc.keywords, ...(Object.keys(rpc.context).length === 0 ? {} : { context: rpc.context }) };
      const params = [database, uid, password, rpc.model, rpc.method, toOdoo(rpc.arguments), toOdoo(keywords)];
      const answer = this.#answer(yield this.#request('object', 'execute_kw', params, rpc.safe), rpc.safe, call);
      if ('kind' in answer) return answer;
      if ('result' in answer) return { kind: 'answer', value: answer.result, status: 200 };
      const denied = answer.fault.name.endsWith('AccessDenied');
      if (!denied || renewed || known === undefined) return meaningOf(answer.fault, rpc.safe);
      call.memory.delete(memoryKey(call));
    }
  }

  problems(): readonly { readonly at: string; readonly message: string }[] {
    return [];
  }

  * #authenticate(call: DriverCall): Exchange<number | NoAnswer> {
    const { database, user, password } = credentials(call);
    const answer = this.#answer(yield this.#request('common', 'authenticate', [database, user, password, {}], true), true, call);
    if ('kind' in answer) return answer;
    if ('fault' in answer) return meaningOf(answer.fault, true);
    if (typeof answer.result !== 'number') return { kind: 'again', hopeless: true, problem: { title: 'Odoo did not take user and password of the system.', errorClass: 'not-authorised' } };
    call.memory.set(memoryKey(call), answer.result);
    return answer.result;
  }

  #request(service: 'common' | 'object', method: string, params: readonly WireValue[], safe: boolean): WireRequest {
    return { method: 'POST', path: this.#codec.path(service), headers: { 'content-type': this.#codec.contentType, 'accept': this.#codec.contentType }, body: this.#codec.write(service, method, params), safe };
  }

  #answer(result: WireResult, safe: boolean, call: DriverCall): OdooAnswer | NoAnswer {
    return readAnswer(result, (body) => this.#codec.read(body), safe, call.now);
  }
}

const memoryKey = (call: DriverCall): string => `odoo ${call.credentials?.database ?? ''} ${call.credentials?.user ?? ''}`;

/** The database beside the user, or in front of it: `mycompany/admin`. */
function named(call: DriverCall): readonly [database: string | undefined, user: string | undefined] {
  const { database, user } = call.credentials ?? {};
  if (database !== undefined && database !== '') return [database, user];
  const slash = user?.indexOf('/') ?? -1;
  return slash < 0 ? [undefined, user] : [user?.slice(0, slash), user?.slice(slash + 1)];
}

function credentials(call: DriverCall): { readonly database: string; readonly user: string; readonly password: string } {
  const { password } = call.credentials ?? {};
  const [database, user] = named(call);
  if (database === undefined || database === '' || user === undefined || user === '' || password === undefined || password === '') throw new DriverError('Odoo needs a database, a user and a password or API key; write them into the system\'s sign-in, the user as database/user.');
  return { database, user, password };
}
