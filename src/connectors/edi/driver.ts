import { hash } from 'node:crypto';
import type { Json, JsonObject } from '../../domain/json.ts';
import { pointerOf } from '../../domain/json-pointer.ts';
import type { ServiceDefinition } from '../../domain/service/index.ts';
import { DriverError } from '../driver.ts';
import type { DriverCall, HttpDriver, Outcome, TakenNumber, WireRequest, WireResult } from '../driver.ts';
import { nameFrom } from '../file-transfer/folders.ts';
import { fileOutcome, placeFile } from '../file-transfer/outcome.ts';
import { outcomeOfAnswer, outcomeOfFailure } from '../rest/outcome.ts';
import { acknowledgementEvent, acknowledgementKey, lastNumber, partyName, readReceiveBinding, readSendBinding, sequenceName } from './binding.ts';
import type { SendBinding } from './binding.ts';
import { fromJson } from './file.ts';
import type { JsonInterchange } from './file.ts';
import type { EdiDocument } from './map-types.ts';
import { EdiError } from './types.ts';
import { writeInterchange } from './writer.ts';

/**
 * Sends one message, or several in one interchange, to one partner: as a file in a folder or at an SFTP server, or by POST.
 * Control number, date and time come with the call, so that what is sent again is the same to the byte.
 */
export const ediDriver: HttpDriver = {
  * call(call) {
    const { binding, problems } = readSendBinding(call.operation.binding);
    if (call.operation.effect !== 'writes') throw new DriverError('This operation receives documents; a file in node takes them, no call.');
    if (problems[0] !== undefined) throw new DriverError(problems[0].message);
    const made = outgoing(binding, call.document, call.number ?? noNumber);
    if (call.number === undefined) throw new DriverError('There is no control number for this interchange.');
    const answer: JsonObject = {
      controlNumber: made.controlNumber, messages: made.messages, sha256: hash('sha256', made.bytes),
      acknowledgement: { event: acknowledgementEvent, key: acknowledgementKey(binding.standard, partyName(binding.receiver), made.controlNumber) },
    };
    return isHttp(call) ? yield* posted(binding, call, made, answer) : yield* placed(binding, call, made, answer);
  },
  sequence: (operation, document) => {
    const { binding, problems } = readSendBinding(operation.binding);
    if (operation.effect !== 'writes' || problems.length > 0 || !isWritable(binding, document)) return undefined;
    return { name: sequenceName(binding.standard, binding.sender, binding.receiver), last: lastNumber };
  },
  problems: (service: ServiceDefinition) => Object.entries(service.operations).flatMap(([name, operation]) => {
    const { problems } = operation.effect === 'writes' ? readSendBinding(operation.binding) : readReceiveBinding(operation.binding);
    return problems.map(({ at, message }) => ({ at: `${pointerOf('operations', name, 'binding')}${at}`, message }));
  }),
};

/** To see whether a document can be written: what cannot takes no number. */
const noNumber: TakenNumber = { number: lastNumber, at: '2000-01-01T00:00:00.000Z' };

function isWritable(binding: SendBinding, document: Json): boolean {
  try {
    outgoing(binding, document, noNumber);
    return true;
  } catch (error) {
    if (error instanceof DriverError) return false;
    throw error;
  }
}

interface Outgoing { readonly bytes: Buffer; readonly controlNumber: string; readonly messages: readonly string[] }

/** The bytes of an interchange. @throws DriverError when the document cannot be written so */
export function outgoing(binding: SendBinding, document: Json, { number, at }: TakenNumber): Outgoing {
  const documents = (Array.isArray(document) ? document as readonly Json[] : [document]) as readonly EdiDocument[];
  if (documents.length === 0 || documents.length > 9_999) throw new DriverError('An interchange has 1 to 9999 messages; give a document, or a list of them.');
  const json = binding.standard === 'x12' ? x12(binding, documents, number, at) : edifact(binding, documents, number, at);
  try {
    return { bytes: writeInterchange(fromJson(json)), controlNumber: String(number), messages: json.groups.flatMap(({ messages }) => messages.map(({ controlNumber = '' }) => controlNumber)) };
  } catch (error) {
    if (error instanceof EdiError) throw new DriverError(error.message);
    throw error;
  }
}

/** Date and time of an envelope, UTC. */
function stampOf(at: string): { readonly date: string; readonly time: string } {
  return { date: at.slice(0, 10), time: at.slice(11, 16) };
}

function x12(binding: SendBinding, documents: readonly EdiDocument[], number: number, at: string): JsonInterchange {
  const { sender, receiver, release, message } = binding;
  return {
    standard: 'x12', newline: binding.newline, tail: binding.newline, sender: { ...sender }, receiver: { ...receiver }, ...stampOf(at),
    version: release.slice(0, 5).padEnd(5, '0'), controlNumber: String(number).padStart(9, '0'), usage: binding.usage, acknowledgementRequested: binding.acknowledgementRequested ? '1' : '0',
    groups: [{
      header: true, sender: binding.groupSender || sender.id, receiver: binding.groupReceiver || receiver.id, ...stampOf(at), controlNumber: String(number), release,
      messages: documents.map((document, i) => ({ message, controlNumber: String(i + 1).padStart(4, '0'), document })),
    }],
  };
}

function edifact(binding: SendBinding, documents: readonly EdiDocument[], number: number, at: string): JsonInterchange {
  const { sender, receiver, message } = binding;
  const [version = 'D', release = '96A'] = binding.release.split('.');
  return {
    standard: 'edifact', serviceString: true, newline: binding.newline, tail: binding.newline, syntax: binding.syntax, version: binding.syntaxVersion,
    sender: party(sender), receiver: party(receiver), ...stampOf(at), controlNumber: String(number), ...(binding.usage === 'test' ? { usage: 'test' } : {}),
    ...(binding.acknowledgementRequested ? { acknowledgementRequested: '1' } : {}),
    groups: [{ header: false, messages: documents.map((document, i) => ({ message, controlNumber: String(i + 1), version, release, ...(binding.association === '' ? {} : { association: binding.association }), document })) }],
  };
}

function party({ id, qualifier }: SendBinding['sender']): { readonly id: string; readonly qualifier?: string } {
  return qualifier === '' ? { id } : { id, qualifier };
}

function isHttp({ address = '' }: DriverCall): boolean {
  return /^https?:/.test(address);
}

function* posted(binding: SendBinding, call: DriverCall, { bytes }: Outgoing, answer: JsonObject): Generator<WireRequest, Outcome, WireResult> {
  const { idempotency } = call.operation;
  const key = idempotency?.in === 'header' && call.idempotencyKey !== undefined ? { [idempotency.name.toLowerCase()]: call.idempotencyKey } : {};
  const result = yield { method: 'POST', path: binding.path, headers: { 'content-type': binding.contentType, ...key }, body: bytes, safe: false };
  if (result.kind === 'failure') return outcomeOfFailure(result, false);
  if (result.status >= 200 && result.status < 300) return { kind: 'done', status: result.status, answer };
  return outcomeOfAnswer(result, { safe: false, repeated: call.repeated, keyed: idempotency !== undefined, conflictStatuses: [], now: call.now });
}

function* placed(binding: SendBinding, call: DriverCall, made: Outgoing, answer: JsonObject): Generator<WireRequest, Outcome, WireResult> {
  const { message, sender, receiver, folder, archives } = binding;
  const name = nameFrom(binding.name, { message, controlNumber: made.controlNumber.padStart(9, '0'), sender: sender.id, receiver: receiver.id });
  if (name === undefined) throw new DriverError('The name of the file cannot be used; the owner of the service has to mend it.');
  return fileOutcome(yield* placeFile({ folder, name, bytes: made.bytes, archives, repeated: call.repeated }), { ...answer, file: `${folder}/${name}` });
}
