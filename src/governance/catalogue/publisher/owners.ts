import { Metadata, Root, Targets } from '@tufjs/models';
import { DelegatedRole, Role } from '@tufjs/models/dist/role.js';
import { Delegations } from '@tufjs/models/dist/delegations.js';
import { publicKeyFromJson } from '../../signing/public-key.ts';
import type { OwnerFunction, PublicKey } from '../../signing/public-key.ts';
import { familyPaths, isFamily } from '../names.ts';
import { tufKey, withdrawnKeys } from '../owners.ts';
import type { WithdrawnKey } from '../owners.ts';
import type { Ring } from '../target-custom.ts';
import { expiry } from './drafts.ts';
import { PublisherError, writeDraft } from './folder.ts';
import type { PublisherFolder } from './folder.ts';

/** Who signs, and how many of them. */
export interface Quorum {
  readonly keys: readonly PublicKey[];
  readonly threshold: number;
}

/** Owners of a family: k of n, and one of each function where the board wants that. */
export interface FamilyOwners extends Quorum {
  readonly functions?: readonly OwnerFunction[] | undefined;
  /** How far the owners may release a new version at once. */
  readonly firstRing?: Ring | undefined;
}

/** Everything that a catalogue begins with. */
export interface Constitution {
  readonly board: Quorum;
  readonly online: PublicKey;
  readonly families: Readonly<Record<string, FamilyOwners>>;
}

const byId = (keys: readonly PublicKey[]): Record<string, ReturnType<typeof tufKey>> => Object.fromEntries(keys.map((key) => [key.keyId, tufKey(key)]));

function requireQuorum(what: string, { keys, threshold }: Quorum): void {
  if (new Set(keys.map((key) => key.keyId)).size !== keys.length) throw new PublisherError(`${what}: a key is named twice.`);
  if (!Number.isInteger(threshold) || threshold < 1 || threshold > keys.length) throw new PublisherError(`${what}: ${threshold} of ${keys.length} keys cannot sign; the number needed is from 1 to ${keys.length}.`);
}

function requireFamily(family: string, owners: FamilyOwners): void {
  if (!isFamily(family)) throw new PublisherError(`${JSON.stringify(family)} is no name of a family; small letters, digits and hyphens, for example procure-to-pay.`);
  requireQuorum(`Family ${family}`, owners);
  const missing = owners.functions?.find((each) => !owners.keys.some((key) => key.function === each));
  if (missing !== undefined) throw new PublisherError(`Family ${family}: one of ${missing} has to sign, and no owner has that function.`);
}

/** The delegation of a family; names of holders and functions are signed by the board with it. */
function delegatedRole(family: string, owners: FamilyOwners): DelegatedRole {
  requireFamily(family, owners);
  const functions = [...owners.functions ?? []];
  const member = { ...(functions.length === 0 ? {} : { functions }), ...(owners.firstRing === undefined ? {} : { firstRing: owners.firstRing }) };
  return new DelegatedRole({
    name: family, keyIDs: owners.keys.map((key) => key.keyId), threshold: Math.max(owners.threshold, functions.length), terminating: true, paths: [...familyPaths(family)],
    ...(Object.keys(member).length === 0 ? {} : { unrecognizedFields: { 'x-waybill': member } }),
  });
}

/** The member that remembers who signs no more; a key that comes back is taken out of it. */
export function withdrawnMember(withdrawn: readonly WithdrawnKey[], before: readonly PublicKey[], used: ReadonlySet<string>): Record<string, never> {
  const all = new Map([...withdrawn, ...before].filter(({ keyId }) => !used.has(keyId)).map(({ keyId, name }) => [keyId, { keyId, name }]));
  return (all.size === 0 ? {} : { 'x-waybill': { withdrawn: [...all.values()] } }) as unknown as Record<string, never>;
}

/** The board's list with these owners in it, in place of those of the same families. */
export function withOwners(targets: Metadata<Targets>, families: Readonly<Record<string, FamilyOwners>>): Metadata<Targets> {
  const roles = { ...targets.signed.delegations?.roles, ...Object.fromEntries(Object.entries(families).map(([family, owners]) => [family, delegatedRole(family, owners)])) };
  return withRoles(targets, roles, byId(Object.values(families).flatMap((owners) => owners.keys)));
}

/** The board's list without a family; keys that were its alone are remembered as withdrawn. */
export function withoutFamily(targets: Metadata<Targets>, family: string): Metadata<Targets> {
  return withRoles(targets, Object.fromEntries(Object.entries(targets.signed.delegations?.roles ?? {}).filter(([name]) => name !== family)), {});
}

function withRoles(targets: Metadata<Targets>, roles: Record<string, DelegatedRole>, fresh: ReturnType<typeof byId>): Metadata<Targets> {
  const before = targets.signed.delegations;
  const keys = { ...before?.keys, ...fresh };
  const used = new Set(Object.values(roles).flatMap((role) => role.keyIDs));
  const { signed } = targets;
  const unrecognizedFields = withdrawnMember(withdrawnKeys(targets), Object.values(before?.keys ?? {}).map((key) => publicKeyFromJson(key.toJSON())), used);
  return new Metadata(new Targets({
    version: signed.version, specVersion: signed.specVersion, expires: signed.expires, targets: signed.targets,
    delegations: new Delegations({ keys: Object.fromEntries(Object.entries(keys).filter(([id]) => used.has(id))), roles, unrecognizedFields }),
  }));
}

/** The first root and the board's first list, as drafts that the board signs. */
export async function stageConstitution(folder: PublisherFolder, constitution: Constitution, now: number): Promise<void> {
  const { board, online, families } = constitution;
  requireQuorum('The board', board);
  if (board.keys.some((key) => key.keyId === online.keyId)) throw new PublisherError('The online key stands on a machine; it cannot be one of the board.');
  const first = new Metadata(new Targets({ version: 1, specVersion: '1.0.31', expires: expiry(now, folder.lifetimes.targets), targets: {} }));
  const targets = withOwners(first, families);
  const boardIds = board.keys.map((key) => key.keyId);
  const root = new Metadata(new Root({
    version: 1, specVersion: '1.0.31', expires: expiry(now, folder.lifetimes.root), consistentSnapshot: true, keys: byId([...board.keys, online]),
    roles: {
      root: new Role({ keyIDs: boardIds, threshold: board.threshold }), targets: new Role({ keyIDs: [...boardIds], threshold: board.threshold }),
      snapshot: new Role({ keyIDs: [online.keyId], threshold: 1 }), timestamp: new Role({ keyIDs: [online.keyId], threshold: 1 }),
    },
  }));
  await writeDraft(folder, 'root', root);
  await writeDraft(folder, 'targets', targets);
}
