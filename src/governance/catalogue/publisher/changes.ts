import { Root } from '@tufjs/models';
import type { TargetFile } from '@tufjs/models';
import { keysText } from '../../signing/public-key.ts';
import type { PublicKey } from '../../signing/public-key.ts';
import type { Kinds } from '../metadata.ts';
import { isVersioned, readTargetName, versionText } from '../names.ts';
import { signingOfFamily, signingOfRoot } from '../owners.ts';
import type { Signing } from '../owners.ts';
import { readTargetCustom } from '../target-custom.ts';
import { familiesOf, mayGiveServices } from '../verify.ts';
import { publishedList, publishedRoots, readTree } from './folder.ts';
import type { PublisherFolder } from './folder.ts';
import { policyChanges } from './policy.ts';

export interface Changes {
  readonly changes: readonly string[];
  readonly files: readonly string[];
}

/** What a file is to those who sign for it. */
function described(target: TargetFile, before: TargetFile | undefined): string {
  const name = readTargetName(target.path);
  const shown = isVersioned(name) ? versionText(name) : target.path;
  const { status, ring, sunset, reason, successor, suspended } = readTargetCustom(target);
  const stopped = suspended === undefined ? '' : `, stopped ${suspended.until === undefined ? 'until it is resumed' : `until ${suspended.until}`} (${suspended.reason})`;
  const content = before === undefined ? 'new' : before.hashes['sha256'] === target.hashes['sha256'] ? 'as published' : 'another content';
  const life = status === 'published' ? '' : status === 'retired' ? ', withdrawn' : `, deprecated, retired from ${sunset ?? 'no day'} on${successor === undefined ? '' : `, followed by ${successor}`}`;
  return `${shown}: ${content}${life}${stopped}${isVersioned(name) ? `, for ${ring}` : ''}${reason === undefined ? '' : ` (${reason})`}, sha256 ${(target.hashes['sha256'] ?? '').slice(0, 12)}…`;
}

const quorum = ({ keys, threshold, functions, firstRing }: Signing): string => `${threshold} of ${keysText(keys)}${functions.length === 0 ? '' : `, one each of ${functions.join(', ')}`}${firstRing === undefined ? '' : `, new versions at once for ${firstRing}`}`;

function ownerChange(role: string, next: Signing | undefined, before: Signing | undefined): readonly string[] {
  const [now, was] = [next, before].map((each) => each === undefined ? undefined : quorum(each));
  if (now === was) return [];
  const gone = (before?.keys ?? []).filter((key: PublicKey) => next?.keys.some(({ keyId }) => keyId === key.keyId) !== true).map((key) => `${key.name} ${key.keyId.slice(0, 8)}`);
  return [`who signs ${role}: ${now ?? 'nobody'}${gone.length === 0 ? '' : `; no longer ${gone.join(', ')}`}`];
}

function ownersChanged(next: Kinds['targets'], before: Kinds['targets'] | undefined): readonly string[] {
  const families = new Set([...familiesOf(next), ...before === undefined ? [] : familiesOf(before)]);
  const of = (list: Kinds['targets'] | undefined, family: string): Signing | undefined => list?.signed.delegations?.roles?.[family] === undefined ? undefined : signingOfFamily(list, family);
  const right = (family: string): readonly string[] => before !== undefined && familiesOf(before).includes(family) && mayGiveServices(next, family) && !mayGiveServices(before, family) ? [`the owners of ${family} may give services as well as templates`] : [];
  return [...families].flatMap((family) => [...ownerChange(family, of(next, family), of(before, family)), ...right(family)]);
}

/** What a draft changes against what is published, in lines for those who are asked to sign it. */
export async function changesOf(folder: PublisherFolder, role: string, draft: Kinds['root'] | Kinds['targets']): Promise<Changes> {
  if (draft.signed instanceof Root) {
    const before = (await publishedRoots(folder)).at(-1);
    const next = draft as Kinds['root'];
    const lines = ['root', 'targets', 'snapshot', 'timestamp'].flatMap((each) => ownerChange(each, signingOfRoot(next, each), before === undefined ? undefined : signingOfRoot(before, each)));
    return { changes: [`root, version ${next.signed.version}`, ...lines], files: [] };
  }
  const next = draft as Kinds['targets'];
  const tree = await readTree(folder);
  const before = await publishedList(folder, tree, role);
  const changed = Object.values(next.signed.targets).filter((target) => before?.signed.targets[target.path]?.equals(target) !== true);
  const gone = Object.keys(before?.signed.targets ?? {}).filter((name) => !Object.hasOwn(next.signed.targets, name)).map((name) => `${name}: taken out`);
  const lines = [...changed.map((target) => described(target, before?.signed.targets[target.path])), ...gone, ...role === 'targets' ? [...await policyChanges(folder, next, before), ...ownersChanged(next, before)] : []];
  return { changes: lines.length === 0 ? ['as published; signed anew'] : lines, files: changed.map((target) => target.path) };
}
