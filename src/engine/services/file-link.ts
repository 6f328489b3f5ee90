import { readFileSync } from 'node:fs';
import { SecretError } from '../../connectors/auth/index.ts';
import type { Secrets } from '../../connectors/auth/index.ts';
import { FileTransferError, FolderStore, readFileAddress, sendAsFile, SftpStore } from '../../connectors/file-transfer/index.ts';
import type { FileStore, SftpSettings } from '../../connectors/file-transfer/index.ts';
import type { Base } from '../../connectors/http/index.ts';
import type { SystemSettings, Transport } from './system-link.ts';

/** How long a connection to an SFTP server and one operation on it may take. */
const times = { connectMs: 20_000, operationMs: 60_000 };

/** The link to a system of files. @throws RangeError when its address cannot be used, in one sentence */
export function fileLink(settings: SystemSettings, secrets: Secrets): { readonly base: Base; readonly store: FileStore; readonly transport: Transport } {
  const address = readFileAddress(settings.url);
  const store = address.kind === 'folder' ? new FolderStore(address.folder) : new SftpStore(() => sftpSettings(address, settings, secrets));
  const base = address.kind === 'folder'
    ? { origin: 'file://', scheme: 'file', secure: true, host: 'this machine', path: address.folder }
    : { origin: `sftp://${address.host}:${address.port}`, scheme: 'sftp', secure: true, host: address.host, path: address.folder };
  return { base, store, transport: { send: (request) => sendAsFile(store, request), close: () => store.close() } };
}

function sftpSettings(address: { readonly host: string; readonly port: number; readonly folder: string }, { tls, hostKey = '' }: SystemSettings, secrets: Secrets): SftpSettings {
  try {
    const [user, password, privateKey] = [secrets.need('user'), secrets.get('password'), tls.key === undefined ? undefined : keyOf(tls.key)];
    if (password === undefined && privateKey === undefined) throw new FileTransferError('not-authorised', 'The system has neither a password nor a key for SFTP; give it one of them.');
    return { ...address, ...times, hostKey, user, ...(password === undefined ? {} : { password }), ...(privateKey === undefined ? {} : { privateKey }) };
  } catch (error) {
    if (error instanceof SecretError) throw new FileTransferError('not-authorised', error.message, { cause: error });
    throw error;
  }
}

function keyOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new FileTransferError('not-authorised', `The key of the system cannot be read from ${file} (${(error as NodeJS.ErrnoException).code ?? 'unknown'}); put it there, readable for Waybill alone.`, { cause: error });
  }
}
