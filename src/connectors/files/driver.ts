import { hash } from 'node:crypto';
import type { Json, JsonObject } from '../../domain/json.ts';
import { pointerOf } from '../../domain/json-pointer.ts';
import type { ServiceDefinition } from '../../domain/service/index.ts';
import { DriverError } from '../driver.ts';
import type { DriverCall, HttpDriver, Outcome, TakenNumber, WireRequest, WireResult } from '../driver.ts';
import { nameFrom } from '../file-transfer/folders.ts';
import { fileOutcome, placeFile } from '../file-transfer/outcome.ts';
import { outcomeOfAnswer, outcomeOfFailure } from '../rest/outcome.ts';
import { readFileReceive, readFileSend } from './binding.ts';
import type { FileForm, FileSendBinding } from './binding.ts';
import { writeIdoc } from './idoc.ts';
import { writeRecords } from './records.ts';

/** Numbers of files, and of IDocs (DOCNUM has sixteen digits). */
const lastNumber = 999_999_999;

/** Writes documents as files by a described layout, as JSON, or as IDocs in XML; number and time come with the call, so that what is sent again is the same to the byte. */
export const fileDriver: HttpDriver = {
  * call(call) {
    const { binding, problems } = readFileSend(call.operation.binding);
    if (call.operation.effect !== 'writes') throw new DriverError('This operation takes files; a file in node does that, no call.');
    if (problems[0] !== undefined) throw new DriverError(problems[0].message);
    const bytes = bytesOf(binding.form, call.document, call.number ?? noNumber);
    if (call.number === undefined) throw new DriverError('There is no number for this file.');
    const number = numberText(binding.form, call.number);
    const name = nameFrom(binding.name, { number });
    if (name === undefined) throw new DriverError('The name of the file cannot be used; the owner of the service has to mend it.');
    const answer: JsonObject = { number, sha256: hash('sha256', bytes) };
    if (/^https?:/.test(call.address ?? '')) return yield* posted(binding, call, bytes, answer);
    const { folder, archives } = binding;
    return fileOutcome(yield* placeFile({ folder, name, bytes, archives, repeated: call.repeated }), { ...answer, file: `${folder}/${name}` });
  },
  sequence: (operation, document) => {
    const { binding, problems } = readFileSend(operation.binding);
    if (operation.effect !== 'writes' || problems.length > 0) return undefined;
    try {
      bytesOf(binding.form, document, noNumber);
    } catch (error) {
      if (error instanceof DriverError) return undefined;
      throw error;
    }
    return { name: binding.sequence, last: lastNumber };
  },
  problems: (service: ServiceDefinition) => Object.entries(service.operations).flatMap(([name, operation]) => {
    const { problems } = operation.effect === 'writes' ? readFileSend(operation.binding) : readFileReceive(operation.binding);
    return problems.map(({ at, message }) => ({ at: `${pointerOf('operations', name, 'binding')}${at}`, message }));
  }),
};

/** To see whether a document can be written: what cannot takes no number. */
const noNumber: TakenNumber = { number: lastNumber, at: '2000-01-01T00:00:00.000Z' };

function numberText({ format }: FileForm, { number }: TakenNumber): string {
  return String(number).padStart(format === 'idoc' ? 16 : 9, '0');
}

/** @throws DriverError when the document cannot be written so */
function bytesOf(form: FileForm, document: Json, taken: TakenNumber): Buffer {
  if (form.format === 'json') return Buffer.from(`${JSON.stringify(document)}\n`);
  const written = form.format === 'idoc' ? writeIdoc(form.type, controlOf(form, taken), document) : writeRecords(document, form.layout);
  if ('faults' in written) throw new DriverError(written.faults.slice(0, 5).join(' '));
  return written.bytes;
}

/** In the order of EDI_DC40; date and time are UTC. */
function controlOf(form: FileForm & { readonly format: 'idoc' }, taken: TakenNumber): Readonly<Record<string, string>> {
  const { MANDT = '', MESTYP = '', SNDPOR = '', SNDPRT = '', SNDPRN = '', RCVPOR = '', RCVPRT = '', RCVPRN = '', ...more } = form.control;
  return {
    TABNAM: 'EDI_DC40', ...(MANDT === '' ? {} : { MANDT }), DOCNUM: numberText(form, taken), DIRECT: '2', IDOCTYP: form.type, MESTYP, ...more, SNDPOR, SNDPRT, SNDPRN, RCVPOR, RCVPRT, RCVPRN,
    CREDAT: taken.at.slice(0, 10).replaceAll('-', ''), CRETIM: taken.at.slice(11, 19).replaceAll(':', ''),
  };
}

function* posted({ path, contentType }: FileSendBinding, call: DriverCall, bytes: Buffer, answer: JsonObject): Generator<WireRequest, Outcome, WireResult> {
  const { idempotency } = call.operation;
  const key = idempotency?.in === 'header' && call.idempotencyKey !== undefined ? { [idempotency.name.toLowerCase()]: call.idempotencyKey } : {};
  const result = yield { method: 'POST', path, headers: { 'content-type': contentType, ...key }, body: bytes, safe: false };
  if (result.kind === 'failure') return outcomeOfFailure(result, false);
  if (result.status >= 200 && result.status < 300) return { kind: 'done', status: result.status, answer };
  return outcomeOfAnswer(result, { safe: false, repeated: call.repeated, keyed: idempotency !== undefined, conflictStatuses: [], now: call.now });
}
