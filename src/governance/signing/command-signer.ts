import { spawn } from 'node:child_process';
import process from 'node:process';
import { isSignedBy } from './public-key.ts';
import type { PublicKey } from './public-key.ts';
import type { Signer } from './signer.ts';

/** Why a command gave no signature; the message is for people. */
export class CommandSignerError extends Error {
  override readonly name = 'CommandSignerError';
}

const SIGNATURE_BYTES = 64;
const MOST_OUTPUT = 4_096;
/** Somebody may have to touch a token, or to type a PIN. */
const PATIENCE_MS = 120_000;

/** Splits a command line into words; quotes keep words together, and no shell sees it. @throws CommandSignerError */
export function commandWords(line: string): readonly string[] {
  const words = [...line.matchAll(/(?:[^\s"']|"[^"]*"|'[^']*')+/g)].map(([word]) => word.replace(/"([^"]*)"|'([^']*)'/g, (_, double?: string, single?: string) => double ?? single ?? ''));
  if (words.length === 0 || words[0] === '' || /["']/.test(line.replace(/"[^"]*"|'[^']*'/g, ''))) throw new CommandSignerError(`${JSON.stringify(line)} is no command: name a program and its arguments, with quotes that close.`);
  return words;
}

/** The signature in what a command answered: 64 bytes, or these in hexadecimal or Base64. */
function signatureIn(output: Buffer): Buffer | undefined {
  if (output.length === SIGNATURE_BYTES) return output;
  const text = output.toString('latin1').trim();
  const read = /^[0-9a-fA-F]{128}$/.test(text) ? Buffer.from(text, 'hex') : /^[A-Za-z0-9+/_-]{86}(?:==)?$/.test(text) ? Buffer.from(text, 'base64') : undefined;
  return read?.length === SIGNATURE_BYTES ? read : undefined;
}

function answerOf(words: readonly string[], key: PublicKey, bytes: Uint8Array, patienceMs: number): Promise<Buffer> {
  const [program = '', ...args] = words;
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => { reject(new CommandSignerError(`"${program}" gave no signature of ${key.name}: ${why}.`)); };
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, WAYBILL_KEY_ID: key.keyId, WAYBILL_PUBLIC_KEY: key.value } });
    const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs);
    const chunks: Buffer[] = [];
    let length = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > MOST_OUTPUT) child.kill('SIGKILL');
      else chunks.push(chunk);
    });
    child.once('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      fail(error.code === 'ENOENT' ? 'there is no such program' : error.message);
    });
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      if (length > MOST_OUTPUT) fail(`it answered more than ${MOST_OUTPUT} bytes`);
      else if (signal !== null) fail(signal === 'SIGKILL' ? `it did not answer within ${Math.round(patienceMs / 1_000)} s, or was killed` : `it was ended by ${signal}`);
      else if (code !== 0) fail(`it ended with exit code ${code ?? 'none'}`);
      else resolve(Buffer.concat(chunks));
    });
    // A command that does not read what it signs is told by its answer.
    child.stdin.once('error', () => undefined);
    child.stdin.end(bytes);
  });
}

/**
 * A signer behind a command: a KMS, a PKCS#11 token, a machine that nobody else reaches. The command gets the bytes on its
 * standard input, and WAYBILL_KEY_ID and WAYBILL_PUBLIC_KEY (hex) in its environment; it answers the Ed25519 signature (RFC
 * 8032, pure) on its standard output, as 64 bytes, hexadecimal or Base64. What it answers is verified before it is used.
 */
export function commandSigner(line: string, key: PublicKey, options: { readonly patienceMs?: number } = {}): Signer {
  const words = commandWords(line);
  return {
    publicKey: key,
    async sign(bytes) {
      const signature = signatureIn(await answerOf(words, key, bytes, options.patienceMs ?? PATIENCE_MS));
      if (signature === undefined) throw new CommandSignerError(`"${words[0] ?? ''}" answered no Ed25519 signature: 64 bytes, as they are, in hexadecimal or in Base64.`);
      if (!isSignedBy(key, bytes, signature)) throw new CommandSignerError(`"${words[0] ?? ''}" signed with another key than that of ${key.name}, or something else than it was given.`);
      return signature;
    },
  };
}
