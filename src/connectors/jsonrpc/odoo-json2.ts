import type { Json, JsonObject } from '../../domain/json.ts';
import type { ServiceDefinition } from '../../domain/service/index.ts';
import { DriverError, type DriverCall } from '../driver.ts';
import { readBinding } from './binding.ts';
import type { Dialect, Exchange, RpcCall, RpcResult } from './dialect.ts';
import { readExactJson, writeExactJson } from './exact-json.ts';
import { meaningOf } from './odoo-faults.ts';
import { toOdoo } from './odoo-values.ts';
import { malformed, noAnswer } from './wire-outcome.ts';

/**
 * Odoo's external JSON-2 API, from 19.0 on: `POST /json/2/<model>/<method>` with named arguments, `ids` among them, in a
 * transaction of its own. The API key is a bearer token, which the transport adds.
 */
export class OdooJson2 implements Dialect {
  readonly locks = false;

  * invoke(rpc: RpcCall, call: DriverCall): Exchange<RpcResult> {
    if (rpc.arguments.length > 0) throw new DriverError('JSON-2 takes arguments by name; write them as "keywords", and record ids as "ids".');
    const { database } = call.credentials ?? {};
    const result = yield {
      method: 'POST', path: `/json/2/${encodeURIComponent(rpc.model)}/${encodeURIComponent(rpc.method)}`, safe: rpc.safe,
      headers: { 'content-type': 'application/json; charset=utf-8', 'accept': 'application/json', ...(database === undefined || database === '' ? {} : { 'x-odoo-database': database }) },
      body: writeExactJson(toOdoo({ ...rpc.keywords, ...(Object.keys(rpc.context).length === 0 ? {} : { context: rpc.context }) })),
    };
    if (result.kind === 'failure') return noAnswer(result, rpc.safe, call.now);
    const said = result.truncated ? undefined : read(result.body);
    if (result.status < 200 || result.status > 299) return refusal(said, result.status) === undefined ? noAnswer(result, rpc.safe, call.now) : meaningOf(refusal(said, result.status) ?? { name: '', message: '' }, rpc.safe, result.status);
    if (said === undefined) return malformed(result.status, result.truncated ? 'It is longer than what is taken; ask for fewer fields or records.' : 'It is no JSON.', rpc.safe);
    return { kind: 'answer', value: said, status: result.status };
  }

  problems(service: ServiceDefinition): readonly { readonly at: string; readonly message: string }[] {
    const found = Object.entries(service.operations).flatMap(([name, operation]) => {
      try {
        const positional = readBinding(operation).steps.find((step) => step.kind === 'call' && step.arguments.length > 0);
        return positional === undefined ? [] : [{ at: `/operations/${name}/binding`, message: `"${positional.name}" has arguments by position; JSON-2 takes them by name, as "keywords".` }];
      } catch (error) {
        // What cannot be read is reported by whoever reads all bindings.
        if (error instanceof DriverError) return [];
        throw error;
      }
    });
    return service.authentication.kind === 'bearer' ? found : [{ at: '/authentication/kind', message: 'JSON-2 signs in by an API key as bearer token; say "bearer".' }, ...found];
  }
}

function read(body: Uint8Array): Json | undefined {
  try {
    return readExactJson(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined;
    throw error;
  }
}

/** The error object of the documentation; what a proxy in between says is none. 429 and 503 are of whoever is in front. */
function refusal(said: Json | undefined, status: number): { readonly name: string; readonly message: string } | undefined {
  if (status === 429 || status === 503 || typeof said !== 'object' || said === null || Array.isArray(said)) return undefined;
  const { name, message } = said as JsonObject;
  return typeof name === 'string' && typeof message === 'string' ? { name, message } : undefined;
}
