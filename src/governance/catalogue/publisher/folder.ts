import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { namesIn, readIfThere, replaceFile } from '../../files.ts';
import { metadataBytes, readMetadata } from '../metadata.ts';
import type { Kinds } from '../metadata.ts';
import { isFamily } from '../names.ts';
import { CatalogueRefusal } from '../refusal.ts';
import { readFirstRoot, verifyNextRoot, verifyTree } from '../verify.ts';
import type { ReadRole, Tree } from '../verify.ts';

/** A mistake of whoever publishes; the message says what to do. */
export class PublisherError extends Error {
  override readonly name = 'PublisherError';
  /** Mistakes, one sentence each, where there are several. */
  readonly details: readonly string[];

  constructor(message: string, { details = [], ...options }: ErrorOptions & { readonly details?: readonly string[] } = {}) {
    super(message, options);
    this.details = details;
  }
}

/** For how many days each part is good. */
export interface Lifetimes {
  readonly root: number;
  readonly targets: number;
  readonly snapshot: number;
  readonly timestamp: number;
}

const DEFAULT_LIFETIMES: Lifetimes = { root: 730, targets: 365, snapshot: 30, timestamp: 14 };

/**
 * A publisher's folder:
 *
 *     catalogue.json            lifetimes; nothing that is trusted
 *     drafts/<role>.json        what is being signed; drafts/targets/… its files
 *     public/metadata, /targets what sites get; nothing is in it that lacks a signature
 */
export interface PublisherFolder {
  readonly path: string;
  readonly lifetimes: Lifetimes;
}

export const publicFolder = (folder: PublisherFolder): string => path.join(folder.path, 'public');
const metadataFolder = (folder: PublisherFolder): string => path.join(publicFolder(folder), 'metadata');
const settingsFile = (folder: string): string => path.join(folder, 'catalogue.json');
const draftFile = (folder: PublisherFolder, role: string): string => path.join(folder.path, 'drafts', `${role}.json`);

/** Where a target lies: its name with its SHA-256 in front (TUF specification 3.1, consistent snapshots). */
export function targetPath(name: string, sha256: string): string {
  const { dir, base } = path.posix.parse(name);
  return `${dir === '' ? '' : `${dir}/`}${sha256}.${base}`;
}

export const publishedTarget = (folder: PublisherFolder, name: string, sha256: string): string => path.join(publicFolder(folder), 'targets', targetPath(name, sha256));
export const draftTarget = (folder: PublisherFolder, name: string, sha256: string): string => path.join(folder.path, 'drafts', 'targets', targetPath(name, sha256));

/**
 * Makes a new publisher's folder; `begin` stages what it begins with. Cut off before all of that stands it is no catalogue
 * yet, and may be made again.
 * @throws PublisherError when there is one
 */
export async function makeFolder(folder: string, lifetimes: Partial<Lifetimes>, begin: (folder: PublisherFolder) => Promise<void>): Promise<PublisherFolder> {
  if (existsSync(settingsFile(folder))) throw new PublisherError(`There is a catalogue in ${folder} already. "waybill catalogue status ${folder}" shows it.`);
  const all = { ...DEFAULT_LIFETIMES, ...lifetimes };
  const made = { path: folder, lifetimes: requireLifetimes(folder, all) };
  await begin(made);
  await replaceFile(settingsFile(folder), `${JSON.stringify({ version: 1, lifetimeDays: all }, undefined, 2)}\n`);
  return made;
}

/** @throws PublisherError when there is none */
export async function openFolder(folder: string): Promise<PublisherFolder> {
  const bytes = await readIfThere(settingsFile(folder));
  if (bytes === undefined) throw new PublisherError(`There is no catalogue in ${folder}. "waybill catalogue init" makes one.`);
  let lifetimeDays: Partial<Lifetimes> | undefined;
  try {
    ({ lifetimeDays } = JSON.parse(bytes.toString('utf8')) as { lifetimeDays?: Partial<Lifetimes> });
  } catch (error) {
    throw new PublisherError(`${settingsFile(folder)} cannot be read: ${(error as Error).message}. It has {"version": 1, "lifetimeDays": {…}}.`, { cause: error });
  }
  return { path: folder, lifetimes: requireLifetimes(folder, { ...DEFAULT_LIFETIMES, ...lifetimeDays }) };
}

function requireLifetimes(folder: string, lifetimes: Lifetimes): Lifetimes {
  const wrong = Object.entries(lifetimes).find(([, days]) => !Number.isInteger(days) || days < 1 || days > 3_650);
  if (wrong !== undefined) throw new PublisherError(`${folder}: lifetimeDays.${wrong[0]} is a whole number of days from 1 to 3650.`);
  return lifetimes;
}

const versioned = (folder: PublisherFolder, role: string, version: number): string => path.join(metadataFolder(folder), `${version}.${role}.json`);

async function newestRootVersion(folder: PublisherFolder): Promise<number> {
  const names = await namesIn(metadataFolder(folder));
  return Math.max(0, ...names.map((name) => Number(/^(\d+)\.root\.json$/.exec(name)?.[1] ?? 0)));
}

/** Roots that are published, oldest first, each verified by the one before. */
export async function publishedRoots(folder: PublisherFolder): Promise<readonly Kinds['root'][]> {
  const roots: Kinds['root'][] = [];
  const newest = await newestRootVersion(folder);
  for (let version = 1; version <= newest; version += 1) {
    const bytes = await readIfThere(versioned(folder, 'root', version));
    if (bytes === undefined) throw new CatalogueRefusal('missing', `${version}.root.json is missing; sites that trust an older root cannot follow.`);
    const before = roots.at(-1);
    roots.push(before === undefined ? readFirstRoot(bytes) : verifyNextRoot(before, bytes));
  }
  return roots;
}

/** Reads files of the published metadata into memory, so that verification stays free of I/O. */
async function readPublished(folder: PublisherFolder): Promise<ReadRole> {
  const files = new Map<string, Buffer>();
  for (const name of await readdir(metadataFolder(folder))) {
    if (name.endsWith('.json')) files.set(name, await readIfThere(path.join(metadataFolder(folder), name)) ?? Buffer.alloc(0));
  }
  return (role, version) => files.get(version === undefined ? `${role}.json` : `${version}.${role}.json`);
}

/**
 * What is published, verified; expiry is not looked at. Undefined before the first release. A root that was put out without
 * the rest (the machine stopped in between) is followed by the rest at the next release.
 */
export async function readTree(folder: PublisherFolder): Promise<Tree | undefined> {
  const roots = await publishedRoots(folder);
  if (roots.length === 0 || !existsSync(path.join(metadataFolder(folder), 'timestamp.json'))) return undefined;
  const read = await readPublished(folder);
  let refusal: unknown;
  for (const root of roots.toReversed()) {
    try {
      return verifyTree(root, read);
    } catch (error) {
      refusal ??= error;
    }
  }
  throw refusal;
}

/** A list as it was published last, also that of a family which the board has taken out since: what it published never changes. */
export async function publishedList(folder: PublisherFolder, tree: Tree | undefined, role: string): Promise<Kinds['targets'] | undefined> {
  const present = role === 'targets' ? tree?.targets : tree?.families.get(role);
  const announced = tree?.snapshot.signed.meta[`${role}.json`];
  if (present !== undefined || announced === undefined) return present;
  const bytes = await readIfThere(versioned(folder, role, announced.version));
  if (bytes === undefined) throw new CatalogueRefusal('missing', `${announced.version}.${role}.json is missing, by which is known what ${role} had published.`);
  announced.verify(bytes);
  return readMetadata('targets', bytes, role);
}

/** A list that waits for its signatures; undefined when none does. */
export async function readDraft<Role extends string>(folder: PublisherFolder, role: Role): Promise<(Role extends 'root' ? Kinds['root'] : Kinds['targets']) | undefined> {
  const bytes = await readIfThere(draftFile(folder, role));
  if (bytes === undefined) return undefined;
  return readMetadata(role === 'root' ? 'root' : 'targets', bytes, role) as Role extends 'root' ? Kinds['root'] : Kinds['targets'];
}

export async function writeDraft(folder: PublisherFolder, role: string, metadata: Kinds['root'] | Kinds['targets']): Promise<void> {
  await replaceFile(draftFile(folder, role), metadataBytes(metadata));
}

export async function dropDraft(folder: PublisherFolder, role: string): Promise<void> {
  await rm(draftFile(folder, role), { force: true });
}

/** Roles that have a draft. */
export async function draftRoles(folder: PublisherFolder): Promise<readonly string[]> {
  const names = await namesIn(path.join(folder.path, 'drafts'));
  return names.filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -'.json'.length)).filter((role) => role === 'root' || role === 'targets' || isFamily(role)).sort();
}

/** Puts metadata where sites find it; the timestamp has no version in its name. */
export async function putMetadata(folder: PublisherFolder, role: string, metadata: Kinds[keyof Kinds]): Promise<void> {
  const file = role === 'timestamp' ? path.join(metadataFolder(folder), 'timestamp.json') : versioned(folder, role, metadata.signed.version);
  await replaceFile(file, metadataBytes(metadata));
}
