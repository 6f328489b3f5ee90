import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The key of pseudonyms and reservation hashes, made once per home, readable by its owner only. */
export function loadPseudonymKey(home: string): Uint8Array {
  return loadKey(home, 'pseudonym.key');
}

/** The key that signs links in mails; with a new one, links that are on their way work no more. */
export function loadMailLinkKey(home: string): Uint8Array {
  return loadKey(home, 'mail-link.key');
}

function loadKey(home: string, name: string): Uint8Array {
  const folder = join(home, 'keys');
  const path = join(folder, name);
  try {
    return parse(readFileSync(path, 'utf8'), path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(path, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flag: 'wx', flush: true });
  return parse(readFileSync(path, 'utf8'), path);
}

function parse(text: string, path: string): Uint8Array {
  const key = Buffer.from(text.trim(), 'base64url');
  if (key.length !== 32) throw new Error(`${path} is damaged: it must hold 32 bytes in base64url. Put back the copy from your backup.`);
  return key;
}
