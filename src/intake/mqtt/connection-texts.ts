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
/** Of DISCONNECT, MQTT 5 §3.14.2.1. */
const TAKEN_OVER = 142;
/** What mqtt-packet says of bytes that are no packet. */
const NO_MQTT = /header flag|protocol ?id|invalid .*packet|cannot parse|malformed|unknown (packet|command)/i;

/** What the other side says of the certificate that we show, or do not show (TLS alerts, RFC 8446 §6.2). */
const OURS = /alert (certificate required|unknown ca|bad certificate|unsupported certificate|certificate (revoked|expired|unknown)|access denied)|ERR_SSL_TLSV1\d?_ALERT|ERR_SSL_(TLSV13?_|SSLV3_)?ALERT_(CERTIFICATE|BAD|UNKNOWN)/i;
const TLS = /certificate|self.signed|CERT_|ERR_TLS|SSL|altname/i;

/** What a failed or lost connection to a broker means for a person. */
export function explainFailure(url: string, error: Error | undefined, clientId = ''): ConnectionFailure {
  const where = `The broker at ${withoutPassword(url)}`;
  const code = error !== undefined && 'code' in error ? error.code : undefined;
  if (error instanceof BrokerEnded) {
    if (error.reasonCode === TAKEN_OVER) return { reason: `${where} has given our session to another client with the client id "${clientId}"; give each Waybill a client id of its own in the broker node.`, refused: true, unsupportedVersion: false };
    return { reason: `${where} ended the connection (${ENDED[error.reasonCode] ?? `reason code ${error.reasonCode}`}); trying again.`, refused: false, unsupportedVersion: false };
  }
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
  if (code === 'ECONNRESET' && /^(mqtts|wss|ssl|tls):/.test(url)) return made(`${where} broke the connection off before it was safe; look whether this port speaks TLS, and correct the address in the broker node.`, false);
  if (error !== undefined && NO_MQTT.test(error.message)) return made(`${where} does not answer in MQTT (${error.message}); correct the address in the broker node.`, true);
  if (typeof code === 'string') return made(`${where} cannot be reached: ${NETWORK[code] ?? code}. Start it, or correct its address in the broker node.`, false);
  return made(error === undefined ? `${where} broke the connection off; trying again.` : `${where}: ${error.message}; trying again.`, false);
}

/** What a person can do about a broker that ends every connection soon after it was made. Brokers of MQTT 3.1.1, and some others, do not say why. */
export function thrownOut(url: string, clientId: string): Pick<ConnectionFailure, 'reason' | 'refused'> {
  return { reason: `The broker at ${withoutPassword(url)} ends each connection soon after it was made. Another client may have the client id "${clientId}": give each Waybill one of its own in the broker node; else the broker's log says why.`, refused: true };
}

/** The broker said goodbye (MQTT 5 §3.14). */
export class BrokerEnded extends Error {
  override readonly name = 'BrokerEnded';
  readonly reasonCode: number;
  constructor(reasonCode: number) {
    super(`the broker ended the connection (reason code ${reasonCode})`);
    this.reasonCode = reasonCode;
  }
}

/** DISCONNECT reason codes, MQTT 5 §3.14.2.1. */
const ENDED: Readonly<Record<number, string>> = {
  135: 'not authorized',
  139: 'it shuts down',
  137: 'it is busy',
  141: 'it did not hear us in time',
  147: 'we have too much unacknowledged',
  149: 'a message is too large for it',
  151: 'a quota is used up',
  152: 'somebody has ended it there',
};

/** `tlsv13 alert certificate required` of OpenSSL's whole line about it. */
function alertOf(error: Error): string {
  return /alert ([a-z ]+)/.exec(error.message)?.[1]?.trim() ?? error.message;
}

/** The address without user and password, fit for logs and status texts. */
export function withoutPassword(url: string): string {
  return url.replace(/\/\/[^/@]*@/, '//');
}
