import { randomUUID } from 'node:crypto';
import { rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import process from 'node:process';
import { readIfThere, writeNew } from './files.ts';

/** Locks that this process holds: after a container's restart its process id may be the one that a dead process had. */
const held = new Set<string>();
/** A holder on another machine cannot be asked whether it lives. */
const FOREIGN_MS = 10 * 60_000;

interface Holder {
  readonly pid: number;
  readonly host: string;
  readonly token: string;
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function isLeftOver(file: string, bytes: Buffer): Promise<boolean> {
  let holder: Partial<Holder>;
  try {
    holder = JSON.parse(bytes.toString('utf8')) as Partial<Holder>;
  } catch {
    // The machine stopped while it was written.
    return Date.now() - (await stat(file)).mtimeMs > 5_000;
  }
  if (holder.host !== hostname()) return Date.now() - (await stat(file)).mtimeMs > FOREIGN_MS;
  if (holder.pid === process.pid) return !held.has(holder.token ?? '');
  return !lives(holder.pid ?? -1);
}

/**
 * Holds a folder for writing; a lock whose process is dead, SIGKILL included, is taken over.
 * @returns what releases it; undefined when somebody else holds it
 */
export async function holdFolder(file: string): Promise<(() => Promise<void>) | undefined> {
  const token = randomUUID();
  const content = JSON.stringify({ pid: process.pid, host: hostname(), token } satisfies Holder);
  for (let attempt = 0; attempt < 3; attempt += 1) {
    try {
      await writeNew(file, content, 0o600);
      held.add(token);
      return async () => {
        held.delete(token);
        if ((await readIfThere(file))?.toString('utf8') === content) await rm(file, { force: true });
      };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const bytes = await readIfThere(file);
    if (bytes !== undefined && !await isLeftOver(file, bytes)) return undefined;
    await rm(file, { force: true });
  }
  return undefined;
}
