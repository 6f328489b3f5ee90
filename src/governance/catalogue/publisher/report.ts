import type { OwnerFunction, PublicKey } from '../../signing/public-key.ts';
import { isVersioned, readTargetName } from '../names.ts';
import type { VersionOf } from '../names.ts';
import { signingOfFamily, signingOfRoot } from '../owners.ts';
import { asOfCustom } from '../published.ts';
import { readTargetCustom } from '../target-custom.ts';
import type { Ring, TargetCustom } from '../target-custom.ts';
import { familiesOf } from '../verify.ts';
import type { Tree } from '../verify.ts';
import { draftState } from './drafts.ts';
import type { DraftState } from './drafts.ts';
import { draftRoles, publishedRoots, readDraft, readTree } from './folder.ts';
import type { PublisherFolder } from './folder.ts';

const DAY = 86_400_000;

/** Where a version is in its life: draft (nobody has signed), in review (some have), approved (all that are needed have), and after that what is published says. */
export type LifeCycle = 'draft' | 'in review' | 'approved' | 'published' | 'deprecated' | 'retired';

export interface ReportedVersion extends VersionOf {
  readonly life: LifeCycle;
  readonly ring: TargetCustom['ring'];
  readonly sunset?: string;
  readonly reason?: string;
  readonly successor?: string;
  /** A change of it that waits for signatures. */
  readonly pending?: LifeCycle;
}

export interface ReportedList {
  readonly role: string;
  readonly version: number;
  /** When it was made, as far as its expiry and the lifetimes tell, ISO. */
  readonly madeAt: string;
  readonly expires: string;
}

export interface Report {
  readonly board: readonly PublicKey[];
  readonly boardThreshold: number;
  readonly online: readonly PublicKey[];
  readonly families: readonly { readonly family: string; readonly keys: readonly PublicKey[]; readonly threshold: number; readonly functions: readonly OwnerFunction[]; readonly firstRing?: Ring }[];
  readonly templates: readonly ReportedVersion[];
  readonly services: readonly ReportedVersion[];
  readonly drafts: readonly (DraftState & { readonly life: LifeCycle })[];
  /** When each list runs out, ISO. */
  readonly expires: Readonly<Record<string, string>>;
  /** The published lists, what runs out first in front. */
  readonly lists: readonly ReportedList[];
}

/** Where a draft is. */
export const lifeOf = (state: DraftState): LifeCycle => state.complete ? 'approved' : state.signers.length > 0 ? 'in review' : 'draft';

function listsOf(folder: PublisherFolder, tree: Tree | undefined): readonly ReportedList[] {
  if (tree === undefined) return [];
  const { root, targets, snapshot, timestamp, families } = tree;
  const listed = (role: string, { version, expires }: { readonly version: number; readonly expires: string }, days: number): ReportedList => ({ role, version, expires, madeAt: new Date(Date.parse(expires) - days * DAY).toISOString() });
  const { lifetimes } = folder;
  return [
    listed('root', root.signed, lifetimes.root), listed('targets', targets.signed, lifetimes.targets), listed('snapshot', snapshot.signed, lifetimes.snapshot), listed('timestamp', timestamp.signed, lifetimes.timestamp),
    ...[...families].map(([family, list]) => listed(family, list.signed, lifetimes.targets)),
  ].sort((a, b) => Date.parse(a.expires) - Date.parse(b.expires));
}

/** Everything that a publisher's folder holds, verified. */
export async function report(folder: PublisherFolder, now: number): Promise<Report> {
  const tree = await readTree(folder);
  const drafts = (await Promise.all((await draftRoles(folder)).map((role) => draftState(folder, role)))).flatMap((state) => state === undefined ? [] : [{ ...state, life: lifeOf(state) }]);
  const root = (await publishedRoots(folder)).at(-1) ?? await readDraft(folder, 'root');
  const targets = tree?.targets ?? await readDraft(folder, 'targets');
  const board = root === undefined ? undefined : signingOfRoot(root, 'root');
  const lists = listsOf(folder, tree);
  const versions = await versionsOf(folder, tree, drafts, now);
  return {
    board: board?.keys ?? [], boardThreshold: board?.threshold ?? 0, online: root === undefined ? [] : signingOfRoot(root, 'timestamp').keys,
    families: targets === undefined ? [] : familiesOf(targets).map((family) => { const { keys, threshold, functions, firstRing } = signingOfFamily(targets, family); return { family, keys, threshold, functions, ...(firstRing === undefined ? {} : { firstRing }) }; }),
    templates: versions.filter(({ kind }) => kind === 'template'), services: versions.filter(({ kind }) => kind === 'service'), drafts, lists, expires: Object.fromEntries(lists.map(({ role, expires }) => [role, expires])),
  };
}

async function versionsOf(folder: PublisherFolder, tree: Tree | undefined, drafts: Report['drafts'], now: number): Promise<readonly ReportedVersion[]> {
  const found = new Map<string, ReportedVersion>();
  const put = (lists: readonly { readonly signed: { readonly targets: Record<string, Parameters<typeof readTargetCustom>[0]> } }[], life: LifeCycle | undefined, files?: readonly string[]): void => {
    for (const target of lists.flatMap(({ signed }) => Object.values(signed.targets))) {
      const name = readTargetName(target.path);
      if (!isVersioned(name) || files?.includes(target.path) === false) continue;
      const custom = asOfCustom(readTargetCustom(target), now);
      const before = found.get(target.path);
      found.set(target.path, before === undefined || life === undefined
        ? { kind: name.kind, id: name.id, version: name.version, life: life ?? custom.status, ring: custom.ring, ...(custom.sunset === undefined ? {} : { sunset: custom.sunset }), ...(custom.reason === undefined ? {} : { reason: custom.reason }), ...(custom.successor === undefined ? {} : { successor: custom.successor }) }
        : { ...before, pending: life });
    }
  };
  put([...tree?.families.values() ?? []], undefined);
  for (const { role, life, files } of drafts) {
    const draft = role === 'root' || role === 'targets' ? undefined : await readDraft(folder, role);
    if (draft !== undefined) put([draft as never], life, files);
  }
  return [...found.values()].sort((a, b) => a.id.localeCompare(b.id) || a.version.localeCompare(b.version, undefined, { numeric: true }));
}
