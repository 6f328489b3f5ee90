/** A file, or what stands in its place, in a folder of another system. */
export interface FileEntry {
  readonly name: string;
  readonly size: number;
  /** Milliseconds since 1970, as the other side's clock has it. */
  readonly modifiedMs: number;
  /** Symbolic links, devices and the like are `other`: they are neither read nor followed. */
  readonly kind: 'file' | 'folder' | 'other';
}

/**
 * What a file transfer failed of. `sent` false: nothing came to stand under the final name. `message` is one sentence
 * that says what to do.
 */
export class FileTransferError extends Error {
  override readonly name = 'FileTransferError';
  readonly errorClass: FileErrorClass;
  readonly sent: boolean;

  constructor(errorClass: FileErrorClass, message: string, options: ErrorOptions & { readonly sent?: boolean } = {}) {
    super(message, options);
    this.errorClass = errorClass;
    this.sent = options.sent ?? false;
  }
}

export type FileErrorClass =
  /** There is no such file or folder. */
  | 'not-found'
  /** Something else stands there already. */
  | 'exists'
  | 'not-authorised' | 'host-key' | 'disk-full' | 'too-large' | 'no-file' | 'bad-name'
  /** The library for the protocol is not installed. */
  | 'not-installed'
  | 'connection' | 'timeout' | 'io' | 'closed';

/** Folders of another system, below one base. Paths begin with a slash and are relative to the base. */
export interface FileStore {
  list(folder: string): Promise<readonly FileEntry[]>;
  /** Undefined when nothing is there. */
  look(path: string): Promise<FileEntry | undefined>;
  /** @throws FileTransferError `too-large` beyond `maxBytes`, `no-file` for a link or a folder */
  read(path: string, maxBytes: number): Promise<Buffer>;
  /**
   * Writes a file that is there as a whole or not at all: under a temporary name, made durable, then renamed.
   * @throws FileTransferError `exists` when something stands there; it is not overwritten
   */
  write(path: string, bytes: Uint8Array): Promise<void>;
  /** Never overwrites. */
  move(from: string, to: string): Promise<void>;
  /** Makes a folder unless it is there. */
  ensureFolder(folder: string): Promise<void>;
  close(): Promise<void>;
}

/** Under which name a file is written before it is whole; a partner's programs leave such names alone by convention. */
export function partName(name: string): string {
  return `.${name}.part`;
}

/** A name that means the same on every system, and nothing to a shell: no folder, no dot in front, no white space. */
const NAME = /^[A-Za-z0-9_][A-Za-z0-9._~+=@-]{0,179}$/;

export function isSafeName(name: string): boolean {
  return NAME.test(name) && !name.includes('..');
}

/** Folder and name of a path. @throws FileTransferError for one that could lead elsewhere */
export function partsOf(path: string): { readonly folder: string; readonly name: string } {
  const parts = path.split('/').slice(1);
  const wrong = !path.startsWith('/') || parts.some((part) => part === '' || part === '.' || part === '..' || part.length > 200 || hasControl(part) || part.includes('\\'));
  if (wrong || path.length > 1_000) throw new FileTransferError('bad-name', `"${shownName(path)}" is no path of a file below the system's folder; write it without "..", empty parts, backslashes and control characters.`);
  return { folder: `/${parts.slice(0, -1).join('/')}`, name: parts.at(-1) ?? '' };
}

// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const CONTROL = /[\u0000-\u001F\u007F]/;
function hasControl(text: string): boolean {
  return CONTROL.test(text);
}

/** Short, and on one line, for a message. */
export function shownName(text: string): string {
  return Array.from(text.slice(0, 120), (each) => (hasControl(each) ? '·' : each)).join('');
}
