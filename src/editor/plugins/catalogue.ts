import { gateParts } from '../../engine/governance/in-place.ts';
import type { LibraryEntry } from '../governance/library.ts';

/** The part of Node-RED's runtime API that a library source needs. */
interface PluginApi {
  readonly plugins: { registerPlugin(id: string, definition: { readonly type: string; readonly class: new () => object }): void };
}

/** Name of the source's type: settings.js has `editorTheme.library.sources: [{id: 'waybill', type: 'waybill-catalogue', label: 'Waybill', icon: 'fa fa-archive'}]`. */
const TYPE = 'waybill-catalogue';

/** The signed catalogue in the editor's import dialog, read only. Node-RED makes one for each source that settings.js names. */
class CatalogueSource {
  /** Node-RED asks for the promise. */
  async init(): Promise<void> {
    // The engine has its own start; what it has when somebody looks is what is shown.
  }

  /** Empty while the engine is not there. */
  async getEntry(type: string, path: string): Promise<readonly LibraryEntry[] | string> {
    return gateParts().library?.(type, path) ?? [];
  }
}

export default function registerCatalogue(RED: PluginApi): void {
  RED.plugins.registerPlugin(TYPE, { type: 'node-red-library-source', class: CatalogueSource });
}
