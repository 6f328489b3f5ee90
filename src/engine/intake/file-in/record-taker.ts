import { hash } from 'node:crypto';
import { readFileReceive } from '../../../connectors/files/index.ts';
import type { FileReceiveBinding } from '../../../connectors/files/index.ts';
import type { TakenFile, TakenResult } from '../../../intake/files/index.ts';
import { contractFaults, faultText } from '../../services/contracts.ts';
import { documentsOf, entriesOf } from '../documents.ts';
import type { Found } from '../documents.ts';
import { contractPlaces, openDocument, putAside } from './taking.ts';
import type { FileTaker, Taking } from './taking.ts';

/** Takes files by a layout, JSON files and IDocs in: each document once, by what it is known by. A file is taken as a whole or not at all. */
export function recordTaker(taking: Taking): FileTaker {
  const { binding } = readFileReceive(taking.operation.binding);
  return async (file) => {
    const read = documentsOf({ ...binding, maxBytes: binding.folders.maxBytes }, file, { sender: taking.system, receiver: taking.service.id });
    if ('problem' in read) return failed(await putAside(taking, file, 'file-damaged', read.problem));
    for (const { document, title } of read.found) {
      const faults = contractFaults(taking.operation.answer, document, taking.reference);
      if (faults.length > 0) return failed(await putAside(taking, file, 'file-contract', `${title} breaks the contract of ${taking.reference}: ${faultText(faults)}.`, { places: contractPlaces(faults) }));
    }
    const wrong: string[] = [];
    for (const [i, found] of read.found.entries()) {
      const repeat = await repeatOf(taking, file, found, binding);
      if (repeat !== undefined) {
        wrong.push(await putAside(taking, file, 'same-document', repeat, { sender: found.sender, part: String(i) }));
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

async function repeatOf({ nodes, site }: Taking, { claim, name, bytes }: TakenFile, { sender, receiver, identity, document }: Found, { form }: FileReceiveBinding): Promise<string | undefined> {
  const sha256 = hash('sha256', form.format === 'idoc' ? JSON.stringify(document) : bytes);
  const received = await nodes.numbers.receive({ standard: form.format, sender, receiver, controlNumber: identity, sha256, claim, file: name, site });
  if (received.kind === 'new' || received.kind === 'again') return undefined;
  return received.kind === 'duplicate' ? `It has come before, in ${received.file} of ${received.at}, and is not taken again.` : `${identity} stands for another document, which came in ${received.file} of ${received.at}; ask for it under a number of its own.`;
}
