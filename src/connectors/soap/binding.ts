import type { Json, JsonObject } from '../../domain/json.ts';
import { isObject } from '../../domain/json.ts';
import { pointerOf } from '../../domain/json-pointer.ts';
import type { ServiceDefinition, ServiceOperation } from '../../domain/service/index.ts';
import type { SoapVersion } from './envelope.ts';
import type { SoapTypes } from './types.ts';

/** What all operations share; `binding` of the service. */
export interface SoapService { readonly version: SoapVersion; readonly types: SoapTypes; /** Of WS-Security, for a service that signs in by `session`. */ readonly security: 'password-text' | 'password-digest' }

/** An element of the body: its name, and what it holds. */
export interface SoapMessage { readonly name: string; readonly ns: string; readonly type: string }

export const FAULT_MEANINGS = ['refused', 'conflict', 'again', 'unknown'] as const;
export type FaultMeaning = typeof FAULT_MEANINGS[number];

/** How an operation is spoken. In literal style RPC is a document whose element is named after the operation (WSDL 1.1 §3.5). */
export interface SoapOperation {
  /** Below the system's address. */
  readonly path: string;
  readonly action: string;
  readonly request: SoapMessage;
  readonly answer: SoapMessage | undefined;
  /** What faults mean, by their code or the name of the element in their detail. */
  readonly faults: Readonly<Record<string, FaultMeaning>>;
}

export interface BindingProblem { readonly at: string; readonly message: string }
type Wrong = (at: string, message: string) => void;

const NAME = /^[A-Za-z_][A-Za-z0-9._-]*$/;

export function readService({ binding = {} }: ServiceDefinition, wrong: Wrong): SoapService {
  const { version, types = {}, security = 'password-digest' } = binding;
  if (version !== '1.1' && version !== '1.2') wrong('/binding/version', 'Say which SOAP it is: "version" is "1.1" or "1.2".');
  if (security !== 'password-text' && security !== 'password-digest') wrong('/binding/security', '"security" is "password-digest" or "password-text".');
  if (!isObject(types)) wrong('/binding/types', '"types" are objects by their names.');
  for (const [name, type] of Object.entries(isObject(types) ? types : {})) {
    const fields = isObject(type) && Array.isArray(type['fields']) ? type['fields'] as readonly Json[] : undefined;
    if (fields === undefined) wrong(pointerOf('binding', 'types', name), 'A type has its "fields".');
    for (const [index, field] of (fields ?? []).entries()) {
      const at = pointerOf('binding', 'types', name, 'fields', index);
      const { name: called, ns, type: of, min } = isObject(field) ? field : {};
      if (typeof called !== 'string' || !NAME.test(called)) wrong(`${at}/name`, 'A field has the name of an element, in ASCII.');
      if (typeof ns !== 'string') wrong(`${at}/ns`, 'A field says its namespace; blank when it is in none.');
      if (min !== 0 && min !== 1) wrong(`${at}/min`, '"min" is 0 or 1.');
      wrongType(of, isObject(types) ? types : {}, `${at}/type`, wrong);
    }
  }
  return { version: version === '1.2' ? '1.2' : '1.1', types: (isObject(types) ? types : {}) as unknown as SoapTypes, security: security === 'password-text' ? 'password-text' : 'password-digest' };
}

function wrongType(type: Json | undefined, types: JsonObject, at: string, wrong: Wrong): void {
  if (typeof type !== 'string' || (type.startsWith('#') && !Object.hasOwn(types, type.slice(1)))) wrong(at, `${JSON.stringify(type ?? null)} is no type of this service, and none of XML Schema.`);
}

export function readOperation({ binding, idempotency }: ServiceOperation, types: SoapTypes, wrong: Wrong): SoapOperation {
  const { path = '/', action = '', request, answer, faults = {} } = binding;
  if (typeof path !== 'string' || !path.startsWith('/')) wrong('/path', 'The path begins with a slash; it is below the system\'s address.');
  if (typeof action !== 'string' || /[^\x21-\x7e]|"/.test(action)) wrong('/action', 'The action is an address without blanks and quotes.');
  const message = (given: Json | undefined, at: string): SoapMessage | undefined => {
    const { name, ns, type } = isObject(given) ? given : {};
    if (typeof name !== 'string' || !NAME.test(name) || typeof ns !== 'string') return void wrong(at, 'A message says the "name" and the namespace ("ns") of its element, and its "type".');
    wrongType(type, types as unknown as JsonObject, `${at}/type`, wrong);
    return { name, ns, type: String(type) };
  };
  for (const [name, meaning] of Object.entries(isObject(faults) ? faults : {})) if (!FAULT_MEANINGS.some((each) => each === meaning)) wrong(pointerOf('faults', name), `A fault means ${FAULT_MEANINGS.join(', ')}.`);
  if (idempotency?.in === 'query') wrong('', 'A key goes into a field of the document or into a header of HTTP.');
  return {
    path: String(path), action: String(action), request: message(request, '/request') ?? { name: '', ns: '', type: 'string' }, answer: answer === undefined ? undefined : message(answer, '/answer'),
    faults: (isObject(faults) ? faults : {}) as Readonly<Record<string, FaultMeaning>>,
  };
}

/** What of a service cannot be spoken over SOAP. */
export function soapProblems(service: ServiceDefinition): readonly BindingProblem[] {
  const problems: BindingProblem[] = [];
  const { types } = readService(service, (at, message) => { problems.push({ at, message }); });
  for (const [name, operation] of Object.entries(service.operations)) readOperation(operation, types, (at, message) => { problems.push({ at: `${pointerOf('operations', name, 'binding')}${at}`, message }); });
  return problems;
}
