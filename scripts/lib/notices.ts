import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import type { Metafile } from 'esbuild';

import { ROOT } from './paths.ts';

/** Licence texts of the libraries that were copied into the bundle, as their licences ask for. */
/** @param copied packages that are copied whole instead */
export function thirdPartyNotices(metafiles: readonly Metafile[], copied: readonly string[] = []): string {
  const folders = new Set<string>(copied.map((name) => `node_modules/${name}`));
  for (const metafile of metafiles) {
    for (const input of Object.keys(metafile.inputs)) {
      const match = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input);
      if (match?.[1] !== undefined) {
        folders.add(match[1]);
      }
    }
  }
  return [...folders].sort().map(notice).join('\n');
}

function notice(folder: string): string {
  const dir = path.join(ROOT, folder);
  const manifest = JSON.parse(readFileSync(path.join(dir, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
    license?: string;
  };
  const file = readdirSync(dir).find((name) => /^licen[cs]e/i.test(name));
  const text = file !== undefined && existsSync(path.join(dir, file)) ? readFileSync(path.join(dir, file), 'utf8') : '';
  return `## ${manifest.name} ${manifest.version} (${manifest.license ?? 'no licence named'})\n\n${text.trim()}\n`;
}
