/**
 * Draws the picture of each template's flow, `flow.svg` beside its `flow.json`, for its README.
 *
 *   node scripts/template-picture.ts            all templates
 *   node scripts/template-picture.ts <folder>   one of them
 */
import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { flowPicture } from '../src/governance/template/flow-picture.ts';
import type { PicturedNode } from '../src/governance/template/flow-picture.ts';
import { writeIfChanged } from './lib/files.ts';
import { ROOT } from './lib/paths.ts';

/** Folders of all templates, or those that are given. */
export function templateFolders(given: readonly string[] = []): readonly string[] {
  if (given.length > 0) return given.map((folder) => path.resolve(folder));
  return globSync('templates/*/*/flow.json', { cwd: ROOT }).sort().map((file) => path.join(ROOT, path.dirname(file)));
}

/** The picture of a template's flow, as it is now. */
export function templatePicture(folder: string): string {
  const nodes = JSON.parse(readFileSync(path.join(folder, 'flow.json'), 'utf8')) as readonly PicturedNode[];
  const manifest = path.join(folder, 'template.json');
  const title = existsSync(manifest) ? (JSON.parse(readFileSync(manifest, 'utf8')) as { readonly title: string }).title : path.basename(folder);
  return flowPicture(nodes, title);
}

if (import.meta.main) {
  for (const folder of templateFolders(process.argv.slice(2))) {
    writeIfChanged(path.join(folder, 'flow.svg'), templatePicture(folder));
    process.stdout.write(`${path.relative(ROOT, folder)}/flow.svg\n`);
  }
}
