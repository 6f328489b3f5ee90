/** HTTP messages in `multipart/mixed` (OData Part 1 §11.7.7; RFC 2046): what `$batch` is made of in V2 and V4. */

export interface PartRequest { readonly id: string; readonly method: string; readonly url: string; readonly headers: { readonly [name: string]: string }; readonly body: string | undefined }
export interface PartResponse { readonly id?: string; readonly status: number; readonly headers: { readonly [name: string]: string }; readonly body: string }

const CRLF = '\r\n';
/** Parts of an answer that are read, and how deep they are nested: a change set in a batch. */
const most = { parts: 1000, depth: 2 };

/** The answer is no batch answer; `message` says what is wrong. */
export class BatchError extends Error {
  override readonly name = 'BatchError';
}

/** A batch with one change set, then what reads. `boundary` must not occur in a body; it is made of the key of the call. */
export function writeBatch(changes: readonly PartRequest[], reads: readonly PartRequest[], boundary: string): string {
  const set = `changes_${boundary}`;
  const lines: string[] = [];
  if (changes.length > 0) {
    lines.push(`--batch_${boundary}`, `content-type: multipart/mixed;boundary=${set}`, '');
    for (const part of changes) lines.push(`--${set}`, ...message(part, true));
    lines.push(`--${set}--`, '');
  }
  for (const part of reads) lines.push(`--batch_${boundary}`, ...message(part, false));
  lines.push(`--batch_${boundary}--`, '');
  return lines.join(CRLF);
}

function message({ id, method, url, headers, body }: PartRequest, inChangeSet: boolean): readonly string[] {
  const all = { ...headers, ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }) };
  return [
    'content-type: application/http', 'content-transfer-encoding: binary', ...(inChangeSet ? [`content-id: ${id}`] : []), '',
    `${method} ${url} HTTP/1.1`, ...Object.entries(all).map(([name, value]) => `${name}: ${value}`), '', body ?? '',
  ];
}

/** The answers in order, those of a change set one after the other; a failed change set has one. @throws BatchError */
export function readBatch(text: string, contentType: string, depth = 0): readonly PartResponse[] {
  const boundary = /boundary=(?:"([^"]{1,200})"|([^;\s]{1,200}))/i.exec(contentType);
  const name = boundary?.[1] ?? boundary?.[2];
  if (name === undefined) throw new BatchError(`it is ${contentType === '' ? 'of no type' : contentType} and no multipart/mixed`);
  const sections = `${CRLF}${text.replace(/\r?\n/g, CRLF)}`.split(`${CRLF}--${name}`);
  if (!sections.slice(1).some((section) => section.startsWith('--'))) throw new BatchError('it breaks off before its end');
  const parts = sections.slice(1, sections.findIndex((section, index) => index > 0 && section.startsWith('--')));
  if (parts.length > most.parts) throw new BatchError(`it has more than ${most.parts} parts`);
  return parts.flatMap((part) => {
    const [head, body] = halves(part.replace(/^[ \t]*\r\n/, ''));
    const headers = headersOf(head);
    const type = headers['content-type'] ?? '';
    if (/^multipart\/mixed/i.test(type)) {
      if (depth >= most.depth) throw new BatchError('its parts are nested too deep');
      return readBatch(body, type, depth + 1);
    }
    return [response(body, headers['content-id'])];
  });
}

function response(text: string, outerId: string | undefined): PartResponse {
  const [head, body] = halves(text);
  const [line = '', ...rest] = head.split(CRLF);
  const status = /^HTTP\/\d(?:\.\d)? (\d{3})/.exec(line)?.[1];
  if (status === undefined) throw new BatchError(`a part of it begins with ${JSON.stringify(line.slice(0, 40))} and not with a status`);
  const headers = headersOf(rest.join(CRLF));
  const id = outerId ?? headers['content-id'];
  return { ...(id === undefined ? {} : { id }), status: Number(status), headers, body: body.trim() };
}

function halves(text: string): readonly [head: string, body: string] {
  const end = text.indexOf(CRLF + CRLF);
  return end < 0 ? [text, ''] : [text.slice(0, end), text.slice(end + 4)];
}

function headersOf(head: string): { readonly [name: string]: string } {
  return Object.fromEntries(head.split(CRLF).filter((line) => line.includes(':')).map((line) => [line.slice(0, line.indexOf(':')).trim().toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]));
}
