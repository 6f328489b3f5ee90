import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import type { WireResult } from '../driver.ts';

type Response = WireResult & { readonly kind: 'response' };
type Failure = WireResult & { readonly kind: 'failure' };
type Unpack = (packed: Uint8Array, options: { readonly maxOutputLength: number }, done: (error: NodeJS.ErrnoException | null, unpacked: Buffer) => void) => void;

/** The codings that we can undo; only gzip is asked for. */
const codings: Readonly<Record<string, Unpack>> = { 'gzip': gunzip, 'x-gzip': gunzip, 'deflate': inflate, 'br': brotliDecompress };

/** Headers as one text each, by lower-case name. */
export function plainHeaders(headers: { readonly [name: string]: string | readonly string[] | undefined }): { readonly [name: string]: string } {
  return Object.fromEntries(Object.entries(headers).flatMap(([name, value]): [string, string][] => (value === undefined ? [] : [[name.toLowerCase(), typeof value === 'string' ? value : value.join(', ')]])));
}

/** Undoes the coding of an answer. What unpacks to more than `maxBytes` is cut off whole: a part of it says nothing. */
export async function unpacked(answer: Response, maxBytes: number): Promise<Response | Failure> {
  const coding = (answer.headers['content-encoding'] ?? '').trim().toLowerCase();
  if (coding === '' || coding === 'identity' || answer.body.length === 0) return answer;
  const headers = Object.fromEntries(Object.entries(answer.headers).filter(([name]) => name !== 'content-encoding' && name !== 'content-length'));
  const unpack = Object.hasOwn(codings, coding) ? codings[coding] : undefined;
  if (unpack === undefined) return { kind: 'failure', sent: true, errorClass: 'malformed-answer', message: `The answer is encoded as "${coding.slice(0, 40)}", which was not asked for and cannot be read.` };
  if (answer.truncated) return { ...answer, headers, body: new Uint8Array() };
  return new Promise((resolve) => {
    unpack(answer.body, { maxOutputLength: maxBytes }, (error, body) => {
      if (error === null) resolve({ ...answer, headers, body });
      else if (error.code === 'ERR_BUFFER_TOO_LARGE') resolve({ ...answer, headers, body: new Uint8Array(), truncated: true });
      else resolve({ kind: 'failure', sent: true, errorClass: 'malformed-answer', message: `The answer cannot be unpacked (${error.message}).` });
    });
  });
}
