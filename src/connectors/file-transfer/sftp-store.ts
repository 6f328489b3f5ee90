import { createHash } from 'node:crypto';
import type { Client, ConnectConfig, SFTPWrapper, Stats } from 'ssh2';
import { tooLarge } from './folder-store.ts';
import { FileTransferError, partName, partsOf, shownName } from './store.ts';
import type { FileEntry, FileErrorClass, FileStore } from './store.ts';

export interface SftpSettings {
  readonly host: string;
  readonly port: number;
  /** Folder of the server; blank: where a sign-in leads. */
  readonly folder: string;
  /** Fingerprint of the host's key, `SHA256:…` as `ssh-keygen -lf` shows it; several, separated by blanks, while a key is exchanged. */
  readonly hostKey: string;
  readonly user: string;
  readonly password?: string;
  /** In PEM or OpenSSH's form. */
  readonly privateKey?: string;
  readonly connectMs: number;
  /** How long one operation may be at work. */
  readonly operationMs: number;
}

type Ssh2 = typeof import('ssh2');

/** A part of a file in one request (draft-ietf-secsh-filexfer-02 §3: servers take at least 32 KiB). */
const PIECE = 32 * 1024;
/** How many requests of one file are under way at the same time. */
const AT_ONCE = 16;
/** A connection that nobody needs for so long is closed. */
const IDLE_MS = 15_000;

/** SSH_FX_ codes (draft-ietf-secsh-filexfer-02 §7). */
const FX = { noSuchFile: 2, permissionDenied: 3, failure: 4 } as const;

/** Folders of an SFTP server. One connection, opened when it is needed, closed when it has been idle; the host's key is pinned. */
export class SftpStore implements FileStore {
  readonly #settings: () => SftpSettings;
  #session: Promise<Session> | undefined;
  #idle: NodeJS.Timeout | undefined;
  #working = 0;
  #closed = false;

  /** @param settings read for each connection, so that a key can be exchanged while everything runs; may throw */
  constructor(settings: () => SftpSettings) {
    this.#settings = settings;
  }

  list(folder: string): Promise<readonly FileEntry[]> {
    return this.#with(`list ${shownName(folder)}`, async (session) => {
      await session.realFolder(folder);
      const found = await session.ask<readonly { readonly filename: string; readonly attrs: Stats }[]>((sftp, done) => { sftp.readdir(session.at(folder), done); });
      return found.filter(({ filename }) => filename !== '.' && filename !== '..').map(({ filename, attrs }) => entryOf(filename, attrs));
    });
  }

  look(path: string): Promise<FileEntry | undefined> {
    const { name } = partsOf(path);
    return this.#with(`look at ${shownName(path)}`, async (session) => {
      const stats = await session.stats(path);
      return stats === undefined ? undefined : entryOf(name, stats);
    });
  }

  read(path: string, maxBytes: number): Promise<Buffer> {
    const { folder } = partsOf(path);
    return this.#with(`read ${shownName(path)}`, async (session) => {
      await session.realFolder(folder);
      // The protocol has no way to open a file and not follow a link; what is read is compared with what was looked at.
      const stats = await session.stats(path);
      if (stats === undefined) throw new FileTransferError('not-found', `There is no file ${shownName(path)}.`);
      if (!stats.isFile()) throw new FileTransferError('no-file', `${shownName(path)} is no ordinary file, or is a link; it is not read.`);
      if (stats.size > maxBytes) throw tooLarge(path, maxBytes);
      return session.read(path, stats.size, maxBytes);
    });
  }

  write(path: string, bytes: Uint8Array): Promise<void> {
    const { folder, name } = partsOf(path);
    const part = `${folder === '/' ? '' : folder}/${partName(name)}`;
    return this.#with(`write ${shownName(path)}`, async (session) => {
      await session.realFolder(folder);
      await session.write(part, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
      await session.rename(part, path);
    });
  }

  move(from: string, to: string): Promise<void> {
    partsOf(from);
    const { folder } = partsOf(to);
    return this.#with(`move ${shownName(from)}`, async (session) => {
      await session.realFolder(folder);
      await session.rename(from, to);
    });
  }

  ensureFolder(folder: string): Promise<void> {
    return this.#with(`make ${shownName(folder)}`, async (session) => {
      const names = folder === '/' ? [] : [...partsOf(folder).folder.split('/'), partsOf(folder).name].filter((part) => part !== '');
      for (const [i] of names.entries()) {
        const at = `/${names.slice(0, i + 1).join('/')}`;
        if (await session.stats(at) === undefined) {
          await session.ask((sftp, done) => { sftp.mkdir(session.at(at), done); }).catch(async (error: unknown) => {
            // Somebody else was faster.
            if (await session.stats(at) === undefined) throw error;
          });
        }
      }
      await session.realFolder(folder);
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#idle);
    const session = await this.#session?.catch(() => undefined);
    session?.end();
  }

  async #with<T>(what: string, work: (session: Session) => Promise<T>): Promise<T> {
    if (this.#closed) throw new FileTransferError('closed', 'The system is being deployed anew.');
    clearTimeout(this.#idle);
    this.#working += 1;
    const opening = this.#session ??= Session.open(this.#settings(), () => { if (this.#session === opening) this.#session = undefined; });
    try {
      return await work(await opening);
    } catch (error) {
      throw saying(what, error);
    } finally {
      this.#working -= 1;
      if (this.#working === 0 && !this.#closed) {
        this.#idle = setTimeout(() => {
          if (this.#working === 0) void this.#session?.then((session) => { session.end(); }, () => undefined);
        }, IDLE_MS);
        this.#idle.unref();
      }
    }
  }
}

type Done<T> = (error: Error | null | undefined, value?: T) => void;

/** One connection with its SFTP channel. */
class Session {
  readonly #client: Client;
  readonly #sftp: SFTPWrapper;
  readonly #settings: SftpSettings;
  /** Fails everything that is under way when the connection ends. */
  readonly #fail = new Set<(error: Error) => void>();
  #ended: Error | undefined;

  private constructor(client: Client, sftp: SFTPWrapper, settings: SftpSettings) {
    this.#client = client;
    this.#sftp = sftp;
    this.#settings = settings;
  }

  static async open(settings: SftpSettings, onEnd: () => void): Promise<Session> {
    try {
      const { Client: Ssh2Client } = await library();
      const client = new Ssh2Client();
      const sftp = await connected(client, settings);
      const session = new Session(client, sftp, settings);
      const ended = (error?: Error): void => {
        onEnd();
        session.#end(error ?? new FileTransferError('connection', `The connection to ${settings.host} ended.`));
      };
      client.on('error', ended);
      client.on('close', () => { ended(); });
      return session;
    } catch (error) {
      onEnd();
      throw error;
    }
  }

  at(path: string): string {
    const { folder } = this.#settings;
    return folder === '' ? path.slice(1) || '.' : `${folder}${path === '/' ? '' : path}`;
  }

  ask<T = unknown>(work: (sftp: SFTPWrapper, done: Done<T>) => void): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#ended !== undefined) {
        reject(this.#ended);
        return;
      }
      const end = (act: () => void): void => {
        this.#fail.delete(fail);
        clearTimeout(timer);
        act();
      };
      const fail = (error: Error): void => { end(() => { reject(error); }); };
      const timer = setTimeout(() => {
        fail(new FileTransferError('timeout', `${this.#settings.host} did not answer within ${this.#settings.operationMs} ms.`));
        this.#client.destroy();
      }, this.#settings.operationMs);
      this.#fail.add(fail);
      work(this.#sftp, (error, value) => { end(() => { if (error === null || error === undefined) resolve(value as T); else reject(error); }); });
    });
  }

  async stats(path: string): Promise<Stats | undefined> {
    try {
      return await this.ask<Stats>((sftp, done) => { sftp.lstat(this.at(path), done); });
    } catch (error) {
      if (fxOf(error) === FX.noSuchFile) return undefined;
      throw error;
    }
  }

  /** Every part of the way below the base is a folder and no link. */
  async realFolder(folder: string): Promise<void> {
    const names = folder.split('/').filter((part) => part !== '');
    for (const [i] of names.entries()) {
      const at = `/${names.slice(0, i + 1).join('/')}`;
      const stats = await this.stats(at);
      if (stats === undefined) throw new FileTransferError('not-found', `${this.#settings.host} has no folder ${shownName(at)}; make it, or write another one.`);
      if (!stats.isDirectory()) throw new FileTransferError('no-file', `${shownName(at)} is no folder, or is a link; links are not followed.`);
    }
  }

  async read(path: string, size: number, maxBytes: number): Promise<Buffer> {
    const handle = await this.ask<Buffer>((sftp, done) => { sftp.open(this.at(path), 'r', done); });
    try {
      const pieces: Buffer[] = [];
      let length = 0;
      for (;;) {
        const piece = await this.#piece(handle, length);
        if (piece.length === 0) break;
        length += piece.length;
        if (length > maxBytes || length > size + PIECE) throw tooLarge(path, maxBytes);
        pieces.push(piece);
      }
      return Buffer.concat(pieces);
    } finally {
      await this.#closeHandle(handle);
    }
  }

  async #piece(handle: Buffer, position: number): Promise<Buffer> {
    const into = Buffer.alloc(PIECE);
    try {
      const read = await this.ask<number>((sftp, done) => { sftp.read(handle, into, 0, PIECE, position, (error, bytes) => { done(error as Error | undefined, bytes); }); });
      return into.subarray(0, read);
    } catch (error) {
      if (fxOf(error) === 1) return into.subarray(0, 0);
      throw error;
    }
  }

  /** Durable when it resolves, where the server knows `fsync@openssh.com`. */
  async write(path: string, bytes: Buffer): Promise<void> {
    const handle = await this.ask<Buffer>((sftp, done) => { sftp.open(this.at(path), 'w', done); });
    try {
      const starts = Array.from({ length: Math.ceil(bytes.length / PIECE) }, (_none, i) => i * PIECE);
      for (let i = 0; i < starts.length; i += AT_ONCE) {
        await Promise.all(starts.slice(i, i + AT_ONCE).map((start) => this.ask((sftp, done) => { sftp.write(handle, bytes, start, Math.min(PIECE, bytes.length - start), start, done); })));
      }
      await this.#sync(handle);
    } finally {
      await this.#closeHandle(handle);
    }
    const stats = await this.stats(path);
    if (stats?.size !== bytes.length) throw new FileTransferError('io', `${this.#settings.host} has ${stats?.size ?? 0} of ${bytes.length} bytes after the upload; it is tried again.`);
  }

  /** The protocol's own rename (§6.5) does not take the place of what is there. */
  async rename(from: string, to: string): Promise<void> {
    let left = false;
    try {
      await this.ask((sftp, done) => {
        left = true;
        sftp.rename(this.at(from), this.at(to), done);
      });
    } catch (error) {
      const fx = fxOf(error);
      if (fx === undefined && left) throw new FileTransferError('connection', `The connection to ${this.#settings.host} ended while ${shownName(to)} was put into place; whether it is there is not known.`, { sent: true, cause: error });
      if (fx === FX.failure && await this.stats(to) !== undefined) throw new FileTransferError('exists', `${shownName(to)} is there already and is not overwritten; look what it is, and move it away.`);
      throw error;
    }
  }

  end(): void {
    this.#client.end();
  }

  #end(error: Error): void {
    this.#ended ??= error;
    for (const fail of [...this.#fail]) fail(error);
  }

  async #sync(handle: Buffer): Promise<void> {
    try {
      await this.ask((sftp, done) => { sftp.ext_openssh_fsync(handle, done); });
    } catch (error) {
      // The library says so when the server has no such extension.
      if (error instanceof Error && /does not support/i.test(error.message)) return;
      throw error;
    }
  }

  async #closeHandle(handle: Buffer): Promise<void> {
    if (this.#ended !== undefined) return;
    await this.ask((sftp, done) => { sftp.close(handle, done); });
  }
}

async function library(): Promise<Ssh2> {
  try {
    const loaded = await import('ssh2') as Ssh2 & { readonly default?: Ssh2 };
    return loaded.default ?? loaded;
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ERR_MODULE_NOT_FOUND' || error.code === 'MODULE_NOT_FOUND')) {
      throw new FileTransferError('not-installed', 'SFTP needs the package ssh2, which is not installed; run "npm install ssh2" in the folder of Node-RED and start it again.', { cause: error });
    }
    throw error;
  }
}

/** Signed in, with the channel for files. */
function connected(client: Client, settings: SftpSettings): Promise<SFTPWrapper> {
  const { host, port, user, password, privateKey, connectMs } = settings;
  const pins = settings.hostKey.split(/\s+/).filter((pin) => pin !== '').map((pin) => pin.replace(/^SHA256:/, '').replace(/=+$/, ''));
  let wrongKey: FileTransferError | undefined;
  const options: ConnectConfig = {
    host, port, username: user, readyTimeout: connectMs, keepaliveInterval: 10_000, keepaliveCountMax: 3,
    ...(password === undefined ? {} : { password }), ...(privateKey === undefined ? {} : { privateKey }),
    hostVerifier: (key: Buffer) => {
      const fingerprint = createHash('sha256').update(key).digest('base64').replace(/=+$/, '');
      if (pins.includes(fingerprint)) return true;
      wrongKey = new FileTransferError('host-key', pins.length === 0
        ? `The key of ${host} is not pinned, so nothing was sent; ask its operator for the fingerprint, and when it is SHA256:${fingerprint}, put that into the system's field "Host key".`
        : `${host} shows another key than the one that is pinned (SHA256:${fingerprint}), so nothing was sent; ask its operator whether the key was exchanged before you put the new fingerprint into the system's field "Host key".`);
      return false;
    },
  };
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      client.destroy();
      reject(wrongKey ?? openingError(error, host));
    };
    client.once('error', fail);
    client.once('close', () => { fail(new Error('the connection ended')); });
    client.once('ready', () => {
      client.sftp((error, sftp) => {
        if (error !== undefined) {
          fail(error);
          return;
        }
        client.removeAllListeners('error');
        client.removeAllListeners('close');
        resolve(sftp);
      });
    });
    try {
      client.connect(options);
    } catch (error) {
      fail(error instanceof Error ? error : new Error(String(error)));
    }
  });
}

function openingError(error: Error, host: string): FileTransferError {
  const { level, code } = error as Error & { readonly level?: string; readonly code?: string };
  if (level === 'client-authentication') return new FileTransferError('not-authorised', `${host} does not take the sign-in; look at user, password and key of the system.`, { cause: error });
  if (/privateKey|passphrase|key format/i.test(error.message)) return new FileTransferError('not-authorised', 'The private key of the system cannot be read; it has to be one of OpenSSH or PEM without a passphrase.', { cause: error });
  if (level === 'client-timeout') return new FileTransferError('timeout', `${host} did not let us in within the time; look whether it runs and is reached from here.`, { cause: error });
  return new FileTransferError('connection', `${host} is not reached (${code ?? error.message}); look whether it runs and is reached from here.`, { cause: error });
}

function entryOf(name: string, stats: Stats): FileEntry {
  return { name, size: stats.size, modifiedMs: stats.mtime * 1_000, kind: stats.isFile() ? 'file' : stats.isDirectory() ? 'folder' : 'other' };
}

/** Status of an answer of the server; undefined for what is none. */
function fxOf(error: unknown): number | undefined {
  const code = error instanceof Error && !(error instanceof FileTransferError) ? (error as Error & { readonly code?: unknown }).code : undefined;
  return typeof code === 'number' ? code : undefined;
}

function saying(what: string, error: unknown): unknown {
  if (error instanceof FileTransferError) return error;
  const fx = fxOf(error);
  const message = error instanceof Error ? error.message : String(error);
  if (fx === undefined) return new FileTransferError('connection', `Could not ${what}: ${message}.`, { cause: error });
  const [errorClass, why]: readonly [FileErrorClass, string] = fx === FX.noSuchFile ? ['not-found', 'it is not there']
    : fx === FX.permissionDenied ? ['not-authorised', 'the account may not; ask the operator of the server for the rights']
      : ['io', `the server says "${message}"; its disk may be full`];
  return new FileTransferError(errorClass, `Could not ${what}: ${why}.`, { cause: error });
}
