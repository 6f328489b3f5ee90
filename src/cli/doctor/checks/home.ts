import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import type { Check } from '../run-checks.ts';

/** statfs(2) `f_type` of file systems on which SQLite's locks or fsync cannot be trusted, or nothing lasts. */
const networkFileSystems = new Map([[0x6969, 'NFS'], [0xff534d42, 'CIFS'], [0xfe534d42, 'SMB'], [0x01021997, '9p'], [0x65735546, 'FUSE']]);
const memoryFileSystems = new Map([[0x01021994, 'tmpfs'], [0x858458f6, 'ramfs']]);

/** Permissions as `ls` and `chmod` write them: `0700`. */
export function octal(mode: number): string {
  return (mode & 0o777).toString(8).padStart(4, '0');
}

/** The nearest folder above that exists. */
async function existingParent(folder: string): Promise<string> {
  for (let each = path.dirname(folder); ; each = path.dirname(each)) {
    const found = await stat(each).catch(() => undefined);
    if (found !== undefined || each === path.dirname(each)) return each;
  }
}

/** The home folder: whose it is, who may look in, what kind of disk it is on. */
export const homeFolder: Check = {
  name: 'home', title: 'Home folder',
  async run({ home }, findings) {
    const found = await stat(home).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
      throw error;
    });
    if (found === undefined) {
      const parent = await existingParent(home);
      const writable = await access(parent, constants.W_OK).then(() => true, () => false);
      if (writable) findings.ok(`${home} is not there yet; the first start makes it`);
      else findings.fail(`${home} is not there, and ${parent} cannot be written to`, `Give this account the right to write to ${parent}, or set WAYBILL_HOME to a folder that it may write to.`);
      return;
    }
    if (!found.isDirectory()) {
      findings.fail(`${home} is no folder`, 'Set WAYBILL_HOME to a folder.');
      return;
    }
    const uid = process.getuid?.();
    const writable = await access(home, constants.R_OK | constants.W_OK | constants.X_OK).then(() => true, () => false);
    if (!writable) findings.fail(`${home} cannot be written to by this account (owner ${found.uid}, mode ${octal(found.mode)})`, `Run as the account that owns it, or give it to this one: chown -R ${uid ?? '<account>'} ${home}.`);
    else if (uid !== undefined && found.uid !== uid) findings.warn(`${home} belongs to account ${found.uid}, this is account ${uid}`, 'Run Waybill and its commands as the account that owns the folder: files made by another one may be closed to it.');
    if (process.platform !== 'win32') {
      if ((found.mode & 0o022) !== 0) findings.fail(`${home} can be written to by others (mode ${octal(found.mode)})`, `Close it: chmod 700 ${home}.`);
      else if ((found.mode & 0o055) !== 0) findings.warn(`${home} can be read by others (mode ${octal(found.mode)})`, `Close it: chmod 700 ${home}.`);
      else if (writable) findings.ok(`${home}, mode ${octal(found.mode)}`);
    } else if (writable) findings.ok(home);
    const { type } = await statfs(home);
    const [network, memory] = [networkFileSystems.get(type >>> 0), memoryFileSystems.get(type >>> 0)];
    if (network !== undefined) findings.warn(`the folder is on a network or user-space file system (${network})`, 'Keep the home on a local disk: locks and fsync over a network are not to be relied on.');
    if (memory !== undefined) findings.warn(`the folder is in memory (${memory})`, 'Keep the home on a disk: what is in memory is gone after a restart.');
  },
};
