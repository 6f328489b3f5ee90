import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Metadata, MetaFile, Snapshot, TargetFile, Targets, Timestamp } from '@tufjs/models';
import { signMetadata } from '../../../../src/governance/catalogue/publisher/drafts.ts';
import { openFolder, readTree, targetPath } from '../../../../src/governance/catalogue/publisher/folder.ts';
import type { Tree } from '../../../../src/governance/catalogue/verify.ts';
import type { Signer } from '../../../../src/governance/signing/signer.ts';
import type { Central } from './central.ts';
import { temporary } from './central.ts';

const YEAR = 365 * 86_400_000;

/** What is served to the site by somebody who may write there. */
export interface Evil {
  readonly folder: string;
  read(name: string): Buffer;
  write(name: string, content: string | Uint8Array): void;
  remove(name: string): void;
}

/** A copy of what central serves, as it is now. */
export function copyOf(central: Central): Evil {
  const folder = temporary('evil');
  cpSync(central.public, folder, { recursive: true });
  const file = (name: string): string => path.join(folder, name);
  return {
    folder,
    read: (name) => readFileSync(file(name)),
    write: (name, content) => { mkdirSync(path.dirname(file(name)), { recursive: true }); writeFileSync(file(name), content); },
    remove: (name) => { rmSync(file(name)); },
  };
}

export async function treeOf(central: Central): Promise<Tree> {
  const tree = await readTree(await openFolder(central.folder.path));
  if (tree === undefined) throw new Error('There is nothing published.');
  return tree;
}

/** A list with other files, and with no signature yet. */
export function listWith(base: Metadata<Targets>, targets: readonly TargetFile[], changes: { readonly version?: number; readonly delegations?: Targets['delegations'] } = {}): Metadata<Targets> {
  const delegations = changes.delegations ?? base.signed.delegations;
  return new Metadata(new Targets({
    version: changes.version ?? base.signed.version + 1, specVersion: '1.0.31', expires: base.signed.expires,
    targets: { ...base.signed.targets, ...Object.fromEntries(targets.map((target) => [target.path, target])) }, ...(delegations === undefined ? {} : { delegations }),
  }));
}

/** A list entry for content, under a name that may be anything. */
export function entry(name: string, content: Uint8Array, length = content.length): TargetFile {
  return new TargetFile({ path: name, length, hashes: { sha256: sha256(content) }, unrecognizedFields: { custom: { waybill: { status: 'published', ring: 'all', publishedAt: '2026-11-01T00:00:00Z' } } } });
}

export const sha256 = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex');
export const fileOf = (target: TargetFile): string => `targets/${targetPath(target.path, target.hashes['sha256'] ?? '')}`;

export async function signed<T extends Metadata<Targets>>(list: T, signers: readonly Signer[]): Promise<T> {
  for (const signer of signers) await signMetadata(list, signer);
  return list;
}

const bytesOf = (metadata: { toJSON(): unknown }): Buffer => Buffer.from(JSON.stringify(metadata.toJSON()));
const metaOf = (version: number, bytes: Buffer): MetaFile => new MetaFile({ version, length: bytes.length, hashes: { sha256: sha256(bytes) } });

/** What somebody can do who has stolen the online key: seal any lists as the newest release. */
export async function seal(evil: Evil, central: Central, lists: Readonly<Record<string, Metadata<Targets>>>, options: { readonly online?: Signer; readonly snapshotVersion?: number; readonly drop?: string } = {}): Promise<void> {
  const tree = await treeOf(central);
  const online = options.online ?? central.online;
  const all: Record<string, Metadata<Targets>> = { targets: tree.targets, ...Object.fromEntries(tree.families), ...lists };
  const meta: Record<string, MetaFile> = {};
  for (const [role, list] of Object.entries(all)) {
    const bytes = list === lists[role] ? bytesOf(list) : evil.read(`metadata/${list.signed.version}.${role}.json`);
    evil.write(`metadata/${list.signed.version}.${encodeURIComponent(role)}.json`, bytes);
    if (role !== options.drop) meta[`${role}.json`] = metaOf(list.signed.version, bytes);
  }
  const expires = `${new Date(Date.now() + YEAR).toISOString().slice(0, 19)}Z`;
  const snapshot = new Metadata(new Snapshot({ version: options.snapshotVersion ?? tree.snapshot.signed.version + 1, specVersion: '1.0.31', expires, meta }));
  await signMetadata(snapshot, online);
  const snapshotBytes = bytesOf(snapshot);
  evil.write(`metadata/${snapshot.signed.version}.snapshot.json`, snapshotBytes);
  const timestamp = new Metadata(new Timestamp({ version: tree.timestamp.signed.version + 1, specVersion: '1.0.31', expires, snapshotMeta: metaOf(snapshot.signed.version, snapshotBytes) }));
  await signMetadata(timestamp, online);
  evil.write('metadata/timestamp.json', bytesOf(timestamp));
}
