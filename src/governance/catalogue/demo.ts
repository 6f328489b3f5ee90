import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { createKeyFile, openKeyFile } from '../signing/key-file.ts';
import { FUNCTIONS } from '../signing/public-key.ts';
import type { OwnerFunction } from '../signing/public-key.ts';
import type { Signer } from '../signing/signer.ts';
import { DEFINITION_FILE } from '../service/folder.ts';
import { packService } from '../service/pack.ts';
import { ServiceError } from '../service/service-error.ts';
import { packTemplate } from '../template/pack.ts';
import { TemplateError } from '../template/template-error.ts';
import { readIfThere } from '../files.ts';
import { draftRoles, makeFolder, PublisherError, openFolder, publicFolder, readTree } from './publisher/folder.ts';
import type { PublisherFolder } from './publisher/folder.ts';
import { findVersion, signDrafts } from './publisher/drafts.ts';
import { stageOwners } from './publisher/keys.ts';
import { stageConstitution } from './publisher/owners.ts';
import type { Constitution, FamilyOwners } from './publisher/owners.ts';
import { release } from './publisher/release.ts';
import { stagePolicy, stagePromotion, stageService, stageTemplate } from './publisher/stage.ts';
import { RINGS } from './target-custom.ts';
import { familiesOf } from './verify.ts';
import { POLICY_TARGET, versionText } from './names.ts';
import type { VersionOf } from './names.ts';

/** The keys of a demo protect nothing: they lie beside what they sign, and this opens them. */
const PASSPHRASE = 'a demonstration, no secret';
const CHEAP = 1_024;
const DAY = 86_400_000;
const RENEW_BEFORE_DAYS = 10;
const LIFETIMES = { root: 3_650, targets: 3_650, snapshot: 30, timestamp: 30 };

export interface DemoCatalogue {
  /** For WAYBILL_CATALOGUE. */
  readonly source: string;
  /** For WAYBILL_CATALOGUE_ROOT. */
  readonly rootFile: string;
  /** What was published now, as `id@version`, services with that word before it. */
  readonly published: readonly string[];
}

/** A version that is to be in the catalogue. */
interface Packed extends VersionOf {
  readonly bytes: Uint8Array;
}

/** Every folder with this file, two levels down. */
function foldersWith(file: string, folder: string): readonly string[] {
  const below = (parent: string): readonly string[] => readdirSync(parent, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map((entry) => path.join(parent, entry.name)).sort();
  return existsSync(folder) ? below(folder).flatMap(below).filter((each) => existsSync(path.join(each, file))) : [];
}

function packedTemplate(folder: string): Packed {
  const { manifest: { id, version }, bytes } = packTemplate(folder);
  return { kind: 'template', id, version, bytes };
}

function packedService(folder: string): Packed {
  const { definition: { id, version }, bytes } = packService(folder);
  return { kind: 'service', id, version, bytes };
}

/** What is being written and cannot be packed keeps none of the others from the demo. */
function packAll(what: string, folders: readonly string[], pack: (folder: string) => Packed, log: (text: string) => void): readonly Packed[] {
  return folders.flatMap((folder) => {
    try {
      return pack(folder);
    } catch (error) {
      if (!(error instanceof TemplateError) && !(error instanceof ServiceError)) throw error;
      log(`The ${what} in ${folder} is left out of the demo catalogue: ${[error.message, ...error.details].join(' ')}`);
      return [];
    }
  });
}

class Keys {
  readonly #folder: string;
  readonly #open = new Map<string, Signer>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  async signer(name: string, holder: string, ownerFunction?: OwnerFunction): Promise<Signer> {
    const file = path.join(this.#folder, `${name}.key`);
    if (!existsSync(file)) await createKeyFile(file, { name: holder, function: ownerFunction }, PASSPHRASE, CHEAP);
    const signer = this.#open.get(name) ?? await openKeyFile(file, PASSPHRASE);
    this.#open.set(name, signer);
    return signer;
  }

  board(): Promise<Signer> {
    return this.signer('board', 'Governance board (demo)');
  }

  online(): Promise<Signer> {
    return this.signer('online', 'Catalogue of this machine (demo)');
  }

  async owners(): Promise<readonly Signer[]> {
    return await Promise.all(FUNCTIONS.map((each) => this.signer(each, { operations: 'Operations (demo)', it: 'Central IT (demo)', finance: 'Finance (demo)' }[each], each)));
  }
}

async function openOrMake(folder: string, keys: Keys, families: readonly string[], now: number): Promise<PublisherFolder> {
  if (existsSync(path.join(folder, 'catalogue.json'))) return await openFolder(folder);
  const owners = await ownersOf(keys);
  const constitution: Constitution = { board: { keys: [(await keys.board()).publicKey], threshold: 1 }, online: (await keys.online()).publicKey, families: Object.fromEntries(families.map((family) => [family, owners])) };
  return await makeFolder(folder, LIFETIMES, (made) => stageConstitution(made, constitution, now));
}

async function ownersOf(keys: Keys): Promise<FamilyOwners> {
  return { keys: (await keys.owners()).map((signer) => signer.publicKey), threshold: FUNCTIONS.length, functions: FUNCTIONS };
}

async function signAll(folder: PublisherFolder, keys: Keys): Promise<void> {
  const roles = await draftRoles(folder);
  if (roles.length === 0) return;
  for (const signer of [await keys.board(), ...await keys.owners()]) await signDrafts(folder, roles, signer);
}

/** Takes what is published one ring further, until all of it is out for all: as central would, but at once. */
async function promoteAll(folder: PublisherFolder, keys: Keys, packages: readonly Packed[], now: number): Promise<void> {
  for (let step = 1; step < RINGS.length; step += 1) {
    let staged = false;
    for (const each of packages) {
      const there = await findVersion(folder, each);
      if (there?.published !== true || there.custom.ring === 'all' || there.custom.status === 'retired') continue;
      await stagePromotion(folder, each, undefined, now);
      staged = true;
    }
    if (!staged) return;
    await signAll(folder, keys);
    await release(folder, await keys.online(), now, { mayReplace: true });
  }
}

async function stageChanged(folder: PublisherFolder, packages: readonly Packed[], now: number): Promise<readonly string[]> {
  const staged: string[] = [];
  for (const each of packages) {
    const { bytes } = each;
    const there = await findVersion(folder, each);
    if (there?.published === true && there.sha256 === createHash('sha256').update(bytes).digest('hex')) continue;
    // Whoever writes one sees it in the demo at once, without another version.
    await (each.kind === 'service' ? stageService : stageTemplate)(folder, bytes, { now, replace: true });
    staged.push(versionText(each));
  }
  return staged;
}

/** `policy.json` beside the templates, if there is one and it changed; one that cannot be signed leaves the one before. */
async function stagePolicyIfChanged(folder: PublisherFolder, file: string, now: number, log: (text: string) => void): Promise<boolean> {
  const bytes = await readIfThere(file);
  if (bytes === undefined) return false;
  const sha256 = (await readTree(folder))?.targets.signed.targets[POLICY_TARGET]?.hashes['sha256'];
  if (sha256 === createHash('sha256').update(bytes).digest('hex')) return false;
  try {
    await stagePolicy(folder, bytes, now);
    return true;
  } catch (error) {
    if (!(error instanceof PublisherError)) throw error;
    log(`${file} is left out of the demo catalogue: ${[error.message, ...error.details].join(' ')}`);
    return false;
  }
}

export interface DemoOptions {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly log: (text: string) => void;
  /** Folder of services beside that of the templates. */
  readonly services?: string;
}

/**
 * A catalogue for one machine, made from a folder of templates and one of services, and signed by keys that it makes: for `npm start` and for
 * trying things out. Called again it publishes what changed and renews what runs out; where it was cut off it goes on.
 * Undefined when there is none of either.
 */
export async function demoCatalogue(folder: string, templatesFolder: string, options: DemoOptions): Promise<DemoCatalogue | undefined> {
  const { now, log } = options;
  const packages = [
    ...packAll('template', foldersWith('template.json', templatesFolder), packedTemplate, log),
    ...options.services === undefined ? [] : packAll('service', foldersWith(DEFINITION_FILE, options.services), packedService, log),
  ];
  if (packages.length === 0) return undefined;
  const families = [...new Set(packages.map(({ id }) => id.split('/')[0] ?? ''))].sort();
  const keys = new Keys(path.join(folder, 'keys'));
  const place = await openOrMake(folder, keys, families, now);
  await signAll(place, keys);
  let tree = await readTree(place);
  if (tree === undefined) {
    await release(place, await keys.online(), now);
    tree = await readTree(place);
  }
  const known = tree === undefined ? [] : familiesOf(tree.targets);
  for (const family of families) if (!known.includes(family)) await stageOwners(place, family, await ownersOf(keys), now);
  const policyChanged = await stagePolicyIfChanged(place, path.join(templatesFolder, 'policy.json'), now, log);
  const published = await stageChanged(place, packages, now);
  const runsOut = Date.parse(tree?.timestamp.signed.expires ?? '') - now < RENEW_BEFORE_DAYS * DAY;
  if (published.length > 0 || policyChanged || families.some((family) => !known.includes(family)) || runsOut) {
    await signAll(place, keys);
    await release(place, await keys.online(), now, { mayReplace: true });
  }
  await promoteAll(place, keys, packages, now);
  return { source: publicFolder(place), rootFile: path.join(publicFolder(place), 'metadata', '1.root.json'), published };
}
