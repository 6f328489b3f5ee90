import type { Metadata, MetaFile, Root, Snapshot, TargetFile, Targets, Timestamp } from '@tufjs/models';
import { LIMITS } from './limits.ts';
import { readMetadata } from './metadata.ts';
import type { Kinds } from './metadata.ts';
import { isFamily, isVersioned, readTargetName, servicePath, versionText } from './names.ts';
import { requireSignatures, signingOfFamily, signingOfRoot, withdrawnKeys } from './owners.ts';
import type { WithdrawnKey } from './owners.ts';
import { CatalogueRefusal } from './refusal.ts';

/** A catalogue's signed metadata that belongs together. */
export interface Tree {
  readonly root: Metadata<Root>;
  readonly timestamp: Metadata<Timestamp>;
  readonly snapshot: Metadata<Snapshot>;
  /** Signed by the board: policy, waivers of its own, and who owns the families. */
  readonly targets: Metadata<Targets>;
  /** Signed by the owners. A family that has published nothing yet is not in it. */
  readonly families: ReadonlyMap<string, Metadata<Targets>>;
}

export interface VerifyOptions {
  /** Milliseconds; undefined does not look at expiry: what is kept goes on being used. */
  readonly now?: number | undefined;
  /** What was verified before: nothing may be older than in it. */
  readonly previous?: Tree | undefined;
}

/** Bytes of `timestamp`, `snapshot`, `targets` or a family, in the version that is asked for; undefined when there are none. */
export type ReadRole = (role: string, version: number | undefined) => Uint8Array | undefined;

const day = (time: string): string => time.slice(0, 10);

function requireFresh(metadata: Kinds[keyof Kinds], role: string, { now }: VerifyOptions): void {
  if (now === undefined || new Date(now) < new Date(metadata.signed.expires)) return;
  const expires = day(metadata.signed.expires);
  const today = `by the clock of this machine it is ${day(new Date(now).toISOString())}`;
  if (role === 'timestamp') throw new CatalogueRefusal('frozen', `The newest statement of the catalogue ran out on ${expires} (${today}): central has not renewed it ("waybill catalogue publish"), or newer ones are held back.`);
  throw new CatalogueRefusal('expired', `The signed list "${role}" ran out on ${expires} (${today}); whoever signs it has to sign a new one.`);
}

function requireNotOlder(role: string, version: number, before: number | undefined): void {
  if (before !== undefined && version < before) throw new CatalogueRefusal('rollback', `Version ${version} of "${role}" is older than version ${before}, which was seen before.`);
}

/** TUF specification 5.5.2, 5.6.2: a part is the very one that the signed statement above it names. */
function requireMatch(metadata: Metadata<Snapshot> | Metadata<Targets>, role: string, meta: MetaFile, bytes: Uint8Array): void {
  if (metadata.signed.version !== meta.version) throw new CatalogueRefusal('mismatch', `The list "${role}" is version ${metadata.signed.version}, and version ${meta.version} was announced: parts of different releases are mixed.`);
  try {
    meta.verify(Buffer.from(bytes));
  } catch (error) {
    throw new CatalogueRefusal('mismatch', `The list "${role}" is not the one that was announced: ${(error as Error).message}.`, { cause: error });
  }
}

function bytesOf(read: ReadRole, role: string, version?: number): Uint8Array {
  const bytes = read(role, version);
  if (bytes === undefined) throw new CatalogueRefusal('missing', `The signed list "${role}"${version === undefined ? '' : `, version ${version},`} is missing.`);
  return bytes;
}

/** The next root is signed by the present one's keys and by its own (TUF specification 5.3.4, 5.3.5). */
export function verifyNextRoot(present: Metadata<Root>, bytes: Uint8Array): Metadata<Root> {
  const next = readMetadata('root', bytes);
  requireSignatures(next, signingOfRoot(present, 'root'));
  requireSignatures(next, signingOfRoot(next, 'root'));
  if (next.signed.version !== present.signed.version + 1) throw new CatalogueRefusal('rollback', `The root is version ${next.signed.version} where ${present.signed.version + 1} has to follow.`);
  return next;
}

/** The next root; undefined when it does not follow the present one. */
export function successorOf(present: Metadata<Root>, bytes: Uint8Array): Metadata<Root> | undefined {
  try {
    return verifyNextRoot(present, bytes);
  } catch (error) {
    if (!(error instanceof CatalogueRefusal)) throw error;
    return undefined;
  }
}

/** A root that stands at the beginning: it is trusted because somebody gave it, and has to be signed as it says itself. */
export function readFirstRoot(bytes: Uint8Array): Metadata<Root> {
  const root = readMetadata('root', bytes);
  requireSignatures(root, signingOfRoot(root, 'root'));
  return root;
}

/** A target has a name of the catalogue's, is its signer's to give, is not too large, and has a SHA-256. */
function verifyTargetEntry(target: TargetFile, family: string | undefined): void {
  const name = readTargetName(target.path);
  const shown = JSON.stringify(target.path.slice(0, 120));
  if (name === undefined) throw new CatalogueRefusal('name', `The list "${family ?? 'targets'}" has the file name ${shown}, which is none of a catalogue's.`);
  const owner = 'family' in name ? name.family : undefined;
  if (owner !== family) throw new CatalogueRefusal('name', `The file ${shown} is in the list "${family ?? 'targets'}", whose signers may not give it.`);
  if (!/^[0-9a-f]{64}$/.test(target.hashes['sha256'] ?? '') || Object.keys(target.hashes).length !== 1) throw new CatalogueRefusal('malformed', `The file ${shown} is listed without its SHA-256.`);
  if (!Number.isSafeInteger(target.length) || target.length > LIMITS.target) throw new CatalogueRefusal('too-large', `The file ${shown} is announced with ${target.length} bytes; ${LIMITS.target} are allowed.`);
}

/** Whether the board's list lets a family's owners give services; catalogues from before services say nothing of them. */
export function mayGiveServices(targets: Metadata<Targets>, family: string): boolean {
  return targets.signed.delegations?.roles?.[family]?.paths?.includes(servicePath(family)) === true;
}

/** Whether a family's list has a service. */
export function hasServices(list: Metadata<Targets>): boolean {
  return Object.keys(list.signed.targets).some((name) => readTargetName(name)?.kind === 'service');
}

function verifyTargets(targets: Metadata<Targets>, family: string | undefined): void {
  for (const target of Object.values(targets.signed.targets)) verifyTargetEntry(target, family);
  if (family !== undefined && targets.signed.delegations !== undefined) throw new CatalogueRefusal('malformed', `The owners of "${family}" hand their right on; only the board names owners.`);
}

function verifyFamily(family: string, above: Pick<Tree, 'targets' | 'snapshot'>, read: ReadRole, options: VerifyOptions): Metadata<Targets> | undefined {
  const meta = above.snapshot.signed.meta[`${family}.json`];
  if (meta === undefined) return undefined;
  const bytes = bytesOf(read, family, meta.version);
  const list = readMetadata('targets', bytes, family);
  requireSignatures(list, signingOfFamily(above.targets, family), keysBefore(above.targets, options.previous, family));
  requireMatch(list, family, meta, bytes);
  requireNotOlder(family, list.signed.version, options.previous?.families.get(family)?.signed.version);
  requireFresh(list, family, options);
  verifyTargets(list, family);
  if (hasServices(list) && !mayGiveServices(above.targets, family)) throw new CatalogueRefusal('name', `The list "${family}" has services, and the board has not given that right to its owners.`);
  return list;
}

/** Keys that a family's owners had before, as the board says, or as this site has seen. */
function keysBefore(targets: Metadata<Targets>, previous: Tree | undefined, family: string): readonly WithdrawnKey[] {
  const seen = previous?.targets.signed.delegations?.roles?.[family] === undefined ? [] : signingOfFamily(previous.targets, family).keys;
  return [...withdrawnKeys(targets), ...seen];
}

/** Families that the board names; their right is what their name says and no more. */
export function familiesOf(targets: Metadata<Targets>): readonly string[] {
  if (targets.signed.delegations?.succinctRoles !== undefined) throw new CatalogueRefusal('malformed', 'The list "targets" spreads its files over numbered roles; a catalogue has families.');
  const families = Object.keys(targets.signed.delegations?.roles ?? {});
  if (families.length > LIMITS.families) throw new CatalogueRefusal('too-large', `The list "targets" names ${families.length} families; ${LIMITS.families} are allowed.`);
  const wrong = families.find((family) => !isFamily(family));
  if (wrong !== undefined) throw new CatalogueRefusal('name', `${JSON.stringify(wrong.slice(0, 60))} is no name of a family.`);
  return families;
}

/**
 * Verifies metadata from the root down as TUF specification 5.4 to 5.6 asks, and what Waybill asks besides: names, families,
 * functions. Reads nothing but what it is given. Sites verify with it what they keep; what they are served goes through
 * tuf-js first.
 * @throws CatalogueRefusal with the first thing that is wrong
 */
export function verifyTree(root: Metadata<Root>, read: ReadRole, options: VerifyOptions = {}): Tree {
  const { previous } = options;
  const formerly = (role: string): readonly WithdrawnKey[] => [...withdrawnKeys(root), ...previous === undefined ? [] : signingOfRoot(previous.root, role).keys];
  requireFresh(root, 'root', options);
  const timestamp = readMetadata('timestamp', bytesOf(read, 'timestamp'));
  requireSignatures(timestamp, signingOfRoot(root, 'timestamp'), formerly('timestamp'));
  requireNotOlder('timestamp', timestamp.signed.version, previous?.timestamp.signed.version);
  const { snapshotMeta } = timestamp.signed;
  requireNotOlder('snapshot', snapshotMeta.version, previous?.timestamp.signed.snapshotMeta.version);
  requireFresh(timestamp, 'timestamp', options);

  const snapshotBytes = bytesOf(read, 'snapshot', snapshotMeta.version);
  const snapshot = readMetadata('snapshot', snapshotBytes);
  requireSignatures(snapshot, signingOfRoot(root, 'snapshot'), formerly('snapshot'));
  requireMatch(snapshot, 'snapshot', snapshotMeta, snapshotBytes);
  for (const [file, meta] of Object.entries(previous?.snapshot.signed.meta ?? {})) {
    const now = snapshot.signed.meta[file];
    if (now === undefined) throw new CatalogueRefusal('rollback', `The catalogue no longer has the list "${file}", which was seen before.`);
    requireNotOlder(file.replace(/\.json$/, ''), now.version, meta.version);
  }
  requireFresh(snapshot, 'snapshot', options);

  const targetsMeta = snapshot.signed.meta['targets.json'];
  if (targetsMeta === undefined) throw new CatalogueRefusal('missing', 'The catalogue has no list "targets".');
  const targetsBytes = bytesOf(read, 'targets', targetsMeta.version);
  const targets = readMetadata('targets', targetsBytes);
  requireSignatures(targets, signingOfRoot(root, 'targets'), formerly('targets'));
  requireMatch(targets, 'targets', targetsMeta, targetsBytes);
  requireFresh(targets, 'targets', options);
  verifyTargets(targets, undefined);

  const families = new Map<string, Metadata<Targets>>();
  for (const family of familiesOf(targets)) {
    const list = verifyFamily(family, { targets, snapshot }, read, options);
    if (list !== undefined) families.set(family, list);
  }
  return { root, timestamp, snapshot, targets, families };
}

/** Every target of a tree with whose it is. */
export function targetsOf(tree: Tree): readonly { readonly target: TargetFile; readonly family?: string }[] {
  return [
    ...Object.values(tree.targets.signed.targets).map((target) => ({ target })),
    ...[...tree.families].flatMap(([family, list]) => Object.values(list.signed.targets).map((target) => ({ target, family }))),
  ];
}

/** The versions of templates and services in a list, as people read them. */
export function versionsIn(list: Metadata<Targets> | undefined): readonly { readonly target: TargetFile; readonly version: string }[] {
  return Object.values(list?.signed.targets ?? {}).flatMap((target) => {
    const name = readTargetName(target.path);
    return isVersioned(name) ? [{ target, version: versionText(name) }] : [];
  });
}
