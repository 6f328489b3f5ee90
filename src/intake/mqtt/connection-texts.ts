import { NETWORK } from '../network-texts.ts';

export interface ConnectionFailure {
  /** One sentence that says what to do. */
  readonly reason: string;
  /** The broker answered, and said no: somebody has to change something. */
  readonly refused: boolean;
  readonly unsupportedVersion: boolean;
}

/** CONNACK codes: MQTT 3.1.1 §3.2.2.3 (1 to 5), MQTT 5 §3.2.2.2 (128 and above). */
const VERSION = new Set([1, 132]);
const CREDENTIALS = new Set([4, 5, 134, 135, 140]);
const CLIENT_ID = new Set([2, 133]);
const BUSY = new Set([3, 136, 137, 151, 159]);

/** What the other side says of the certificate that we show, or do not show (TLS alerts, RFC 8446 §6.2). */
const OURS = /alert (certificate required|unknown ca|bad certificate|unsupported certificate|certificate (revoked|expired|unknown)|access denied)|ERR_SSL_TLSV1\d?_ALERT|ERR_SSL_(TLSV13?_|SSLV3_)?ALERT_(CERTIFICATE|BAD|UNKNOWN)/i;
const TLS = /certificate|self.signed|CERT_|ERR_TLS|SSL|altname/i;

/** What a failed or lost connection to a broker means for a person. */
export function explainFailure(url: string, error: Error | undefined): ConnectionFailure {
  const where = `The broker at ${withoutPassword(url)}`;
  const code = error !== undefined && 'code' in error ? error.code : undefined;
  const made = (reason: string, refused: boolean, unsupportedVersion = false): ConnectionFailure => ({ reason, refused, unsupportedVersion });
  if (typeof code === 'number') {
    if (VERSION.has(code)) return made(`${where} speaks neither MQTT 5 nor 3.1.1; use another one.`, true, true);
    if (CREDENTIALS.has(code)) return made(`${where} refuses the user name or password; correct them in the broker node.`, true);
    if (CLIENT_ID.has(code)) return made(`${where} refuses the client id; change it in the broker node.`, true);
    if (BUSY.has(code)) return made(`${where} takes no connection now (code ${code}); trying again.`, false);
    return made(`${where} refuses the connection (${error?.message ?? code}).`, true);
  }
  if (error !== undefined && OURS.test(`${error.message} ${String(code)}`)) {
    return made(`${where} does not accept our certificate (${alertOf(error)}); give the broker node one that it knows.`, true);
  }
  if (error !== undefined && (TLS.test(error.message) || (typeof code === 'string' && TLS.test(code)))) {
    return made(`${where} shows a certificate that is not trusted (${error.message}); give its authority in the broker node.`, true);
  }
  if (typeof code === 'string') return made(`${where} cannot be reached: ${NETWORK[code] ?? code}. Start it, or correct its address in the broker node.`, false);
  return made(error === undefined ? `${where} broke the connection off; trying again.` : `${where}: ${error.message}; trying again.`, false);
}

/** `tlsv13 alert certificate required` of OpenSSL's whole line about it. */
function alertOf(error: Error): string {
  return /alert ([a-z ]+)/.exec(error.message)?.[1]?.trim() ?? error.message;
}

/** The address without user and password, fit for logs and status texts. */
export function withoutPassword(url: string): string {
  return url.replace(/\/\/[^/@]*@/, '//');
}
