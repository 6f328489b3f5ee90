import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Every regular file below `dir`, absolute, sorted; an empty list when `dir` does not exist. */
export function listFiles(dir: string): string[] {
  if (!existsSync(dir)) {
    return [];
  }
  return readdirSync(dir, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
}

/** Names of the folders directly in `dir`, sorted; an empty list when `dir` does not exist. */
export function listFolders(dir: string): string[] {
  if (!existsSync(dir)) {
    return [];
  }
  return readdirSync(dir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

/** SHA-256 (hex) over names and contents of the files, in the order given. */
export function hashFiles(files: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of files) {
    const bytes = readFileSync(file);
    hash.update(`${file}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest('hex');
}

/**
 * Writes a file whole or not at all, and leaves it alone when it already has that content, so that a
 * running Node-RED and a second build never read half of it.
 *
 * @returns whether the file changed
 */
export function writeIfChanged(file: string, content: string | Uint8Array): boolean {
  const bytes = Buffer.from(content);
  if (existsSync(file) && readFileSync(file).equals(bytes)) {
    return false;
  }
  mkdirSync(path.dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}.tmp`;
  writeFileSync(temporary, bytes);
  renameSync(temporary, file);
  return true;
}

/** Removes every file below `dir` that is not in `keep` (absolute paths) and not below a folder of `spare`. */
export function removeOthers(dir: string, keep: ReadonlySet<string>, spare: readonly string[]): void {
  for (const file of listFiles(dir)) {
    const spared = spare.some((folder) => file.startsWith(folder + path.sep));
    if (!keep.has(file) && !spared && !file.endsWith('.tmp')) {
      rmSync(file, { force: true });
    }
  }
}
