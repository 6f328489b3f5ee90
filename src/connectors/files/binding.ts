import type { JsonObject } from '../../domain/json.ts';
import { isObject } from '../../domain/json.ts';
import { isPointer } from '../../domain/json-pointer.ts';
import { folderProblem, nameFrom, readFolders } from '../file-transfer/folders.ts';
import type { ReceivingFolders } from '../file-transfer/folders.ts';
import { readLayout } from './layout.ts';
import type { Layout } from './layout.ts';

/** What stands in a file. */
export type FileForm =
  | { readonly format: 'csv' | 'fixed-width'; readonly layout: Layout }
  | { readonly format: 'json' }
  /** `type`: the basic type; `control`: fields of the control record that are always the same. */
  | { readonly format: 'idoc'; readonly type: string; readonly control: Readonly<Record<string, string>> };

/** `binding` of an operation that writes a file. */
export interface FileSendBinding {
  readonly form: FileForm;
  readonly folder: string;
  /** With `{number}`. */
  readonly name: string;
  readonly archives: readonly string[];
  readonly path: string;
  readonly contentType: string;
  /** Files of one name never have the same number. */
  readonly sequence: string;
}

/** `binding` of an operation that takes files. */
export interface FileReceiveBinding {
  readonly form: FileForm;
  readonly folders: ReceivingFolders;
  /** JSON Pointer to what a file is known by; blank: its content. */
  readonly identity: string;
  /** Name of a list whose entries are documents of their own; blank: the file is one. */
  readonly each: string;
}

export interface BindingProblem { readonly at: string; readonly message: string }

const contentTypes = { 'csv': 'text/csv', 'fixed-width': 'text/plain', 'json': 'application/json', 'idoc': 'application/xml' } as const;

export function readFileSend(binding: JsonObject): { readonly binding: FileSendBinding; readonly problems: readonly BindingProblem[] } {
  const { form, problems } = readForm(binding, true);
  const wrong = (at: string, message: string): void => { problems.push({ at, message }); };
  const folder = text(binding['folder']) || '/out';
  const name = text(binding['name']) || `{number}.${form.format === 'idoc' ? 'xml' : form.format === 'fixed-width' ? 'txt' : form.format}`;
  const archives = Array.isArray(binding['archives']) ? (binding['archives'] as readonly unknown[]).map(text) : [];
  for (const [at, each] of [['/folder', folder], ...archives.map((archive, i) => [`/archives/${i}`, archive] as const)] as const) {
    const problem = folderProblem(each);
    if (problem !== undefined) wrong(at, problem);
  }
  if (!name.includes('{number}')) wrong('/name', 'The name needs {number}: by it a file is known again after a crash.');
  else if (nameFrom(name, { number: '1' }) === undefined) wrong('/name', `"${name}" gives no usable name; use letters, digits, dots, dashes and {number}.`);
  const path = text(binding['path']) || '/';
  if (!/^\/[^\s?#]*$/.test(path)) wrong('/path', 'The path has to begin with a slash; it is below the system\'s address.');
  const sequence = form.format === 'idoc' ? `idoc ${form.control['SNDPRN'] ?? ''}>${form.control['RCVPRN'] ?? ''}` : `file ${text(binding['sequence']) || `${folder}/${name}`}`;
  return { binding: { form, folder, name, archives, path, contentType: text(binding['contentType']) || contentTypes[form.format], sequence }, problems };
}

export function readFileReceive(binding: JsonObject): { readonly binding: FileReceiveBinding; readonly problems: readonly BindingProblem[] } {
  const { form, problems } = readForm(binding, false);
  const { folders, problems: inFolders } = readFolders(binding);
  problems.push(...inFolders);
  const identity = text(binding['identity']);
  if (!isPointer(identity)) problems.push({ at: '/identity', message: `"${identity}" is no JSON Pointer into the document, such as /header/number.` });
  const each = text(binding['each']);
  if (each !== '' && 'layout' in form && form.layout.records.find(({ name }) => name === each)?.many !== true) problems.push({ at: '/each', message: `"${each}" is no list of records of the layout.` });
  return { binding: { form, folders, identity, each }, problems };
}

/** What `format` and its neighbours of a binding say. */
export function readForm(binding: JsonObject, writes: boolean): { readonly form: FileForm; readonly problems: BindingProblem[] } {
  const format = binding['format'];
  if (format === 'csv' || format === 'fixed-width') {
    const { layout, problems } = readLayout(binding['layout'], format);
    return { form: { format, layout }, problems: [...problems] };
  }
  if (format === 'idoc') {
    const given = isObject(binding['control']) ? binding['control'] : {};
    const control = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, text(value)]));
    const type = text(binding['type']);
    const problems: BindingProblem[] = [];
    if (!/^[A-Z_][A-Z0-9_]{0,29}$/.test(type)) problems.push({ at: '/type', message: 'Say the basic type of the IDoc, such as ORDERS05 or DELVRY07.' });
    for (const name of writes ? ['MESTYP', 'SNDPRT', 'SNDPRN', 'SNDPOR', 'RCVPRT', 'RCVPRN', 'RCVPOR'] : ['SNDPRN', 'RCVPRN']) if ((control[name] ?? '') === '') problems.push({ at: `/control/${name}`, message: `The control record needs ${name}, as the partner profile of SAP has it.` });
    return { form: { format, type, control }, problems };
  }
  return { form: { format: 'json' }, problems: format === 'json' ? [] : [{ at: '/format', message: 'Say the "format": csv, fixed-width, idoc or json.' }] };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value.trim() : '';
}
