import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** How long a file that belongs to nothing, and the mark of who brought it, are kept, ms. */
export const keepUnlinkedMs = 24 * 3_600_000;

const digest = /^[0-9a-f]{64}$/;

export function isDigest(text: string): boolean {
  return digest.test(text);
}

/** Folder of attachments in a home folder. */
export function attachmentsFolder(home: string): string {
  return join(home, 'attachments');
}

/** Where an attachment stands: `attachments/<first two digits>/<sha256>`. @throws RangeError for what is no digest */
export function attachmentPath(home: string, sha256: string): string {
  if (!isDigest(sha256)) throw new RangeError('no SHA-256');
  return join(attachmentsFolder(home), sha256.slice(0, 2), sha256);
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

/** A name that survives a power failure is one whose folder was synced after it. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } catch (error) {
    // Windows cannot sync folders and keeps names by itself.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
  } finally {
    await folder.close();
  }
}

/** Writes a file so that it is there whole or not at all. */
async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const temporary = join(folder, `.${randomUUID()}.part`);
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(folder);
  await syncFolder(dirname(folder));
}

/**
 * Files beside the ledger, each under its SHA-256. A file is whole and durable before anything in the ledger says that it is
 * there. A mark says who brought it in the last day: only they may attach it, so that knowing a hash gives nobody a photo.
 */
export class AttachmentStore {
  readonly #home: string;
  readonly #now: () => number;

  constructor(home: string, now: () => number = Date.now) {
    this.#home = home;
    this.#now = now;
  }

  #mark(sha256: string, person: string): string {
    const name = createHash('sha256').update(`${sha256}\0${person}`).digest('hex');
    return join(attachmentsFolder(this.#home), 'brought', name);
  }

  /** Stores the bytes, once, and marks who brought them. Answers their SHA-256. */
  async put(bytes: Uint8Array, person: string): Promise<string> {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const path = attachmentPath(this.#home, sha256);
    if (await this.size(sha256) === bytes.length) await this.#touch(path);
    else await writeWhole(path, bytes);
    await writeWhole(this.#mark(sha256, person), Buffer.from('\n'));
    return sha256;
  }

  async #touch(path: string): Promise<void> {
    const at = new Date(this.#now());
    await utimes(path, at, at);
  }

  /** True when this person brought the file within the last day. */
  async broughtBy(sha256: string, person: string): Promise<boolean> {
    const age = await this.#age(this.#mark(sha256, person));
    return age !== undefined && age < keepUnlinkedMs;
  }

  async #age(path: string): Promise<number | undefined> {
    try {
      return this.#now() - (await stat(path)).mtimeMs;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  /** Bytes of a file; undefined when it is not there. */
  async size(sha256: string): Promise<number | undefined> {
    try {
      return (await stat(attachmentPath(this.#home, sha256))).size;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  /** The file, when it is what its name says; undefined when it is missing or was changed. */
  async read(sha256: string): Promise<Uint8Array | undefined> {
    try {
      const bytes = await readFile(attachmentPath(this.#home, sha256));
      return createHash('sha256').update(bytes).digest('hex') === sha256 ? bytes : undefined;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  /** Deletes a file for good. */
  async remove(sha256: string): Promise<void> {
    await rm(attachmentPath(this.#home, sha256), { force: true });
  }

  /** Names in a folder; none when there is no folder. */
  async #names(path: string): Promise<string[]> {
    try {
      return await readdir(path);
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  }

  /** Hashes of all files that are older than a day: those that nothing names may go. Old marks and unfinished files go at once. */
  async old(): Promise<readonly string[]> {
    const root = attachmentsFolder(this.#home);
    const found: string[] = [];
    for (const part of await this.#names(root)) {
      for (const name of await this.#names(join(root, part))) {
        const path = join(root, part, name);
        if ((await this.#age(path) ?? 0) < keepUnlinkedMs) continue;
        if (part !== 'brought' && isDigest(name)) found.push(name);
        else if (part === 'brought' || name.endsWith('.part')) await rm(path, { force: true });
      }
    }
    return found;
  }
}
