import { hash, randomUUID } from 'node:crypto';
import type { Json, JsonObject } from '../../domain/json.ts';
import { readServiceReference, serviceReference } from '../../domain/service/index.ts';
import type { Offer, ServiceDefinition } from '../../domain/service/index.ts';
import { contractFaults } from '../services/contracts.ts';
import type { KnownService } from '../services/source.ts';
import { hashJson } from '../support/hashing.ts';
import type { Waybill } from '../api.ts';
import { Answers, isSettled } from './answers.ts';
import type { RequestState } from './answers.ts';
import { admit } from './callers/admission.ts';
import type { Admitted } from './callers/admission.ts';
import { CallerBook, CallerError } from './callers/caller-book.ts';
import { IdentityProviders } from './callers/identity-provider.ts';
import { keyOf } from './key.ts';
import { addressOf, lifeHeaders } from './life-headers.ts';
import { Meter, rateHeaders } from './meter.ts';
import { offerDocument } from './openapi.ts';
import { answeredHere, serviceIntake } from './places.ts';
import { keyReused, toldReply, untoldReply, webhookReplayed } from './told-reply.ts';
import { again, pendingReply, problemReply, unavailable, withHeaders } from './reply.ts';
import type { ServiceReply } from './reply.ts';
import { mediaMisfit, mediaTypes, takesDocuments } from './media-types.ts';
import { postedReply } from './posted-reply.ts';
import { documentOf, readBody } from './request-document.ts';
import type { ServiceRequest } from './request.ts';
import { outcomeOf } from './requests/request-row.ts';
import { operationAt } from './routes.ts';
import type { OfferedOperation } from './routes.ts';
import { requestId } from './service-intake.ts';
import type { ServiceIntake, TakenRequest } from './service-intake.ts';
import type { ToldState } from '../events/told-requests.ts';

/** Bodies of callers that are not known yet, read at the same time: a signature covers the body. One more ends the one that has taken longest. */
const MOST_UNKNOWN = 64;
const LONGEST_WAIT_MS = 60_000;

type Offered = ServiceDefinition & { readonly offered: Offer };
interface Asked { readonly known: KnownService; readonly definition: Offered; readonly reference: string; readonly address: string; readonly path: string; readonly seen: Seen }
/** What is known so far of a request that is counted. */
interface Seen { service: string; operation: string; caller: string }
type Replied = ServiceReply;
const isReply = (value: object): value is Replied => 'status' in value && typeof value.status === 'number';

/**
 * Where other systems call what this site offers. Everything that is promised stands in the ledger first: a request is answered after
 * the commit of its case, and its answer is the one that the case recorded, however often it is asked for.
 */
export class ServiceDesk {
  readonly #waybill: Waybill;
  readonly #callers: CallerBook;
  readonly #providers = new IdentityProviders();
  readonly #meter = new Meter();
  readonly #answers: Answers;
  readonly #log: (line: string) => void;
  readonly #running = new Map<string, number>();
  readonly #unknown = new Set<AbortController>();

  constructor(waybill: Waybill, log: (line: string) => void) {
    this.#waybill = waybill;
    this.#callers = new CallerBook(waybill.settings.home);
    this.#answers = new Answers({ onRecorded: (listener) => waybill.onRecorded(listener), serviceRequest: (caseId) => waybill.nodes.serviceRequest(caseId) });
    this.#log = log;
  }

  async handle(request: ServiceRequest): Promise<ServiceReply> {
    const seen: Seen = { service: '', operation: '', caller: '' };
    try {
      const reply = await this.#handled(request, seen);
      const { code } = (reply.status >= 400 ? reply.body ?? {} : {}) as { readonly code?: string };
      this.#waybill.nodes.requestAnswered({ ...seen, ...(reply.caller === undefined ? {} : { caller: reply.caller }), outcome: outcomeOf(reply), ...(code === undefined ? {} : { code }) });
      return reply;
    } catch (error) {
      this.#waybill.nodes.requestAnswered({ ...seen, outcome: 'failed', code: 'internal' });
      throw error;
    }
  }

  async #handled(request: ServiceRequest, seen: Seen): Promise<ServiceReply> {
    const asked = this.#asked(request, seen);
    if (isReply(asked)) return asked;
    const life = lifeHeaders(asked.known, request.base);
    if (asked.known.status === 'retired') {
      const { successor } = asked.known;
      return withHeaders(problemReply(410, 'service-retired', 'This version is no longer offered.', successor === undefined ? `Ask its owner (${asked.definition.owner}) what takes its place.` : `Call ${successor} instead; it is at ${addressOf(request.base, successor)}.`), life);
    }
    try {
      return withHeaders(await this.#of(asked, request), life);
    } catch (error) {
      return withHeaders(this.#failed(error), life);
    }
  }

  #asked({ path, base }: ServiceRequest, seen: Seen): Asked | ServiceReply {
    const [, family = '', name = '', version = '', rest = ''] = /^\/?([^/]+)\/([^/]+)\/([^/]+)(\/.*)?$/.exec(path) ?? [];
    const read = readServiceReference(`${family}/${name}@${version}`);
    const reference = read === undefined ? '' : serviceReference(read);
    const known = reference === '' ? undefined : this.#waybill.services.service(reference);
    const definition = known?.definition;
    // What is not known while the site starts may be known in a moment.
    if (known === undefined && !this.#waybill.nodes.accepting()) return unavailable();
    if (known === undefined || definition?.offered === undefined) return problemReply(404, 'service-unknown', 'There is no such service here.', 'An address is …/services/<family>/<name>/<version>/<path of an operation>; look at its parts, or ask whoever looks after this site.');
    seen.service = reference;
    return { seen, known, definition: definition as Offered, reference, address: addressOf(base, reference), path: rest };
  }

  async #of(asked: Asked, request: ServiceRequest): Promise<ServiceReply> {
    const own = asked.path === '/openapi.json' || asked.path.startsWith('/requests/');
    if (own) asked.seen.operation = asked.path === '/openapi.json' ? asked.path : '/requests';
    if (own && request.method !== 'GET' && request.method !== 'HEAD') return problemReply(405, 'method-not-allowed', 'This address is only read.', 'Ask for it by GET.', { headers: { Allow: 'GET' } });
    if (asked.path === '/openapi.json' && asked.definition.classification === 'public') return this.#document(asked);
    if (own) {
      const who = await this.#who(asked, request);
      if (isReply(who)) return who;
      const measured = this.#measure(asked, who.admitted);
      if (isReply(measured)) return measured;
      return withHeaders(asked.path === '/openapi.json' ? this.#document(asked) : await this.#status(asked, who.admitted, asked.path.slice('/requests/'.length), request), measured.headers);
    }
    const match = operationAt(asked.definition, request.method, asked.path === '' ? '/' : asked.path);
    if (match.kind === 'none') return problemReply(404, 'operation-unknown', 'The service has no such operation.', `Its operations are in ${asked.address}/openapi.json.`);
    if (match.kind === 'other-method') return problemReply(405, 'method-not-allowed', 'The operation is called by another method.', `Call it by ${match.allow.join(' or ')}.`, { headers: { Allow: match.allow.join(', ') } });
    asked.seen.operation = match.offered.name;
    const intake = serviceIntake(asked.reference, match.offered.name);
    if (intake === undefined) return problemReply(404, 'operation-not-here', 'This site does not answer this operation.', `No flow here answers ${match.offered.name} of ${asked.reference}; ask whoever looks after this site.`);
    if (intake === 'deploying' || !intake.accepting()) return unavailable();
    if (intake.takes !== takesDocuments(asked.definition)) return problemReply(500, 'service-misfit', 'The operation cannot be answered.', 'Its flow answers in another way than the service says; whoever looks after this site has to mend that. Nothing was recorded.');
    return this.#operation(asked, match, intake, request);
  }

  async #operation(asked: Asked, { offered, parameters }: { readonly offered: OfferedOperation; readonly parameters: Readonly<Record<string, string>> }, intake: ServiceIntake, request: ServiceRequest): Promise<ServiceReply> {
    const takesBody = offered.binding.body !== undefined;
    const type = String(request.headers['content-type'] ?? '');
    const encoding = request.headers['content-encoding'];
    const who = await this.#who(asked, request, () => {
      if (encoding !== undefined && encoding !== 'identity') return problemReply(415, 'media-type', 'The body is encoded.', 'Send the body as it is, without Content-Encoding.');
      if (intake.takes) return mediaMisfit(asked.definition, offered.operation, type);
      if (takesBody && !/^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(type)) return problemReply(415, 'media-type', 'The body is not announced as JSON.', 'Send JSON with "Content-Type: application/json".');
      return undefined;
    });
    if (isReply(who)) return who;
    const { admitted } = who;
    const measured = this.#measure(asked, admitted);
    if (isReply(measured)) return measured;
    const key = `${asked.definition.id} ${admitted.caller.name}`;
    const running = this.#running.get(key) ?? 0;
    const { concurrency } = asked.definition.limits;
    if (concurrency > 0 && running >= concurrency) return withHeaders(problemReply(429, 'too-many-at-once', 'Too many requests at the same time.', `This caller may have ${concurrency} requests under way; wait for an answer before you ask again.`, { headers: again(1) }), measured.headers);
    this.#running.set(key, running + 1);
    try {
      const bytes = who.body ?? await this.#body(request, asked.definition.offered.maxBytes);
      if (!(bytes instanceof Uint8Array)) return withHeaders(bytes, measured.headers);
      if (intake.takes) return withHeaders(await this.#documents(asked, offered, intake, admitted, bytes), measured.headers);
      return withHeaders(await this.#take(asked, offered, parameters, intake, request, admitted, takesBody ? bytes : undefined), measured.headers);
    } finally {
      const left = (this.#running.get(key) ?? 1) - 1;
      if (left > 0) this.#running.set(key, left);
      else this.#running.delete(key);
    }
  }

  /** @param headersFit what of the headers is refused, once it is known who asks or before the body is read to find out */
  async #who({ definition, seen }: Asked, request: ServiceRequest, headersFit: () => ServiceReply | undefined = () => undefined): Promise<{ readonly admitted: Admitted; readonly body?: Uint8Array } | ServiceReply> {
    const callers = await this.#callers.callers();
    const found = await admit(request, definition.id, definition.offered, callers, this.#providers, this.#waybill.clock.now());
    if (isReply(found)) return found;
    if ('caller' in found) seen.caller = found.caller.name;
    const unfit = headersFit();
    if (unfit !== undefined) return unfit;
    if (!('judge' in found)) return { admitted: found };
    // Whoever means it sends its body at once; who dribbles keeps nobody out.
    const [oldest] = this.#unknown;
    if (this.#unknown.size >= MOST_UNKNOWN) oldest?.abort();
    const mine = new AbortController();
    this.#unknown.add(mine);
    try {
      const body = await this.#body(request, definition.offered.maxBytes, mine.signal);
      if (!(body instanceof Uint8Array)) return body;
      const admitted = found.judge(body);
      if (isReply(admitted)) return admitted;
      seen.caller = admitted.caller.name;
      return { admitted, body };
    } finally {
      this.#unknown.delete(mine);
    }
  }

  #measure({ definition: { id, limits } }: Asked, { caller }: Admitted): ServiceReply | { readonly headers: Readonly<Record<string, string>> } {
    const measured = this.#meter.take(`${id} ${caller.name}`, limits, Date.now());
    const headers = rateHeaders(limits, measured);
    if (measured.allowed) return { headers };
    this.#waybill.nodes.count('service_requests_limited');
    return problemReply(429, 'too-many-requests', 'Too many requests.', `This caller may make ${limits.perSecond} requests a second and ${Math.max(1, limits.burst)} at once; come again in ${measured.seconds} s.`, { headers: { ...headers, ...again(measured.seconds) } });
  }

  async #body(request: ServiceRequest, maxBytes: number, hurry?: AbortSignal): Promise<Uint8Array | ServiceReply> {
    const body = await request.body(maxBytes, hurry);
    if (body instanceof Uint8Array) return body;
    if (body === 'too-large') return problemReply(413, 'body-too-large', 'The body is too large.', `At most ${maxBytes} bytes are taken here; send less, or several requests.`);
    return problemReply(408, 'body-unfinished', 'The body did not come whole.', 'Send the request again, under the same key; nothing was recorded.');
  }

  /** Documents as they are: they are known by their own numbers, and answered after the commit of all their cases. */
  async #documents({ definition, reference }: Asked, { name, operation }: OfferedOperation, intake: ServiceIntake, { caller, by }: Admitted, bytes: Uint8Array): Promise<ServiceReply> {
    this.#waybill.nodes.count('service_requests');
    const result = await intake.takeDocuments({ service: definition, operation, name, reference: `${reference} ${name}`, caller: caller.name, by, bytes: Buffer.from(bytes) });
    if (result.repeated) this.#waybill.nodes.count('service_requests_repeated');
    return postedReply(result, mediaTypes(definition, operation)[0]!);
  }

  async #take(asked: Asked, offered: OfferedOperation, parameters: Readonly<Record<string, string>>, intake: ServiceIntake, request: ServiceRequest, admitted: Admitted, bytes: Uint8Array | undefined): Promise<ServiceReply> {
    const read = bytes === undefined || (bytes.length === 0 && offered.operation.request === undefined) ? { value: undefined } : readBody(bytes);
    if ('wrong' in read) return problemReply(400, 'body-malformed', 'The body cannot be read.', read.wrong);
    const document = documentOf(offered, read.value, parameters, request.query, request.headers);
    const faults = contractFaults(offered.operation.request, offered.operation.request === false ? null : document, `${offered.name} of ${asked.reference}`);
    if (faults.length > 0) {
      this.#waybill.nodes.count('service_requests_misfit');
      return problemReply(422, 'contract-broken', 'The request breaks the contract of the operation.', `${faults.length === 1 ? 'One place does' : `${faults.length} places do`} not fit; mend what "errors" names. The contract is in ${asked.address}/openapi.json.`, {
        errors: faults.map(({ at, message }) => ({ pointer: `#${at.split('/').map(encodeURIComponent).join('/')}`, detail: message })),
      });
    }
    const given = keyOf(offered, document, request, admitted.delivery?.id);
    if (typeof given === 'object') return given;
    const taken = {
      caller: admitted.caller.name, by: admitted.by, document, key: given ?? randomUUID(), requestHash: requestHash(offered.name, document),
      ...(admitted.delivery === undefined ? {} : { signature: admitted.delivery.signature }),
    };
    this.#waybill.nodes.count('service_requests');
    if (intake.tells) return this.#tell(asked, intake, request, admitted, taken, offered.operation.answer);
    const result = await intake.take(taken);
    if (result.kind !== 'opened') {
      const refused = await this.#repeated(asked, intake, admitted, taken, result.caseId);
      if (refused !== undefined) return refused;
    }
    return this.#answer(asked, result.caseId, request, result.kind !== 'opened');
  }

  /** The request is about a case that is open: the case has it, or it is kept for one, before its caller hears of it. */
  async #tell(asked: Asked, intake: ServiceIntake, request: ServiceRequest, admitted: Admitted, taken: TakenRequest, contract: OfferedOperation['operation']['answer']): Promise<ServiceReply> {
    const told = await intake.tell(taken, admitted.by, contract);
    switch (told.kind) {
      case 'recorded': return toldReply(told.state, asked.address);
      case 'repeated': return (await this.#toldBefore(asked, intake, admitted, taken, told.state)) ?? withHeaders(toldReply(told.state, asked.address), { 'Idempotent-Replayed': 'true' });
      case 'opened': return (await this.#repeated(asked, intake, admitted, taken, told.caseId)) ?? this.#answer(asked, told.caseId, request, true);
      case 'no-answer': this.#log(told.message); return untoldReply(told);
      default: return untoldReply(told);
    }
  }

  async #toldBefore(asked: Asked, intake: ServiceIntake, { delivery }: Admitted, { caller, key, requestHash: asks }: TakenRequest, { request, caseId }: ToldState): Promise<ServiceReply | undefined> {
    this.#waybill.nodes.count('service_requests_repeated');
    if (request.requestHash !== asks) return keyReused();
    if (delivery === undefined) return undefined;
    // While no case has it there is nothing to note the second delivery on; all that it gets is the word that it is kept.
    const replayed = request.signature === delivery.signature || (caseId !== undefined && !await this.#noted(asked, intake, { caseId, caller, key, service: request.service, operation: request.operation, signature: delivery.signature }));
    return replayed ? webhookReplayed() : undefined;
  }

  /** Notes a delivery that came again, signed anew; false when that very one was noted before. */
  #noted(asked: Asked, intake: ServiceIntake, { caseId, caller, key, service, operation, signature }: { readonly caseId: string; readonly caller: string; readonly key: string; readonly service: string; readonly operation: string; readonly signature: string }): Promise<boolean> {
    return this.#waybill.nodes.recordRepeat({
      caseId, site: intake.site, transportId: requestId(asked.definition.id, caller, `\u0000${signature}`), device: `service:${caller}`,
      scan: { kind: 'service', code: `${operation} ${key}`, topic: `service/${service}/${operation}` },
    });
  }

  /** A key that was taken before: the same request is answered as it was; what only looks like it is refused. */
  async #repeated(asked: Asked, intake: ServiceIntake, { caller, delivery }: Admitted, { key, requestHash: asks }: { readonly key: string; readonly requestHash: string }, caseId: string): Promise<ServiceReply | undefined> {
    this.#waybill.nodes.count('service_requests_repeated');
    const state = await this.#waybill.nodes.serviceRequest(caseId);
    if (state === undefined || state.origin.caller !== caller.name || state.origin.key !== key || state.origin.service.split('@')[0] !== asked.definition.id) {
      return problemReply(409, 'business-key-taken', 'What the request is about is under way, or done, by another request.', 'It is done once. Ask under the key of the request that began it, or ask whoever looks after this site.');
    }
    if (state.origin.requestHash !== asks) return keyReused();
    if (delivery === undefined) return undefined;
    const { service, operation } = state.origin;
    const replayed = state.origin['signature'] === delivery.signature || !await this.#noted(asked, intake, { caseId, caller: caller.name, key, service, operation, signature: delivery.signature });
    return replayed ? webhookReplayed() : undefined;
  }

  async #answer(asked: Asked, caseId: string, request: ServiceRequest, repeated: boolean): Promise<ServiceReply> {
    const { waitMs } = asked.definition.offered;
    const prefer = preferencesOf(request.headers['prefer']);
    const wait = prefer.respondAsync ? 0 : Math.min(prefer.waitMs ?? waitMs, waitMs, LONGEST_WAIT_MS);
    const state = await this.#answers.when(caseId, wait, request.gone);
    const applied = prefer.applied(wait);
    const headers = { 'Waybill-Request': caseId, ...(repeated ? { 'Idempotent-Replayed': 'true' } : {}), ...(applied === '' ? {} : { 'Preference-Applied': applied }) };
    if (state === undefined) return unavailable();
    return withHeaders(isSettled(state) ? settledReply(state) : pendingReply(`${asked.address}/requests/${caseId}`), headers);
  }

  /** What became of a request: for the caller that made it, and for nobody else. */
  async #status(asked: Asked, { caller }: Admitted, caseId: string, request: ServiceRequest): Promise<ServiceReply> {
    const unknown = problemReply(404, 'request-unknown', 'There is no such request.', 'Ask with the address that the answer 202 named, as the caller that made the request.');
    if (!/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(caseId)) return unknown;
    const told = await this.#waybill.nodes.toldRequest(caseId);
    if (told !== undefined) return told.request.caller === caller.name && told.request.service.split('@')[0] === asked.definition.id ? toldReply(told, asked.address) : unknown;
    const { waitMs } = preferencesOf(request.headers['prefer']);
    const state = await this.#answers.when(caseId, Math.min(waitMs ?? 0, asked.definition.offered.waitMs, LONGEST_WAIT_MS), request.gone);
    if (state === undefined || state.origin.caller !== caller.name || state.origin.service.split('@')[0] !== asked.definition.id) return unknown;
    return withHeaders(isSettled(state) ? settledReply(state) : pendingReply(`${asked.address}/requests/${caseId}`), { 'Waybill-Request': caseId });
  }

  #document({ known, reference, address }: Asked): ServiceReply {
    return { status: 200, body: offerDocument(known, address, answeredHere(reference)) as JsonObject };
  }

  #failed(error: unknown): ServiceReply {
    if (error instanceof CallerError) {
      this.#log(error.message);
      return unavailable('Who may call cannot be read at this site at the moment; whoever looks after it has to mend that. Nothing was recorded.');
    }
    if (error instanceof Error && (error.name === 'LedgerError' || error.name === 'MqttIntakeError')) return unavailable();
    if (error instanceof Error && error.name === 'ConfigError') {
      this.#log(error.message);
      return problemReply(500, 'contract-unusable', 'The contract of this operation cannot be used.', 'Its owner has to mend it; nothing was recorded.');
    }
    throw error;
  }
}

function requestHash(operation: string, document: Json): string {
  return hash('sha256', `${operation}\u0000${hashJson(document)}`, 'base64url');
}

/** The recorded answer; the same however often it is asked for. */
function settledReply({ answer, closed = '' }: RequestState): ServiceReply {
  if (answer === undefined) return problemReply(500, 'no-answer', 'The request was worked, and nothing was answered.', `Its case ended as "${closed}"; ask whoever looks after this site. The same key gives the same answer.`);
  if (answer.body === undefined) return problemReply(410, 'answer-erased', 'The answer is no longer kept.', 'The request was answered, and the answer has been erased since; do not send it again.');
  return { status: answer.status, ...(answer.status === 204 ? {} : { body: answer.body }), ...(answer.refusal ? { contentType: 'application/problem+json' } : {}) };
}

/** RFC 7240: `respond-async` and `wait`. */
function preferencesOf(header: string | readonly string[] | undefined): { readonly respondAsync: boolean; readonly waitMs: number | undefined; applied(waitedMs: number): string } {
  const said = (typeof header === 'string' ? header : header?.join(',') ?? '').toLowerCase().split(',').map((each) => each.trim());
  const respondAsync = said.includes('respond-async');
  const wait = said.map((each) => /^wait\s*=\s*"?(\d{1,6})"?$/.exec(each)?.[1]).find((each) => each !== undefined);
  const waitMs = wait === undefined ? undefined : Number(wait) * 1_000;
  return { respondAsync, waitMs, applied: (waited) => (respondAsync ? 'respond-async' : waitMs === undefined || waitMs !== waited ? '' : `wait=${wait ?? ''}`) };
}
