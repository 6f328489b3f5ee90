import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** Text of a rule's page, `docs/rules/<code>.md` of the package; undefined when there is none. */
export async function rulePage(code: string): Promise<string | undefined> {
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(code)) return undefined;
  try {
    return await readFile(fileURLToPath(import.meta.resolve(`#package/docs/rules/${code}.md`)), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
