import { generateKeyPairSync, sign } from 'node:crypto';
import { publicKey } from './public-key.ts';
import type { OwnerFunction } from './public-key.ts';
import type { Signer } from './signer.ts';

/** A signer whose key lives as long as the process: for trials and tests. */
export function memorySigner(name: string, ownerFunction?: OwnerFunction): Signer {
  const pair = generateKeyPairSync('ed25519');
  const raw = Buffer.from(pair.publicKey.export({ format: 'jwk' }).x ?? '', 'base64url').toString('hex');
  return { publicKey: publicKey(raw, name, ownerFunction), sign: (bytes) => Promise.resolve(sign(null, bytes, pair.privateKey)) };
}
