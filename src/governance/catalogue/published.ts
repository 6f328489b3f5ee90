import type { TargetFile } from '@tufjs/models';
import { readCodeList, readContract } from './canonical.ts';
import type { CodeList } from '../../domain/mapping/index.ts';
import type { Contract } from '../contract/contract-files.ts';
import { parseBoundedJson } from '../signing/bounded-json.ts';
import type { GatePolicy } from '../gate/policy.ts';
import { LIMITS } from './limits.ts';
import { statusAt } from '../../domain/service/index.ts';
import { isVersioned, readTargetName } from './names.ts';
import type { VersionOf } from './names.ts';
import { signingOfFamily, signingOfRoot, validSigners, withdrawnKeys } from './owners.ts';
import type { Signing, WithdrawnKey } from './owners.ts';
import { readPackedTemplate, readServiceTarget } from './packed.ts';
import { CatalogueRefusal } from './refusal.ts';
import type { FamilyOwners, PublishedService, PublishedTemplate, PublishedVersion, RoleKeys, Waiver } from './site-catalogue.ts';
import { reaches, readTargetCustom } from './target-custom.ts';
import type { Ring, TargetCustom } from './target-custom.ts';
import { familiesOf, targetsOf } from './verify.ts';
import type { Tree } from './verify.ts';

/** What a verified catalogue says, read from its files. */
export interface Content {
  /** As they were signed; whether a deprecated one is retired depends on the day. */
  readonly templates: readonly PublishedTemplate[];
  readonly services: readonly PublishedService[];
  readonly policy: GatePolicy | undefined;
  readonly waivers: readonly Waiver[];
  readonly contracts: readonly Contract[];
  readonly codeLists: readonly CodeList[];
}

/** The files of a tree that a site of this ring gets. */
export function neededTargets(tree: Tree, ring: Ring): readonly TargetFile[] {
  return targetsOf(tree).map(({ target }) => target).filter((target) => !isVersioned(readTargetName(target.path)) || reaches(readTargetCustom(target).ring, ring));
}

function asObject(bytes: Uint8Array, name: string): Record<string, unknown> {
  try {
    const value = parseBoundedJson(bytes, { maxBytes: LIMITS.target, maxDepth: LIMITS.depth });
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch (error) {
    throw new CatalogueRefusal('malformed', `The file ${name} cannot be read: ${(error as Error).message}.`, { cause: error });
  }
  throw new CatalogueRefusal('malformed', `The file ${name} is no JSON object.`);
}

/** @throws CatalogueRefusal `malformed` */
export function readPolicy(bytes: Uint8Array): GatePolicy {
  const policy = asObject(bytes, 'policy.json');
  const { version, rules = {} } = policy as { version?: unknown; rules?: unknown };
  if (typeof version !== 'string' || version === '') throw new CatalogueRefusal('malformed', 'policy.json says no version.');
  if (typeof rules !== 'object' || rules === null || Array.isArray(rules)) throw new CatalogueRefusal('malformed', 'In policy.json "rules" is an object by rule.');
  return { ...policy, version, rules } as GatePolicy;
}

const isInstant = (value: unknown): value is string => typeof value === 'string' && !Number.isNaN(Date.parse(value));
const areTexts = (value: unknown): value is readonly string[] => Array.isArray(value) && value.every((each) => typeof each === 'string');

/** @throws CatalogueRefusal `malformed` */
export function readWaiver(bytes: Uint8Array, name: string, id: string, family: string | undefined): Waiver {
  const waiver = asObject(bytes, name) as Partial<Record<keyof Waiver, unknown>>;
  const wrong = (what: string): CatalogueRefusal => new CatalogueRefusal('malformed', `The waiver ${name} has no valid "${what}".`);
  const scope = (waiver.scope ?? {}) as { fingerprints?: unknown; template?: unknown };
  if (waiver.id !== id) throw wrong('id');
  if (typeof waiver.rule !== 'string') throw wrong('rule');
  if (!areTexts(waiver.sites)) throw wrong('sites');
  if (typeof waiver.reason !== 'string') throw wrong('reason');
  if (!isInstant(waiver.grantedAt)) throw wrong('grantedAt');
  if (!isInstant(waiver.expiresAt)) throw wrong('expiresAt');
  if (scope.fingerprints !== undefined && !areTexts(scope.fingerprints)) throw wrong('scope.fingerprints');
  if (scope.template !== undefined && typeof scope.template !== 'string') throw wrong('scope.template');
  // The owners of one family exempt nobody from another's template.
  if (family !== undefined && scope.template !== undefined && !scope.template.startsWith(`${family}/`)) throw wrong('scope.template');
  return {
    id, rule: waiver.rule, sites: waiver.sites, reason: waiver.reason, grantedAt: waiver.grantedAt, expiresAt: waiver.expiresAt,
    scope: { ...(scope.fingerprints === undefined ? {} : { fingerprints: scope.fingerprints }), ...(scope.template === undefined ? {} : { template: scope.template }) },
    ...(typeof waiver.changeId === 'string' ? { changeId: waiver.changeId } : {}),
    ...(family === undefined ? {} : { family }),
  };
}

/** @throws CatalogueRefusal `mismatch` when a file holds another version than its name says */
function requireNamed({ path }: TargetFile, name: VersionOf, { id, version }: { readonly id: string; readonly version: string }): void {
  if (id !== name.id || version !== name.version) throw new CatalogueRefusal('mismatch', `The file ${path} holds ${id}@${version}.`);
}

function readTemplate(target: TargetFile, name: VersionOf, bytes: Uint8Array, signedBy: PublishedVersion['signedBy']): PublishedTemplate {
  const { manifest, flow, readme, contentHash } = readPackedTemplate(bytes);
  requireNamed(target, name, manifest);
  if (!name.id.startsWith(`${manifest.family}/`)) throw new CatalogueRefusal('mismatch', `The file ${target.path} holds a template of the family "${manifest.family}".`);
  return { manifest, flow, readme, contentHash, ...readTargetCustom(target), signedBy };
}

function readService(target: TargetFile, name: VersionOf, bytes: Uint8Array, signedBy: PublishedVersion['signedBy']): PublishedService {
  const { definition, readme, samples, contentHash } = readServiceTarget(bytes);
  requireNamed(target, name, definition);
  return { definition, readme, samples, contentHash, ...readTargetCustom(target), signedBy };
}

/**
 * Reads all files that a site of this ring gets. `bytes` answers the content of a file that fits its SHA-256.
 * @throws CatalogueRefusal
 */
export async function readContent(tree: Tree, ring: Ring, bytes: (target: TargetFile) => Promise<Uint8Array>): Promise<Content> {
  const templates: PublishedTemplate[] = [];
  const services: PublishedService[] = [];
  const waivers: Waiver[] = [];
  const contracts: Contract[] = [];
  const codeLists: CodeList[] = [];
  let policy: GatePolicy | undefined;
  const needed = new Set(neededTargets(tree, ring));
  const signers = new Map<string, PublishedVersion['signedBy']>();
  for (const { target, family } of targetsOf(tree)) {
    if (!needed.has(target)) continue;
    const name = readTargetName(target.path);
    const content = await bytes(target);
    if (name?.kind === 'policy') policy = readPolicy(content);
    else if (name?.kind === 'contract') contracts.push(readContract(content, target.path, name));
    else if (name?.kind === 'code-list') codeLists.push(readCodeList(content, target.path, name));
    else if (name?.kind === 'waiver') waivers.push(readWaiver(content, target.path, name.id, name.family));
    else if (family !== undefined && name !== undefined) {
      const signedBy = signers.get(family) ?? signersOf(tree, family);
      signers.set(family, signedBy);
      if (name.kind === 'service') services.push(readService(target, name, content, signedBy));
      else templates.push(readTemplate(target, name, content, signedBy));
    }
  }
  return { templates, services, policy, waivers, contracts, codeLists };
}

/** Whose signatures a list carries. */
function signersOf(tree: Tree, role: string): PublishedVersion['signedBy'] {
  const list = role === 'targets' ? tree.targets : tree.families.get(role);
  if (list === undefined) return [];
  const signing = role === 'targets' ? signingOfRoot(tree.root, 'targets') : signingOfFamily(tree.targets, role);
  return validSigners(list, signing).map((key) => ({ keyId: key.keyId, name: key.name, ...(key.function === undefined ? {} : { function: key.function }) }));
}

/** A deprecated version is retired from its sunset on. */
export function asOfCustom<T extends Pick<TargetCustom, 'status' | 'sunset'>>(custom: T, now: number): T {
  const status = statusAt(custom, now);
  return status === custom.status ? custom : { ...custom, status };
}

/** Owners of a family as the board's list names them; undefined when it does not. */
export function familyOwnersOf(targets: Tree['targets'], family: string): FamilyOwners | undefined {
  if (!familiesOf(targets).includes(family)) return undefined;
  const { keys, threshold, functions } = signingOfFamily(targets, family);
  return { keys, threshold, functions, withdrawn: withdrawnKeys(targets).map(({ keyId }) => keyId) };
}

/** Whose signatures count in a tree. */
export function roleKeysOf(tree: Tree): readonly RoleKeys[] {
  const of = ({ role, keys, threshold }: Signing, version: number, withdrawn: readonly WithdrawnKey[]): RoleKeys => ({ role, version, keyIds: keys.map(({ keyId }) => keyId).sort(), threshold, withdrawn: withdrawn.map(({ keyId }) => keyId).sort() });
  return [
    ...['root', 'targets', 'snapshot', 'timestamp'].map((role) => of(signingOfRoot(tree.root, role), tree.root.signed.version, withdrawnKeys(tree.root))),
    ...familiesOf(tree.targets).map((family) => of(signingOfFamily(tree.targets, family), tree.targets.signed.version, withdrawnKeys(tree.targets))),
  ];
}
