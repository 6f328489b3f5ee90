import type { JsonObject } from '../../domain/json.ts';
import { FileTransferError, isSafeName, partsOf } from './store.ts';

/** Where files of an operation are, below the system's folder. */
export interface ReceivingFolders {
  readonly folder: string;
  /** Of what is being worked on; what was taken in; what cannot be taken in. */
  readonly work: string;
  readonly done: string;
  readonly failed: string;
  /** Ends of names that are taken, in small letters; none: all. */
  readonly endings: readonly string[];
  readonly maxBytes: number;
  /** How long a file has to keep its size and its time before it is taken. */
  readonly settleSeconds: number;
}

export interface FolderProblem { readonly at: string; readonly message: string }

/** What a file may have at most when nothing is said, and in any case. */
const usualBytes = 16 * 1024 * 1024;
const mostBytes = 64 * 1024 * 1024;

export function folderProblem(folder: string): string | undefined {
  try {
    partsOf(folder);
    return undefined;
  } catch (error) {
    if (!(error instanceof FileTransferError)) throw error;
    return `"${folder}" is no folder below the system's own; write one such as /in, without ".." and empty parts.`;
  }
}

/** Reads `folder`, `work`, `done`, `failed`, `endings`, `maxBytes`, `settleSeconds` of a binding, with what is wrong about them. */
export function readFolders(binding: JsonObject): { readonly folders: ReceivingFolders; readonly problems: readonly FolderProblem[] } {
  const problems: FolderProblem[] = [];
  const folder = text(binding['folder']) || '/in';
  const folders = {
    folder, work: text(binding['work']) || `${folder}/.work`, done: text(binding['done']) || `${folder}/done`, failed: text(binding['failed']) || `${folder}/failed`,
    endings: Array.isArray(binding['endings']) ? (binding['endings'] as readonly unknown[]).map((each) => text(each).toLowerCase()) : [],
    maxBytes: number(binding['maxBytes'], usualBytes), settleSeconds: number(binding['settleSeconds'], 2),
  };
  for (const name of ['folder', 'work', 'done', 'failed'] as const) {
    const message = folderProblem(folders[name]);
    if (message !== undefined) problems.push({ at: `/${name}`, message });
  }
  const places = [folders.folder, folders.work, folders.done, folders.failed];
  if (new Set(places).size !== places.length) problems.push({ at: '/folder', message: 'The folders for what comes, what is worked on, what is done and what failed have to be four.' });
  if (!(folders.maxBytes >= 1 && folders.maxBytes <= mostBytes)) problems.push({ at: '/maxBytes', message: `A file has at least 1 and at most ${mostBytes} bytes; write a number in between.` });
  if (!(folders.settleSeconds >= 0 && folders.settleSeconds <= 3_600)) problems.push({ at: '/settleSeconds', message: 'A file settles within an hour; write 0 to 3600 seconds.' });
  return { folders, problems };
}

/** Fills `{word}` in a name. Undefined when the name cannot be used. */
export function nameFrom(template: string, values: Readonly<Record<string, string>>): string | undefined {
  const name = template.replace(/\{(\w+)\}/g, (whole, word: string) => (Object.hasOwn(values, word) ? (values[word] ?? '').replace(/[^A-Za-z0-9._-]/g, '_') : whole));
  return isSafeName(name) ? name : undefined;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value.trim() : '';
}

function number(value: unknown, fallback: number): number {
  return value === undefined ? fallback : typeof value === 'number' ? value : Number.NaN;
}
