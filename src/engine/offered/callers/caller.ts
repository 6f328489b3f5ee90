/** A token of ours; only its hash is kept. */
export interface CallerToken { readonly id: string; readonly sha256: string; readonly createdAt: string; readonly until?: string }

/** What a caller signs with. It has to be kept as it is: whoever checks a signature makes one. */
export interface CallerSecret { readonly id: string; readonly secret: string; readonly createdAt: string }

/** A client certificate by its fingerprint (SHA-256, hexadecimal), or by the subject (RFC 4514) that a trusted authority vouches for. */
export interface CallerCertificate { readonly sha256?: string; readonly subject?: string }

/** Tokens of an identity provider: of this issuer, for this audience, whose claim says this. */
export interface CallerIdentity { readonly issuer: string; readonly audience: string; readonly claim: string; readonly value: string }

/** Another system that may call what this site offers. */
export interface Caller {
  readonly name: string;
  /** `family/name`, `family/*`, or `*`. */
  readonly services: readonly string[];
  readonly tokens: readonly CallerToken[];
  readonly secrets: readonly CallerSecret[];
  readonly certificates: readonly CallerCertificate[];
  readonly identities: readonly CallerIdentity[];
}

export const CALLER_NAME = /^[a-z0-9]+(?:[.-][a-z0-9]+)*$/;
export const LONGEST_NAME = 60;
const SCOPE = /^(?:\*|[a-z0-9]+(?:-[a-z0-9]+)*\/(?:\*|[a-z0-9]+(?:-[a-z0-9]+)*))$/;

export const isScope = (text: string): boolean => SCOPE.test(text);

/** Whether a caller may call a service. */
export function mayCall({ services }: Caller, id: string): boolean {
  return services.some((scope) => scope === '*' || scope === id || (scope.endsWith('/*') && id.startsWith(scope.slice(0, -1))));
}
