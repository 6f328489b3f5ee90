import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

export const root = join(import.meta.dirname, '../..');

export function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

/** Files below these folders whose names end so, as paths from the root. */
export function filesIn(folders: readonly string[], ends: readonly string[]): string[] {
  return folders.flatMap((folder) => readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('node_modules') && ends.some((end) => entry.name.endsWith(end)))
    .map((entry) => relative(root, join(entry.parentPath, entry.name))));
}

export function withoutComments(source: string): string {
  return source.replaceAll(/\/\*.*?\*\//gs, '').replaceAll(/^\s*\/\/.*$/gm, '');
}

/** Members of every union of string literals that a type alias with such a name declares: name of the type → its members. */
export function unions(names: RegExp): Map<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (const path of filesIn(['src', 'nodes'], ['.ts'])) {
    for (const [, name, body] of withoutComments(read(path)).matchAll(/\btype (\w+) =([^;]*);/g)) {
      const members = [...(body ?? '').matchAll(/'([a-z][a-z0-9-]*)'/g)].map(([, member]) => member ?? '');
      if (name !== undefined && names.test(name) && members.length > 0) found.set(name, members);
    }
  }
  return found;
}

/** What stands in code marks in the pages. */
export function marked(...pages: readonly string[]): ReadonlySet<string> {
  return new Set(pages.flatMap((page) => [...read(page).matchAll(/`([^`\n]+)`/g)].map(([, text]) => text ?? '')));
}

/** Members that no page has. */
export function missing(members: Iterable<string>, documented: ReadonlySet<string>): string[] {
  return [...members].filter((member) => !documented.has(member)).sort();
}
