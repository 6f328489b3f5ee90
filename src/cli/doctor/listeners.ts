import { execFile } from 'node:child_process';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { basename } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A program that listens. */
export interface Listener { readonly pid: number; readonly program: string }

/**
 * Who listens on a TCP port of this machine; undefined when that cannot be seen (another user's process,
 * no /proc and no lsof).
 */
export async function listenerOn(port: number): Promise<Listener | undefined> {
  return process.platform === 'linux' ? await byProc(port) : await byLsof(port);
}

/** Reads what may be gone or closed to us the next moment; undefined then. */
async function orGone<T>(reading: Promise<T>): Promise<T | undefined> {
  return await reading.catch((error: NodeJS.ErrnoException) => {
    if (['ENOENT', 'EACCES', 'EPERM', 'ESRCH', 'ENOTDIR'].includes(error.code ?? '')) return undefined;
    throw error;
  });
}

/** proc(5), /proc/net/tcp: local address in hex, state 0A is LISTEN, the tenth column is the socket's inode. */
async function byProc(port: number): Promise<Listener | undefined> {
  const inodes = new Set<string>();
  for (const file of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of (await orGone(readFile(file, 'utf8')) ?? '').split('\n')) {
      const columns = line.trim().split(/\s+/);
      if (columns[3] === '0A' && Number.parseInt(columns[1]?.split(':')[1] ?? '', 16) === port && columns[9] !== undefined) inodes.add(`socket:[${columns[9]}]`);
    }
  }
  if (inodes.size === 0) return undefined;
  for (const name of await orGone(readdir('/proc')) ?? []) {
    if (!/^\d+$/.test(name)) continue;
    for (const fd of await orGone(readdir(`/proc/${name}/fd`)) ?? []) {
      const target = await orGone(readlink(`/proc/${name}/fd/${fd}`));
      if (target !== undefined && inodes.has(target)) return { pid: Number(name), program: await programOf(name) };
    }
  }
  return undefined;
}

/** The program's name only: arguments may hold secrets. */
async function programOf(pid: string): Promise<string> {
  const file = await orGone(readlink(`/proc/${pid}/exe`));
  if (file !== undefined) return basename(file.replace(/ \(deleted\)$/, ''));
  return (await orGone(readFile(`/proc/${pid}/comm`, 'utf8')))?.trim() || 'a program';
}

async function byLsof(port: number): Promise<Listener | undefined> {
  try {
    const { stdout } = await run('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc'], { timeout: 2_000 });
    const pid = /^p(\d+)$/m.exec(stdout)?.[1];
    return pid === undefined ? undefined : { pid: Number(pid), program: /^c(.+)$/m.exec(stdout)?.[1] ?? 'a program' };
  } catch (error) {
    // No lsof here, or it found nothing (exit code 1): then nobody can be named.
    if (error instanceof Error) return undefined;
    throw error;
  }
}

/** True when a process with this id is there. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
