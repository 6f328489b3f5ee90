/** A field name of HTTP (RFC 9110, 5.1 and 5.6.2). */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/;

/** Fields that the transport makes, or that say how a message is read (RFC 9110, 7.6.1; RFC 9112): nothing else may stand in them. */
const TAKEN = new Set(['connection', 'content-encoding', 'content-length', 'cookie', 'expect', 'host', 'keep-alive', 'proxy-authorization', 'set-cookie', 'te', 'trailer', 'transfer-encoding', 'upgrade']);

/** Why a name cannot be that of a header for `what`, one sentence; undefined when it can. */
export function headerNameProblem(name: string, what: string): string | undefined {
  if (!TOKEN.test(name)) return `${JSON.stringify(name)} cannot be the name of a header; write one such as ${what === 'an idempotency key' ? 'Idempotency-Key' : 'X-API-Key'}.`;
  return TAKEN.has(name.toLowerCase()) ? `The header ${name} is the transport's own and cannot hold ${what}; name another.` : undefined;
}

/** Why a name cannot be that of a parameter in an address; undefined when it can. */
export function queryNameProblem(name: string): string | undefined {
  return /^[A-Za-z0-9$][A-Za-z0-9._~$-]{0,99}$/.test(name) ? undefined : `${JSON.stringify(name)} cannot be the name of a parameter; use letters, digits, dots, dashes, underscores and $.`;
}
