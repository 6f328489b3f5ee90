import { currentWaybill } from '../../engine/node-red/current.ts';
import { gateParts } from '../../engine/governance/in-place.ts';
import type { GatePort, Loaded } from '../../engine/governance/port.ts';
import { CredentialShadow } from './credential-shadow.ts';
import { offerAsSource, refuseInCatalogue, withCatalogue } from './library-folder.ts';
import { localFileSystem } from './node-red-storage.ts';
import type { NodeRedRuntime, NodeRedSettings, StorageModule } from './node-red-storage.ts';
import { refusalError } from './refusal.ts';

export interface StorageOptions {
  /** The storage module that was there; Node-RED's own files when absent. */
  readonly storageModule?: StorageModule;
}

/** Functions of a storage module that Node-RED looks for by `hasOwnProperty`. */
const OPTIONAL = ['getSettings', 'saveSettings', 'getSessions', 'saveSessions', 'getLibraryEntry', 'saveLibraryEntry', 'getAllFlows', 'getFlow', 'saveFlow'] as const;
/** Those that Node-RED's own storage has. */
const OF_FILES: readonly string[] = ['getSettings', 'saveSettings', 'getSessions', 'saveSessions', 'getLibraryEntry', 'saveLibraryEntry'];

/** The gate of the engine in this process. There is none when the package's plugin does not load: then no governed node does either. */
function gate(): GatePort | undefined {
  return currentWaybill()?.governance.gate;
}

class GatedStorage {
  readonly #given: StorageModule | undefined;
  #found: StorageModule | undefined;
  #settings: NodeRedSettings = {};
  #runtime: NodeRedRuntime = {};
  #shadow: CredentialShadow | undefined;
  #loads = 0;
  #project = '';
  /** Of the flows that were served last; Node-RED asks for them right after the flows. */
  #served: { readonly credentials: unknown } | undefined;
  /** They come before the flows that they belong to, and wait for the judgement of those. */
  #held: { readonly credentials: unknown } | undefined;
  #holds = false;
  /** Until their credentials are in memory. */
  #loaded: { readonly flows: unknown } | undefined;

  constructor(given: StorageModule | undefined) {
    this.#given = given;
  }

  get settings(): NodeRedSettings {
    return this.#settings;
  }

  get base(): StorageModule {
    return this.#given ?? (this.#found ??= localFileSystem());
  }

  async init(settings: NodeRedSettings, runtime: NodeRedRuntime): Promise<unknown> {
    this.#settings = settings;
    offerAsSource(settings);
    this.#runtime = runtime;
    if (runtime.nodes !== undefined) this.#shadow = new CredentialShadow(runtime.nodes);
    // Emitted first as soon as the credentials of loaded flows are in memory; later ones may come in the middle of a deploy.
    runtime.events?.on('runtime-event', ({ id }) => {
      if (id !== 'runtime-state' || this.#loaded === undefined) return;
      this.#shadow?.take(this.#loaded.flows);
      this.#loaded = undefined;
    });
    const parts = gateParts();
    parts.storage = true;
    // Who starts Node-RED in its safe mode wants the flows not to start.
    const load = settings.safeMode === true ? undefined : runtime.nodes?.loadFlows;
    parts.reload = async () => load?.(true);
    parts.provider = (type) => {
      const info = runtime.nodes?.getNodeInfo?.(type);
      return info?.module === undefined ? undefined : { module: info.module, version: info.version ?? '' };
    };
    return this.base.init(settings, runtime);
  }

  async getFlows(): Promise<unknown> {
    const read = { flows: await this.base.getFlows(), credentials: await this.base.getCredentials() };
    const project = this.#scope();
    const way = this.#loads === 0 ? 'start' : project === this.#project ? 'reload' : 'project';
    this.#loads += 1;
    this.#project = project;
    const { flows, credentials, hold, restore = false } = await this.#judged({ ...read, scope: project, way });
    if (restore) await this.#restore(credentials);
    this.#holds = hold;
    if (hold) this.#holdFlows();
    this.#served = { credentials };
    this.#loaded = { flows };
    return flows;
  }

  async #judged(input: Parameters<GatePort['load']>[0]): Promise<Loaded> {
    const { flows, credentials } = input;
    try {
      return await gate()?.load(input) ?? { flows, credentials, hold: false };
    } catch (error) {
      // Rejecting would leave Node-RED without any flows, and the editor without a way to mend them.
      this.#runtime.log?.error(`[waybill] The deploy gate failed on the flows that were read, so they do not start: ${String(error)}`);
      return { flows, credentials, hold: true };
    }
  }

  async saveFlows(flows: unknown, user?: { readonly username?: unknown }): Promise<unknown> {
    const held = this.#held;
    this.#held = undefined;
    const save = async (): Promise<void> => {
      if (held !== undefined) await this.base.saveCredentials(held.credentials);
      await this.base.saveFlows(flows, user);
    };
    const at = gate();
    try {
      if (at === undefined) await save();
      else {
        const verdict = await at.deploy({ scope: this.#scope(), flows, user, save, credentials: async () => held?.credentials ?? await this.base.getCredentials() });
        if (!verdict.ok) throw refusalError(verdict);
      }
    } catch (error) {
      await this.#shadow?.restore(flows);
      // Node-RED takes the hold away before it saves.
      if (this.#holds) this.#holdFlows();
      throw error;
    }
    this.#holds = false;
    this.#loaded = undefined;
    this.#shadow?.take(flows);
    return undefined;
  }

  async getCredentials(): Promise<unknown> {
    const served = this.#served;
    this.#served = undefined;
    return served === undefined ? this.base.getCredentials() : served.credentials;
  }

  async saveCredentials(credentials: unknown): Promise<unknown> {
    this.#held = { credentials };
    return undefined;
  }

  #scope(): string {
    return this.#runtime.storage?.projects?.getActiveProject?.()?.name ?? '';
  }

  async #restore(credentials: unknown): Promise<void> {
    try {
      await this.base.saveCredentials(credentials);
    } catch (error) {
      this.#runtime.log?.error(`[waybill] The credentials that were lost could not be written anew: ${(error as Error).message}. They are used as the gate has them.`);
    }
  }

  /** Flows load and can be edited, and do not start. Where settings.js says something of safeMode itself, it cannot be set. */
  #holdFlows(): void {
    try {
      this.#settings.safeMode = true;
    } catch (error) {
      this.#runtime.log?.error(`[waybill] Take "safeMode" out of settings.js: the deploy gate could not keep refused flows from starting (${String(error)}).`);
    }
  }
}

/** A storage module around another one: a plain object, because Node-RED looks for its own properties. */
function gated(options: StorageOptions): StorageModule {
  const storage = new GatedStorage(options.storageModule);
  const { storageModule: given } = options;
  const has = (name: string): boolean => (given === undefined ? OF_FILES.includes(name) : Object.hasOwn(given, name) || (!/Settings$|Sessions$/.test(name) && typeof given[name] === 'function' && OF_FILES.includes(name)));
  const pass = (name: string) => (...args: readonly unknown[]): unknown => (storage.base[name] as (...all: readonly unknown[]) => unknown).apply(storage.base, [...args]);
  return {
    init: (settings, runtime) => storage.init(settings, runtime),
    getFlows: () => storage.getFlows(),
    saveFlows: (flows, user) => storage.saveFlows(flows, user),
    getCredentials: () => storage.getCredentials(),
    saveCredentials: (credentials) => storage.saveCredentials(credentials),
    ...Object.fromEntries(OPTIONAL.filter(has).map((name) => [name, pass(name)])),
    ...(has('getLibraryEntry') ? { getLibraryEntry: (type: string, path: string) => withCatalogue(storage.settings, type, path, () => pass('getLibraryEntry')(type, path) as Promise<string>) } : {}),
    ...(has('saveLibraryEntry') ? { saveLibraryEntry: async (type: string, path: string, ...rest: readonly unknown[]) => {
      refuseInCatalogue(type, path);
      return pass('saveLibraryEntry')(type, path, ...rest);
    } } : {}),
    // Read before init().
    get projects() { return storage.base['projects']; },
    get sshkeys() { return storage.base['sshkeys']; },
  };
}

/**
 * The value of `storageModule` in settings.js: as it is for Node-RED's own files, or called with the module that was
 * there before, `storage({ storageModule: require('another') })`.
 */
export const storage: ((options?: StorageOptions) => StorageModule) & StorageModule = Object.defineProperties(
  (options: StorageOptions = {}) => gated(options), Object.getOwnPropertyDescriptors(gated({})),
) as ((options?: StorageOptions) => StorageModule) & StorageModule;
