import { constants } from 'node:fs';
import { chmod, chown, copyFile, open, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';

/** A new version of a file beside it, with its owner and mode, under a name that `require` takes. */
export async function writeBeside(file: string, text: string): Promise<string> {
  const { mode, uid, gid } = await stat(file);
  const target = path.join(path.dirname(file), `.${path.basename(file, '.js')}-waybill-${process.pid}.js`);
  const handle = await open(target, 'wx', mode & 0o777);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await chmod(target, mode & 0o777);
  if (process.getuid?.() === 0) await chown(target, uid, gid);
  return target;
}

/** Keeps the file as it is under `<name>.before-waybill`; a copy that is there already and differs gets company. Answers the copy's path. */
export async function backUp(file: string): Promise<string> {
  const current = await readFile(file);
  const { mode } = await stat(file);
  for (let n = 0; ; n += 1) {
    const copy = `${file}.before-waybill${n === 0 ? '' : `-${n}`}`;
    try {
      await copyFile(file, copy, constants.COPYFILE_EXCL);
      await chmod(copy, mode & 0o777);
      return copy;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      if (current.equals(await readFile(copy))) return copy;
    }
  }
}

/** Removes the copies that say no more than the file itself; answers their paths. */
export async function dropBackups(file: string): Promise<readonly string[]> {
  const current = await readFile(file);
  const dropped: string[] = [];
  for (let n = 0; ; n += 1) {
    const copy = `${file}.before-waybill${n === 0 ? '' : `-${n}`}`;
    const kept = await readFile(copy).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (kept === undefined) return dropped;
    if (!kept.equals(current)) continue;
    await rm(copy);
    dropped.push(copy);
  }
}

/** Puts the new version in the file's place, whole or not at all. Refuses when the file is not what it was. */
export async function putInPlace(fresh: string, file: string, was: string): Promise<void> {
  if (await readFile(file, 'utf8') !== was) throw new Error(`${file} was changed by somebody else meanwhile; nothing was changed. Run the command again.`);
  await rename(fresh, file);
  const folder = await open(path.dirname(file), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
