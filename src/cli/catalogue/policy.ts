import path from 'node:path';
import { policyOf } from '../../governance/catalogue/publisher/policy.ts';
import { openFolder, readDraft, readTree } from '../../governance/catalogue/publisher/folder.ts';
import { stagePolicy } from '../../governance/catalogue/publisher/stage.ts';
import { say, sayJson } from '../arguments.ts';
import { catalogueFolder, readBytes, withCatalogue } from './arguments.ts';
import type { CatalogueArguments } from './arguments.ts';
import { sayDrafts } from './publish.ts';

async function show(args: CatalogueArguments): Promise<number> {
  const folder = await openFolder(catalogueFolder(args));
  const published = await policyOf(folder, (await readTree(folder))?.targets);
  const draft = await policyOf(folder, await readDraft(folder, 'targets'));
  if (args.values.json === true) sayJson(published ?? null);
  else if (published === undefined) say('There is no policy: every rule of the gate has its own level, and new versions begin with the ring "test". "waybill catalogue policy <file>" stages one; docs/catalogue.md has an example.');
  else say(`Policy ${published.version} is in force.\n${JSON.stringify(published, undefined, 2)}`);
  if (args.values.json !== true && draft !== undefined && draft.version !== published?.version) say(`Policy ${draft.version} is staged; the board signs it.`);
  return 0;
}

/** `waybill catalogue policy [<file>]`: stages the gate's policy; without a file shows the one in force. */
export async function policyCommand(args: CatalogueArguments): Promise<number> {
  const [file] = args.positionals;
  if (file === undefined) return await show(args);
  return await withCatalogue(args, async (folder) => {
    const { version, notes } = await stagePolicy(folder, await readBytes(path.resolve(file)), Date.now());
    say(`Policy ${version} is staged; the board signs it, each with: waybill catalogue sign --key <file>`);
    for (const note of notes) say(`Note: ${note}`);
    await sayDrafts(folder);
    return 0;
  });
}
