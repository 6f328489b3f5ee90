import type { Settings } from './settings.ts';

/**
 * Where a link of the system leads, as a path below its address; a sentence when it leads out of the service. A server may
 * name the next page as it likes (OData JSON §4.5.5), so nothing of it is believed but that.
 *
 * @param address the system's, undefined when nobody knows it
 * @param current path of the request whose answer had the link
 */
export function nextPath(link: string, settings: Settings, address: string | undefined, current: string): { readonly path: string } | { readonly refused: string } {
  const base = new URL(address ?? 'http://unknown.invalid');
  const basePath = base.pathname.replace(/\/+$/, '');
  let url: URL;
  try {
    url = new URL(link, base.origin + basePath + current);
  } catch (error) {
    return { refused: `The link to the next page is no address (${error instanceof Error ? error.message : String(error)}).` };
  }
  if (url.origin !== base.origin || url.username !== '' || url.password !== '') {
    return { refused: `The link to the next page leads to ${url.origin} and not to the system's address; it is not followed: let the system give out the address that it is called by.` };
  }
  const root = `${basePath}${settings.path}/`;
  if (!url.pathname.startsWith(root)) return { refused: `The link to the next page leads out of the service (${url.pathname.slice(0, 100)}); it is not followed.` };
  for (const [name, value] of Object.entries(settings.query)) if (!url.searchParams.has(name)) url.search += `${url.search === '' ? '?' : '&'}${encodeURIComponent(name)}=${encodeURIComponent(value)}`;
  return { path: url.pathname.slice(basePath.length) + url.search };
}

/** Path of the system's own address, without a slash at its end. */
export const basePathOf = (address: string | undefined): string => (address === undefined ? '' : new URL(address).pathname.replace(/\/+$/, ''));
