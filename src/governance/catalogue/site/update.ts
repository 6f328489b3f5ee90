import { mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { Updater } from 'tuf-js';
import type { Config } from 'tuf-js';
import { replaceFile } from '../../files.ts';
import { LIMITS } from '../limits.ts';
import { readMetadata } from '../metadata.ts';
import { anyTargetOf } from '../names.ts';
import { neededTargets } from '../published.ts';
import { CatalogueRefusal } from '../refusal.ts';
import type { Ring } from '../target-custom.ts';
import { familiesOf, successorOf, verifyNextRoot, verifyTree } from '../verify.ts';
import type { Tree } from '../verify.ts';
import type { CatalogueCache, TrustedRoots } from './cache.ts';
import { SourceFetcher } from './source.ts';
import type { SourceUnreachable } from './source.ts';

const CONFIG: Partial<Config> = {
  maxRootRotations: LIMITS.rootRotations, maxDelegations: LIMITS.families, rootMaxLength: LIMITS.root, timestampMaxLength: LIMITS.timestamp,
  snapshotMaxLength: LIMITS.snapshot, targetsMaxLength: LIMITS.targets, prefixTargetsWithHash: true,
};

/** The client workflow over one folder of metadata, with our bounds. */
export function updaterOf({ metadataDir, targetDir, base, fetcher }: { readonly metadataDir: string; readonly targetDir: string; readonly base: URL; readonly fetcher: SourceFetcher }): Updater {
  return new Updater({ metadataDir, metadataBaseUrl: new URL('metadata', base).href, targetDir, targetBaseUrl: new URL('targets', base).href, fetcher, config: CONFIG });
}

export interface UpdateOptions {
  readonly cache: CatalogueCache;
  readonly base: URL;
  /** The source as sentences name it. */
  readonly shown: string;
  readonly ring: Ring;
  readonly roots: TrustedRoots;
  /** What was verified last, and its metadata files. */
  readonly previous: Tree | undefined;
  readonly previousFiles: ReadonlyMap<string, Uint8Array>;
  readonly now: number;
  readonly timeoutMs: number;
}

export interface Update {
  readonly tree: Tree;
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly roots: TrustedRoots;
}

/** The home folder takes nothing: no room, not writable. It says nothing of what was served. */
export class NotKept extends Error {
  override readonly name = 'NotKept';
}

const WHY: Readonly<Record<string, string>> = { ENOSPC: 'there is no room on the disk', EDQUOT: 'there is no room on the disk', EROFS: 'it cannot be written to', EACCES: 'it cannot be written to', EPERM: 'it cannot be written to' };

/** An error of the disk under the kept copy, as a sentence; undefined when it is another one. tuf-js hands on its text alone. */
export function notKept(error: unknown, folder: string): NotKept | undefined {
  if (error instanceof NotKept) return error;
  const { code, name, message } = error as NodeJS.ErrnoException;
  const found = /^E[A-Z]+$/.exec(code ?? '')?.[0] ?? (name === 'PersistError' ? /\bE[A-Z]{3,}\b/.exec(message)?.[0] : undefined);
  if (found === undefined) return undefined;
  return new NotKept(`What was fetched could not be kept in ${folder}: ${WHY[found] ?? message}. What was verified before goes on being used.`, { cause: error });
}

/** Why an update was not taken, with the roots that were verified on the way: they hold whatever became of the rest. */
export class UpdateFailed extends Error {
  override readonly name = 'UpdateFailed';
  readonly reason: CatalogueRefusal | SourceUnreachable | NotKept;
  readonly roots: TrustedRoots;

  constructor(reason: CatalogueRefusal | SourceUnreachable | NotKept, roots: TrustedRoots) {
    super(reason.message, { cause: reason });
    this.reason = reason;
    this.roots = roots;
  }
}

/**
 * One update by the client workflow of TUF (specification 5; tuf-js carries it out) in a folder of its own: nothing of what is
 * kept is touched but files by content, which nobody uses before their list holds.
 * @throws UpdateFailed
 */
export async function update(options: UpdateOptions): Promise<Update> {
  const { cache, roots, previousFiles } = options;
  const work = await cache.makeWork();
  const metadataDir = path.join(work, 'metadata');
  await mkdir(metadataDir);
  const fetcher = new SourceFetcher({ base: options.base, shown: options.shown, timeoutMs: options.timeoutMs, scratch: work });
  try {
    for (const [role, bytes] of previousFiles) await replaceFile(path.join(metadataDir, `${role}.json`), bytes);
    await replaceFile(path.join(metadataDir, 'root.json'), roots.roots.at(-1)!.bytes);
    const updater = updaterOf({ metadataDir, targetDir: work, base: fetcher.base, fetcher });
    await updater.refresh();
    const tree = await loadFamilies(updater, metadataDir, options, fetcher);
    await fetchTargets(updater, tree, options);
    return { tree, files: await cache.metadataFiles(metadataDir), roots: followed(roots, fetcher) };
  } catch (error) {
    throw new UpdateFailed(reasonOf(error, fetcher, options), followed(roots, fetcher));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** The roots that were served one after the other, as far as each is signed by the one before. */
function followed(trusted: TrustedRoots, { served }: SourceFetcher): TrustedRoots {
  const roots = [...trusted.roots];
  for (;;) {
    const last = roots.at(-1)!.metadata;
    const bytes = served.get(`${last.signed.version + 1}.root.json`);
    const metadata = bytes === undefined ? undefined : successorOf(last, bytes);
    if (bytes === undefined || metadata === undefined) return { roots };
    roots.push({ metadata, bytes });
  }
}

/** Lets the library load every family's list, and verifies the whole again, with what Waybill asks besides. */
async function loadFamilies(updater: Updater, metadataDir: string, options: UpdateOptions, fetcher: SourceFetcher): Promise<Tree> {
  const { cache } = options;
  const before = await cache.metadataFiles(metadataDir);
  const snapshot = readMetadata('snapshot', before.get('snapshot') ?? Buffer.alloc(0));
  for (const family of familiesOf(readMetadata('targets', before.get('targets') ?? Buffer.alloc(0)))) {
    if (snapshot.signed.meta[`${family}.json`] !== undefined) await updater.getTargetInfo(anyTargetOf(family));
  }
  const files = await cache.metadataFiles(metadataDir);
  const root = followed(options.roots, fetcher).roots.at(-1)!.metadata;
  return verifyTree(root, (role) => files.get(role), { now: options.now });
}

async function fetchTargets(updater: Updater, tree: Tree, { cache, ring }: UpdateOptions): Promise<void> {
  for (const target of neededTargets(tree, ring)) {
    if (await cache.target(target) !== undefined) continue;
    const found = await updater.getTargetInfo(target.path);
    if (found?.hashes['sha256'] !== target.hashes['sha256']) throw new CatalogueRefusal('mismatch', `${target.path} is listed twice with different contents.`);
    const file = await updater.downloadTarget(found!).catch((error: unknown) => {
      if (/^Expected (length|hash) /.test((error as Error).message)) throw new CatalogueRefusal('mismatch', `The file ${target.path} is not the one that was signed: ${(error as Error).message}.`, { cause: error });
      throw error;
    });
    await cache.keepTarget(target, await readFile(file));
    await rm(file, { force: true });
  }
}

/** The first thing that is wrong with what was served: the line, the file, or what verification finds in it. */
function reasonOf(error: unknown, fetcher: SourceFetcher, options: UpdateOptions): CatalogueRefusal | SourceUnreachable | NotKept {
  if (fetcher.failure !== undefined) return fetcher.failure;
  if (error instanceof CatalogueRefusal) return error;
  return notKept(error, options.cache.folder) ?? diagnose(fetcher, options) ?? new CatalogueRefusal('malformed', `The catalogue was refused: ${(error as Error).message}`, { cause: error });
}

function diagnose(fetcher: SourceFetcher, { roots, previous, previousFiles, now }: UpdateOptions): CatalogueRefusal | undefined {
  const { served } = fetcher;
  try {
    const known = followed(roots, fetcher).roots.at(-1)!.metadata;
    const next = served.get(`${known.signed.version + 1}.root.json`);
    const root = next === undefined ? known : verifyNextRoot(known, next);
    verifyTree(root, (role, version) => served.get(version === undefined ? `${role}.json` : `${version}.${role}.json`) ?? previousFiles.get(role), { now, previous });
    return undefined;
  } catch (error) {
    if (error instanceof CatalogueRefusal) return error;
    throw error;
  }
}
