import { createRequire } from 'node:module';
import path from 'node:path';
import process from 'node:process';

/** A storage module as Node-RED uses it; what is not named here is passed on as it is. */
export interface StorageModule {
  init(settings: NodeRedSettings, runtime: NodeRedRuntime): Promise<unknown>;
  getFlows(): Promise<unknown>;
  saveFlows(flows: unknown, user?: { readonly username?: unknown }): Promise<unknown>;
  getCredentials(): Promise<unknown>;
  saveCredentials(credentials: unknown): Promise<unknown>;
  readonly [more: string]: unknown;
}

export interface NodeRedSettings { safeMode?: boolean; readonly [name: string]: unknown }

/** The part of Node-RED's inner runtime that the storage module is handed. */
export interface NodeRedRuntime {
  readonly nodes?: {
    addCredentials(id: string, credentials: object): Promise<void>;
    getCredentials(id: string): object | undefined;
    deleteCredentials(id: string): unknown;
    /** Reads the flows again; `true`: and starts them. */
    loadFlows?(start: boolean): Promise<unknown>;
    getNodeInfo?(type: string): { readonly module?: string; readonly version?: string } | null | undefined;
  };
  readonly storage?: { readonly projects?: { getActiveProject?(): { readonly name?: string } | undefined } };
  readonly events?: { on(name: string, listener: (event: { readonly id?: string; readonly payload?: unknown }) => void): unknown };
  readonly log?: { warn(text: string): void; error(text: string): void };
}

const PLACE = path.join('@node-red', 'runtime', 'lib', 'storage');

/**
 * Node-RED's own storage in files, of the Node-RED that runs: another copy would have settings of its own. It is the one
 * beside the module that is loading us; before that is loaded, the one that NODE_RED_HOME names.
 */
export function localFileSystem(): StorageModule {
  // All modules of a process are in one cache.
  const { cache } = createRequire(path.join(process.cwd(), 'settings.js'));
  const running = Object.keys(cache).find((file) => file.endsWith(path.join(PLACE, 'index.js')));
  const home = process.env['NODE_RED_HOME'];
  const file = running ?? (home === undefined ? undefined : createRequire(path.join(home, 'package.json')).resolve('@node-red/runtime/lib/storage/index.js'));
  if (file === undefined) throw new Error('Waybill\'s storage module found no Node-RED to store for; it is for "storageModule" in settings.js.');
  return createRequire(file)('./localfilesystem') as StorageModule;
}
