import type { ApplicationDescription, EndpointDescription } from 'node-opcua-client';
import { addressOf } from '../session/address.ts';
import { explainOpcUaFailure } from '../session/connection-texts.ts';
import { OpcUaIntakeError } from '../errors.ts';
import { discover } from '../session/open-client.ts';
import type { OpcUaConnectionOptions, OpcUaSecurityMode } from '../session/options.ts';

export type SignIn = 'anonymous' | 'user' | 'certificate' | 'token';

/** One way to connect that a server offers. */
export interface OfferedEndpoint {
  readonly securityMode: OpcUaSecurityMode;
  /** `None`, `Basic256Sha256`, … */
  readonly securityPolicy: string;
  readonly signIns: readonly SignIn[];
  /** Absent when we can connect by it; else why not: `old-policy` is one that is broken or deprecated. */
  readonly unusable?: 'old-policy' | 'unknown-policy';
}

export interface KnownServer {
  readonly name: string;
  readonly urls: readonly string[];
}

/** What a server says of itself to anybody. */
export interface DiscoveredServer {
  readonly name: string;
  readonly applicationUri: string;
  readonly productUri: string;
  /** Safest first. */
  readonly offers: readonly OfferedEndpoint[];
  /** Addresses that it gives for itself and that are not the one it was reached by. */
  readonly otherAddresses: readonly string[];
  /** DER, with the issuers' behind it; absent where it shows none. */
  readonly certificate?: Buffer;
  /** Other servers that it knows: a discovery server has many. */
  readonly others: readonly KnownServer[];
}

/** Policies that are spoken here, safest first, and those that are not any more (OPC UA Part 7, deprecated). */
const SPOKEN = ['Aes256_Sha256_RsaPss', 'Aes128_Sha256_RsaOaep', 'Basic256Sha256', 'None'];
const OLD = new Set(['Basic128Rsa15', 'Basic256', 'Basic128', 'Basic192Rsa15', 'Basic256Rsa15']);
const MODES: readonly (OpcUaSecurityMode | undefined)[] = [undefined, 'none', 'sign', 'signAndEncrypt']; // MessageSecurityMode, Part 4, 7.20
const SIGN_INS: readonly SignIn[] = ['anonymous', 'user', 'certificate', 'token']; // UserTokenType, Part 4, 7.43
/** What one server may say here. */
const MOST = 50;
const LONGEST = 512;

/**
 * Asks the server at an address what it offers (GetEndpoints, FindServers: OPC UA Part 4, 5.5).
 * @throws OpcUaIntakeError with one sentence when it cannot be asked, or answers with something else.
 */
export async function discoverServer(options: Pick<OpcUaConnectionOptions, 'url' | 'pki' | 'applicationUri'>): Promise<DiscoveredServer> {
  const { url } = addressOf(options.url);
  try {
    const { endpoints, servers } = await discover({ ...options, url });
    return discovered(url, endpoints, servers);
  } catch (error) {
    if (error instanceof OpcUaIntakeError) throw error;
    throw new OpcUaIntakeError('no-endpoint', failed(url, error), { cause: error });
  }
}

function failed(url: string, error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const { host, port } = addressOf(url);
  if (/waiting for data on socket.*hadError ?true|chunk size|invalid message header|Unexpected message/i.test(text)) return `Something answers at port ${port} of ${host}, and it does not speak OPC UA; correct the port (most servers have 4840).`;
  if (/Timeout\(A\) in waiting for data/i.test(text)) return `Something takes connections at port ${port} of ${host} and says nothing; correct the port (most servers have 4840), or look whether the server hangs.`;
  return explainOpcUaFailure(url, error).reason;
}

function discovered(url: string, endpoints: readonly EndpointDescription[], servers: readonly ApplicationDescription[]): DiscoveredServer {
  const binary = endpoints.filter(({ endpointUrl }) => /^opc\.tcp:/i.test(endpointUrl ?? '')).slice(0, MOST);
  const reached = addressOf(url).address;
  const { server } = binary[0] ?? {};
  const ownUri = cut(server?.applicationUri);
  const certificate = binary.find(({ serverCertificate }) => (serverCertificate as Buffer | null)?.length)?.serverCertificate;
  const offers = binary.map(offerOf).filter((offer): offer is OfferedEndpoint => offer !== undefined);
  return {
    name: cut(server?.applicationName.text), applicationUri: ownUri, productUri: cut(server?.productUri),
    offers: [...new Map(offers.map((offer) => [`${offer.securityMode} ${offer.securityPolicy}`, offer])).values()].sort((a, b) => rank(a) - rank(b)),
    otherAddresses: [...new Set(binary.map(({ endpointUrl }) => cut(endpointUrl)).filter((each) => isOther(each, reached)))],
    ...(certificate === undefined ? {} : { certificate: Buffer.from(certificate as Buffer) }),
    others: servers.filter(({ applicationUri }) => cut(applicationUri) !== ownUri).slice(0, MOST).map(({ applicationName, discoveryUrls }) => ({
      name: cut(applicationName.text), urls: (discoveryUrls ?? []).map((each) => cut(each)).filter((each) => /^opc\.tcp:/i.test(each)).slice(0, 10),
    })).filter(({ urls }) => urls.length > 0),
  };
}

function offerOf({ securityMode, securityPolicyUri, userIdentityTokens }: EndpointDescription): OfferedEndpoint | undefined {
  const mode = MODES[Number(securityMode)];
  const policy = cut(securityPolicyUri).replace(/^.*#/, '');
  if (mode === undefined || policy === '') return undefined;
  const signIns = (userIdentityTokens ?? []).map(({ tokenType }) => SIGN_INS[Number(tokenType)]).filter((each): each is SignIn => each !== undefined);
  const unusable = OLD.has(policy) ? 'old-policy' : SPOKEN.includes(policy) ? undefined : 'unknown-policy';
  return { securityMode: mode, securityPolicy: policy, signIns: [...new Set(signIns)], ...(unusable === undefined ? {} : { unusable }) };
}

const rank = ({ securityMode, securityPolicy, unusable }: OfferedEndpoint): number => (unusable === undefined ? 0 : 1_000) - MODES.indexOf(securityMode) * 10 + Math.max(0, SPOKEN.indexOf(securityPolicy));

function isOther(advertised: string, reached: string): boolean {
  try {
    return addressOf(advertised).address !== reached;
  } catch (error) {
    if (error instanceof OpcUaIntakeError) return false; // no address that could be told
    throw error;
  }
}

const cut = (text: unknown): string => (typeof text === 'string' ? text.slice(0, LONGEST) : '');
