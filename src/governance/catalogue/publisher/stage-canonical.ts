import { createHash } from 'node:crypto';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { codeListTarget, contractTarget } from '../../contract/contract-files.ts';
import { contractName, readCodeList, readContract } from '../canonical.ts';
import { isVersion, readTargetName } from '../names.ts';
import { stageTarget } from './drafts.ts';
import { publishedList, PublisherError, readTree } from './folder.ts';
import type { PublisherFolder } from './folder.ts';

type AddFormats = (ajv: Ajv2020) => void;

/** What a file holds that the board signs for all families; undefined when it is neither a contract nor a code list. */
export function canonicalIn(bytes: Uint8Array): { readonly kind: 'contract' | 'code-list'; readonly name: string; readonly version: string } | undefined {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch (error) {
    // A packed template or service; its own reader says what is wrong with it.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  const contract = contractName(value);
  if (contract !== undefined) return { kind: 'contract', ...contract };
  const { name, version, entries } = (value ?? {}) as { readonly name?: unknown; readonly version?: unknown; readonly entries?: unknown };
  return Array.isArray(entries) && typeof name === 'string' && typeof version === 'string' ? { kind: 'code-list', name, version } : undefined;
}

/**
 * Stages a canonical contract or a code list for the board's signatures. What is published under a version never changes.
 * @returns its target. @throws PublisherError, CatalogueRefusal when it cannot be used
 */
export async function stageCanonical(folder: PublisherFolder, bytes: Uint8Array, now: number): Promise<string> {
  const found = canonicalIn(bytes);
  if (found === undefined) throw new PublisherError('The file is neither a contract (a JSON Schema with x-waybill.contract) nor a code list (name, version, entries).');
  const { kind, name, version } = found;
  const path = (kind === 'contract' ? contractTarget : codeListTarget)(name, version);
  if (!isVersion(version) || readTargetName(path)?.kind !== kind) throw new PublisherError(`${JSON.stringify(`${name}@${version}`)} is no name of a ${kind}; write small letters, digits and hyphens, and a version as 1.2.3.`);
  if (kind === 'contract') requireSchema(readContract(bytes, path, found).schema);
  else readCodeList(bytes, path, found);
  const published = (await publishedList(folder, await readTree(folder), 'targets'))?.signed.targets[path]?.hashes['sha256'];
  if (published !== undefined) {
    const same = published === createHash('sha256').update(bytes).digest('hex');
    throw new PublisherError(same ? `${path} is published already, with this content.` : `${path} is published with another content; what is published never changes. Raise its version.`);
  }
  await stageTarget(folder, 'targets', path, bytes, { status: 'published', ring: 'all', publishedAt: new Date(now).toISOString() }, now);
  return path;
}

function requireSchema(schema: object): void {
  const ajv = new Ajv2020({ strict: false });
  (addFormats as unknown as AddFormats)(ajv);
  try {
    ajv.compile(schema);
  } catch (error) {
    throw new PublisherError(`The contract is no JSON Schema: ${(error as Error).message}.`, { cause: error });
  }
}
