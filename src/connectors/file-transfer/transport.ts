import type { WireRequest, WireResult } from '../driver.ts';
import { FileTransferError, shownName } from './store.ts';
import type { FileStore } from './store.ts';

/** What a driver may get of a file that it asks for. */
const mostRead = 1024 * 1024;

/**
 * Requests of drivers as files: PUT writes one that must not be there yet, GET reads one, HEAD looks whether it is there.
 * A PUT of what stands there already, byte by byte, is done (200); of something else is a conflict (409).
 */
export async function sendAsFile(store: FileStore, { method, path, body }: WireRequest): Promise<WireResult> {
  try {
    switch (method) {
      case 'PUT': return await put(store, decoded(path), bytesOf(body));
      case 'GET': return answer(200, await store.read(decoded(path), mostRead));
      case 'HEAD': return answer(await store.look(decoded(path)) === undefined ? 404 : 200);
      default: return { kind: 'failure', sent: false, errorClass: 'bad-request', message: `Files are written and read; "${method}" means nothing there. The operation is for a system over HTTP.` };
    }
  } catch (error) {
    if (!(error instanceof FileTransferError)) throw error;
    if (error.errorClass === 'not-found' && method === 'GET') return answer(404);
    return failureOf(error);
  }
}

async function put(store: FileStore, path: string, bytes: Buffer): Promise<WireResult> {
  // What an earlier attempt brought there, whose answer was lost.
  const there = await same(store, path, bytes);
  if (there !== undefined) return there;
  try {
    await store.write(path, bytes);
    return answer(201);
  } catch (error) {
    if (!(error instanceof FileTransferError) || error.errorClass !== 'exists') throw error;
    return await same(store, path, bytes) ?? failureOf(error);
  }
}

async function same(store: FileStore, path: string, bytes: Buffer): Promise<WireResult | undefined> {
  const there = await store.look(path);
  if (there === undefined) return undefined;
  if (there.kind === 'file' && there.size === bytes.length && bytes.equals(await store.read(path, bytes.length))) return answer(200);
  const body = Buffer.from(JSON.stringify({ title: `${shownName(path)} is there already with other content and is not overwritten; look what it is, and move it away.` }));
  return { kind: 'response', status: 409, headers: { 'content-type': 'application/problem+json' }, body, truncated: false };
}

function failureOf({ errorClass, message, sent }: FileTransferError): WireResult {
  return { kind: 'failure', sent, errorClass: errorClass === 'not-found' || errorClass === 'bad-name' || errorClass === 'no-file' ? 'bad-request' : errorClass, message };
}

function answer(status: number, body: Uint8Array = new Uint8Array()): WireResult {
  return { kind: 'response', status, headers: {}, body, truncated: false };
}

function bytesOf(body: WireRequest['body']): Buffer {
  return typeof body === 'string' ? Buffer.from(body) : Buffer.from(body ?? new Uint8Array());
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new FileTransferError('bad-name', `"${shownName(path)}" is no path; its encoding is broken.`);
  }
}
