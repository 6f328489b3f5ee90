import express from 'express';
import type { Ledger } from '../../ledger/port.ts';
import { recordAccess } from './access-log.ts';
import { recordRefusedCommand } from './refused-commands.ts';
import { authenticate, requireOwnPage, writerOf, type Caller } from './auth/authenticate.ts';
import { headerOf, queryOf, readBytes, readJson, requestPath, send, sendProblem, type Reply, type Request, type Response } from './http.ts';
import { commandKey, IdempotentReplies } from './idempotency.ts';
import { openApiDocument } from './openapi.ts';
import type { Operation, Services } from './operation.ts';
import { permissionsOf } from './permissions.ts';
import { problem, WebError } from './problems.ts';
import { remoteAddress } from './resources/session.ts';
import { requestValidator, type RequestValidator } from './validate.ts';

/** How long a client should wait before it tries a command again. */
const RETRY_AFTER_SECONDS = '5';

interface ApiOptions {
  readonly operations: readonly Operation[];
  readonly version: string;
  /** Throws the problem that says why there are none now. */
  readonly services: () => Services;
  readonly log: (message: string) => void;
}

/** The router of `/waybill/api/v1`. */
export function createApiRouter({ operations, version, services, log }: ApiOptions): express.Router {
  const router = express.Router({ caseSensitive: true, strict: true });
  const replies = new IdempotentReplies();
  const serve = (handle: (request: Request) => Promise<Reply>) => (request: Request, response: Response): void => {
    handle(request).then((reply) => send(request, response, reply)).catch((error: unknown) => sendProblem(request, response, asProblem(error), log));
  };
  router.get('/openapi.json', serve((request) => Promise.resolve({
    status: 200, json: openApiDocument(operations, version, `${request.waybillBase ?? ''}/api/v1`),
  })));
  for (const operation of operations) {
    const validator = requestValidator(operation);
    router[operation.method](pattern(operation), serve((request) => answer(operation, validator, request, services(), replies, version)));
  }
  for (const path of new Set(operations.map(pattern))) {
    const allowed = operations.filter((operation) => pattern(operation) === path).map((operation) => operation.method.toUpperCase());
    router.all(path, serve(() => Promise.reject(problem('method-not-allowed', undefined, { headers: { Allow: allowed.join(', ') } }))));
  }
  router.use(serve(() => Promise.reject(problem('not-found', 'The API has no such address; openapi.json lists them.'))));
  return router;
}

/** Express's form of an OpenAPI path. */
function pattern(operation: Operation): string {
  return operation.pattern ?? operation.path.replace(/\{(\w+)\}/g, ':$1');
}

/** The whole way of one request. Checks go from who to what, so that strangers learn nothing about what is there. */
async function answer(operation: Operation, validator: RequestValidator, request: Request, services: Services, replies: IdempotentReplies, version: string): Promise<Reply> {
  const caller = operation.access === 'public' ? undefined : await allowedCaller(operation, request, services);
  if (caller === 'skip') return { status: 204 };
  try {
    return await carriedOut(operation, validator, request, services, replies, version, caller);
  } catch (error) {
    const known = asProblem(error);
    if (caller !== undefined && (operation.command || operation.rawBody !== undefined) && known instanceof WebError) await recordRefusedCommand(services, caller, operation.id, known, remoteAddress(request));
    throw known;
  }
}

async function carriedOut(operation: Operation, validator: RequestValidator, request: Request, services: Services, replies: IdempotentReplies, version: string, caller: Caller | undefined): Promise<Reply> {
  const raw = Object.entries(request.params ?? {}).map(([name, value]) => [name, Array.isArray(value) ? value.join('/') : value]);
  const params = validator.params(Object.fromEntries(raw) as Record<string, string>);
  const query = validator.query(queryOf(request));
  if (operation.rawBody !== undefined) requireReady(services);
  const body = operation.method === 'get' ? undefined
    : operation.rawBody === undefined ? validator.body(await readJson(request)) : await readBytes(request, operation.rawBody);
  const key = operation.command && caller !== undefined ? idempotencyKey(request, caller) : undefined;
  const run = (): Promise<Reply> => {
    if (operation.command) requireReady(services);
    const validated = { params, query, body, services, ledger: () => readableLedger(services), commandKey: key, raw: request, version };
    return operation.handle(validated as Parameters<Operation['handle']>[0], caller);
  };
  return key === undefined ? await run() : await replies.run(key, body, Date.now(), run);
}

async function allowedCaller(operation: Operation, request: Request, services: Services): Promise<Caller | 'skip'> {
  const asker = await authenticate(services.accounts, services.sessions, request);
  if (asker === undefined) throw problem('not-signed-in', undefined, { headers: { 'WWW-Authenticate': 'Bearer realm="waybill"' } });
  if (operation.method !== 'get') requireOwnPage(asker, request, services.waybill.settings.publicUrl);
  const caller = await callerOf(operation, asker, request, services);
  if (caller === 'skip') return caller;
  const { access } = operation;
  if (access === 'public' || access === 'signed-in' || caller.permissions.has(access)) return caller;
  const narrowed = caller.scopes !== undefined && permissionsOf(caller.identity.roles).has(access);
  await recordAccess(services, {
    kind: 'refused', name: caller.identity.name, userId: caller.identity.userId, authMethod: caller.identity.authMethod,
    reason: `${narrowed ? 'scope-missing' : 'not-allowed'} ${operation.id}`, remoteAddress: remoteAddress(request),
  });
  const byPin = caller.identity.authMethod === 'pin' && permissionsOf(caller.identity.roles).has(access);
  throw byPin ? problem('not-allowed', 'A PIN is not enough for this; sign in on a device that is yours alone.') : problem(narrowed ? 'scope-missing' : 'not-allowed');
}

/** On a shared device the person of the PIN makes the write; wrong PINs are recorded. */
async function callerOf(operation: Operation, asker: Caller, request: Request, services: Services): Promise<Caller | 'skip'> {
  if (operation.method === 'get' || operation.pin === 'never' || asker.session?.record.shared !== true) return asker;
  if (operation.pin === 'skip' && headerOf(request, 'x-waybill-pin') === undefined) return 'skip';
  try {
    return await writerOf(services.accounts, services.sessions, asker, request);
  } catch (error) {
    if (error instanceof WebError && ['pin-wrong', 'too-many-attempts', 'not-signed-in'].includes(error.code)) {
      await recordAccess(services, {
        kind: 'refused', name: asker.identity.name, userId: asker.identity.userId, authMethod: 'pin', reason: `${error.code === 'not-signed-in' ? 'pin-wrong' : error.code} ${operation.id}`, remoteAddress: remoteAddress(request),
      });
      services.waybill.accountsChanged();
    }
    throw error;
  }
}

function idempotencyKey(request: Request, caller: Caller): string | undefined {
  const key = headerOf(request, 'idempotency-key');
  if (key === undefined) return undefined;
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) throw problem('idempotency-key-invalid');
  return commandKey(caller.identity.userId, `${request.method ?? ''} ${requestPath(request)}`, key);
}

function requireReady({ waybill }: Services): void {
  if (waybill.state === 'ready') return;
  throw problem('engine-not-ready', waybill.reason, { headers: { 'Retry-After': RETRY_AFTER_SECONDS }, members: { engine: waybill.state } });
}

function readableLedger({ waybill }: Services): Ledger {
  if (waybill.ledger === undefined) throw problem('ledger-unavailable', waybill.reason);
  return waybill.ledger;
}

/** Errors of the stores below become problems once, here. They are told by name: the web only knows their ports' types. */
function asProblem(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof WebError) return error;
  if (error.name === 'LedgerError') {
    const { code } = error as Error & { code?: string };
    return problem(code === 'queue-full' ? 'busy' : code === 'bad-cursor' ? 'cursor-invalid' : 'ledger-unavailable', error.message, { cause: error, headers: { 'Retry-After': RETRY_AFTER_SECONDS } });
  }
  return error.name === 'AccountError' ? problem('accounts-unavailable', error.message, { cause: error }) : error;
}
