/** What the modules of settings.js say of themselves; they are bundled apart from the engine. */
export interface GateParts {
  /** Node-RED has opened the storage module: every save and every load passes it. */
  storage?: boolean;
  middleware?: boolean;
  /** Lets Node-RED read its flows again and start them; set by the storage module. */
  reload?: () => Promise<unknown>;
  /** What provides a node type, as Node-RED's registry knows it. */
  provider?: (type: string) => { readonly module: string; readonly version: string } | undefined;
  /** The catalogue as the import dialog walks it: folders by name, files as `{fn}`, or a file's text. Throws for what is not there. */
  library?: (type: string, path: string) => readonly (string | { readonly fn: string })[] | string;
  /** Asks Node-RED whether who sends a request may deploy; set by the plugin. */
  mayDeploy?: ((request: unknown, response: unknown, next: () => void) => void) | undefined;
}

const key = Symbol.for('waybill.gate');

/** The one of this process. */
export function gateParts(): GateParts {
  const place = globalThis as { [key]?: GateParts };
  return place[key] ??= {};
}
