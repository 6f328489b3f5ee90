import { NETWORK } from '../../network-texts.ts';

/** What a failed or lost connection to an OPC UA server means for a person. */
export interface OpcUaFailure {
  /** One sentence that says what to do. */
  readonly reason: string;
  /** The server answered, and said no: somebody has to change something. */
  readonly refused: boolean;
  /** There was no connection to anything at all. */
  readonly unreachable?: true;
}

/** Status codes of OPC UA Part 4 §7.38.2 by which a server refuses a client for good, and what to mend. The first that fits counts. */
const REFUSALS: readonly (readonly [RegExp, string])[] = [
  [/BadCertificateUntrusted|BadCertificateChainIncomplete|Certificate .*not trusted/i, 'shows a certificate that is not trusted here; look at it in the endpoint node and trust it there, if it is the right one'],
  [/BadCertificateTimeInvalid|BadCertificateIssuerTimeInvalid/, 'or this client has a certificate that is expired or not valid yet; renew it, and compare the clocks of both machines'],
  [/BadCertificateHostNameInvalid/, 'has a certificate for another host name; use the address that it was made for, or renew it'],
  [/BadCertificateUriInvalid/, 'has or expects a certificate with another application URI; compare the URI with the one in the certificate'],
  [/BadCertificateRevoked|BadCertificateIssuerRevoked/, 'shows a certificate that was revoked; give the server a new one'],
  [/BadCertificate/, 'does not take a certificate as it is; renew it in the endpoint node, or on the server'],
  [/BadSecurityModeRejected|BadSecurityPolicyRejected|BadSecurityModeInsufficient|End ?point must exist|cannot find (an )?end ?point/i, 'does not offer this security mode and policy; choose one that it offers in the endpoint node'],
  [/BadSecurityChecksFailed/, 'does not trust the certificate of this client; trust it on the server (its list of rejected certificates has it)'],
  [/BadIdentityTokenRejected|BadUserAccessDenied|BadIdentityTokenInvalid|BadUserSignatureInvalid|BadIdentityChangeNotSupported/, 'refuses the user; correct user and password, or the kind of sign-in, in the endpoint node'],
  [/Cannot find.*(policy|token)|no.*user ?token|identity token failed/i, 'offers no such kind of sign-in; choose another one in the endpoint node'],
  [/BadTcpEndpointUrlInvalid|BadServerUriInvalid/, 'does not know itself under this address; correct it in the endpoint node'],
];

const BUSY: readonly (readonly [RegExp, string])[] = [
  [/BadTooManySessions|BadMaxConnectionsReached|BadTcpNotEnoughResources|BadTcpServerTooBusy/, 'has no room for another session now; trying again (sessions of clients that are gone end by themselves)'],
  [/BadServerHalted|BadShutdown/, 'is shutting down; trying again'],
  [/premature disconnect/i, 'broke the connection off; trying again'],
  [/rejected by server/i, 'ends the connection as soon as it is asked for its offers; look whether it is an OPC UA server that has started, and whether it lets anybody ask without security, as the standard wants it; trying again'],
  [/BadTimeout|Timeout|timed out/i, 'does not answer in time; trying again'],
];

export function explainOpcUaFailure(url: string, error: unknown): OpcUaFailure {
  const where = `The OPC UA server at ${url}`;
  const text = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : /\b(E[A-Z_]{4,})\b/.exec(text)?.[1];
  for (const [pattern, what] of REFUSALS) {
    if (pattern.test(text)) return { reason: `${where} ${what} (${statusIn(text)}).`, refused: true };
  }
  if (code !== undefined && NETWORK[code] !== undefined) {
    return { reason: `${where} cannot be reached: ${NETWORK[code]}. Start it, or correct its address in the endpoint node.`, refused: false, unreachable: true };
  }
  for (const [pattern, what] of BUSY) {
    if (pattern.test(text)) return { reason: `${where} ${what}.`, refused: false };
  }
  return { reason: `${where}: ${oneLine(text)}; trying again.`, refused: false };
}

/** `BadCertificateUntrusted` of a whole message of the library. */
function statusIn(text: string): string {
  return /\b(Bad[A-Z]\w+)/.exec(text)?.[1] ?? oneLine(text);
}

function oneLine(text: string): string {
  // the library numbers its sockets, and each attempt would be news
  const line = text.replace(/ClientTCP_transport\d+: /g, '').replace(/\s+/g, ' ').trim();
  return line.length > 200 ? `${line.slice(0, 200)}…` : line.replace(/[.;]$/, '');
}
