import type { ApplicationDescription, ClientSession, EndpointDescription, OPCUAClient, OPCUAClientOptions, UserIdentityInfo } from 'node-opcua-client';
import { OpcUaIntakeError } from '../errors.ts';
import { loadOpcUa, type OpcUaLibrary } from '../load.ts';
import { revived } from './kept-session.ts';
import type { KeptSession, OpcUaConnectionOptions, OpcUaIdentity, OpcUaSecurityMode } from './options.ts';

/** Policies that are worth the name, strongest first; the deprecated ones (Basic128Rsa15, Basic256) are not spoken. */
const POLICIES = ['Aes256_Sha256_RsaPss', 'Aes128_Sha256_RsaOaep', 'Basic256Sha256'] as const;
/** How long a service call may take, ms. */
const CALL_MS = 10_000;
/** How long a person waits for an answer of a server that is only asked what it offers, ms. */
const ASK_MS = 4_000;

/** A client that is connected and has a session. */
export interface OpenedClient {
  readonly client: OPCUAClient;
  readonly session: ClientSession;
  readonly resumed: boolean;
}

/**
 * Connects once, and takes up the session from before where the server still has it: subscriptions hang on it
 * (OPC UA Part 4 §6.7, re-establishing connections). Trying again is the caller's.
 * @param kept of a process that ended without closing it
 */
export async function openClient(options: OpcUaConnectionOptions, sessionTimeoutMs: number, before: ClientSession | undefined, kept?: KeptSession): Promise<OpenedClient> {
  const library = await loadOpcUa();
  const settings = await clientOptions(library, options, sessionTimeoutMs);
  const client = library.OPCUAClient.create(settings);
  try {
    await client.connect(options.url);
    const identity = identityOf(library, options.identity);
    if (before !== undefined && await resume(client, before)) return { client, session: before, resumed: true };
    const last = kept === undefined ? undefined : await revived(kept, identity);
    // whatever is in the way of an old one, a new one may do
    if (last !== undefined && await resume(client, last).catch(() => false)) return { client, session: last, resumed: true };
    return { client, session: await client.createSession(identity), resumed: false };
  } catch (error) {
    await dropClient(client);
    throw error;
  }
}

/** Lets go of a client whose connection is broken; its session is not closed on the server. Resolves soon whatever happens. */
export async function dropClient(client: OPCUAClient): Promise<void> {
  await within(2_000, client.disconnect()).catch(() => undefined); // it is broken already: there is nothing to say about it
}

/** What a server tells anybody: its endpoints, and the servers that it knows (OPC UA Part 4 §5.4.2, §5.4.4). */
export async function discover({ url, pki, applicationUri }: Pick<OpcUaConnectionOptions, 'url' | 'pki' | 'applicationUri'>, alsoServers = true): Promise<{ readonly endpoints: readonly EndpointDescription[]; readonly servers: readonly ApplicationDescription[] }> {
  const library = await loadOpcUa();
  const client = library.OPCUAClient.create({
    applicationName: 'Waybill', applicationUri, clientName: 'Waybill discovery', endpointMustExist: false,
    ...await pki.own(applicationUri), clientCertificateManager: await pki.store(),
    connectionStrategy: { maxRetry: 0, initialDelay: 100, maxDelay: 200 }, transportTimeout: ASK_MS, defaultTransactionTimeout: ASK_MS,
  });
  try {
    await client.connect(url);
    const endpoints = await client.getEndpoints({ endpointUrl: url });
    // a server may leave this service out
    const servers = alsoServers ? await client.findServers({ endpointUrl: url }).catch(() => []) : [];
    return { endpoints, servers };
  } finally {
    await dropClient(client);
  }
}

/** The endpoints of a server as it tells them to anybody. */
async function endpointsOf(options: Pick<OpcUaConnectionOptions, 'url' | 'pki' | 'applicationUri'>): Promise<readonly EndpointDescription[]> {
  return (await discover(options, false)).endpoints;
}

async function clientOptions(library: OpcUaLibrary, options: OpcUaConnectionOptions, sessionTimeoutMs: number): Promise<OPCUAClientOptions> {
  const policy = await policyOf(options);
  const own = await options.pki.own(options.applicationUri);
  return {
    applicationName: 'Waybill',
    applicationUri: options.applicationUri,
    clientName: 'Waybill',
    securityMode: modeOf(library, options.securityMode),
    securityPolicy: library.SecurityPolicy[policy],
    certificateFile: own.certificateFile,
    privateKeyFile: own.privateKeyFile,
    clientCertificateManager: await options.pki.store(),
    requestedSessionTimeout: sessionTimeoutMs,
    // a server behind a gateway or in a container is known under another name than it says itself
    endpointMustExist: false,
    // after a cut we come back ourselves: with jitter, an explanation for people, and the session from before
    connectionStrategy: { maxRetry: 0, initialDelay: 100, maxDelay: 200 },
    keepPendingSessionsOnDisconnect: true,
    keepSessionAlive: false,
    transportTimeout: CALL_MS,
    defaultTransactionTimeout: CALL_MS,
  };
}

type Policy = 'None' | (typeof POLICIES)[number];

async function policyOf({ securityMode, securityPolicy, ...options }: OpcUaConnectionOptions): Promise<Policy> {
  if (securityMode === 'none') return 'None';
  if (securityPolicy !== 'auto' && securityPolicy !== 'none') return securityPolicy;
  const wanted = securityMode === 'sign' ? 2 : 3; // MessageSecurityMode, OPC UA Part 4 §7.20
  const offered = await endpointsOf(options);
  const policy = POLICIES.find((name) => offered.some((one) => Number(one.securityMode) === wanted && (one.securityPolicyUri ?? '').endsWith(`#${name}`)));
  if (policy !== undefined) return policy;
  const names = [...new Set(offered.map((one) => `${['?', 'no security', 'Sign', 'SignAndEncrypt'][Number(one.securityMode)] ?? '?'} ${(one.securityPolicyUri ?? '').replace(/^.*#(None$)?/, '')}`.trim()))];
  throw new OpcUaIntakeError('no-endpoint', `The OPC UA server at ${options.url} offers no safe policy for this security mode; it offers ${names.length === 0 ? 'nothing' : names.join(', ')}. Choose one of these in the endpoint node, or set up the server.`);
}

function modeOf(library: OpcUaLibrary, mode: OpcUaSecurityMode): number {
  const { MessageSecurityMode } = library;
  return mode === 'none' ? MessageSecurityMode.None : mode === 'sign' ? MessageSecurityMode.Sign : MessageSecurityMode.SignAndEncrypt;
}

function identityOf(library: OpcUaLibrary, identity: OpcUaIdentity): UserIdentityInfo {
  const { UserTokenType } = library;
  switch (identity.kind) {
    case 'anonymous': return { type: UserTokenType.Anonymous };
    case 'user': return { type: UserTokenType.UserName, userName: identity.user, password: identity.password };
    case 'certificate': return { type: UserTokenType.Certificate, certificateData: derOf(identity.certificate), privateKey: identity.privateKey };
  }
}

function derOf(pem: string): Buffer {
  const body = /-----BEGIN CERTIFICATE-----([^-]+)-----END CERTIFICATE-----/.exec(pem)?.[1];
  if (body === undefined) throw new OpcUaIntakeError('config', 'The certificate of the user is no PEM text; paste the lines from BEGIN CERTIFICATE to END CERTIFICATE.');
  return Buffer.from(body.replace(/\s/g, ''), 'base64');
}

/** False when the server no longer has the session: it was away too long, or it is another server. */
async function resume(client: OPCUAClient, session: ClientSession): Promise<boolean> {
  try {
    await client.reactivateSession(session);
    return true;
  } catch (error) {
    if (error instanceof Error && /Invalid|Closed|Denied|Rejected|Signature|nonce/i.test(error.message)) return false;
    throw error;
  }
}

/** Rejects when it takes longer. */
export async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  try {
    return await Promise.race([work, new Promise<never>((_resolve, reject) => { timer = setTimeout(() => { reject(new Error('BadTimeout')); }, ms); })]);
  } finally {
    clearTimeout(timer);
  }
}
