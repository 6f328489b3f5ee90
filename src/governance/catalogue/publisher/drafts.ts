import { createHash } from 'node:crypto';
import { Metadata, Root, Signature, TargetFile, Targets } from '@tufjs/models';
import { existsSync } from 'node:fs';
import type { Signer } from '../../signing/signer.ts';
import { replaceFile } from '../../files.ts';
import { LIMITS } from '../limits.ts';
import type { Kinds } from '../metadata.ts';
import { readTargetName, versionText, versionTarget } from '../names.ts';
import type { VersionOf } from '../names.ts';
import { changesOf } from './changes.ts';
import { signingOfFamily, signingOfRoot, signingState } from '../owners.ts';
import type { Signing, SigningState } from '../owners.ts';
import type { ReleasePolicy } from '../../gate/policy.ts';
import { releasePolicy } from './policy.ts';
import { askedFor } from './rings.ts';
import type { TargetCustom } from '../target-custom.ts';
import { readTargetCustom } from '../target-custom.ts';
import { draftTarget, PublisherError, publishedList, publishedRoots, publishedTarget, readDraft, readTree, writeDraft } from './folder.ts';
import type { PublisherFolder } from './folder.ts';

const DAY = 86_400_000;

/** RFC 3339 in whole seconds, as TUF specification 4.2 writes instants. */
export function expiry(now: number, days: number): string {
  return `${new Date(now + days * DAY).toISOString().slice(0, 19)}Z`;
}

/** A role's next list without signatures: the draft as it is, else a copy of what is published, else an empty one. */
export async function nextList(folder: PublisherFolder, role: string, now: number): Promise<Kinds['targets']> {
  const tree = await readTree(folder);
  const published = await publishedList(folder, tree, role);
  const draft = await readDraft(folder, role) as Kinds['targets'] | undefined;
  const base = draft !== undefined && draft.signed.version > (published?.signed.version ?? 0) ? draft : published;
  return new Metadata(new Targets({
    version: (published?.signed.version ?? 0) + 1, specVersion: '1.0.31', expires: expiry(now, folder.lifetimes.targets),
    targets: { ...base?.signed.targets }, ...(base?.signed.delegations === undefined ? {} : { delegations: base.signed.delegations }),
  }));
}

/** The root's next version without signatures. */
export async function nextRoot(folder: PublisherFolder, now: number): Promise<Kinds['root']> {
  const published = (await publishedRoots(folder)).at(-1);
  const draft = await readDraft(folder, 'root');
  const base = draft !== undefined && draft.signed.version > (published?.signed.version ?? 0) ? draft : published;
  if (base === undefined) throw new PublisherError('The catalogue has no root yet; "waybill catalogue init" makes it.');
  return new Metadata(new Root({
    version: (published?.signed.version ?? 0) + 1, specVersion: '1.0.31', expires: expiry(now, folder.lifetimes.root),
    keys: { ...base.signed.keys }, roles: { ...base.signed.roles }, consistentSnapshot: true, unrecognizedFields: base.signed.unrecognizedFields,
  }));
}

/** Puts a file into a role's draft. Signatures that the draft had are gone with it: they were for another content. */
export async function stageTarget(folder: PublisherFolder, role: string, name: string, content: Uint8Array, custom: TargetCustom, now: number): Promise<void> {
  if (readTargetName(name) === undefined) throw new PublisherError(`${JSON.stringify(name)} is no name of a file of the catalogue.`);
  if (content.length > LIMITS.target) throw new PublisherError(`${name} has ${content.length} bytes; ${LIMITS.target} are allowed.`);
  const list = await nextList(folder, role, now);
  const sha256 = createHash('sha256').update(content).digest('hex');
  await replaceFile(draftTarget(folder, name, sha256), content);
  list.signed.addTarget(new TargetFile({ length: content.length, path: name, hashes: { sha256 }, unrecognizedFields: { custom: { waybill: { ...custom } } } }));
  await writeDraft(folder, role, list);
}

const familyOf = ({ id }: VersionOf): string => id.split('/')[0] ?? '';

/** Changes what a role's list says of a version, its file staying as it is. */
export async function changeVersion(folder: PublisherFolder, of: VersionOf, change: (custom: TargetCustom) => TargetCustom, now: number): Promise<TargetCustom> {
  const family = familyOf(of);
  const list = await nextList(folder, family, now);
  const name = versionTarget(of);
  const target = Object.hasOwn(list.signed.targets, name) ? list.signed.targets[name] : undefined;
  if (target === undefined) throw new PublisherError(`The catalogue has no ${versionText(of)}. "waybill catalogue status" lists what it has.`);
  const custom = change(readTargetCustom(target));
  list.signed.addTarget(new TargetFile({ length: target.length, path: name, hashes: target.hashes, unrecognizedFields: { custom: { waybill: { ...custom } } } }));
  await writeDraft(folder, family, list);
  return custom;
}

/** Whether a version is in what is published or staged, and with which content. */
export async function findVersion(folder: PublisherFolder, of: VersionOf): Promise<{ readonly sha256: string; readonly published: boolean; readonly custom: TargetCustom } | undefined> {
  const family = familyOf(of);
  const name = versionTarget(of);
  const published = (await publishedList(folder, await readTree(folder), family))?.signed.targets[name];
  const target = published ?? (await readDraft(folder, family) as Kinds['targets'] | undefined)?.signed.targets[name];
  return target === undefined ? undefined : { sha256: target.hashes['sha256'] ?? '', published: published !== undefined, custom: readTargetCustom(target) };
}

/** Who signs a role's draft: as the drafts of root and board say where there are any, else as published. */
export async function signingOf(folder: PublisherFolder, role: string): Promise<readonly Signing[]> {
  const present = (await publishedRoots(folder)).at(-1);
  const next = await readDraft(folder, 'root');
  if (role === 'root') {
    // TUF specification 5.3.4 and 5.3.5: by the present root's keys and by its own.
    return [...(present === undefined ? [] : [signingOfRoot(present, 'root')]), ...(next === undefined ? [] : [signingOfRoot(next, 'root')])];
  }
  const root = next ?? present;
  if (root === undefined) throw new PublisherError('The catalogue has no root yet; "waybill catalogue init" makes it.');
  if (role === 'targets') return [signingOfRoot(root, 'targets')];
  const signing = await requireOwners(folder, role);
  const draft = await readDraft(folder, role);
  return [draft === undefined ? signing : askedFor(signing, draft as Kinds['targets'], await publishedList(folder, await readTree(folder), role), await releasePolicy(folder, await boardList(folder)))];
}

/** Who owns a family: as staged, else as published; undefined when there is no such family. */
export async function ownersOf(folder: PublisherFolder, family: string): Promise<Signing | undefined> {
  const targets = await readDraft(folder, 'targets') ?? (await readTree(folder))?.targets;
  return targets?.signed.delegations?.roles?.[family] === undefined ? undefined : signingOfFamily(targets, family);
}

async function requireOwners(folder: PublisherFolder, family: string): Promise<Signing> {
  const signing = await ownersOf(folder, family);
  if (signing === undefined) throw new PublisherError(`The catalogue has no family "${family}".`);
  return signing;
}

/** The board's list that holds as soon as it is put out: the draft when the board has signed it, else the published one. */
async function boardList(folder: PublisherFolder): Promise<Kinds['targets'] | undefined> {
  const draft = await readDraft(folder, 'targets');
  const [published, root] = [(await readTree(folder))?.targets, await readDraft(folder, 'root') ?? (await publishedRoots(folder)).at(-1)];
  const signed = draft !== undefined && root !== undefined && draft.signed.version > (published?.signed.version ?? 0) && signingState(draft, signingOfRoot(root, 'targets')).complete;
  return signed ? draft : published;
}

/** What the owners of a family may do: who they are by the board's newest list, what is asked of them by the newest that it has signed. */
export async function familyRules(folder: PublisherFolder, family: string): Promise<{ readonly signing: Signing; readonly policy: ReleasePolicy }> {
  return { signing: await requireOwners(folder, family), policy: await releasePolicy(folder, await boardList(folder)) };
}

/** Adds a signature to metadata; the signer may take its time (a KMS). */
export async function signMetadata(metadata: Kinds[keyof Kinds], signer: Signer): Promise<void> {
  const { keyId } = signer.publicKey;
  const kept = metadata.signatures[keyId];
  let bytes: Buffer | undefined;
  // The library knows the canonical form and signs at once; it is asked for the bytes first.
  metadata.sign((data) => {
    bytes = data;
    return new Signature({ keyID: keyId, sig: kept?.sig ?? '' });
  });
  if (bytes === undefined) throw new Error('The library gave no bytes to sign.');
  metadata.signatures[keyId] = new Signature({ keyID: keyId, sig: Buffer.from(await signer.sign(bytes)).toString('hex') });
}

/** What became of one draft. */
export interface DraftState extends SigningState {
  readonly role: string;
  readonly threshold: number;
  /** What it changes, a line each, for those who sign. */
  readonly changes: readonly string[];
  /** Files that it adds or changes. */
  readonly files: readonly string[];
}

/** How far a role's draft is; undefined when it has none. */
export async function draftState(folder: PublisherFolder, role: string): Promise<DraftState | undefined> {
  const draft = await readDraft(folder, role);
  if (draft === undefined) return undefined;
  const states = (await signingOf(folder, role)).map((signing) => ({ signing, state: signingState(draft, signing) }));
  const worst = states.find(({ state }) => !state.complete) ?? states[0];
  if (worst === undefined) throw new PublisherError(`Nobody is named who signs "${role}".`);
  return { role, threshold: worst.signing.threshold, ...await changesOf(folder, role, draft), ...worst.state };
}

/** A role's draft with the signature of this key; undefined when there is none, or it is not this key's to sign. @throws PublisherError when a file of it is missing */
export async function signedDraft(folder: PublisherFolder, role: string, signer: Signer): Promise<Kinds['root'] | Kinds['targets'] | undefined> {
  const draft = await readDraft(folder, role);
  if (draft === undefined) return undefined;
  const entitled = (await signingOf(folder, role)).some((signing) => signing.keys.some((key) => key.keyId === signer.publicKey.keyId));
  if (!entitled) return undefined;
  await requireFiles(folder, role, draft);
  await signMetadata(draft, signer);
  return draft;
}

/** Signs the drafts that this key may sign; answers their roles. */
export async function signDrafts(folder: PublisherFolder, roles: readonly string[], signer: Signer): Promise<readonly string[]> {
  const signed: string[] = [];
  for (const role of roles) {
    const draft = await signedDraft(folder, role, signer);
    if (draft === undefined) continue;
    await writeDraft(folder, role, draft);
    signed.push(role);
  }
  return signed;
}

/** Nobody signs for a file that is not there. */
async function requireFiles(folder: PublisherFolder, role: string, draft: Kinds['root'] | Kinds['targets']): Promise<void> {
  if (draft.signed instanceof Root) return;
  for (const target of Object.values(draft.signed.targets)) {
    const sha256 = target.hashes['sha256'] ?? '';
    if (!existsSync(draftTarget(folder, target.path, sha256)) && !existsSync(publishedTarget(folder, target.path, sha256))) throw new PublisherError(`The draft of "${role}" names ${target.path}, whose file is missing. Publish it again.`);
  }
}
