import { Key } from '@tufjs/models';
import type { Metadata, Root, Snapshot, Targets, Timestamp } from '@tufjs/models';
import { counted } from '../gate/rules/words.ts';
import { isFunction, keyIdOf, publicKeyFromJson, publicKeyToJson } from '../signing/public-key.ts';
import type { OwnerFunction, PublicKey } from '../signing/public-key.ts';
import { CatalogueRefusal } from './refusal.ts';
import { isRing } from './target-custom.ts';
import type { Ring } from './target-custom.ts';

type Signed = Metadata<Root> | Metadata<Timestamp> | Metadata<Snapshot> | Metadata<Targets>;

/** Who may sign for a role, and what makes a signature complete. */
export interface Signing {
  readonly role: string;
  readonly keys: readonly PublicKey[];
  readonly threshold: number;
  /** One valid signature of each besides the threshold; empty when it is by number alone. */
  readonly functions: readonly OwnerFunction[];
  /** How far the owners may release a new version at once; the policy says it when the board has not. */
  readonly firstRing?: Ring;
}

export function tufKey(key: PublicKey): Key {
  const { keytype, scheme, keyval, ...unrecognizedFields } = publicKeyToJson(key) as { keytype: string; scheme: string; keyval: { public: string } };
  return new Key({ keyID: key.keyId, keyType: keytype, scheme, keyVal: keyval, unrecognizedFields });
}

/** @throws CatalogueRefusal when a key is not what its id says, or stands twice: one person would sign for two */
function keysOf(role: string, ids: readonly string[], keys: Readonly<Record<string, Key>>): readonly PublicKey[] {
  const found: PublicKey[] = [];
  for (const id of ids) {
    const key = Object.hasOwn(keys, id) ? keys[id] : undefined;
    if (key === undefined) continue;
    let read: PublicKey;
    try {
      read = publicKeyFromJson(key.toJSON());
    } catch (error) {
      throw new CatalogueRefusal('malformed', `A key of "${role}" cannot be read: ${(error as Error).message}`, { cause: error });
    }
    if (keyIdOf(read.value) !== id) throw new CatalogueRefusal('forged', `A key of "${role}" stands under an id that is not its own; one signature could count twice.`);
    found.push(read);
  }
  return found;
}

/** Who signs for one of the four roles that the root names. */
export function signingOfRoot(root: Metadata<Root>, role: string): Signing {
  const named = Object.hasOwn(root.signed.roles, role) ? root.signed.roles[role] : undefined;
  if (named === undefined) throw new CatalogueRefusal('malformed', `The root does not say who signs "${role}".`);
  return { role, keys: keysOf(role, named.keyIDs, root.signed.keys), threshold: named.threshold, functions: [] };
}

/** Who signs for a family. The functions are a member of ours in the delegation, signed by the board with it. */
export function signingOfFamily(targets: Metadata<Targets>, family: string): Signing {
  const roles = targets.signed.delegations?.roles ?? {};
  const named = Object.hasOwn(roles, family) ? roles[family] : undefined;
  if (named === undefined) throw new CatalogueRefusal('malformed', `The board has not named owners for "${family}".`);
  const { functions = [], firstRing } = (named.unrecognizedFields?.['x-waybill'] ?? {}) as { functions?: unknown; firstRing?: unknown };
  if (firstRing !== undefined && !isRing(firstRing)) throw new CatalogueRefusal('malformed', `The ring to which the owners of "${family}" may release cannot be read.`);
  if (!Array.isArray(functions) || !functions.every(isFunction)) throw new CatalogueRefusal('malformed', `The functions that have to sign "${family}" cannot be read.`);
  return { role: family, keys: keysOf(family, named.keyIDs, targets.signed.delegations?.keys ?? {}), threshold: named.threshold, functions, ...(firstRing === undefined ? {} : { firstRing }) };
}

/** A key that signs no more, as the board's signed lists remember it: so its signature is told from a stranger's. */
export interface WithdrawnKey {
  readonly keyId: string;
  readonly name: string;
}

const isWithdrawn = (value: unknown): value is WithdrawnKey => typeof (value as WithdrawnKey | null)?.keyId === 'string' && typeof (value as WithdrawnKey).name === 'string';

/** Keys that the root, or the board's list, names as withdrawn: a member of ours, signed along. */
export function withdrawnKeys(list: Metadata<Root> | Metadata<Targets>): readonly WithdrawnKey[] {
  const holder = 'delegations' in list.signed ? list.signed.delegations?.unrecognizedFields : list.signed.unrecognizedFields;
  const withdrawn = (holder?.['x-waybill'] as { withdrawn?: unknown } | undefined)?.withdrawn ?? [];
  if (!Array.isArray(withdrawn) || !withdrawn.every(isWithdrawn)) throw new CatalogueRefusal('malformed', 'The keys that were withdrawn cannot be read.');
  return withdrawn;
}

/** The trusted keys whose signatures fit the content. */
export function validSigners(metadata: Signed, signing: Signing): readonly PublicKey[] {
  return signing.keys.filter((key) => {
    try {
      tufKey(key).verifySignature(metadata);
      return true;
    } catch {
      return false;
    }
  });
}

export interface SigningState {
  readonly signers: readonly PublicKey[];
  readonly complete: boolean;
  readonly missingFunctions: readonly OwnerFunction[];
}

/** How far a draft is. */
export function signingState(metadata: Signed, signing: Signing): SigningState {
  const signers = validSigners(metadata, signing);
  const missingFunctions = signing.functions.filter((each) => !signers.some((key) => key.function === each));
  return { signers, missingFunctions, complete: signers.length >= signing.threshold && missingFunctions.length === 0 };
}

/**
 * TUF specification 5.3.4, 5.4.2, 5.5.3, 5.6.3 (a threshold of valid signatures), and one of each function.
 * @param formerly keys that an earlier version of the delegation trusted, to tell a revoked one from a forged one
 */
export function requireSignatures(metadata: Signed, signing: Signing, formerly: readonly WithdrawnKey[] = []): void {
  const { signers, missingFunctions, complete } = signingState(metadata, signing);
  if (complete) return;
  const ids = Object.keys(metadata.signatures);
  const asked = `${counted(signing.threshold, 'signature')} by ${signing.keys.map((key) => key.name).join(', ') || 'nobody'}`;
  if (ids.length === 0) throw new CatalogueRefusal('unsigned', `The list "${signing.role}" is not signed at all; it needs ${asked}.`);
  if (signers.length >= signing.threshold) throw new CatalogueRefusal('function', `The list "${signing.role}" lacks the signature of ${missingFunctions.join(' and ')}.`);
  const revoked = formerly.find((key) => ids.includes(key.keyId) && !signing.keys.some((each) => each.keyId === key.keyId));
  if (revoked !== undefined) throw new CatalogueRefusal('revoked-key', `The list "${signing.role}" is signed with a key of ${revoked.name} that was withdrawn; it needs ${asked}.`);
  if (signers.length > 0) throw new CatalogueRefusal('threshold', `The list "${signing.role}" has ${counted(signers.length, 'valid signature')} (${signers.map((key) => key.name).join(', ')}); it needs ${asked}.`);
  const known = signing.keys.find((key) => ids.includes(key.keyId));
  throw new CatalogueRefusal('forged', known === undefined
    ? `The list "${signing.role}" is signed by keys that are not trusted for it; it needs ${asked}.`
    : `The list "${signing.role}" was changed after ${known.name} had signed it: the signature does not fit.`);
}
