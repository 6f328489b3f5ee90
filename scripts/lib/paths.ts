import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Absolute path of the repository (the package root). */
export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Absolute path of the built package. */
export const DIST = path.join(ROOT, 'dist');

/** Path below the repository root, with forward slashes, for messages and manifests. */
export function relativeToRoot(file: string): string {
  return path.relative(ROOT, file).split(path.sep).join('/');
}
