export { ClientCredentials, TokenUnavailable } from './oauth.ts';
export { SECRET_NAMES, SecretError, Secrets } from './secrets.ts';
export type { SecretName, SecretSource } from './secrets.ts';
export { signerFor } from './signer.ts';
export type { Signer } from './signer.ts';
