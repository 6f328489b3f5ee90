import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';

/** A request as it is sent; `body` is JSON text. */
export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: { readonly [name: string]: string };
  readonly body: string | undefined;
  readonly timeoutMs: number;
  /** By whose time the answer is waited for; default this machine's. */
  readonly clock?: { setTimeout(callback: () => void, ms: number): object; clearTimeout(handle: object | undefined): void };
}

/** What became of a request; transport failures are values (STYLE 10). */
export type HttpResult =
  | { readonly kind: 'response'; readonly status: number; readonly headers: { readonly [name: string]: string }; readonly text: string; readonly truncated: boolean }
  /** `sent` false: the other side cannot have acted on it. */
  | { readonly kind: 'failure'; readonly sent: boolean; readonly errorClass: string; readonly message: string };

const maxResponseBytes = 1_048_576;
/** A connection that nobody needs for so long is closed; a request under way is not touched by it. */
const idleMs = 10_000;
const agentOptions = { keepAlive: true, maxSockets: 64, scheduling: 'lifo', timeout: idleMs } as const;
const machineClock: NonNullable<HttpRequest['clock']> = { setTimeout, clearTimeout: (handle) => { clearTimeout(handle as NodeJS.Timeout | undefined); } };
const httpAgent = new HttpAgent(agentOptions);
const httpsAgent = new HttpsAgent(agentOptions);

/**
 * Sends one request and reads the answer, at most 1 MiB of it; of a longer one the rest is not waited for. Never rejects.
 * A request on a connection that was used before counts as sent: when the connection is reset, nobody can tell whether
 * the other side had read it (RFC 9112 §9.3.1).
 */
export function sendRequest(request: HttpRequest): Promise<HttpResult> {
  return new Promise((resolve) => {
    let url: URL;
    try {
      url = new URL(request.url);
    } catch (error) {
      resolve({ kind: 'failure', sent: false, errorClass: 'bad-url', message: `"${request.url}" is no URL: ${String(error)}` });
      return;
    }
    if (url.protocol !== 'http:' && url.protocol !== 'https:') {
      resolve({ kind: 'failure', sent: false, errorClass: 'bad-url', message: `"${url.protocol}" is not supported; use http or https.` });
      return;
    }
    exchange(url, request, resolve);
  });
}

function exchange(url: URL, request: HttpRequest, resolve: (result: HttpResult) => void): void {
  const secure = url.protocol === 'https:';
  const body = request.body === undefined ? undefined : Buffer.from(request.body);
  const clock = request.clock ?? machineClock;
  let connected = false;
  let settled = false;
  const settle = (result: HttpResult): void => {
    if (settled) return;
    settled = true;
    clock.clearTimeout(timer);
    resolve(result);
  };
  const timer = clock.setTimeout(() => {
    settle({ kind: 'failure', sent: connected, errorClass: 'timeout', message: `No answer within ${request.timeoutMs} ms.` });
    outgoing?.destroy();
  }, request.timeoutMs);
  let outgoing: ClientRequest | undefined;
  try {
    outgoing = (secure ? httpsRequest : httpRequest)(url, {
      method: request.method, agent: secure ? httpsAgent : httpAgent,
      headers: { ...request.headers, ...(body === undefined ? {} : { 'content-length': String(body.length) }) },
    });
  } catch (error) {
    settle({ kind: 'failure', sent: false, errorClass: 'bad-request', message: String(error) });
    return;
  }
  outgoing.on('socket', (socket) => {
    // A socket that is kept alive is connected already; what is written to it may have arrived.
    if (!socket.connecting) connected = true;
    else socket.once(secure ? 'secureConnect' : 'connect', () => { connected = true; });
  });
  outgoing.on('error', (error: NodeJS.ErrnoException) => {
    // A name with several addresses fails with an error of errors, whose own message is empty.
    settle({ kind: 'failure', sent: connected, errorClass: error.code ?? 'error', message: error.message || String(error.code ?? error) });
  });
  outgoing.on('response', (response) => readResponse(response, settle));
  outgoing.on('upgrade', (_response, socket) => {
    socket.destroy();
    settle({ kind: 'failure', sent: true, errorClass: 'upgrade', message: 'The other side wants to speak another protocol than HTTP/1.1.' });
  });
  // Whatever ends without one of the above must not keep its caller waiting.
  outgoing.on('close', () => settle({ kind: 'failure', sent: connected, errorClass: 'closed', message: 'The connection was closed without an answer.' }));
  outgoing.end(body);
}

function readResponse(response: IncomingMessage, settle: (result: HttpResult) => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  const answered = (truncated: boolean): void => {
    const headers: { [name: string]: string } = {};
    for (const [name, value] of Object.entries(response.headers)) headers[name] = Array.isArray(value) ? value.join(', ') : value ?? '';
    settle({ kind: 'response', status: response.statusCode ?? 0, headers, text: Buffer.concat(chunks).toString('utf8'), truncated });
  };
  response.on('data', (chunk: Buffer) => {
    const room = maxResponseBytes - size;
    size += chunk.length;
    if (chunk.length <= room) {
      chunks.push(chunk);
      return;
    }
    chunks.push(chunk.subarray(0, room));
    answered(true);
    response.destroy();
  });
  response.on('error', (error: NodeJS.ErrnoException) => settle({ kind: 'failure', sent: true, errorClass: error.code ?? 'error', message: error.message }));
  response.on('aborted', () => settle({ kind: 'failure', sent: true, errorClass: 'aborted', message: 'The answer broke off.' }));
  response.on('end', () => answered(false));
}
