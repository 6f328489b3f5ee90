import { request as requestPlain } from 'node:http';
import type { IncomingMessage, RequestOptions } from 'node:http';
import { request as requestSecure } from 'node:https';

/** What an address answered. */
export interface HttpAnswer {
  readonly status: number;
  /** The first 64 KiB. */
  readonly body: string;
  /** Header `Date`, ms since 1970; undefined when there is none. */
  readonly date: number | undefined;
  /** From the request to the end of the answer, ms. */
  readonly ms: number;
}

const bodyLimit = 65_536;

/** One GET, no redirect followed. Rejects with the system's or TLS's error, or the signal's. */
export function getUrl(url: string, signal: AbortSignal, options: { readonly anyCertificate?: boolean } = {}): Promise<HttpAnswer> {
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const took = (response: IncomingMessage): void => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        if (size < bodyLimit) chunks.push(chunk);
        size += chunk.length;
        if (size > bodyLimit * 4) response.destroy();
      });
      response.on('error', reject);
      response.on('close', () => {
        const date = Date.parse(response.headers.date ?? '');
        resolve({
          status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8').slice(0, bodyLimit),
          date: Number.isNaN(date) ? undefined : date, ms: performance.now() - started,
        });
      });
    };
    const common: RequestOptions = { method: 'GET', signal, agent: false, headers: { accept: 'application/json, */*;q=0.1', 'user-agent': 'waybill-doctor' } };
    const secure = new URL(url).protocol === 'https:';
    const request = secure ? requestSecure(url, { ...common, rejectUnauthorized: options.anyCertificate !== true }, took) : requestPlain(url, common, took);
    request.on('error', reject);
    request.end();
  });
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the connection was cut',
  EHOSTUNREACH: 'the machine is not reachable',
  ENETUNREACH: 'there is no route to it',
  ENOTFOUND: 'the name is not known',
  EAI_AGAIN: 'the name server does not answer',
  ETIMEDOUT: 'no answer in time',
  ABORT_ERR: 'no answer in time',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet (or this clock is wrong)',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is signed by an authority that this machine does not know',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate comes without the chain to a known authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is signed by an authority that this machine does not know',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  EPROTO: 'it does not speak TLS on this port',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS on this port',
};

/** Why something was not reached, as half a sentence. */
export function reasonOf(error: unknown): string {
  const { code, name, message, errors } = error as NodeJS.ErrnoException & { errors?: unknown[] };
  // Happy Eyeballs tries several addresses and gathers what each said.
  if (code === undefined && errors?.[0] !== undefined) return reasonOf(errors[0]);
  if (name === 'AbortError' || name === 'TimeoutError') return 'no answer in time';
  return reasons[code ?? ''] ?? message;
}

/** True when TLS, not the network, kept it from working. */
export function isCertificateError(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  return /CERT|SELF_SIGNED|LEAF_SIGNATURE|ALTNAME/.test(code);
}
