import type { Json } from '../../domain/json.ts';
import { DriverError } from '../driver.ts';
import type { DriverCall, HttpDriver, Outcome, WireResult } from '../driver.ts';
import { malformed, noAnswer } from '../jsonrpc/wire-outcome.ts';
import { XmlError } from '../xml.ts';
import { readOperation, readService, soapProblems } from './binding.ts';
import type { SoapOperation, SoapService } from './binding.ts';
import { envelope, opened, usernameToken } from './envelope.ts';
import type { Fault } from './envelope.ts';
import { fits, valueOf } from './read.ts';
import { written } from './write.ts';

/** SOAP 1.1 and 1.2 over HTTP, literal style, by types in the signed definition: no WSDL is fetched. */
export const soapDriver: HttpDriver = {
  * call(call) {
    const wrong = (_at: string, message: string): never => { throw new DriverError(message); };
    const service = readService(call.service, wrong);
    const operation = readOperation(call.operation, service.types, wrong);
    const safe = call.operation.effect === 'reads';
    const { request } = operation;
    const body = written({ ...request, min: 1 }, call.document ?? {}, service.types);
    const result = yield { method: 'POST', path: operation.path, headers: headersOf(service, operation, call), body: envelope(service.version, headerOf(service, call), body), safe };
    return outcomeOf(result, service, operation, safe, call.now);
  },
  problems: soapProblems,
};

function headersOf({ version }: SoapService, { action }: SoapOperation, { operation, idempotencyKey }: DriverCall): { readonly [name: string]: string } {
  const key = idempotencyKey !== undefined && operation.idempotency?.in === 'header' ? { [operation.idempotency.name.toLowerCase()]: idempotencyKey } : {};
  // SOAP 1.1 §6.1.1 wants the action as a header of its own, 1.2 part 2 §6.5.3 as a parameter of the media type.
  if (version === '1.1') return { 'content-type': 'text/xml; charset=utf-8', 'soapaction': `"${action}"`, 'accept': 'text/xml', ...key };
  return { 'content-type': `application/soap+xml; charset=utf-8${action === '' ? '' : `; action="${action}"`}`, 'accept': 'application/soap+xml', ...key };
}

const encrypted = /^https:|^http:\/\/(localhost|127(\.\d+){3}|\[::1\])([:/]|$)/;

function headerOf({ security }: SoapService, { service, credentials = {}, address = '', now }: DriverCall): string {
  if (service.authentication.kind !== 'session') return '';
  const { user, password } = credentials;
  if (user === undefined || password === undefined) throw new DriverError('The system has no user or no password; the service signs in with them, so give the system both.');
  if (security === 'password-text' && !encrypted.test(address)) throw new DriverError('The service sends the password as it is, and the system is reached in the clear; give the system an address that begins with https://.');
  return usernameToken(security, { user, password }, now);
}

function outcomeOf(result: WireResult, service: SoapService, operation: SoapOperation, safe: boolean, now: number): Outcome {
  if (result.kind === 'failure') return noAnswer(result, safe, now);
  const { status, body, truncated } = result;
  // A fault comes with 500, and with 400 where the sender is to blame; everything else is HTTP's.
  if ((status < 200 || status > 299) && status !== 500 && status !== 400) return noAnswer(result, safe, now);
  if (status === 202 && body.length === 0 && operation.answer === undefined) return { kind: 'done', answer: null, status };
  if (truncated) return malformed(status, 'It is longer than what is taken; ask for less.', safe);
  try {
    const read = opened(body, status);
    if ('fault' in read) return outcomeOfFault(read.fault, operation, safe);
    if (status >= 400) return noAnswer(result, safe, now);
    return { kind: 'done', answer: answerOf(read.content, service, operation), status };
  } catch (error) {
    if (!(error instanceof XmlError) && !(error instanceof SyntaxError)) throw error;
    return status >= 400 ? noAnswer(result, safe, now) : malformed(status, error.message, safe);
  }
}

/** @throws SyntaxError when it is another element than was agreed */
function answerOf(content: Parameters<typeof valueOf>[0] | undefined, { types }: SoapService, { answer }: SoapOperation): Json {
  if (answer === undefined) return null;
  if (content === undefined || !fits(content, answer)) throw new SyntaxError(`The body holds ${content === undefined ? 'nothing' : `"${content.name}" of the namespace "${content.namespace}"`}, and "${answer.name}" of "${answer.ns}" is agreed; the system has changed, and the owner of the service has to look.`);
  return valueOf(content, answer.type, types);
}

function outcomeOfFault({ sender, security, unspoken, detail, problem }: Fault, { faults }: SoapOperation, safe: boolean): Outcome {
  const names = [detail?.name, problem.code].filter((each): each is string => each !== undefined);
  const meaning = names.map((name) => (Object.hasOwn(faults, name) ? faults[name] : undefined)).find((each) => each !== undefined);
  if (meaning !== undefined) return meaning === 'unknown' && safe ? { kind: 'again', problem } : { kind: meaning, problem };
  if (security) return { kind: 'again', problem: { ...problem, errorClass: 'not-authorised' }, hopeless: true };
  if (unspoken) return { kind: 'again', problem, hopeless: true };
  if (sender) return { kind: 'refused', problem };
  // The receiver is to blame, and may have come to the end of its work before.
  return { kind: safe ? 'again' : 'unknown', problem };
}
