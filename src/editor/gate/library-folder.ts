import { gateParts } from '../../engine/governance/in-place.ts';
import type { NodeRedSettings } from './node-red-storage.ts';

/** Folder of the local library in which the catalogue stands where settings.js names it as no source of its own. */
const FOLDER = 'waybill-catalogue';

type Entry = readonly unknown[] | string;

/** Whether `editorTheme.library.sources` names the catalogue: then the import dialog has it already. */
function isSource({ editorTheme }: NodeRedSettings): boolean {
  const { library } = (editorTheme ?? {}) as { readonly library?: { readonly sources?: unknown } };
  return Array.isArray(library?.sources) && library.sources.some((source: unknown) => (source as { readonly type?: unknown } | null)?.type === 'waybill-catalogue');
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
