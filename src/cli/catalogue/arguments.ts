import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { openFolder } from '../../governance/catalogue/publisher/folder.ts';
import type { PublisherFolder } from '../../governance/catalogue/publisher/folder.ts';
import { findVersion } from '../../governance/catalogue/publisher/drafts.ts';
import { isId, isVersion, VERSIONED } from '../../governance/catalogue/names.ts';
import type { VersionOf } from '../../governance/catalogue/names.ts';
import { isRing, RINGS } from '../../governance/catalogue/target-custom.ts';
import type { Ring } from '../../governance/catalogue/target-custom.ts';
import { holdFolder } from '../../governance/lock.ts';
import { publicKeyFromJson } from '../../governance/signing/public-key.ts';
import type { PublicKey } from '../../governance/signing/public-key.ts';
import { UsageError } from '../accounts.ts';
import type { Arguments } from '../arguments.ts';

export const options = {
  catalogue: { type: 'string' }, key: { type: 'string' }, 'online-key': { type: 'string' }, signer: { type: 'string' }, 'online-signer': { type: 'string' }, to: { type: 'string' }, from: { type: 'string', multiple: true }, plan: { type: 'string' }, 'make-keys': { type: 'string' },
  family: { type: 'string', multiple: true }, name: { type: 'string' }, function: { type: 'string' }, ring: { type: 'string' }, policy: { type: 'string' }, waiver: { type: 'string' },
  owner: { type: 'string', multiple: true }, add: { type: 'string', multiple: true }, threshold: { type: 'string' }, functions: { type: 'string' }, remove: { type: 'boolean' },
  sunset: { type: 'string' }, successor: { type: 'string' }, until: { type: 'string' }, reason: { type: 'string' }, new: { type: 'string' }, root: { type: 'string' }, port: { type: 'string' }, host: { type: 'string' },
  home: { type: 'string' }, site: { type: 'boolean' }, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' },
} as const;

/** What follows `waybill catalogue <command>`. */
export type CatalogueArguments = Arguments<typeof options>;

/** Arguments of any command that works in a publisher's folder. */
interface NamesCatalogue {
  readonly values: Pick<CatalogueArguments['values'], 'catalogue'>;
}

/** The publisher's folder: `--catalogue`, else ./catalogue. */
export function catalogueFolder({ values }: NamesCatalogue): string {
  return path.resolve(values.catalogue ?? 'catalogue');
}

/** Opens the publisher's folder for as long as `work` takes; one process at a time writes in it. */
export async function withCatalogue<T>(args: NamesCatalogue, work: (folder: PublisherFolder) => Promise<T>): Promise<T> {
  const folder = await openFolder(catalogueFolder(args));
  const release = await holdFolder(path.join(folder.path, 'lock'));
  if (release === undefined) throw new UsageError(`Another "waybill" works in ${folder.path}; try again when it is done.`);
  try {
    return await work(folder);
  } finally {
    await release();
  }
}

/** A version as it is typed: `family/name@1.2.3`, or `services/family/name@1.2.3` to say that it is a service. */
export interface VersionArgument {
  readonly kinds: readonly VersionOf['kind'][];
  readonly id: string;
  readonly version: string;
}

export function versionArgument(text: string | undefined): VersionArgument {
  const [, folder, id = '', version = ''] = /^(?:(templates|services)\/)?([^@/]+\/[^@/]+)@([^@]+)$/.exec(text ?? '') ?? [];
  if (!isId(id) || !isVersion(version)) throw new UsageError(`${text === undefined ? 'Say which template or service' : `${JSON.stringify(text)} is no version of a template or a service`}: family/name@1.2.3.`);
  return { kinds: VERSIONED.filter((kind) => folder === undefined || folder === `${kind}s`), id, version };
}

/** Which of both it is in a catalogue; what is neither is taken for a template, of which the publisher says that there is none. */
export async function versionIn(folder: PublisherFolder, { kinds, id, version }: VersionArgument): Promise<VersionOf> {
  const found: VersionOf[] = [];
  for (const kind of kinds) if (await findVersion(folder, { kind, id, version }) !== undefined) found.push({ kind, id, version });
  if (found.length > 1) throw new UsageError(`${id}@${version} is a template and a service; say which: ${found.map(({ kind }) => `${kind}s/${id}@${version}`).join(' or ')}.`);
  return found[0] ?? { kind: kinds[0] ?? 'template', id, version };
}

export function ringArgument(text: string | undefined): Ring | undefined {
  if (text === undefined || isRing(text)) return text;
  throw new UsageError(`There is no ring ${JSON.stringify(text)}; the rings are ${RINGS.join(', ')}.`);
}

export async function readBytes(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new UsageError((error as NodeJS.ErrnoException).code === 'ENOENT' ? `${file} is not there.` : `${file} cannot be read: ${(error as Error).message}`);
  }
}

export async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse((await readBytes(file)).toString('utf8')) as unknown;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${file} is no JSON: ${(error as Error).message}`);
  }
}

/** The public key in a `.pub` file; the file of the private key may be named as well. */
export async function readPublicKey(file: string): Promise<PublicKey> {
  const from = !file.endsWith('.pub') && existsSync(`${file}.pub`) ? `${file}.pub` : file;
  try {
    return publicKeyFromJson(await readJson(from));
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${from}: ${(error as Error).message}`);
  }
}
