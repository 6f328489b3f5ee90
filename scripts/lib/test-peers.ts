import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { ROOT } from './paths.ts';

/** Programs that tests run against and that are built or installed in the first minutes of a whole run, by what names them in a test. */
export const PEERS = {
  'open62541': { script: 'test/support/open62541/build.sh', mark: /needs\([^)]*'open62541|\/open62541\.ts'/ },
  'SAP CAP': { script: 'test/support/cap/install.sh', mark: /\/cap\.ts'/ },
} as const;

export type Peer = keyof typeof PEERS;

/** @returns which peers a test file uses, itself or through what it imports from beside it */
export function peersOf(file: string): readonly Peer[] {
  const texts = [...withImports(path.join(ROOT, file), new Set())].map((each) => readFileSync(each, 'utf8'));
  return (Object.keys(PEERS) as Peer[]).filter((peer) => texts.some((text) => PEERS[peer].mark.test(text)));
}

function withImports(file: string, seen: Set<string>): ReadonlySet<string> {
  if (seen.has(file) || !existsSync(file)) return seen;
  seen.add(file);
  for (const [, relative = ''] of readFileSync(file, 'utf8').matchAll(/from '(\.[^']+)'/g)) {
    const imported = path.join(path.dirname(file), relative);
    // What the product is made of knows nothing of the tests.
    if (imported.startsWith(path.join(ROOT, 'test'))) withImports(imported, seen);
  }
  return seen;
}
