import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openSiteCatalogue } from '../../governance/catalogue/open.ts';
import { UsageError } from '../accounts.ts';
import { say } from '../arguments.ts';
import { catalogueFolder } from './arguments.ts';
import type { CatalogueArguments } from './arguments.ts';
import { stateSentence } from './status.ts';

/** The first root of a catalogue in a folder; for an address it has to be given. */
export function firstRoot(source: string): string {
  for (const folder of [source, path.join(source, 'public')]) {
    const file = path.join(folder, 'metadata', '1.root.json');
    if (existsSync(file)) return file;
  }
  throw new UsageError('Say by which root it is to be trusted: --root <file>.');
}

/** `waybill catalogue verify [folder|address]`: as a site would that sees it for the first time; every file of every ring. */
export async function verifyCommand(args: CatalogueArguments): Promise<number> {
  const source = args.positionals[0] ?? catalogueFolder(args);
  const rootFile = args.values.root ?? firstRoot(source);
  const home = await mkdtemp(path.join(tmpdir(), 'waybill-verify-'));
  try {
    const catalogue = await openSiteCatalogue({ home, source, rootFile, ring: 'test', now: Date.now, log: () => { /* The state says it. */ } });
    const state = await catalogue.refresh();
    const templates = catalogue.templates();
    if (args.values.json === true) say(JSON.stringify({ ...state, templates: templates.map(({ manifest, contentHash, status }) => ({ id: manifest.id, version: manifest.version, contentHash, status })) }, undefined, 2));
    else {
      say(stateSentence(state));
      for (const { manifest, contentHash, signedBy } of templates) say(`  ${manifest.id}@${manifest.version}  ${contentHash}  signed by ${signedBy.map(({ name }) => name).join(', ')}`);
      if (args.values.root === undefined) say(`By its own root ${rootFile}; --root checks it by the one that sites have.`);
    }
    return state.state === 'fresh' ? 0 : 1;
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}
