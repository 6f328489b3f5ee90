import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { JsonObject } from '../../domain/json.ts';
import { codeListId, codeListProblems } from '../../domain/mapping/index.ts';
import type { CodeList } from '../../domain/mapping/index.ts';

/** A contract of the catalogue: a JSON Schema (2020-12) that needs nothing else. */
export interface Contract {
  readonly name: string;
  readonly version: string;
  readonly title: string;
  readonly schema: JsonObject;
}

const NAME = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
const VERSION = /^(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)$/;

export const contractId = ({ name, version }: { readonly name: string; readonly version: string }): string => `${name}@${version}`;
/** Name of the signed target. */
export const contractTarget = (name: string, version: string): string => `contracts/${name}/${version}.json`;
export const codeListTarget = (name: string, version: string): string => `code-lists/${name}/${version}.json`;

/** What is wrong with the content of a contract that is about to be signed, one sentence each; none when it can be used. Whether it is a JSON Schema is Ajv's to say. */
export function contractProblems(value: unknown, name: string, version: string): readonly string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return ['A contract is a JSON Schema, an object.'];
  const schema = value as JsonObject;
  const problems: string[] = [];
  if (schema['$schema'] !== 'https://json-schema.org/draft/2020-12/schema') problems.push('$schema: must be https://json-schema.org/draft/2020-12/schema');
  if (typeof schema['title'] !== 'string' || schema['title'] === '') problems.push('title: is missing');
  if (typeof schema['$id'] !== 'string') problems.push(`$id: is missing; for example urn:waybill:contract:${name}:${version}`);
  for (const reference of references(schema)) if (!reference.startsWith('#')) problems.push(`$ref: "${reference}" leads out of the contract; take what it names into $defs`);
  return problems;
}

function references(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, below]) => (key === '$ref' || key === '$dynamicRef') && typeof below === 'string' ? [below] : references(below));
}

/** Files `<folder>/<name>/<version>.json`, in the order of their names. */
function versioned(folder: string): readonly { readonly name: string; readonly version: string; readonly file: string }[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).filter((name) => NAME.test(name)).sort().flatMap((name) => readdirSync(path.join(folder, name)).sort().flatMap((each) => {
    const version = each.replace(/\.json$/, '');
    return each.endsWith('.json') && VERSION.test(version) ? [{ name, version, file: path.join(folder, name, each) }] : [];
  }));
}

/** Contracts of a folder `contracts`. @throws Error that names the file when one cannot be used */
export function readContracts(folder: string): readonly Contract[] {
  return versioned(folder).map(({ name, version, file }) => {
    const schema = JSON.parse(readFileSync(file, 'utf8')) as JsonObject;
    const [problem] = contractProblems(schema, name, version);
    if (problem !== undefined) throw new Error(`${file}: ${problem}`);
    return { name, version, title: schema['title'] as string, schema };
  });
}

/** Code lists of a folder `code-lists`. @throws Error that names the file when one cannot be used */
export function readCodeLists(folder: string): readonly CodeList[] {
  return versioned(folder).map(({ name, version, file }) => {
    const list = JSON.parse(readFileSync(file, 'utf8')) as CodeList;
    const [problem] = codeListProblems(list);
    if (problem !== undefined) throw new Error(`${file}: ${problem}`);
    if (codeListId(list) !== `${name}@${version}`) throw new Error(`${file}: it says that it is ${codeListId(list)}; the file and what it says must agree`);
    return list;
  });
}

/** The folders that come with the package. */
export function packagedFolder(name: 'contracts' | 'code-lists'): string {
  return path.dirname(fileURLToPath(import.meta.resolve(`#package/${name}/README.md`)));
}
