import { hash } from 'node:crypto';
import type { Json, JsonObject } from '../../../domain/json.ts';
import { isObject } from '../../../domain/json.ts';
import { atPointer } from '../../../domain/json-pointer.ts';
import { readDocument } from '../../../domain/mapping/index.ts';
import { readFileReceive, readIdocs, readRecords } from '../../../connectors/files/index.ts';
import type { FileReceiveBinding, Layout } from '../../../connectors/files/index.ts';
import type { TakenFile, TakenResult } from '../../../intake/files/index.ts';
import { contractFaults, faultText } from '../../services/contracts.ts';
import { openDocument, putAside } from './taking.ts';
import type { FileTaker, Taking } from './taking.ts';

/** A document, and by what it is known: the same again is a repeat, another one under the same a contradiction. */
interface Found { readonly sender: string; readonly receiver: string; readonly identity: string; readonly title: string; readonly document: Json; readonly facts: JsonObject }

/** Takes files by a layout, JSON files and IDocs in: each document once, by what it is known by. A file is taken as a whole or not at all. */
export function recordTaker(taking: Taking): FileTaker {
  const { binding } = readFileReceive(taking.operation.binding);
  return async (file) => {
    const read = documentsOf(binding, file, taking);
    if ('problem' in read) return failed(await putAside(taking, file, 'file-damaged', read.problem));
    for (const { document, title } of read.found) {
      const faults = contractFaults(taking.operation.answer, document, taking.reference);
      if (faults.length > 0) return failed(await putAside(taking, file, 'file-contract', `${title} breaks the contract of ${taking.reference}: ${faultText(faults)}.`));
    }
    const wrong: string[] = [];
    for (const [i, found] of read.found.entries()) {
      const repeat = await repeatOf(taking, file, found, binding);
      if (repeat !== undefined) {
        wrong.push(await putAside(taking, file, 'same-document', repeat, found.sender));
        continue;
      }
      for (const [e, entry] of entriesOf(binding, found.document).entries()) {
        await openDocument(taking, file, { id: ['file', file.claim, taking.service.id, found.sender, found.receiver, found.identity, `${i}/${e}`].join('\u0000'), title: found.title, document: entry, facts: found.facts, sender: found.sender });
      }
    }
    return wrong.length === 0 ? { kind: 'done' } : failed(wrong.join('\n'));
  };
}

const failed = (message: string): TakenResult => ({ kind: 'failed', message });

function documentsOf({ form, folders, identity }: FileReceiveBinding, { name, bytes }: TakenFile, { system, service }: Taking): { readonly found: readonly Found[] } | { readonly problem: string } {
  if (form.format === 'idoc') {
    const read = readIdocs(bytes, folders.maxBytes);
    if ('problem' in read) return read;
    const found: Found[] = [];
    for (const { type, control, document } of read.idocs) {
      const { DOCNUM = '', MESTYP = '', SNDPRN = '', RCVPRN = '' } = control;
      if (type !== form.type || SNDPRN !== form.control['SNDPRN'] || RCVPRN !== form.control['RCVPRN']) return { problem: `IDoc ${DOCNUM} is a ${type} from ${SNDPRN} to ${RCVPRN}, and the service takes ${form.type} from ${form.control['SNDPRN'] ?? ''} to ${form.control['RCVPRN'] ?? ''}.` };
      found.push({ sender: SNDPRN, receiver: RCVPRN, identity: DOCNUM, title: `${MESTYP} ${DOCNUM.replace(/^0+(?=.)/, '')} from ${SNDPRN}`, document, facts: { format: 'idoc', control: { ...control } } });
    }
    return { found };
  }
  const read = form.format === 'json' ? readJson(bytes) : described(bytes, form.layout);
  if ('problem' in read) return read;
  const { document } = read;
  const known = identity === '' ? hash('sha256', bytes) : atPointer(document, identity);
  if (typeof known !== 'string' || known === '') return { problem: `The document has no text at ${identity}, by which it is known.` };
  return { found: [{ sender: system, receiver: service.id, identity: known, title: `${name} from ${system}`, document, facts: { format: form.format } }] };
}

function described(bytes: Buffer, layout: Layout): { readonly document: Json } | { readonly problem: string } {
  const { document, faults } = readRecords(bytes, layout);
  return faults.length > 0 ? { problem: faults.join(' ') } : { document };
}

function readJson(bytes: Buffer): { readonly document: Json } | { readonly problem: string } {
  try {
    return { document: readDocument(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) };
  } catch (error) {
    return { problem: `The file is no JSON in UTF-8: ${error instanceof Error ? error.message : String(error)}.` };
  }
}

async function repeatOf({ nodes, site }: Taking, { claim, name, bytes }: TakenFile, { sender, receiver, identity, document }: Found, { form }: FileReceiveBinding): Promise<string | undefined> {
  const sha256 = hash('sha256', form.format === 'idoc' ? JSON.stringify(document) : bytes);
  const received = await nodes.numbers.receive({ standard: form.format, sender, receiver, controlNumber: identity, sha256, claim, file: name, site });
  if (received.kind === 'new' || received.kind === 'again') return undefined;
  return received.kind === 'duplicate' ? `It has come before, in ${received.file} of ${received.at}, and is not taken again.` : `${identity} stands for another document, which came in ${received.file} of ${received.at}; ask for it under a number of its own.`;
}

function entriesOf({ each }: FileReceiveBinding, document: Json): readonly Json[] {
  const list = each === '' || !isObject(document) ? undefined : document[each];
  return Array.isArray(list) ? list as readonly Json[] : [document];
}
