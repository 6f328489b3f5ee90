import { createHash, randomBytes } from 'node:crypto';
import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { TargetFile } from '@tufjs/models';
import { namesIn, readIfThere, replaceFile } from '../../files.ts';
import type { Kinds } from '../metadata.ts';
import { CatalogueRefusal } from '../refusal.ts';
import { isRing } from '../target-custom.ts';
import type { Ring } from '../target-custom.ts';
import { readFirstRoot, successorOf, verifyTree } from '../verify.ts';
import type { Tree } from '../verify.ts';

/** What `current.json` names. */
export interface Current {
  /** Folder of the metadata below `generations/`. */
  readonly generation: string;
  /** ISO instant of the last look that found everything in order. */
  readonly checkedAt: string;
  readonly source: string;
  /** For which ring the files were fetched. */
  readonly ring: Ring;
}

/** The roots that a site trusts: the one that it was given, and each that followed, signed by the one before. */
export interface TrustedRoots {
  readonly roots: readonly { readonly metadata: Kinds['root']; readonly bytes: Uint8Array }[];
}

/**
 * A site's kept copy, `<home>/catalogue`:
 *
 *     root.json                        the root that the site was given, once
 *     roots/<version>.json             those that followed
 *     generations/<id>/<role>.json     the signed lists of one verified state
 *     targets/<sha256>.json            files, by their content
 *     current.json                     which generation holds; it is replaced last, whole
 *
 * Whatever is cut off before `current.json` stands leaves the state before.
 */
export class CatalogueCache {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  #path(...parts: string[]): string {
    return path.join(this.folder, ...parts);
  }

  get lockFile(): string {
    return this.#path('lock');
  }

  /** A new folder for an update in the making. */
  async makeWork(): Promise<string> {
    const work = this.#path('work', randomBytes(8).toString('hex'));
    await mkdir(work, { recursive: true, mode: 0o700 });
    return work;
  }

  /** The given root and its successors as far as they are kept and fit; undefined when the site was never given one. */
  async trustedRoots(given: Uint8Array | undefined): Promise<TrustedRoots | undefined> {
    const first = given ?? await readIfThere(this.#path('root.json'));
    if (first === undefined) return undefined;
    const roots: { metadata: Kinds['root']; bytes: Uint8Array }[] = [{ metadata: readFirstRoot(first), bytes: first }];
    for (;;) {
      const last = roots.at(-1)!.metadata;
      const bytes = await readIfThere(this.#path('roots', `${last.signed.version + 1}.json`));
      const metadata = bytes === undefined ? undefined : successorOf(last, bytes);
      // What is no successor of what this site trusts is fetched anew.
      if (bytes === undefined || metadata === undefined) return { roots };
      roots.push({ metadata, bytes });
    }
  }

  async keepGivenRoot(bytes: Uint8Array): Promise<void> {
    if ((await readIfThere(this.#path('root.json')))?.equals(bytes) !== true) await replaceFile(this.#path('root.json'), bytes, 0o600);
  }

  async keepRoots(roots: TrustedRoots['roots']): Promise<void> {
    for (const { metadata, bytes } of roots.slice(1)) {
      const file = this.#path('roots', `${metadata.signed.version}.json`);
      if ((await readIfThere(file))?.equals(bytes) !== true) await replaceFile(file, bytes, 0o600);
    }
  }

  /** @throws CatalogueRefusal `cache` when it was changed */
  async current(): Promise<Current | undefined> {
    const bytes = await readIfThere(this.#path('current.json'));
    if (bytes === undefined) return undefined;
    try {
      const { generation, checkedAt, source, ring = 'all' } = JSON.parse(bytes.toString('utf8')) as Partial<Current>;
      if (typeof generation === 'string' && /^[0-9a-f]{16}$/.test(generation) && typeof checkedAt === 'string' && !Number.isNaN(Date.parse(checkedAt)) && typeof source === 'string' && isRing(ring)) return { generation, checkedAt, source, ring };
    } catch (error) {
      throw changed('current.json', error);
    }
    throw changed('current.json');
  }

  /** The lists of a generation, verified from the roots that are trusted now. Expiry is not looked at. @throws CatalogueRefusal `cache` */
  async readTree({ generation }: Current, { roots }: TrustedRoots): Promise<Tree> {
    const files = await this.metadataFiles(this.#path('generations', generation));
    const own = files.get('root');
    const root = roots.find(({ bytes }) => own?.equals(bytes) === true)?.metadata;
    if (root === undefined) throw changed('root.json');
    try {
      return verifyTree(root, (role) => files.get(role));
    } catch (error) {
      if (!(error instanceof CatalogueRefusal)) throw error;
      throw new CatalogueRefusal('cache', `The kept copy of the catalogue was changed, and is not used: ${error.message}`, { cause: error });
    }
  }

  /** Metadata files of a folder by role. */
  async metadataFiles(folder: string): Promise<ReadonlyMap<string, Buffer>> {
    const files = new Map<string, Buffer>();
    for (const name of await namesIn(folder)) {
      const bytes = name.endsWith('.json') ? await readIfThere(path.join(folder, name)) : undefined;
      if (bytes !== undefined) files.set(decodeURIComponent(name.slice(0, -'.json'.length)), bytes);
    }
    return files;
  }

  /** A kept file that fits its SHA-256; undefined when it is missing or was changed. */
  async target(target: TargetFile): Promise<Buffer | undefined> {
    const sha256 = target.hashes['sha256'] ?? '';
    const bytes = await readIfThere(this.#path('targets', `${sha256}.json`));
    return bytes !== undefined && bytes.length === target.length && createHash('sha256').update(bytes).digest('hex') === sha256 ? bytes : undefined;
  }

  async keepTarget(target: TargetFile, bytes: Uint8Array): Promise<void> {
    await replaceFile(this.#path('targets', `${target.hashes['sha256'] ?? ''}.json`), bytes, 0o600);
  }

  /** Makes the lists of a finished update the ones that hold. */
  async keep(files: ReadonlyMap<string, Uint8Array>, about: Omit<Current, 'generation'>): Promise<Current> {
    const generation = randomBytes(8).toString('hex');
    const work = await this.makeWork();
    for (const [role, bytes] of files) await replaceFile(path.join(work, `${encodeURIComponent(role)}.json`), bytes, 0o600);
    await mkdir(this.#path('generations'), { recursive: true, mode: 0o700 });
    await rename(work, this.#path('generations', generation));
    const current = { generation, ...about };
    await this.touch(current);
    return current;
  }

  async touch(current: Current): Promise<void> {
    await replaceFile(this.#path('current.json'), `${JSON.stringify(current)}\n`, 0o600);
  }

  /** Removes what no longer holds: unfinished updates, generations before, files that no list names. */
  async tidy({ generation }: Current, tree: Tree, targets: readonly TargetFile[]): Promise<void> {
    await rm(this.#path('work'), { recursive: true, force: true });
    const keep = new Set(targets.map((target) => `${target.hashes['sha256'] ?? ''}.json`));
    const drop = async (folder: string, stays: (name: string) => boolean): Promise<void> => {
      for (const name of await namesIn(this.#path(folder))) if (!stays(name)) await rm(this.#path(folder, name), { recursive: true, force: true });
    };
    await drop('generations', (name) => name === generation);
    await drop('targets', (name) => keep.has(name));
    await drop('roots', (name) => Number.parseInt(name, 10) <= tree.root.signed.version);
  }
}

export function changed(what: string, cause?: unknown): CatalogueRefusal {
  return new CatalogueRefusal('cache', `The kept copy of the catalogue was changed (${what}), and is not used until the catalogue has been fetched anew.`, { cause });
}
