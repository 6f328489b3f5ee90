import { signingState, validSigners } from '../owners.ts';
import { asOfCustom } from '../published.ts';
import { readTargetCustom } from '../target-custom.ts';
import { versionsIn } from '../verify.ts';
import { nextList, ownersOf } from './drafts.ts';
import { PublisherError, publishedList, readDraft, readTree, writeDraft } from './folder.ts';
import type { PublisherFolder } from './folder.ts';
import { stageOwners } from './keys.ts';
import { withoutFamily } from './owners.ts';
import type { FamilyOwners } from './owners.ts';

/** What a change of a family's owners does to what is published and staged under it. */
export interface OwnersStaged {
  /** Drafts that have to be signed. */
  readonly roles: readonly string[];
  /** Owners whose signatures under the published list stay good. */
  readonly stay: readonly string[];
  /** Versions that lose the signatures they stand on, until the list is signed anew; none when enough stay. */
  readonly lose: readonly string[];
}

/** Names the owners of a family, or says how many of them sign, for the board's signatures. */
export async function changeOwners(folder: PublisherFolder, family: string, owners: FamilyOwners, now: number): Promise<OwnersStaged> {
  const roles = await stageOwners(folder, family, owners, now);
  const list = await publishedList(folder, await readTree(folder), family);
  const signing = await ownersOf(folder, family);
  if (list === undefined || signing === undefined) return { roles, stay: [], lose: [] };
  const versions = versionsIn(list).map(({ version }) => version);
  return { roles, stay: validSigners(list, signing).map(({ name }) => name), lose: signingState(list, signing).complete ? [] : versions };
}

/**
 * Takes a family out of the catalogue, for the board's signatures. Its list stays where it is, as TUF asks (specification
 * 5.5.5), and nobody is trusted for it any more.
 * @throws PublisherError while sites may use a version of it, or a draft of it waits
 */
export async function stageRemoval(folder: PublisherFolder, family: string, now: number): Promise<void> {
  const targets = await nextList(folder, 'targets', now);
  if (targets.signed.delegations?.roles?.[family] === undefined) throw new PublisherError(`The catalogue has no family "${family}". "waybill catalogue status" lists what it has.`);
  if (await readDraft(folder, family) !== undefined) throw new PublisherError(`A draft of ${family} waits for signatures. Put it out, or drop it first: "waybill catalogue unstage ${family}".`);
  const used = versionsIn((await readTree(folder))?.families.get(family)).flatMap(({ target, version }) => (asOfCustom(readTargetCustom(target), now).status === 'retired' ? [] : [version]));
  if (used.length > 0) throw new PublisherError(`Sites may use ${used.slice(0, 3).join(', ')}${used.length > 3 ? ` and ${used.length - 3} more` : ''}. Withdraw what is left of ${family} first: "waybill catalogue revoke <family/name@version> --reason …".`);
  await writeDraft(folder, 'targets', withoutFamily(targets, family));
}
