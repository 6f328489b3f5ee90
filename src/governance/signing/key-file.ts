import { createCipheriv, createDecipheriv, createPrivateKey, generateKeyPairSync, randomBytes, scrypt, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { JsonObject } from '../../domain/json.ts';
import { writeNew } from '../files.ts';
import { publicKeyFromJson, publicKeyToJson, publicKey } from './public-key.ts';
import type { OwnerFunction, PublicKey } from './public-key.ts';
import type { Signer } from './signer.ts';

/** Why a key file was not opened or made; the message is for people. */
export class KeyFileError extends Error {
  override readonly name = 'KeyFileError';
}

/** RFC 7914 by what OWASP asks for: 128 MiB of memory a guess. */
const COST = { N: 131_072, r: 8, p: 1 } as const;
const MAX_MEMORY = 256 * 1_048_576;
const SHORTEST_PASSPHRASE = 12;

const derive = promisify(scrypt) as (passphrase: string, salt: Buffer, length: number, options: { N: number; r: number; p: number; maxmem: number }) => Promise<Buffer>;

interface KeyFile {
  readonly kind: 'waybill-key';
  readonly version: 1;
  readonly public: JsonObject;
  readonly kdf: { readonly name: 'scrypt'; readonly N: number; readonly r: number; readonly p: number; readonly salt: string };
  readonly cipher: { readonly name: 'aes-256-gcm'; readonly iv: string; readonly tag: string; readonly data: string };
}

/** Public parts are bound to the private one: who changes the name in the file cannot open it any more. */
const boundTo = (json: JsonObject): Buffer => Buffer.from(JSON.stringify(json), 'utf8');

/** The name stands in every signed list, and on the terminals of those who are asked to sign. */
function holderProblem(name: string): string | undefined {
  if (name.trim() === '') return 'Say whose key it is, by a name that people know.';
  return name.length > 100 || /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(name) || !name.isWellFormed() ? 'The name of a key has at most 100 characters on one line, all of which can be seen.' : undefined;
}

function passphraseProblem(passphrase: string): string | undefined {
  return passphrase.length < SHORTEST_PASSPHRASE ? `A passphrase has at least ${SHORTEST_PASSPHRASE} characters; this one has ${passphrase.length}.` : undefined;
}

/**
 * Makes an Ed25519 key and writes it, encrypted with the passphrase, to a new file, and its public part to `<file>.pub`.
 * @param cost of one guess at the passphrase (scrypt N); demo keys, which protect nothing, take a low one
 * @throws KeyFileError when the file is there already, cannot be written, or the passphrase is too short
 */
export async function createKeyFile(file: string, holder: { readonly name: string; readonly function?: OwnerFunction | undefined }, passphrase: string, cost: number = COST.N): Promise<PublicKey> {
  const problem = holderProblem(holder.name) ?? passphraseProblem(passphrase);
  if (problem !== undefined) throw new KeyFileError(problem);
  const pair = generateKeyPairSync('ed25519');
  const raw = pair.publicKey.export({ format: 'jwk' }).x ?? '';
  const key = publicKey(Buffer.from(raw, 'base64url').toString('hex'), holder.name, holder.function);
  const salt = randomBytes(16);
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', await derive(passphrase, salt, 32, { ...COST, N: cost, maxmem: MAX_MEMORY }), iv);
  cipher.setAAD(boundTo(publicKeyToJson(key)));
  const data = Buffer.concat([cipher.update(pair.privateKey.export({ format: 'der', type: 'pkcs8' })), cipher.final()]);
  const content: KeyFile = {
    kind: 'waybill-key', version: 1, public: publicKeyToJson(key),
    kdf: { name: 'scrypt', ...COST, N: cost, salt: salt.toString('base64') },
    cipher: { name: 'aes-256-gcm', iv: iv.toString('base64'), tag: cipher.getAuthTag().toString('base64'), data: data.toString('base64') },
  };
  try {
    await writeNew(file, `${JSON.stringify(content, undefined, 2)}\n`, 0o600);
    await writeNew(`${file}.pub`, `${JSON.stringify(publicKeyToJson(key), undefined, 2)}\n`, 0o644);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw new KeyFileError(`${file} or ${file}.pub is there already; a key is never written over. Name another file.`, { cause: error });
    throw new KeyFileError(`The key cannot be written: ${(error as Error).message}`, { cause: error });
  }
  return key;
}

async function readKeyFile(file: string): Promise<KeyFile> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new KeyFileError((error as NodeJS.ErrnoException).code === 'ENOENT' ? `The key file ${file} is not there.` : `The key file ${file} cannot be read: ${(error as Error).message}`, { cause: error });
  }
  try {
    const content = JSON.parse(text) as KeyFile;
    if (content.kind === 'waybill-key' && content.version === 1 && content.kdf.N <= COST.N * 4 && content.kdf.r <= 32 && content.kdf.p <= 4) return content;
  } catch (error) {
    throw new KeyFileError(`${file} is no key file: ${(error as Error).message}`, { cause: error });
  }
  throw new KeyFileError(`${file} is no key file that "waybill catalogue key" made. The private key is asked for, not the .pub file.`);
}

/** Whose key a file holds, without its passphrase. @throws KeyFileError */
export async function holderOfKeyFile(file: string): Promise<PublicKey> {
  const content = await readKeyFile(file);
  try {
    return publicKeyFromJson(content.public);
  } catch (error) {
    throw new KeyFileError(`${file}: ${(error as Error).message}`, { cause: error });
  }
}

/** Opens a key file with its passphrase. @throws KeyFileError when it is no key file, was changed, or the passphrase is wrong */
export async function openKeyFile(file: string, passphrase: string): Promise<Signer> {
  const content = await readKeyFile(file);
  const { kdf, cipher } = content;
  let privateKey: KeyObject;
  try {
    const secret = await derive(passphrase, Buffer.from(kdf.salt, 'base64'), 32, { N: kdf.N, r: kdf.r, p: kdf.p, maxmem: MAX_MEMORY * 8 });
    const decipher = createDecipheriv('aes-256-gcm', secret, Buffer.from(cipher.iv, 'base64'), { authTagLength: 16 });
    decipher.setAAD(boundTo(content.public));
    decipher.setAuthTag(Buffer.from(cipher.tag, 'base64'));
    const der = Buffer.concat([decipher.update(Buffer.from(cipher.data, 'base64')), decipher.final()]);
    privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  } catch (error) {
    throw new KeyFileError(`${file} does not open: the passphrase is wrong, or the file was changed.`, { cause: error });
  }
  const key = await holderOfKeyFile(file);
  return { publicKey: key, sign: (bytes) => Promise.resolve(sign(null, bytes, privateKey)) };
}
