import process from 'node:process';
import type { WaybillSettings } from '../../engine/api.ts';
import { hasCatalogue } from '../../engine/governance/configured.ts';
import { gateParts } from '../../engine/governance/in-place.ts';
import { once } from '../../engine/support/reporting.ts';
import type { NodeRedSettings } from './node-red-storage.ts';

/** Folder of the local library in which the catalogue stands where settings.js names it as no source of its own. */
const FOLDER = 'waybill-catalogue';

type Entry = readonly unknown[] | string;

/** Whether `editorTheme.library.sources` names the catalogue: then the import dialog has it already. */
function isSource({ editorTheme }: NodeRedSettings): boolean {
  const { library } = (editorTheme ?? {}) as { readonly library?: { readonly sources?: unknown } };
  return Array.isArray(library?.sources) && library.sources.some((source: unknown) => (source as { readonly type?: unknown } | null)?.type === 'waybill-catalogue');
}

interface Theme { library?: { sources?: unknown } }

/**
 * Names the catalogue as a source of the import dialog where settings.js does not: Node-RED reads them right after it has
 * opened the storage. Settings that take nothing more leave it to the folder of the local library.
 */
export function offerAsSource(settings: NodeRedSettings): void {
  const { userDir, waybill } = settings;
  if (isSource(settings) || !hasCatalogue(waybill as Partial<WaybillSettings> | undefined, typeof userDir === 'string' ? userDir : process.cwd())) return;
  try {
    const theme = (settings['editorTheme'] ?? ((settings as { editorTheme?: Theme }).editorTheme = {})) as Theme;
    const library = theme.library ??= {};
    const sources: unknown = library.sources ??= [];
    if (!Array.isArray(sources)) return;
    const taken = sources.some((source: unknown) => (source as { readonly id?: unknown } | null)?.id === 'waybill');
    sources.push({ id: taken ? 'waybill-catalogue' : 'waybill', type: 'waybill-catalogue', label: 'Waybill', icon: 'fa fa-archive' });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    once('library-source', `The catalogue stands as a folder in the local library of the import dialog: settings.js takes no further source (${error.message}).`);
  }
}

const inFolder = (path: string): readonly string[] | undefined => {
  const [first, ...rest] = path.split('/').filter((part) => part !== '');
  return first === FOLDER ? rest : undefined;
};

/** An entry of the local library, with the catalogue as one more folder. */
export async function withCatalogue(settings: NodeRedSettings, type: string, path: string, local: () => Promise<Entry>): Promise<Entry> {
  const { library } = gateParts();
  if (type !== 'flows' || library === undefined || isSource(settings)) return local();
  const rest = inFolder(path);
  if (rest !== undefined) return library(type, rest.join('/'));
  const found = await local();
  const isTop = path.split('/').every((part) => part === '');
  return isTop && Array.isArray(found) && library(type, '').length > 0 ? [FOLDER, ...found] : found;
}

/** The catalogue's folder is only read. */
export function refuseInCatalogue(type: string, path: string): void {
  if (type === 'flows' && inFolder(path) !== undefined) throw Object.assign(new Error('The catalogue is only read: save into another folder.'), { code: 'forbidden' });
}
