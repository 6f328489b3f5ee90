import type { SiteCatalogue } from '../../engine/governance/port.ts';
import { importView } from '../../engine/governance/installing/import-view.ts';
import { templateList } from '../../engine/governance/installing/template-views.ts';

/** An entry of Node-RED's library: a folder by its name, or a file. */
export type LibraryEntry = string | { readonly fn: string };

/**
 * The catalogue as Node-RED's import dialog walks it: families, templates, versions; a version's text is its import.
 * @throws Error with `code: 'not_found'` for what is not there
 */
export function libraryEntry(catalogue: SiteCatalogue, type: string, path: string): readonly LibraryEntry[] | string {
  if (type !== 'flows') return [];
  const [family, name, version, ...more] = path.split('/').filter((part) => part !== '');
  const installable = templateList(catalogue).templates.map((template) => ({ ...template, versions: template.versions.filter(({ status }) => status !== 'retired') })).filter(({ versions }) => versions.length > 0);
  if (family === undefined) return [...new Set(installable.map((template) => template.family))].sort();
  if (name === undefined) return installable.filter((template) => template.family === family).map(({ id }) => id.split('/').at(-1)!).sort();
  const versions = installable.find(({ id }) => id === `${family}/${name}`)?.versions;
  if (versions === undefined || more.length > 0) throw notFound(path);
  if (version === undefined) return versions.map(({ version: fn }) => ({ fn }));
  const made = importView(catalogue, { id: `${family}/${name}`, version, configs: new Map(), taken: new Set() });
  if (typeof made === 'string') throw notFound(path);
  return JSON.stringify(made.nodes);
}

function notFound(path: string): Error {
  return Object.assign(new Error(`The catalogue has nothing at ${path}.`), { code: 'not_found' });
}
