import { constants } from 'node:fs';
import { link, lstat, mkdir, open, readdir, rename, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { FileTransferError, partName, partsOf, shownName } from './store.ts';
import type { FileEntry, FileErrorClass, FileStore } from './store.ts';

type Stats = Awaited<ReturnType<typeof lstat>>;

/** A folder of this machine, or one that is mounted here. Links are not followed, neither as files nor on the way to them. */
export class FolderStore implements FileStore {
  readonly #base: string;
  #closed = false;

  /** @param base absolute */
  constructor(base: string) {
    this.#base = base;
  }

  async list(folder: string): Promise<readonly FileEntry[]> {
    const at = await this.#folder(folder);
    const names = await doing(`list ${folder}`, () => readdir(at));
    const found = await Promise.all(names.map(async (name) => {
      const stats = await statsOf(path.join(at, name));
      return stats === undefined ? undefined : entryOf(name, stats);
    }));
    return found.filter((entry) => entry !== undefined);
  }

  async look(file: string): Promise<FileEntry | undefined> {
    const { folder, name } = partsOf(file);
    try {
      const stats = await statsOf(path.join(await this.#folder(folder), name));
      return stats === undefined ? undefined : entryOf(name, stats);
    } catch (error) {
      if (error instanceof FileTransferError && error.errorClass === 'not-found') return undefined;
      throw error;
    }
  }

  async read(file: string, maxBytes: number): Promise<Buffer> {
    const { folder, name } = partsOf(file);
    const at = path.join(await this.#folder(folder), name);
    return doing(`read ${shownName(file)}`, async () => {
      const handle = await open(at, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
      try {
        if (!(await handle.stat()).isFile()) throw new FileTransferError('no-file', `${shownName(file)} is no ordinary file; it is not read.`);
        return await readAtMost(handle, maxBytes, file);
      } finally {
        await handle.close();
      }
    });
  }

  async write(file: string, bytes: Uint8Array): Promise<void> {
    const { folder, name } = partsOf(file);
    const at = await this.#folder(folder);
    const [part, final] = [path.join(at, partName(name)), path.join(at, name)];
    await doing(`write ${shownName(file)}`, async () => {
      const handle = await open(part, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW, 0o644);
      try {
        await handle.writeFile(bytes);
        await handle.sync();
      } catch (error) {
        // What is half there would only take the room that is missing.
        await handle.truncate(0).catch(() => undefined);
        throw error;
      } finally {
        await handle.close();
      }
    });
    await intoPlace(part, final, file);
    await syncFolder(at);
  }

  async move(from: string, to: string): Promise<void> {
    const [source, target] = [partsOf(from), partsOf(to)];
    const [at, into] = [await this.#folder(source.folder), await this.#folder(target.folder)];
    await intoPlace(path.join(at, source.name), path.join(into, target.name), to);
    await syncFolder(into);
    if (into !== at) await syncFolder(at);
  }

  async ensureFolder(folder: string): Promise<void> {
    if (folder === '/') {
      await this.#folder('/');
      return;
    }
    const { folder: above, name } = partsOf(folder);
    await this.ensureFolder(above);
    const at = path.join(await this.#folder(above), name);
    await doing(`make ${folder}`, () => mkdir(at).catch((error: unknown) => {
      if (codeOf(error) !== 'EEXIST') throw error;
    }));
    await this.#folder(folder);
  }

  close(): Promise<void> {
    this.#closed = true;
    return Promise.resolve();
  }

  /** Where a folder is on this machine; every part of the way below the base is a real folder. */
  async #folder(folder: string): Promise<string> {
    if (this.#closed) throw new FileTransferError('closed', 'The system is being deployed anew.');
    let at = this.#base;
    const below = folder === '/' ? [] : [partsOf(folder)].flatMap(({ folder: above, name }) => [...above.split('/').slice(1), name]).filter((part) => part !== '');
    for (const part of ['', ...below]) {
      at = part === '' ? at : path.join(at, part);
      const stats = await statsOf(at);
      // The base itself may be reached by a link: a person wrote it down.
      if (stats === undefined) throw new FileTransferError('not-found', `There is no folder ${part === '' ? this.#base : shownName(folder)}; make it, or write another one.`);
      if (part !== '' && !stats.isDirectory()) throw new FileTransferError('no-file', `${shownName(folder)} leads over something that is no folder, or is a link; links are not followed.`);
    }
    return at;
  }
}

function entryOf(name: string, stats: Stats): FileEntry {
  return { name, size: Number(stats.size), modifiedMs: Number(stats.mtimeMs), kind: stats.isFile() ? 'file' : stats.isDirectory() ? 'folder' : 'other' };
}

async function statsOf(at: string): Promise<Stats | undefined> {
  return doing(`look at ${path.basename(at)}`, async () => {
    try {
      return await lstat(at);
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw error;
    }
  });
}

async function readAtMost(handle: FileHandle, maxBytes: number, file: string): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of handle.createReadStream({ autoClose: false, highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > maxBytes) throw tooLarge(file, maxBytes);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

export function tooLarge(file: string, maxBytes: number): FileTransferError {
  return new FileTransferError('too-large', `${shownName(file)} has more than the ${maxBytes} bytes that are taken; ask for smaller files, or raise the bound of the operation.`);
}

/** By a hard link where the file system has them, since a rename would take the place of what stands there. */
async function intoPlace(from: string, to: string, shown: string): Promise<void> {
  const taken = (): FileTransferError => new FileTransferError('exists', `${shownName(shown)} is there already and is not overwritten; look what it is, and move it away.`);
  await doing(`put ${shownName(shown)} into place`, async () => {
    try {
      await link(from, to);
    } catch (error) {
      if (codeOf(error) === 'EEXIST') throw taken();
      if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'ENOSYS'].includes(codeOf(error))) throw error;
      if (await statsOf(to) !== undefined) throw taken();
      await rename(from, to);
      return;
    }
    await unlink(from);
  });
}

async function syncFolder(at: string): Promise<void> {
  await doing('make the folder durable', async () => {
    const handle = await open(at, constants.O_RDONLY);
    try {
      await handle.sync();
    } catch (error) {
      // Some network file systems know no fsync of a folder.
      if (!['EINVAL', 'ENOTSUP', 'EBADF'].includes(codeOf(error))) throw error;
    } finally {
      await handle.close();
    }
  });
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

const CLASSES: Readonly<Record<string, readonly [FileErrorClass, string]>> = {
  ENOENT: ['not-found', 'it is not there'], EACCES: ['not-authorised', 'the account of Waybill may not; give it the rights'], EPERM: ['not-authorised', 'the account of Waybill may not; give it the rights'],
  EROFS: ['not-authorised', 'the file system is mounted read-only'], ENOSPC: ['disk-full', 'the disk is full; make room'], EDQUOT: ['disk-full', 'the quota is used up; make room'], EFBIG: ['disk-full', 'the file would be larger than the file system or a limit allows'],
  ELOOP: ['no-file', 'it is a link, and links are not followed'], EISDIR: ['no-file', 'it is a folder'], ENOTDIR: ['no-file', 'something on the way is no folder'], EEXIST: ['exists', 'it is there already'],
};

async function doing<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const code = codeOf(error);
    if (error instanceof FileTransferError || code === '') throw error;
    const [errorClass, why] = CLASSES[code] ?? ['io', `the file system says ${code}`];
    throw new FileTransferError(errorClass, `Could not ${what}: ${why}.`, { cause: error });
  }
}
