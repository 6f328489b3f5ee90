import { hasCatalogueCache } from '../../governance/catalogue/kept.ts';
import type { WaybillSettings } from '../api.ts';
import { siteSettings } from '../settings.ts';

/**
 * Whether this site has, or had, a catalogue, before the engine is open.
 * @param waybill what settings.js says @param directory where relative paths start: Node-RED's user folder
 */
export function hasCatalogue(waybill: Partial<WaybillSettings> | undefined, directory: string): boolean {
  const { catalogue, home } = siteSettings(waybill, directory);
  return catalogue !== undefined || hasCatalogueCache(home);
}
