import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openSiteCatalogue } from '../../governance/catalogue/open.ts';
import type { PublishedTemplate } from '../../governance/catalogue/site-catalogue.ts';
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

const lifeText = ({ status, ring, sunset, reason }: Pick<PublishedTemplate, 'status' | 'ring' | 'sunset' | 'reason'>): string => `${status === 'deprecated' ? `deprecated, retired from ${sunset ?? 'no day'} on` : status}, for ${ring}${reason === undefined ? '' : ` (${reason})`}`;

/** `waybill catalogue verify [folder|address]`: as a site would that sees it for the first time; every file of every ring. */
export async function verifyCommand(args: CatalogueArguments): Promise<number> {
  const source = args.positionals[0] ?? catalogueFolder(args);
  const rootFile = await rootOf(source, args.values.root);
  const home = await mkdtemp(path.join(tmpdir(), 'waybill-verify-'));
  try {
    const catalogue = await openSiteCatalogue({ home, source, rootFile, ring: 'test', now: Date.now, log: () => { /* The state says it. */ } });
    const state = await catalogue.refresh();
    const templates = catalogue.templates();
    if (args.values.json === true) sayJson({ ...state, templates: templates.map(({ manifest, contentHash, status, ring, sunset, reason }) => ({ id: manifest.id, version: manifest.version, contentHash, status, ring, sunset, reason })) });
    else {
      say(stateSentence(state));
      for (const { manifest, contentHash, signedBy, ...life } of templates) say(`  ${manifest.id}@${manifest.version}  ${lifeText(life)}  ${contentHash}  signed by ${signedBy.map(({ name }) => name).join(', ')}`);
      if (args.values.root === undefined) say(`By its own root ${rootFile}; --root checks it by the one that sites have.`);
    }
    return state.state === 'fresh' ? 0 : 1;
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}
