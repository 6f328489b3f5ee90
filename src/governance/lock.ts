import { randomUUID } from 'node:crypto';
import { rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import process from 'node:process';
import { readIfThere, writeNew } from './files.ts';

/** Locks that this process holds: after a container's restart its process id may be the one that a dead process had. */
const held = new Set<string>();
/** How often a holder touches its lock. */
const TOUCH_MS = 15_000;
/**
 * Untouched for so long, a lock is left over. A holder on another machine cannot be asked whether it lives, and on this one
 * its process id may be another program's since the machine was started again.
 */
const SILENT_MS = 3 * 60_000;

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

/** How far from now it was touched last: ahead as well, where the clock has been set back since. */
async function silence(file: string): Promise<number> {
  return Math.abs(Date.now() - (await stat(file)).mtimeMs);
}

async function isLeftOver(file: string, bytes: Buffer): Promise<boolean> {
  let holder: Partial<Holder>;
  try {
    holder = JSON.parse(bytes.toString('utf8')) as Partial<Holder>;
  } catch {
    // The machine stopped while it was written.
    return await silence(file) > 5_000;
  }
  if (holder.host === hostname()) {
    if (holder.pid === process.pid) return !held.has(holder.token ?? '');
    if (!lives(holder.pid ?? -1)) return true;
  }
  return await silence(file) > SILENT_MS;
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
      const touching = setInterval(() => {
        const now = new Date();
        // A lock that cannot be touched is taken over after a while, as one of a dead process.
        utimes(file, now, now).catch(() => clearInterval(touching));
      }, TOUCH_MS);
      touching.unref();
      return async () => {
        clearInterval(touching);
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
