/** Settings of Node-RED that decide where Waybill's pages can be, as its start has normalised them. */
export interface HttpSettings {
  /** Ends in a slash; `false`: Node-RED serves no pages of nodes. */
  readonly httpNodeRoot?: string | false;
  /** A password of Node-RED's in front of all pages of nodes. */
  readonly httpNodeAuth?: unknown;
  readonly uiHost?: string;
  readonly uiPort?: number | string;
  readonly https?: unknown;
  /** Ends in a slash; `false`: there is no editor. */
  readonly httpAdminRoot?: string | false;
  readonly adminAuth?: { readonly strategy?: { readonly name?: string } };
  readonly editorTheme?: { logout?: { readonly redirect: string } };
}

/** Where the pages are: below Node-RED's own address, or on a port of their own, and why. */
export type WebPlace =
  | { readonly kind: 'below-node-red'; readonly root: string }
  | { readonly kind: 'own-port'; readonly why: string };

/**
 * Below `<httpNodeRoot>/waybill/` as long as nothing of Node-RED's stands in front of it. With
 * `httpNodeAuth` every device and every phone would need that password as well, and with
 * `httpNodeRoot: false` there is no place: then the pages take a port of their own.
 */
export function webPlace(settings: HttpSettings): WebPlace {
  if (settings.httpNodeRoot === false) return { kind: 'own-port', why: 'httpNodeRoot is false' };
  if (settings.httpNodeAuth) return { kind: 'own-port', why: 'httpNodeAuth asks for a password of its own' };
  return { kind: 'below-node-red', root: settings.httpNodeRoot ?? '/' };
}

/** Address of Node-RED's own server as a person on this machine opens it, with the node root, without a slash at the end. */
export function nodeRedUrl(settings: HttpSettings, root: string): string {
  const host = settings.uiHost;
  const shown = host === undefined || host === '' || host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  const port = settings.uiPort === undefined ? '' : `:${settings.uiPort}`;
  return `http${settings.https ? 's' : ''}://${shown}${port}${root}`.replace(/\/+$/, '');
}
