import { request } from 'node:http';

import type { Json, JsonObject } from '../../../../src/domain/json.ts';
import type { ServiceDefinition, ServiceOperation } from '../../../../src/domain/service/index.ts';
import type { DriverCall, DriverMemory, HttpDriver, Outcome, WireRequest, WireResult } from '../../../../src/connectors/driver.ts';

/** Carries out what a driver yields, over plain node:http: no pool, no limits, no sign-in. */
export async function drive(driver: HttpDriver, call: DriverCall, timeoutMs = 20_000): Promise<Outcome> {
  const steps = driver.call(call);
  let step = steps.next();
  while (step.done !== true) step = steps.next(await exchange(call.address ?? '', step.value, timeoutMs));
  return step.value;
}

/** What a driver yields when each request is answered by the next of these. */
export function driveWith(driver: HttpDriver, call: DriverCall, ...answers: readonly WireResult[]): { readonly outcome: Outcome | undefined; readonly requests: readonly WireRequest[] } {
  const requests: WireRequest[] = [];
  const steps = driver.call(call);
  let step = steps.next();
  for (const answer of answers) {
    if (step.done === true) break;
    requests.push(step.value);
    step = steps.next(answer);
  }
  if (step.done !== true) requests.push(step.value);
  return { outcome: step.done === true ? step.value : undefined, requests };
}

export function answer(status: number, body: Json | string = '', headers: { readonly [name: string]: string } = {}): WireResult {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { kind: 'response', status, headers: { 'content-type': typeof body === 'string' ? 'text/plain' : 'application/json', ...headers }, body: Buffer.from(text), truncated: false };
}

export interface Calling { readonly key?: string; readonly repeated?: boolean; readonly memory?: DriverMemory; readonly address?: string; readonly now?: number }

/** A call of an operation of the service. */
export function callOf(service: ServiceDefinition, operation: string, document: Json, { key, repeated = false, memory = new Map(), address, now = Date.now() }: Calling = {}): DriverCall {
  return { service, operation: service.operations[operation]!, document, idempotencyKey: key, repeated, memory, now, ...(address === undefined ? {} : { address }) };
}

/** A definition with what the driver does not look at filled in. */
export function definition(binding: JsonObject, operations: Readonly<Record<string, Partial<ServiceOperation> & { readonly binding: JsonObject }>>, preset?: string): ServiceDefinition {
  return {
    id: 'procure-to-pay/purchasing', version: '1.0.0', title: 'Purchasing', owner: 'it', system: 'erp', protocol: 'odata', objects: [], authentication: { kind: 'none' },
    limits: { concurrency: 0, perSecond: 0, burst: 0 }, timeouts: { connectMs: 1000, headersMs: 10_000, totalMs: 20_000 },
    retry: { maxAttempts: 5, maxMinutes: 10, baseDelaySeconds: 1, maxDelaySeconds: 60 }, circuit: { failures: 5, openSeconds: 30 }, classification: 'internal',
    binding, ...(preset === undefined ? {} : { preset }),
    operations: Object.fromEntries(Object.entries(operations).map(([name, operation]) => [name, {
      title: name, effect: ['read', 'query'].includes(String(operation.binding['do'])) ? 'reads' : 'writes', recovery: { by: 'none' }, ...operation,
    } satisfies ServiceOperation])),
  };
}

export function exchange(address: string, wire: WireRequest, timeoutMs: number): Promise<WireResult> {
  return new Promise((resolve) => {
    let sent = false;
    const failed = (error: NodeJS.ErrnoException): void => resolve({ kind: 'failure', sent, errorClass: error.code ?? 'error', message: error.message });
    const outgoing = request(address + wire.path, { method: wire.method, headers: { ...wire.headers, ...(wire.body === undefined ? {} : { 'content-length': Buffer.byteLength(wire.body) }) }, agent: false, timeout: timeoutMs }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', failed);
      response.on('end', () => {
        const headers = Object.fromEntries(Object.entries(response.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value ?? '']));
        resolve({ kind: 'response', status: response.statusCode ?? 0, headers, body: Buffer.concat(chunks), truncated: false });
      });
    });
    outgoing.on('socket', (socket) => socket.once('connect', () => { sent = true; }));
    outgoing.on('timeout', () => outgoing.destroy(Object.assign(new Error(`No answer within ${timeoutMs} ms.`), { code: 'timeout' })));
    outgoing.on('error', failed);
    outgoing.end(wire.body);
  });
}
