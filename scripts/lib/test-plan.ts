import path from 'node:path';

/** Test files that one mocha process runs, in this order. */
export interface Chunk {
  readonly name: string;
  readonly files: readonly string[];
  /** What it is thought to take alone, with the start of its process. */
  readonly seconds: number;
  /** It starts several processes at once: two of these never run side by side while something else waits. */
  readonly busy: boolean;
  /** What has to be there before it begins. */
  readonly needs: readonly string[];
}

/** Light files share a process up to this: it costs a second or two to start one. */
export const CHUNK_SECONDS = 40;
const START_SECONDS = 2;
/** What a file is thought to take that nobody has measured yet. */
const GUESS = { slow: 8, other: 0.5 } as const;

const secondsOf = (file: string, measured: Readonly<Record<string, number>>): number => measured[file] ?? (file.endsWith('.slow.test.ts') ? GUESS.slow : GUESS.other);
const areaOf = (file: string): string => file.split('/').slice(0, 2).join('/');

/**
 * Divides test files into chunks for a queue: what is long stands alone, neighbours of one area share a process. Which files share
 * one depends on the arguments only, never on how a run goes.
 *
 * @param files paths below the repository with forward slashes
 * @param measured seconds by file
 * @param busy folders or files whose tests start several processes at once
 * @param needsOf what has to be there before a file begins; only files that need the same share a process
 */
export function planChunks(files: readonly string[], measured: Readonly<Record<string, number>>, busy: readonly string[] = [], needsOf: (file: string) => readonly string[] = () => []): Chunk[] {
  const chunks: { area: string; busy: boolean; needs: readonly string[]; files: string[]; seconds: number }[] = [];
  const open = new Map<string, (typeof chunks)[number]>();
  for (const file of files.toSorted()) {
    const area = areaOf(file);
    const seconds = secondsOf(file, measured);
    const isBusy = busy.some((prefix) => file === prefix || file.startsWith(`${prefix}/`));
    const needs = needsOf(file);
    const key = [area, String(isBusy), ...needs].join(' ');
    const last = open.get(key);
    if (last !== undefined && last.seconds + seconds <= CHUNK_SECONDS) {
      last.files.push(file);
      last.seconds += seconds;
    } else {
      const chunk = { area, busy: isBusy, needs, files: [file], seconds: seconds + START_SECONDS };
      chunks.push(chunk);
      if (last === undefined || chunk.seconds < last.seconds) open.set(key, chunk);
    }
  }
  return chunks.map(({ area, files: own, ...chunk }) => {
    const last = path.posix.basename(own.at(-1) ?? '');
    return { ...chunk, files: own, name: own.length === 1 ? own[0]! : `${area} (${own.length} files to ${last})` };
  }).toSorted((a, b) => b.seconds - a.seconds);
}

/** The first job that may begin now; a busy one waits for another busy one as long as there is something else to do. */
export function nextJob<J extends { readonly busy: boolean }>(waiting: readonly J[], running: readonly J[]): J | undefined {
  const oneIsBusy = running.some(({ busy }) => busy);
  return waiting.find(({ busy }) => !busy || !oneIsBusy) ?? waiting[0];
}

/** Jobs beside the workers' own, for the time in which those only wait. */
export interface Spare {
  readonly most: number;
  /** Takes a while to look; whether the machine has room for one more. */
  readonly hasRoom: () => Promise<boolean>;
}

export interface Queued {
  readonly busy: boolean;
  /** It does not begin before this has come to an end, either way. */
  readonly after?: Promise<unknown>;
}

/** Runs all jobs with so many at a time, the first that may begin first; a job can leave others behind (those go to the front). */
export async function runQueue<J extends Queued>(jobs: readonly J[], workers: number, run: (job: J) => Promise<readonly J[]>, spare?: Spare): Promise<void> {
  const waiting = [...jobs];
  const running: J[] = [];
  const isOver = new Set<Promise<unknown>>();
  const ends = new Map(jobs.flatMap(({ after }) => (after === undefined ? [] : [[after, after.catch(() => undefined).then(() => { isOver.add(after); })] as const])));
  const ready = (): readonly J[] => waiting.filter(({ after }) => after === undefined || isOver.has(after));
  const take = async (job: J): Promise<void> => {
    waiting.splice(waiting.indexOf(job), 1);
    running.push(job);
    waiting.unshift(...await run(job));
    running.splice(running.indexOf(job), 1);
  };
  const work = async (): Promise<void> => {
    while (waiting.length > 0) {
      const job = nextJob(ready(), running);
      if (job === undefined) await Promise.race(waiting.map(async ({ after }) => { if (after !== undefined) await ends.get(after); }));
      else await take(job);
    }
  };
  const workBeside = async ({ most, hasRoom }: Spare): Promise<void> => {
    const own = new Set<Promise<void>>();
    while (waiting.some(({ busy }) => !busy)) {
      const room = await hasRoom();
      const job = ready().find(({ busy }) => !busy);
      if (!room || job === undefined || own.size >= most) continue;
      const done = take(job).finally(() => { own.delete(done); });
      own.add(done);
    }
    await Promise.all(own);
    // One of these may have left something behind when the workers were gone.
    await work();
  };
  await Promise.all([...Array.from({ length: workers }, work), ...(spare === undefined ? [] : [workBeside(spare)])]);
}
