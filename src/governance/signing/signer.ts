import type { PublicKey } from './public-key.ts';

/**
 * What signs for one person or one machine: a key file (key-file.ts), or whatever a KMS or a PKCS#11 token offers.
 * The private key stays behind it.
 */
export interface Signer {
  readonly publicKey: PublicKey;
  /** Ed25519 signature (RFC 8032, pure), 64 bytes. */
  sign(bytes: Uint8Array): Promise<Uint8Array>;
}
