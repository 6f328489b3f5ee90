import { fileURLToPath } from 'node:url';
import { isNobodys } from '../http/addresses.ts';
import { shownName } from './store.ts';

/** A system that takes and gives files: a folder of this machine, or an SFTP server. */
export type FileAddress =
  | { readonly kind: 'folder'; readonly folder: string }
  | { readonly kind: 'sftp'; readonly host: string; readonly port: number; readonly folder: string };

export function isFileAddress(address: string): boolean {
  return /^(file|sftp):/i.test(address.trim());
}

/** `file:///srv/edi` or `sftp://edi.partner.example:22/waybill`. @throws RangeError with one sentence that says what to do */
export function readFileAddress(address: string): FileAddress {
  let url: URL;
  try {
    url = new URL(address.trim());
  } catch {
    throw new RangeError(`"${shownName(address)}" is no address; write one such as sftp://edi.partner.example/waybill or file:///srv/edi.`);
  }
  if (url.username !== '' || url.password !== '') throw new RangeError('The address holds a user or a password; put them into the fields for them: addresses are shown and logged.');
  if (url.search !== '' || url.hash !== '') throw new RangeError('The address ends with a query or a fragment; leave away what begins with "?" or "#".');
  if (url.protocol === 'file:') {
    if (url.host !== '') throw new RangeError(`A folder is one of this machine; write three slashes, as in file:///srv/edi, or use sftp:// for ${url.host}.`);
    return { kind: 'folder', folder: fileURLToPath(url).replace(/\/+$/, '') || '/' };
  }
  if (url.protocol !== 'sftp:' || url.hostname === '') throw new RangeError(`"${url.protocol}//${shownName(url.host)}" is no address of files; write one such as sftp://edi.partner.example/waybill.`);
  const folder = decodeURIComponent(url.pathname).replace(/\/+$/, '');
  if (folder.split('/').some((part) => part === '..' || part === '.')) throw new RangeError('The folder of the address steps upwards; write the whole way.');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isNobodys(host)) throw new RangeError(`No system is at ${host}; write the server's name or its own address.`);
  return { kind: 'sftp', host, port: url.port === '' ? 22 : Number(url.port), folder };
}
