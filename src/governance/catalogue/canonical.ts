import { codeListProblems } from '../../domain/mapping/index.ts';
import type { CodeList } from '../../domain/mapping/index.ts';
import { contractProblems } from '../contract/contract-files.ts';
import type { Contract } from '../contract/contract-files.ts';
import type { JsonObject } from '../../domain/json.ts';
import { parseBoundedJson } from '../signing/bounded-json.ts';
import { LIMITS } from './limits.ts';
import { CatalogueRefusal } from './refusal.ts';

interface Named { readonly name: string; readonly version: string }

function parsed(bytes: Uint8Array, path: string): unknown {
  try {
    return parseBoundedJson(bytes, { maxBytes: LIMITS.target, maxDepth: LIMITS.depth });
  } catch (error) {
    throw new CatalogueRefusal('malformed', `The file ${path} cannot be read: ${(error as Error).message}.`, { cause: error });
  }
}

/** Which contract a schema says that it is; undefined when it says none. */
export function contractName(value: unknown): Named | undefined {
  const ours = (value as { readonly 'x-waybill'?: { readonly contract?: Partial<Record<keyof Named, unknown>> } } | null)?.['x-waybill']?.contract;
  return typeof ours?.name === 'string' && typeof ours.version === 'string' ? { name: ours.name, version: ours.version } : undefined;
}

function requireNamed(path: string, named: Named, said: Partial<Named> | undefined): void {
  if (said?.name !== named.name || said.version !== named.version) throw new CatalogueRefusal('mismatch', `The file ${path} says that it is ${said?.name ?? 'nothing'}@${said?.version ?? 'nothing'}.`);
}

/** A canonical contract as a catalogue has it. @throws CatalogueRefusal `malformed`, `mismatch` */
export function readContract(bytes: Uint8Array, path: string, named: Named): Contract {
  const value = parsed(bytes, path);
  const [problem] = contractProblems(value, named.name, named.version);
  if (problem !== undefined) throw new CatalogueRefusal('malformed', `The contract ${path} cannot be used: ${problem}.`);
  requireNamed(path, named, contractName(value));
  const schema = value as JsonObject;
  return { name: named.name, version: named.version, title: schema['title'] as string, schema };
}

/** A code list as a catalogue has it. @throws CatalogueRefusal `malformed`, `mismatch` */
export function readCodeList(bytes: Uint8Array, path: string, named: Named): CodeList {
  const value = parsed(bytes, path);
  const [problem] = codeListProblems(value);
  if (problem !== undefined) throw new CatalogueRefusal('malformed', `The code list ${path} cannot be used: ${problem}.`);
  requireNamed(path, named, value as Partial<Named>);
  return value as CodeList;
}
