import type { DriverCall, DriverMemory, HttpDriver, Outcome, WireRequest, WireResult } from '../../src/connectors/driver.ts';
import { HttpTransport, readBase } from '../../src/connectors/http/index.ts';
import type { Json } from '../../src/domain/json.ts';
import type { ServiceDefinition } from '../../src/domain/service/index.ts';

export interface Caller {
  readonly url: string;
  readonly driver: HttpDriver;
  readonly service: ServiceDefinition;
  readonly credentials: NonNullable<DriverCall['credentials']>;
  readonly memory: DriverMemory;
  readonly timeoutMs: number;
  /** What was asked for, in order. */
  readonly log?: WireRequest[];
}

/** Makes one call of a driver over the real transport. */
export async function callService(caller: Caller, operation: string, document: Json, key?: string, repeated = false): Promise<Outcome> {
  const { service, driver, memory, credentials } = caller;
  const definition = service.operations[operation];
  if (definition === undefined) throw new Error(`no operation ${operation}`);
  const run = driver.call({ service, operation: definition, document, idempotencyKey: key, repeated, memory, credentials, now: Date.now() });
  let next = run.next();
  while (next.done !== true) {
    caller.log?.push(next.value);
    next = run.next(await send(caller.url, next.value, caller.timeoutMs));
  }
  return next.value;
}

export async function send(base: string, wire: WireRequest, timeoutMs: number): Promise<WireResult> {
  const transport = new HttpTransport({ base: readBase(base), clock: { setTimeout, clearTimeout: (handle) => { clearTimeout(handle as NodeJS.Timeout | undefined); } } });
  try {
    return await transport.send(wire, { connectMs: timeoutMs, headersMs: timeoutMs, totalMs: timeoutMs });
  } finally {
    await transport.close();
  }
}
