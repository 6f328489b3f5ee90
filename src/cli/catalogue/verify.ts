import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openSiteCatalogue } from '../../governance/catalogue/open.ts';
import { versionText } from '../../governance/catalogue/names.ts';
import type { VersionOf } from '../../governance/catalogue/names.ts';
import type { PublishedVersion } from '../../governance/catalogue/site-catalogue.ts';
import { UsageError } from '../accounts.ts';
import { say, sayJson } from '../arguments.ts';
import { catalogueFolder, readBytes } from './arguments.ts';
import type { CatalogueArguments } from './arguments.ts';
import { stateSentence } from './status.ts';

/** The root that was named, when it can be read; else the first one of a catalogue. */
export async function rootOf(source: string, root: string | undefined): Promise<string> {
  if (root === undefined) return firstRoot(source);
  await readBytes(root);
  return root;
}

/** The first root of a catalogue in a folder; for an address it has to be given. */
function firstRoot(source: string): string {
  for (const folder of [source, path.join(source, 'public')]) {
    const file = path.join(folder, 'metadata', '1.root.json');
    if (existsSync(file)) return file;
  }
  if (/^https?:\/\//i.test(source)) throw new UsageError('Say by which root it is to be trusted: --root <file>.');
  throw new UsageError(existsSync(source) ? `There is no catalogue in ${source}: metadata/1.root.json is missing. If it was moved elsewhere, say by which root it is trusted: --root <file>.` : `There is no catalogue at ${source}: no such folder. Name a folder, or an address with http:// or https://.`);
}

const lifeText = ({ status, ring, sunset, reason, suspended }: Pick<PublishedVersion, 'status' | 'ring' | 'sunset' | 'reason' | 'suspended'>): string => `${status === 'deprecated' ? `deprecated, retired from ${sunset ?? 'no day'} on` : status}${suspended === undefined ? '' : `, stopped${suspended.until === undefined ? '' : ` until ${suspended.until}`} (${suspended.reason})`}, for ${ring}${reason === undefined ? '' : ` (${reason})`}`;

const named = ({ id, version }: Pick<VersionOf, 'id' | 'version'>): Pick<VersionOf, 'id' | 'version'> => ({ id, version });

const verified = (of: Pick<VersionOf, 'id' | 'version'>, { contentHash, status, ring, sunset, reason, successor }: PublishedVersion): object => ({ ...named(of), contentHash, status, ring, sunset, reason, successor });

function sayVerified(of: VersionOf, { contentHash, signedBy, ...life }: PublishedVersion): void {
  say(`  ${versionText(of)}  ${lifeText(life)}  ${contentHash}  signed by ${signedBy.map(({ name }) => name).join(', ')}`);
}

/** `waybill catalogue verify [folder|address]`: as a site would that sees it for the first time; every file of every ring. */
export async function verifyCommand(args: CatalogueArguments): Promise<number> {
  const source = args.positionals[0] ?? catalogueFolder(args);
  const rootFile = await rootOf(source, args.values.root);
  const home = await mkdtemp(path.join(tmpdir(), 'waybill-verify-'));
  try {
    const catalogue = await openSiteCatalogue({ home, source, rootFile, ring: 'test', now: Date.now, log: () => { /* The state says it. */ } });
    const state = await catalogue.refresh();
    const [templates, services] = [catalogue.templates(), catalogue.services()];
    if (args.values.json === true) sayJson({ ...state, templates: templates.map(({ manifest, ...about }) => verified(manifest, about)), services: services.map(({ definition, ...about }) => verified(definition, about)) });
    else {
      say(stateSentence(state));
      for (const { manifest, ...about } of templates) sayVerified({ kind: 'template', ...named(manifest) }, about);
      for (const { definition, ...about } of services) sayVerified({ kind: 'service', ...named(definition) }, about);
      if (args.values.root === undefined) say(`By its own root ${rootFile}; --root checks it by the one that sites have.`);
    }
    return state.state === 'fresh' ? 0 : 1;
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}
