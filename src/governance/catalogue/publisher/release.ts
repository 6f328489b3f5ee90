import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { Metadata, MetaFile, Snapshot, Timestamp } from '@tufjs/models';
import { readIfThere, replaceFile } from '../../files.ts';
import type { Signer } from '../../signing/signer.ts';
import { metadataBytes } from '../metadata.ts';
import type { Kinds } from '../metadata.ts';
import { signingOfFamily, signingOfRoot, signingState } from '../owners.ts';
import { CatalogueRefusal } from '../refusal.ts';
import { familiesOf, hasServices, mayGiveServices, targetsOf, verifyTree } from '../verify.ts';
import type { Tree } from '../verify.ts';
import { draftRoles, draftTarget, dropDraft, PublisherError, publishedList, publishedRoots, publishedTarget, putMetadata, readDraft, readTree } from './folder.ts';
import type { PublisherFolder } from './folder.ts';
import type { ReleasePolicy } from '../../gate/policy.ts';
import { policyProblem, releasePolicy } from './policy.ts';
import { askedFor, draftProblem } from './rings.ts';
import { expiry, signMetadata } from './drafts.ts';

/** What a release did. */
export interface Release {
  /** Lists that were put out. */
  readonly published: readonly string[];
  /** Drafts that wait, with why. */
  readonly waiting: readonly { readonly role: string; readonly why: string }[];
  readonly snapshot: number;
  readonly timestamp: number;
  readonly expires: string;
}

interface Candidate {
  readonly root: Kinds['root'];
  readonly targets: Kinds['targets'];
  readonly families: ReadonlyMap<string, Kinds['targets']>;
  readonly published: readonly string[];
  readonly waiting: readonly { readonly role: string; readonly why: string }[];
}

/** The draft when it is newer than what is published and completely signed. */
function complete(draft: Kinds['root'] | Kinds['targets'] | undefined, before: number, signings: readonly Parameters<typeof signingState>[1][]): boolean {
  return draft !== undefined && draft.signed.version > before && signings.every((signing) => signingState(draft, signing).complete);
}

async function chooseRoot(folder: PublisherFolder, waiting: { role: string; why: string }[]): Promise<{ readonly root: Kinds['root']; readonly fresh: boolean }> {
  const present = (await publishedRoots(folder)).at(-1);
  const draft = await readDraft(folder, 'root');
  const signings = draft === undefined ? [] : [...(present === undefined ? [] : [signingOfRoot(present, 'root')]), signingOfRoot(draft, 'root')];
  if (draft !== undefined && complete(draft, present?.signed.version ?? 0, signings)) return { root: draft, fresh: true };
  if (draft !== undefined && draft.signed.version > (present?.signed.version ?? 0)) waiting.push({ role: 'root', why: 'It lacks signatures of the board.' });
  if (present === undefined) throw new PublisherError('The root is not signed yet. The board signs with "waybill catalogue sign --key <file>".');
  return { root: present, fresh: false };
}

interface ChosenFamilies {
  readonly families: Map<string, Kinds['targets']>;
  readonly fresh: readonly string[];
  /** What is published lacks signatures under this board's list. */
  readonly broken: readonly string[];
  /** Drafts that no signature puts out, with why. */
  readonly against: ReadonlyMap<string, string>;
}

/** Why a draft has files that its signers may not give; undefined when it has none. */
function rightProblem(targets: Kinds['targets'], draft: Kinds['targets'], family: string): string | undefined {
  return hasServices(draft) && !mayGiveServices(targets, family) ? `The board has to sign first that the owners of ${family} may give services; that draft of "targets" is staged with the service.` : undefined;
}

/** Families under a board's list: their drafts where these are complete, else what is published. Undefined where that no longer holds. */
function chooseFamilies(targets: Kinds['targets'], drafts: ReadonlyMap<string, Kinds['targets']>, before: ReadonlyMap<string, Kinds['targets'] | undefined>, policy: ReleasePolicy, mayReplace: boolean): ChosenFamilies {
  const families = new Map<string, Kinds['targets']>();
  const fresh: string[] = [];
  const broken: string[] = [];
  const against = new Map<string, string>();
  for (const family of familiesOf(targets)) {
    const present = before.get(family);
    const draft = drafts.get(family);
    const signing = signingOfFamily(targets, family);
    const problem = draft === undefined ? undefined : rightProblem(targets, draft, family) ?? draftProblem(draft, present, signing, policy, mayReplace);
    if (problem !== undefined) against.set(family, problem);
    if (draft !== undefined && problem === undefined && complete(draft, present?.signed.version ?? 0, [askedFor(signing, draft, present, policy)])) {
      families.set(family, draft);
      fresh.push(family);
    } else if (present !== undefined) {
      families.set(family, present);
      if (!signingState(present, signing).complete) broken.push(family);
    }
  }
  return { families, fresh, broken, against };
}

/** The most that can be put out now without anything in it lacking a signature. */
async function choose(folder: PublisherFolder, tree: Tree | undefined, mayReplace: boolean): Promise<Candidate> {
  const waiting: { role: string; why: string }[] = [];
  const { root, fresh: freshRoot } = await chooseRoot(folder, waiting);
  const drafts = new Map<string, Kinds['targets']>();
  for (const role of await draftRoles(folder)) if (role !== 'root') drafts.set(role, (await readDraft(folder, role)) as Kinds['targets']);
  const boardDraft = drafts.get('targets');
  const before = new Map<string, Kinds['targets'] | undefined>();
  for (const role of new Set([...drafts.keys(), ...[tree?.targets, boardDraft].flatMap((list) => list === undefined ? [] : familiesOf(list))])) before.set(role, await publishedList(folder, tree, role));
  const board = signingOfRoot(root, 'targets');
  let targets = complete(boardDraft, tree?.targets.signed.version ?? 0, [board]) ? boardDraft : undefined;
  const policyAgainst = targets === undefined ? undefined : await policyProblem(folder, targets, tree?.targets);
  if (policyAgainst !== undefined) {
    waiting.push({ role: 'targets', why: policyAgainst });
    targets = undefined;
  }
  let chosen = targets === undefined ? undefined : chooseFamilies(targets, drafts, before, await releasePolicy(folder, targets), mayReplace);
  if (chosen !== undefined && chosen.broken.length > 0) {
    waiting.push({ role: 'targets', why: `Under the new owners the list of ${chosen.broken.join(', ')} lacks signatures; they sign it anew first.` });
    targets = undefined;
  } else if (policyAgainst === undefined && boardDraft !== undefined && targets === undefined && boardDraft.signed.version > (tree?.targets.signed.version ?? 0)) waiting.push({ role: 'targets', why: 'It lacks signatures of the board.' });
  if (targets === undefined) {
    if (tree === undefined) throw new PublisherError('The board has not signed the list of the families yet: "waybill catalogue sign --key <file>".');
    if (!signingState(tree.targets, board).complete) throw new PublisherError('Under the new root the board\'s list "targets" lacks signatures; the board signs it anew first.');
    chosen = chooseFamilies(tree.targets, drafts, before, await releasePolicy(folder, tree.targets), mayReplace);
  }
  const present = targets ?? tree!.targets;
  const { families, fresh, against } = chosen!;
  for (const role of drafts.keys()) if (role !== 'targets' && !fresh.includes(role) && (drafts.get(role)?.signed.version ?? 0) > (tree?.families.get(role)?.signed.version ?? 0)) waiting.push({ role, why: against.get(role) ?? 'It lacks signatures of its owners.' });
  return { root, targets: present, families, waiting, published: [...(freshRoot ? ['root'] : []), ...(targets === undefined ? [] : ['targets']), ...fresh] };
}

const metaOf = (metadata: Kinds[keyof Kinds]): MetaFile => {
  const bytes = metadataBytes(metadata);
  return new MetaFile({ version: metadata.signed.version, length: bytes.length, hashes: { sha256: createHash('sha256').update(bytes).digest('hex') } });
};

async function sealed(folder: PublisherFolder, candidate: Candidate, tree: Tree | undefined, online: Signer, now: number): Promise<Pick<Tree, 'snapshot' | 'timestamp'>> {
  // A list that was announced once stays announced (TUF specification 5.5.5), also when its family was taken out.
  const meta: Record<string, MetaFile> = { ...tree?.snapshot.signed.meta, 'targets.json': metaOf(candidate.targets) };
  for (const [family, list] of candidate.families) meta[`${family}.json`] = metaOf(list);
  const snapshot = new Metadata(new Snapshot({ version: (tree?.snapshot.signed.version ?? 0) + 1, specVersion: '1.0.31', expires: expiry(now, folder.lifetimes.snapshot), meta }));
  await signMetadata(snapshot, online);
  const timestamp = new Metadata(new Timestamp({ version: (tree?.timestamp.signed.version ?? 0) + 1, specVersion: '1.0.31', expires: expiry(now, folder.lifetimes.timestamp), snapshotMeta: metaOf(snapshot) }));
  await signMetadata(timestamp, online);
  return { snapshot, timestamp };
}

/** Moves the files of a release to where sites find them. @throws PublisherError when one is missing or was changed */
async function putTargets(folder: PublisherFolder, tree: Tree): Promise<void> {
  for (const { target } of targetsOf(tree)) {
    const sha256 = target.hashes['sha256'] ?? '';
    const there = await readIfThere(publishedTarget(folder, target.path, sha256));
    const good = (bytes: Buffer | undefined): bytes is Buffer => bytes !== undefined && bytes.length === target.length && createHash('sha256').update(bytes).digest('hex') === sha256;
    if (good(there)) continue;
    const staged = await readIfThere(draftTarget(folder, target.path, sha256));
    if (!good(staged)) throw new PublisherError(`The file of ${target.path} is missing or was changed; nothing was published. Stage it again with "waybill catalogue publish".`);
    await replaceFile(publishedTarget(folder, target.path, sha256), staged);
  }
}

/**
 * Puts out every draft that is completely signed, and renews snapshot and timestamp with the online key. The timestamp comes
 * last: until it stands, sites see the release before, whole; a release that was cut off is done again from the drafts.
 * @param options.mayReplace for demo catalogues: what is published under a version may get another content
 * @throws PublisherError, CatalogueRefusal when what is published, or would be, does not verify
 */
export async function release(folder: PublisherFolder, online: Signer, now: number, options: { readonly mayReplace?: boolean } = {}): Promise<Release> {
  const tree = await readTree(folder);
  const candidate = await choose(folder, tree, options.mayReplace === true);
  const named = signingOfRoot(candidate.root, 'timestamp').keys;
  if (!named.some((key) => key.keyId === online.publicKey.keyId)) throw new PublisherError(`The key of ${online.publicKey.name} is not the online key of this catalogue; that is held by ${named.map((key) => key.name).join(', ')}.`);
  const { snapshot, timestamp } = await sealed(folder, candidate, tree, online, now);
  const bytes = new Map<string, Uint8Array>([['targets', metadataBytes(candidate.targets)], ['snapshot', metadataBytes(snapshot)], ['timestamp', metadataBytes(timestamp)]]);
  for (const [family, list] of candidate.families) bytes.set(family, metadataBytes(list));
  // The same verification as at the sites, expiry included: what they would refuse is not put out.
  const verified = verifyTree(candidate.root, (role) => bytes.get(role), { now });
  await putTargets(folder, verified);
  for (const [family, list] of candidate.families) if (candidate.published.includes(family)) await putMetadata(folder, family, list);
  if (candidate.published.includes('targets')) await putMetadata(folder, 'targets', candidate.targets);
  await putMetadata(folder, 'snapshot', snapshot);
  if (candidate.published.includes('root')) await putMetadata(folder, 'root', candidate.root);
  await putMetadata(folder, 'timestamp', timestamp);
  for (const role of candidate.published) await dropDraft(folder, role);
  await dropDraftFiles(folder, verified);
  return { published: candidate.published, waiting: candidate.waiting, snapshot: snapshot.signed.version, timestamp: timestamp.signed.version, expires: timestamp.signed.expires };
}

/** Staged copies of what is published now. */
async function dropDraftFiles(folder: PublisherFolder, tree: Tree): Promise<void> {
  for (const { target } of targetsOf(tree)) await rm(draftTarget(folder, target.path, target.hashes['sha256'] ?? ''), { force: true });
  if ((await draftRoles(folder)).length === 0) await rm(path.join(folder.path, 'drafts'), { recursive: true, force: true });
}

/** Whether an error is a mistake that the person at the command line can mend. */
export function isForPeople(error: unknown): error is Error {
  return error instanceof PublisherError || error instanceof CatalogueRefusal;
}
