import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { readForm } from '../../../scripts/lib/form-parts.ts';

/** Root of the repository. */
export const ROOT = path.resolve(import.meta.dirname, '../../..');

/** Folders below nodes/ that hold an edit form. */
export function nodesWithForm(): string[] {
  return readdirSync(path.join(ROOT, 'nodes'))
    .filter((name) => existsSync(path.join(ROOT, 'nodes', name, 'form.html')))
    .sort();
}

/** The content of a node's edit dialog. */
export function formOf(node: string): string {
  return readForm(path.join(ROOT, 'nodes', node, 'form.html'));
}

/** A node's editor script, with the form that it shares with another node. */
export function scriptOf(node: string): string {
  const own = read('nodes', node, 'editor.ts');
  return [own, ...[...own.matchAll(/from '\.\.\/([\w-]+-form\.ts)'/g)].map(([, file = '']) => read('nodes', file))].join('\n');
}

export function read(...parts: string[]): string {
  return readFileSync(path.join(ROOT, ...parts), 'utf8');
}

/** A message catalogue as `key.path` → text; undefined when the language has none. */
export function catalogue(node: string, language: string): Map<string, string> | undefined {
  const file = path.join(ROOT, 'nodes', node, 'locales', language, `${node}.json`);
  return existsSync(file) ? flattened(JSON.parse(readFileSync(file, 'utf8')) as object) : undefined;
}

/** Texts of a set of the editor's own plugins, as `key.path` → text. */
export function pluginTexts(set: string, language: string): Map<string, string> {
  return flattened(JSON.parse(read('src/editor/browser/locales', language, `${set}.json`)) as object);
}

function flattened(tree: object, prefix = ''): Map<string, string> {
  return new Map(
    Object.entries(tree).flatMap(([key, value]: [string, unknown]) =>
      typeof value === 'object' && value !== null ? [...flattened(value, `${prefix}${key}.`)] : [[`${prefix}${key}`, String(value)] as [string, string]],
    ),
  );
}
