import { pointerOf } from '../json-pointer.ts';
import type { ServiceProblem } from './problem.ts';
import type { ServiceDefinition, ServiceOperation } from './service.ts';

/** By what a caller proves who it is: a token of ours, one of an identity provider, a client certificate, a signed request. */
export const CALLER_PROOFS = ['token', 'oidc', 'mtls', 'signature'] as const;
export type CallerProof = typeof CALLER_PROOFS[number];

/** What a site says to those who call a service that Waybill itself offers. */
export interface Offer {
  /** Any one of them is enough. */
  readonly admits: readonly CallerProof[];
  /** Of a request's body. */
  readonly maxBytes: number;
  /** How long a request waits for its answer; then its caller is told where to ask for it, ms. */
  readonly waitMs: number;
  /** By how much the time of a signed request may differ from ours, s. */
  readonly signatureSeconds?: number;
}

/** How long a signature counts when the service does not say, s. */
export const SIGNATURE_SECONDS = 300;

/** What every site serves below the address of an offered service; no operation has them. */
export const RESERVED_PATHS = ['/openapi.json', '/requests'] as const;

const METHODS: readonly string[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Protocols whose documents are taken as they are, as the body of a POST. */
export const DOCUMENT_PROTOCOLS: readonly string[] = ['edi', 'file'];

/** Method and path with its parameters unnamed: two operations that share it cannot be told apart. */
const shape = ({ binding }: ServiceOperation): string => `${text(binding['method']).toUpperCase() || 'POST'} ${text(binding['path']).replace(/\{[^{}]*\}/g, '{}')}`;

function* operationProblems(name: string, operation: ServiceOperation): Generator<ServiceProblem> {
  const at = pointerOf('operations', name);
  const method = text(operation.binding['method']).toUpperCase() || 'POST';
  const path = text(operation.binding['path']);
  if (!METHODS.includes(method)) yield { at: `${at}/binding/method`, message: `${JSON.stringify(method)} is no method that Waybill answers; write one of ${METHODS.join(', ')}.` };
  if (!path.startsWith('/') || path.length > 300 || /[?#\s]|\/\/|\/\.{1,2}(?:\/|$)/.test(path)) yield { at: `${at}/binding/path`, message: 'The path begins with a slash and holds neither query nor blanks, such as /shipments/{shipment}.' };
  if (RESERVED_PATHS.some((each) => path === each || path.startsWith(`${each}/`))) yield { at: `${at}/binding/path`, message: `${path} is an address that Waybill serves itself for every service; choose another path.` };
  if (method === 'GET' && operation.effect === 'writes') yield { at: `${at}/binding/method`, message: 'What writes is not asked for by GET: browsers and caches repeat that at will. Use POST, PUT, PATCH or DELETE.' };
  if (operation.effect === 'writes' && operation.idempotency === undefined) yield { at: `${at}/idempotency`, message: 'What writes needs a place for the idempotency key: a caller that lost the line asks again under it. Add {"in": "header", "name": "Idempotency-Key"}.' };
  if (operation.effect === 'writes' && (operation.request === undefined || operation.request === true)) yield { at: `${at}/request`, message: 'What others write here needs a contract; describe the "request".' };
}

function* documentProblems(name: string, { effect, binding }: ServiceOperation): Generator<ServiceProblem> {
  const at = pointerOf('operations', name);
  if (effect !== 'reads') yield { at: `${at}/effect`, message: 'Documents that others bring are taken by an operation that reads; what Waybill sends is called at the partner, and not offered.' };
  if ((text(binding['method']).toUpperCase() || 'POST') !== 'POST') yield { at: `${at}/binding/method`, message: 'Documents come by POST; leave the method out.' };
  if (text(binding['path']).includes('{')) yield { at: `${at}/binding/path`, message: 'A document says itself what it is about; the path has no parameters.' };
}

/** What is wrong with a service that Waybill offers, beyond what holds for all. */
export function* offerProblems(definition: ServiceDefinition): Generator<ServiceProblem> {
  const { offered, protocol, limits, operations } = definition;
  if (offered === undefined) return;
  const documents = DOCUMENT_PROTOCOLS.includes(protocol);
  if (protocol !== 'rest' && !documents) yield { at: '/protocol', message: 'Waybill offers services over HTTP: the protocol is "rest" for JSON, "edi" or "file" for documents as they are.' };
  if (limits.perSecond <= 0) yield { at: '/limits/perSecond', message: 'What others may call needs a bound: say how many requests a second each caller may make.' };
  if (limits.quota !== undefined) yield { at: '/limits/quota', message: 'Quotas hold for what a site calls; a service that Waybill offers bounds its callers by "perSecond" and "burst". Leave the quota out.' };
  if (offered.signatureSeconds !== undefined && !offered.admits.includes('signature')) yield { at: '/offered/signatureSeconds', message: 'It means something only when "admits" has "signature"; leave it out, or add that.' };
  const shapes = new Map<string, string>();
  for (const [name, operation] of Object.entries(operations)) {
    yield* operationProblems(name, operation);
    if (documents) yield* documentProblems(name, operation);
    const other = shapes.get(shape(operation));
    if (other !== undefined) yield { at: `${pointerOf('operations', name)}/binding`, message: `It has the method and path of the operation ${JSON.stringify(other)}; no request could tell them apart.` };
    shapes.set(shape(operation), name);
  }
}
