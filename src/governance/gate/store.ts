import { mkdirSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { hash } from 'node:crypto';
import { readIfThere } from '../files.ts';
import { flowsHash, jsonText } from './content.ts';

/** What was let pass last, with all that is needed to run it again. */
export interface AdmittedCopy {
  readonly deployId: string;
  /** Version of its event in the stream of deploys: when it is not the last one, the copy is old. */
  readonly version: number;
  readonly hash: string;
  readonly at: string;
  readonly flows: readonly unknown[];
  /** As the storage keeps them, encrypted where Node-RED encrypts them. */
  readonly credentials: unknown;
}

/** A deploy that was let pass and is being saved. */
export interface PendingDeploy { readonly deployId: string; readonly hash: string; readonly way: 'deploy' | 'flow'; readonly by: string | null; readonly name: string | null }

/** Files of the gate in the home folder: `<home>/gate/`. Each is put in place whole, or not at all. */
export class GateStore {
  readonly folder: string;
  constructor(home: string) {
    this.folder = path.join(home, 'gate');
  }

  /** Undefined when there is none, or it is not whole. */
  async admitted(scope: string): Promise<AdmittedCopy | undefined> {
    const copy = await this.#read<AdmittedCopy>(fileOf('admitted', scope));
    return copy !== undefined && Array.isArray(copy.flows) && flowsHash(copy.flows) === copy.hash ? copy : undefined;
  }
  /** @param flows JSON of the flows, as it was hashed */
  async keepAdmitted(scope: string, { credentials, ...copy }: Omit<AdmittedCopy, 'flows'>, flows: string): Promise<void> {
    await this.#write(fileOf('admitted', scope), `${JSON.stringify(copy).slice(0, -1)},"credentials":${JSON.stringify(credentials) ?? 'null'},"flows":${flows}}`);
  }

  async pending(scope: string): Promise<PendingDeploy | undefined> {
    return this.#read<PendingDeploy>(fileOf('pending', scope));
  }
  async keepPending(scope: string, deploy: PendingDeploy): Promise<void> {
    await this.#write(fileOf('pending', scope), JSON.stringify(deploy));
  }
  async dropPending(scope: string): Promise<void> {
    await rm(path.join(this.folder, fileOf('pending', scope)), { force: true });
  }

  /** Keeps what was refused, once for the same content; answers the file's path. */
  async setAside(flows: unknown, contentHash: string): Promise<string> {
    const name = `refused-${contentHash.slice(0, 16)}.json`;
    const file = path.join(this.folder, name);
    if (await this.#text(name) === undefined) await this.#write(name, jsonText(flows, 4));
    return file;
  }

  /** Breaches that were there when the gate was put in place, as the file holds them, with the hash that the ledger has of it. */
  async baseline(): Promise<{ readonly baseline: unknown; readonly hash: string } | undefined> {
    const text = await this.#text('baseline.json');
    return text === undefined ? undefined : { baseline: parsed(text), hash: hash('sha256', text) };
  }
  async keepBaseline(baseline: object): Promise<void> {
    await this.#write('baseline.json', `${JSON.stringify(baseline, null, 2)}\n`);
  }

  /** Ids of what is, or was, open; what they hold says the ledger. */
  async breakGlassIds(): Promise<readonly string[]> {
    const ids = await this.#read<readonly string[]>('break-glass.json');
    return Array.isArray(ids) ? ids.filter((id): id is string => typeof id === 'string') : [];
  }
  async keepBreakGlassIds(ids: readonly string[]): Promise<void> {
    await this.#write('break-glass.json', JSON.stringify(ids));
  }

  async #text(name: string): Promise<string | undefined> {
    return (await readIfThere(path.join(this.folder, name)))?.toString('utf8');
  }
  async #read<T>(name: string): Promise<T | undefined> {
    const text = await this.#text(name);
    return text === undefined ? undefined : parsed<T>(text);
  }

  async #write(name: string, text: string): Promise<void> {
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    const file = path.join(this.folder, name);
    const fresh = `${file}.new`;
    const handle = await open(fresh, 'w', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(fresh, file);
    const folder = await open(this.folder, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }
}

function fileOf(kind: string, scope: string): string {
  return scope === '' ? `${kind}.json` : `${kind}-${hash('sha256', scope).slice(0, 16)}.json`;
}

/** A file that is no JSON any more is as good as none. */
function parsed<T>(text: string): T | undefined {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === 'object' && value !== null ? value as T : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
