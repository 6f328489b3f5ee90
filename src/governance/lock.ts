import { randomUUID } from 'node:crypto';
import { constants, copyFile, readFile, readlink, rename, rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import process from 'node:process';
import { readIfThere, writeNew } from './files.ts';

/** Locks that this process holds: after a container's restart its process id may be the one that a dead process had. */
const held = new Set<string>();
/** How often a holder shows that it lives. */
const SIGN_OF_LIFE_MS = 5_000;
/** Silence of a holder that cannot be asked: one in another container of this machine, and one on another machine, whose clock may differ. */
const SILENT_HERE_MS = 30_000;
const SILENT_ELSEWHERE_MS = 120_000;

interface Holder {
  readonly pid: number;
  readonly host: string;
  readonly token: string;
  /** When the process began, as the system says it: another process that got its id later has another. */
  readonly started?: string | undefined;
  /** The world of process ids in which `pid` means something (Linux); containers have their own. */
  readonly world?: string | undefined;
}

const linux = process.platform === 'linux';

async function worldOfIds(): Promise<string | undefined> {
  return linux ? await readlink('/proc/self/ns/pid').catch(() => undefined) : undefined;
}

/** State and begin of a process by proc(5): fields 3 and 22, counted from behind the name, which may hold anything. Undefined where nobody says it. */
async function processState(pid: number): Promise<{ readonly state: string; readonly started: string } | undefined> {
  if (!linux) return undefined;
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return fields.length < 20 ? undefined : { state: fields[0]!, started: fields[19]! };
}

function answers(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** A killed process whose parent has not taken notice still answers, and so does another that has got its id. */
async function lives({ pid = -1, started }: Partial<Holder>): Promise<boolean> {
  if (!Number.isSafeInteger(pid) || pid < 1 || !answers(pid)) return false;
  const now = await processState(pid);
  return now === undefined || (!['Z', 'X', 'x'].includes(now.state) && (started === undefined || started === now.started));
}

async function isLeftOver(file: string, bytes: Buffer): Promise<boolean> {
  // Ahead of now as well: the clock has been set back since.
  const silentFor = async (ms: number): Promise<boolean> => Math.abs(Date.now() - (await stat(file)).mtimeMs) > ms;
  let holder: Partial<Holder>;
  try {
    holder = JSON.parse(bytes.toString('utf8')) as Partial<Holder>;
  } catch {
    // The machine stopped while it was written.
    return await silentFor(SIGN_OF_LIFE_MS);
  }
  if (holder.host !== hostname()) return await silentFor(SILENT_ELSEWHERE_MS);
  if (holder.world !== undefined && holder.world !== await worldOfIds()) return await silentFor(SILENT_HERE_MS);
  if (holder.pid === process.pid) return !held.has(holder.token ?? '');
  // Where nobody says when a process began, its id may be another program's since the machine was started again.
  return !await lives(holder) || (holder.started === undefined && await silentFor(SILENT_ELSEWHERE_MS));
}

/** Shows that the holder lives, until it is stopped; a sign that fails is made up for by the next. */
function signsOfLife(file: string): () => void {
  const timer = setInterval(() => { utimes(file, new Date(), new Date()).catch(() => undefined); }, SIGN_OF_LIFE_MS);
  timer.unref();
  return () => { clearInterval(timer); };
}

/** Takes a lock that was left over out of the way; one that somebody else has put in its place meanwhile is put back. */
async function clear(file: string, judged: Buffer, aside: string): Promise<void> {
  try {
    await rename(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  try {
    if ((await readIfThere(aside))?.equals(judged) !== true) await copyFile(aside, file, constants.COPYFILE_EXCL);
  } finally {
    await rm(aside, { force: true });
  }
}

/**
 * Holds a folder for writing; a lock whose process is dead, SIGKILL included, is taken over at once.
 * @returns what releases it; undefined when somebody else holds it
 */
export async function holdFolder(file: string): Promise<(() => Promise<void>) | undefined> {
  const token = randomUUID();
  const content = JSON.stringify({ pid: process.pid, host: hostname(), token, started: (await processState(process.pid))?.started, world: await worldOfIds() } satisfies Holder);
  for (let attempt = 0; attempt < 3; attempt += 1) {
    try {
      await writeNew(file, content, 0o600);
      held.add(token);
      const stop = signsOfLife(file);
      return async () => {
        stop();
        held.delete(token);
        if ((await readIfThere(file))?.toString('utf8') === content) await rm(file, { force: true });
      };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const bytes = await readIfThere(file);
    if (bytes === undefined) continue;
    if (!await isLeftOver(file, bytes)) return undefined;
    await clear(file, bytes, `${file}.${token}`);
  }
  return undefined;
}
