import { copyFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { SourceFetcher } from '../../../../src/governance/catalogue/site/source.ts';
import { updaterOf } from '../../../../src/governance/catalogue/site/update.ts';
import { sha256 } from '../support/attacker.ts';

/** One command of CLIENT-CLI.md. */
export interface Step {
  readonly command: string;
  readonly metadataDir: string;
  /** Of `init`. */
  readonly root: string;
  /** Address above `metadata` and `targets`. */
  readonly base: string;
  readonly targets: readonly string[];
  readonly targetDir: string;
}

/** Does it with the fetcher, bounds and workflow of a site. Throws what went wrong. */
export async function runStep({ command, metadataDir, root, base, targets, targetDir }: Step): Promise<void> {
  mkdirSync(metadataDir, { recursive: true });
  if (command === 'init') {
    copyFileSync(root, path.join(metadataDir, 'root.json'));
    return;
  }
  mkdirSync(targetDir, { recursive: true });
  const fetcher = new SourceFetcher({ base: new URL(base), shown: base, timeoutMs: 10_000, scratch: metadataDir });
  const updater = updaterOf({ metadataDir, targetDir, base: new URL(base), fetcher });
  await updater.refresh();
  for (const name of command === 'download' ? targets : []) {
    const target = await updater.getTargetInfo(name);
    if (target === undefined) throw new Error(`${name} is not in the repository.`);
    if (await updater.findCachedTarget(target) === undefined) await updater.downloadTarget(target);
  }
}

/** What a step left: SHA-256 of each metadata file that is trusted now. */
export function trusted(metadataDir: string): Readonly<Record<string, string>> {
  return Object.fromEntries(readdirSync(metadataDir).filter((name) => name.endsWith('.json')).sort().map((name) => [name, sha256(readFileSync(path.join(metadataDir, name)))]));
}

/** What the public suite did in one of its cases, and how the client, which passed it, answered. */
export interface RecordedStep {
  readonly command: string;
  /** Milliseconds; some cases are played in another time. */
  readonly at: number;
  readonly root?: string;
  readonly targets: readonly string[];
  /** In the order of the requests; path below the base. Bodies are base64. */
  readonly served: readonly { readonly url: string; readonly status: number; readonly body: string }[];
  readonly ok: boolean;
  readonly trusted: Readonly<Record<string, string>>;
}
export interface RecordedCase { readonly name: string; readonly steps: readonly RecordedStep[] }
