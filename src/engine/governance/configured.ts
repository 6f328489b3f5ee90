import path from 'node:path';
import process from 'node:process';
import { hasCatalogueCache } from '../../governance/catalogue/kept.ts';
import type { WaybillSettings } from '../api.ts';
import { settingsFromEnvironment } from '../settings.ts';

/**
 * Whether this site has, or had, a catalogue, before the engine is open.
 * @param waybill what settings.js says @param directory where relative paths start: Node-RED's user folder
 */
export function hasCatalogue(waybill: Partial<WaybillSettings> | undefined, directory: string): boolean {
  const { catalogue, home } = { ...settingsFromEnvironment(process.env, directory), ...waybill };
  return catalogue !== undefined || hasCatalogueCache(path.resolve(directory, home));
}
