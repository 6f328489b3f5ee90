import { hash } from 'node:crypto';
import type { Json, JsonObject } from '../../domain/json.ts';
import { isObject } from '../../domain/json.ts';
import { atPointer } from '../../domain/json-pointer.ts';
import { readDocument } from '../../domain/mapping/index.ts';
import { readIdocs, readRecords } from '../../connectors/files/index.ts';
import type { FileForm, Layout } from '../../connectors/files/index.ts';
import type { OpenCaseInput } from '../api.ts';

/** What a node says of the cases that it opens for documents. */
export interface DocumentOpening {
  readonly process: string; readonly template: string;
  /** JSON Pointer into the document; '' for none. */
  readonly key: string; readonly keyName: string; readonly uniqueScope: string;
}

/** How bytes are read. `identity`: JSON Pointer to what a document is known by; blank: its content. */
export interface Reading { readonly form: FileForm; readonly identity: string; readonly maxBytes: number }

/** A document, and by what it is known: the same again is a repeat, another one under the same a contradiction. */
export interface Found { readonly sender: string; readonly receiver: string; readonly identity: string; readonly title: string; readonly document: Json; readonly facts: JsonObject }

/** What stands in a file or a message; or one sentence that says what is wrong with it. */
export function documentsOf({ form, identity, maxBytes }: Reading, { name, bytes }: { readonly name: string; readonly bytes: Buffer }, { sender, receiver }: Pick<Found, 'sender' | 'receiver'>): { readonly found: readonly Found[] } | { readonly problem: string } {
  if (form.format === 'idoc') {
    const read = readIdocs(bytes, maxBytes);
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
  return { found: [{ sender, receiver, identity: known, title: `${name} from ${sender}`, document, facts: { format: form.format } }] };
}

function described(bytes: Buffer, layout: Layout): { readonly document: Json } | { readonly problem: string } {
  const { document, faults } = readRecords(bytes, layout);
  return faults.length > 0 ? { problem: faults.join(' ') } : { document };
}

function readJson(bytes: Buffer): { readonly document: Json } | { readonly problem: string } {
  try {
    return { document: readDocument(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) };
  } catch (error) {
    return { problem: `It is no JSON in UTF-8: ${error instanceof Error ? error.message : String(error)}.` };
  }
}

/** A list whose entries are documents of their own, or the document itself. */
export function entriesOf({ each }: { readonly each: string }, document: Json): readonly Json[] {
  const list = each === '' || !isObject(document) ? undefined : document[each];
  return Array.isArray(list) ? list as readonly Json[] : [document];
}

/** By what the case of a document is found, and by what it opens one alone. */
export function keysOf({ key: pointer, keyName, uniqueScope }: DocumentOpening, document: Json): Pick<OpenCaseInput, 'keys' | 'unique'> {
  const found = pointer === '' ? undefined : atPointer(document, pointer);
  const key = typeof found === 'string' || typeof found === 'number' ? String(found) : undefined;
  return { keys: key === undefined || keyName === '' ? [] : [{ type: keyName, value: key }], ...(key === undefined || uniqueScope === '' ? {} : { unique: { scope: uniqueScope, key } }) };
}
