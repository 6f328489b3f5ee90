import { readFileSync, statSync } from 'node:fs';
import { createSecureContext } from 'node:tls';

/** How often it is looked whether the files have changed, in ms. */
const LOOK_MS = 30_000;

/** Whether clients are asked for a certificate, and the authorities by which one is trusted: nobody is refused for having none. */
export function clientCertificates(env: NodeJS.ProcessEnv): { readonly requestCert?: true; readonly rejectUnauthorized?: false; readonly ca?: Buffer } {
  const { WAYBILL_TLS_CLIENT_CERTS: wanted } = env;
  if (!wanted || wanted === '0') return {};
  const asking = { requestCert: true, rejectUnauthorized: false } as const;
  if (wanted === '1') return asking;
  try {
    const ca = readFileSync(wanted);
    createSecureContext({ ca });
    return { ...asking, ca };
  } catch (error) {
    throw new Error(`The authorities of client certificates cannot be used: ${(error as Error).message}. WAYBILL_TLS_CLIENT_CERTS is 1, or names a PEM file.`, { cause: error });
  }
}

/** Certificate chain and key, PEM. */
export interface TlsFiles { readonly cert: Buffer; readonly key: Buffer }

/** What WAYBILL_TLS_CERT and WAYBILL_TLS_KEY name; undefined when neither is set. Throws an error whose message says what to do. */
export function tlsFiles(env: NodeJS.ProcessEnv): TlsFiles | undefined {
  const { WAYBILL_TLS_CERT: cert, WAYBILL_TLS_KEY: key } = env;
  if (!cert && !key) return undefined;
  if (!cert || !key) throw new Error('WAYBILL_TLS_CERT and WAYBILL_TLS_KEY belong together; set both or none.');
  try {
    const files = { cert: readFileSync(cert), key: readFileSync(key) };
    createSecureContext(files);
    return files;
  } catch (error) {
    throw new Error(`The TLS certificate or key cannot be used: ${(error as Error).message}. Check WAYBILL_TLS_CERT and WAYBILL_TLS_KEY; both are PEM files that belong together.`, { cause: error });
  }
}

function stamp(env: NodeJS.ProcessEnv): string {
  return [env['WAYBILL_TLS_CERT'], env['WAYBILL_TLS_KEY']].map((path) => statSync(path!, { throwIfNoEntry: false })?.mtimeMs ?? 0).join(' ');
}

/**
 * Takes a renewed certificate in without a restart; open connections go on with the old one. Files that do
 * not fit together, as while they are being written, are left alone until they do. Answers a function that ends it.
 */
export function followTlsFiles(env: NodeJS.ProcessEnv, server: { setSecureContext(files: TlsFiles): void }, say: (line: string) => void, everyMs: number = LOOK_MS): () => void {
  let seen = stamp(env);
  const timer = setInterval(() => {
    const now = stamp(env);
    if (now === seen) return;
    try {
      const files = tlsFiles(env);
      if (files === undefined) return;
      server.setSecureContext(files);
      seen = now;
      say('The renewed TLS certificate is in use.');
    } catch (error) {
      seen = now;
      say(`The TLS files have changed and cannot be used; the old certificate stays. ${(error as Error).message}`);
    }
  }, everyMs).unref();
  return () => clearInterval(timer);
}
