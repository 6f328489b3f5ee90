import { Metadata, Root } from '@tufjs/models';
import { Role } from '@tufjs/models/dist/role.js';
import { publicKeyFromJson } from '../../signing/public-key.ts';
import type { PublicKey } from '../../signing/public-key.ts';
import type { Kinds } from '../metadata.ts';
import { signingOfFamily, signingOfRoot, signingState, tufKey, withdrawnKeys } from '../owners.ts';
import { familiesOf, mayGiveServices } from '../verify.ts';
import { nextList, nextRoot } from './drafts.ts';
import { PublisherError, publishedList, readDraft, readTree, writeDraft } from './folder.ts';
import type { PublisherFolder } from './folder.ts';
import { withdrawnMember, withOwners } from './owners.ts';
import type { FamilyOwners } from './owners.ts';

/** A key that goes, and the one that comes in its place, if any. */
export interface KeyChange {
  readonly drop: string;
  readonly add?: PublicKey;
}

const BOARD_ROLES = ['root', 'targets'];
const ONLINE_ROLES = ['snapshot', 'timestamp'];

function replaced(keys: readonly PublicKey[], { drop, add }: KeyChange): readonly PublicKey[] {
  if (add !== undefined && keys.some((key) => key.keyId === add.keyId)) throw new PublisherError(`The key of ${add.name} signs there already; a key is not named twice.`);
  return keys.flatMap((key) => key.keyId !== drop ? [key] : add === undefined ? [] : [add]);
}

/** The root with a key changed in the roles that have it; undefined when none has. */
function changedRoot(root: Kinds['root'], change: KeyChange): Kinds['root'] | undefined {
  const { signed } = root;
  const affected = [...BOARD_ROLES, ...ONLINE_ROLES].filter((role) => signed.roles[role]?.keyIDs.includes(change.drop) === true);
  if (affected.length === 0) return undefined;
  const roles = { ...signed.roles };
  const keys = { ...signed.keys };
  for (const role of affected) {
    const signing = signingOfRoot(root, role);
    const left = replaced(signing.keys, change);
    if (left.length < signing.threshold) throw new PublisherError(`Without this key ${left.length} would be left for "${role}", and ${signing.threshold} have to sign. Name another in its place: "waybill catalogue rotate".`);
    roles[role] = new Role({ keyIDs: left.map((key) => key.keyId), threshold: signing.threshold });
  }
  if (change.add !== undefined) keys[change.add.keyId] = tufKey(change.add);
  const used = new Set(Object.values(roles).flatMap((role) => role.keyIDs));
  return new Metadata(new Root({ version: signed.version, specVersion: signed.specVersion, expires: signed.expires, consistentSnapshot: true, roles,
    unrecognizedFields: withdrawnMember(withdrawnKeys(root), Object.values(signed.keys).map((key) => publicKeyFromJson(key.toJSON())), used), keys: Object.fromEntries(Object.entries(keys).filter(([id]) => used.has(id))) }));
}

function ownersOf(targets: Kinds['targets'], family: string): FamilyOwners {
  const { keys, threshold, functions, firstRing } = signingOfFamily(targets, family);
  return { keys, threshold, functions, firstRing };
}

/** Families whose owners have the key, with their owners after the change. */
function changedFamilies(targets: Kinds['targets'], change: KeyChange): Record<string, FamilyOwners> {
  const changed: Record<string, FamilyOwners> = {};
  for (const family of familiesOf(targets)) {
    const owners = ownersOf(targets, family);
    if (!owners.keys.some((key) => key.keyId === change.drop)) continue;
    const keys = replaced(owners.keys, change);
    if (keys.length < owners.threshold) throw new PublisherError(`Without this key ${keys.length} owners would be left for ${family}, and ${owners.threshold} have to sign. Name another in its place: "waybill catalogue rotate".`);
    changed[family] = { ...owners, keys };
  }
  return changed;
}

/** Lists that are published and would no longer be signed enough: staged anew as they are, for those who remain. */
async function stageAgain(folder: PublisherFolder, root: Kinds['root'] | undefined, targets: Kinds['targets'] | undefined, now: number): Promise<readonly string[]> {
  const tree = await readTree(folder);
  if (tree === undefined) return [];
  const roles: string[] = [];
  if (targets === undefined && root !== undefined && !signingState(tree.targets, signingOfRoot(root, 'targets')).complete) {
    await writeDraft(folder, 'targets', await nextList(folder, 'targets', now));
    roles.push('targets');
  }
  for (const family of targets === undefined ? [] : familiesOf(targets)) {
    const list = await publishedList(folder, tree, family);
    if (targets === undefined || list === undefined || signingState(list, signingOfFamily(targets, family)).complete) continue;
    await writeDraft(folder, family, await nextList(folder, family, now));
    roles.push(family);
  }
  return roles;
}

/**
 * Withdraws a key, or puts another in its place. Answers the drafts that have to be signed: the root, the board's list, and
 * every list that would otherwise stand on the key that goes.
 * @throws PublisherError when nobody has the key, or too few would be left
 */
export async function changeKey(folder: PublisherFolder, change: KeyChange, now: number): Promise<readonly string[]> {
  const root = changedRoot(await nextRoot(folder, now), change);
  const present = await nextList(folder, 'targets', now);
  const families = changedFamilies(present, change);
  const targets = Object.keys(families).length === 0 ? undefined : withOwners(present, families);
  if (root === undefined && targets === undefined) throw new PublisherError('No role of this catalogue has that key. "waybill catalogue status" lists all keys.');
  if (root !== undefined) await writeDraft(folder, 'root', root);
  if (targets !== undefined) await writeDraft(folder, 'targets', targets);
  const again = await stageAgain(folder, root, targets, now);
  return [...(root === undefined ? [] : ['root']), ...(targets === undefined ? [] : ['targets']), ...again];
}

/** Names the owners of a family, new or in place of those before, for the board's signatures. */
export async function stageOwners(folder: PublisherFolder, family: string, owners: FamilyOwners, now: number): Promise<readonly string[]> {
  const targets = withOwners(await nextList(folder, 'targets', now), { [family]: owners });
  await writeDraft(folder, 'targets', targets);
  return ['targets', ...await stageAgain(folder, undefined, targets, now)];
}

/** Gives the owners of a family, as they are, the right to sign services, where the board's newest list does not; answers the drafts that have to be signed. */
export async function stageRightToServices(folder: PublisherFolder, family: string, now: number): Promise<readonly string[]> {
  const targets = await nextList(folder, 'targets', now);
  return mayGiveServices(targets, family) ? [] : await stageOwners(folder, family, ownersOf(targets, family), now);
}

/** Stages a list as it is published, with another time to run out: for the signatures of those who sign it. @throws PublisherError */
export async function stageRenewal(folder: PublisherFolder, role: string, now: number): Promise<void> {
  const tree = await readTree(folder);
  if (tree === undefined) throw new PublisherError('Nothing is published yet.');
  const known = ['root', 'targets', ...tree.families.keys()];
  if (!known.includes(role)) throw new PublisherError(ONLINE_ROLES.includes(role) ? `"waybill catalogue publish" renews ${role}.` : `There is no list ${JSON.stringify(role)}; there are ${known.join(', ')}.`);
  if (await readDraft(folder, role) !== undefined) throw new PublisherError(`A draft of ${role} waits for signatures; when it is put out, the list is renewed with it.`);
  await writeDraft(folder, role, role === 'root' ? await nextRoot(folder, now) : await nextList(folder, role, now));
}
