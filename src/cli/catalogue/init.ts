import { existsSync } from 'node:fs';
import path from 'node:path';
import { isFamily } from '../../governance/catalogue/names.ts';
import { draftRoles, makeFolder, publicFolder } from '../../governance/catalogue/publisher/folder.ts';
import type { Lifetimes, PublisherFolder } from '../../governance/catalogue/publisher/folder.ts';
import { signDrafts } from '../../governance/catalogue/publisher/drafts.ts';
import { stageConstitution } from '../../governance/catalogue/publisher/owners.ts';
import type { Constitution, FamilyOwners } from '../../governance/catalogue/publisher/owners.ts';
import { release } from '../../governance/catalogue/publisher/release.ts';
import { isRing, RINGS } from '../../governance/catalogue/target-custom.ts';
import type { Ring } from '../../governance/catalogue/target-custom.ts';
import { createKeyFile, openKeyFile } from '../../governance/signing/key-file.ts';
import { isFunction } from '../../governance/signing/public-key.ts';
import type { PublicKey } from '../../governance/signing/public-key.ts';
import { UsageError } from '../accounts.ts';
import { say } from '../arguments.ts';
import { catalogueFolder, readJson, readPublicKey, ringArgument } from './arguments.ts';
import type { CatalogueArguments } from './arguments.ts';
import { newPassphrase } from './passphrase.ts';

interface PlannedQuorum { readonly keys: readonly string[]; readonly threshold: number; readonly functions?: readonly string[]; readonly firstRing?: string }

/** The file of `--plan`; files of keys are relative to it. */
interface Plan {
  readonly board: PlannedQuorum;
  readonly online: string;
  readonly families: Readonly<Record<string, PlannedQuorum>>;
  readonly lifetimeDays?: Partial<Lifetimes>;
}

const LISTS: readonly string[] = ['root', 'targets', 'snapshot', 'timestamp'];

function planProblem(value: unknown): string | undefined {
  const plan = value as Partial<Plan> | null;
  const isQuorum = (each: unknown): boolean => Array.isArray((each as PlannedQuorum | undefined)?.keys) && (each as PlannedQuorum).keys.every((key) => typeof key === 'string') && Number.isInteger((each as PlannedQuorum).threshold);
  if (!isQuorum(plan?.board)) return '"board" has "keys", a list of .pub files, and "threshold", how many of them have to sign';
  if (typeof plan?.online !== 'string') return '"online" is the .pub file of the key that renews the catalogue';
  if (typeof plan.families !== 'object' || (plan.families as unknown) === null || Object.keys(plan.families).length === 0) return '"families" has the owners of each family of templates';
  const wrong = Object.entries(plan.families).find(([, owners]) => !isQuorum(owners) || (owners.functions !== undefined && !(Array.isArray(owners.functions) && owners.functions.every(isFunction))));
  if (wrong !== undefined) return `"families" → "${wrong[0]}" has "keys" and "threshold", and if one of each has to sign "functions" of operations, it, finance`;
  const [family, { firstRing = '' } = {}] = Object.entries(plan.families).find(([, owners]) => owners.firstRing !== undefined && !isRing(owners.firstRing)) ?? [];
  if (family !== undefined) return `"families" → "${family}" has the "firstRing" ${JSON.stringify(firstRing)}; a new version begins with ${RINGS.join(', ')}`;
  const stranger = Object.keys(plan.lifetimeDays ?? {}).find((name) => !LISTS.includes(name));
  return stranger === undefined ? undefined : `"lifetimeDays" has ${JSON.stringify(stranger)}; there are ${LISTS.join(', ')}`;
}

async function fromPlan(file: string): Promise<{ readonly constitution: Constitution; readonly lifetimes: Partial<Lifetimes> }> {
  const plan = await readJson(file) as Plan;
  const problem = planProblem(plan);
  if (problem !== undefined) throw new UsageError(`${file}: ${problem}. docs/catalogue.md has an example.`);
  const key = (name: string): Promise<PublicKey> => readPublicKey(path.resolve(path.dirname(file), name));
  const keys = (quorum: PlannedQuorum): Promise<readonly PublicKey[]> => Promise.all(quorum.keys.map(key));
  const families: Record<string, FamilyOwners> = {};
  for (const [family, owners] of Object.entries(plan.families)) families[family] = { keys: await keys(owners), threshold: owners.threshold, functions: (owners.functions ?? []).filter(isFunction), firstRing: isRing(owners.firstRing) ? owners.firstRing : undefined };
  return { constitution: { board: { keys: await keys(plan.board), threshold: plan.board.threshold }, online: await key(plan.online), families }, lifetimes: plan.lifetimeDays ?? {} };
}

/** A catalogue to try things out with: one key each for board, machine and owners, all made now, all with one passphrase. */
async function trial(folder: string, keysFolder: string, families: readonly string[], firstRing: Ring | undefined): Promise<void> {
  const wrong = families.find((family) => !isFamily(family));
  if (families.length === 0 || wrong !== undefined) throw new UsageError(wrong === undefined ? 'Say at least one family: --family procure-to-pay.' : `${JSON.stringify(wrong)} is no name of a family; small letters, digits and hyphens, for example procure-to-pay.`);
  if (existsSync(path.join(folder, 'catalogue.json'))) throw new UsageError(`There is a catalogue in ${folder} already.`);
  const passphrase = await newPassphrase();
  // Keys that are there already are taken when the passphrase opens them.
  const make = async (name: string, holder: string): Promise<PublicKey> => {
    const file = path.join(keysFolder, `${name}.key`);
    return existsSync(file) ? (await openKeyFile(file, passphrase)).publicKey : await createKeyFile(file, { name: holder }, passphrase);
  };
  const board = await make('board', 'Governance board');
  const online = await make('online', 'Catalogue server');
  const owners: Record<string, FamilyOwners> = {};
  for (const family of families) owners[family] = { keys: [await make(family, `Owner of ${family}`)], threshold: 1, firstRing };
  const made = await makeFolder(folder, {}, (fresh) => stageConstitution(fresh, { board: { keys: [board], threshold: 1 }, online, families: owners }, Date.now()));
  await signDrafts(made, await draftRoles(made), await openKeyFile(path.join(keysFolder, 'board.key'), passphrase));
  await release(made, await openKeyFile(path.join(keysFolder, 'online.key'), passphrase), Date.now());
  say(`The catalogue ${folder} is made and signed, with one key each in ${keysFolder}: good for a trial. In earnest every person has a key of their own (docs/catalogue.md).`);
  sayForSites(made);
}

export function sayForSites(folder: PublisherFolder): void {
  const served = publicFolder(folder);
  say(`Sites: WAYBILL_CATALOGUE=${served}\n       WAYBILL_CATALOGUE_ROOT=${path.join(served, 'metadata', '1.root.json')}   (give it to them by a safe way)\n       WAYBILL_RING=test at those that get new versions first`);
}

/** `waybill catalogue init`: board, families and their owners. */
export async function initCommand(args: CatalogueArguments): Promise<number> {
  const folder = catalogueFolder(args);
  const { plan, 'make-keys': keysFolder, family } = args.values;
  if (plan === undefined && keysFolder !== undefined) {
    await trial(folder, path.resolve(keysFolder), family ?? [], ringArgument(args.values.ring));
    return 0;
  }
  if (plan === undefined) throw new UsageError('Say who governs: --plan <file> (docs/catalogue.md has an example), or for a trial --make-keys <folder> --family <name>.');
  const { constitution, lifetimes } = await fromPlan(path.resolve(plan));
  await makeFolder(folder, lifetimes, (made) => stageConstitution(made, constitution, Date.now()));
  say(`The catalogue ${folder} is staged: ${Object.keys(constitution.families).join(', ')}. ${constitution.board.threshold} of the board sign it, each with: waybill catalogue sign --key <file>\nThen: waybill catalogue publish --online-key <file>`);
  return 0;
}
