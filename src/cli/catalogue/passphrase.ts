import process from 'node:process';
import { createInterface } from 'node:readline/promises';
import path from 'node:path';
import { existsSync } from 'node:fs';
import type { PublisherFolder } from '../../governance/catalogue/publisher/folder.ts';
import { commandSigner } from '../../governance/signing/command-signer.ts';
import { holderOfKeyFile, openKeyFile } from '../../governance/signing/key-file.ts';
import type { Signer } from '../../governance/signing/signer.ts';
import { UsageError } from '../accounts.ts';
import { readPublicKey } from './arguments.ts';
import type { CatalogueArguments } from './arguments.ts';
import { askUnseen, readPassword } from '../read-password.ts';

let piped: AsyncIterator<string> | undefined;

/** One line of standard input each; several passphrases may come by one pipe. */
async function nextLine(): Promise<string> {
  piped ??= createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  const { value, done } = await piped.next();
  if (done === true) throw new UsageError('No passphrase came on standard input. Type it on a terminal, or set WAYBILL_PASSPHRASE.');
  return value;
}

async function ask(prompt: string): Promise<string> {
  return process.stdin.isTTY === true ? await askUnseen(prompt) : await nextLine();
}

const set = (name: string): string | undefined => process.env[name] === '' ? undefined : process.env[name];

/** A passphrase for a new key, typed twice, or from WAYBILL_PASSPHRASE. */
export async function newPassphrase(): Promise<string> {
  return set('WAYBILL_PASSPHRASE') ?? await readPassword('Passphrase for the new key');
}

/** Opens a person's key, or the command that signs with it. Passphrases are never taken from the command line, where other users of the machine could read them. */
export async function openSigner(file: string, command?: string): Promise<Signer> {
  if (command !== undefined) return commandSigner(command, await readPublicKey(file));
  const { name } = await holderOfKeyFile(file);
  return await openKeyFile(file, set('WAYBILL_PASSPHRASE') ?? await ask(`Passphrase of ${name}: `));
}

/** The online key of a catalogue: `--online-key`, else `keys/online.key` in its folder; undefined when there is none here. */
export async function openOnline(folder: PublisherFolder, { 'online-key': file, 'online-signer': command }: Pick<CatalogueArguments['values'], 'online-key' | 'online-signer'>): Promise<Signer | undefined> {
  if (command !== undefined && file === undefined) throw new UsageError('Say whose key the command signs with: --online-key <file.pub> --online-signer <command>.');
  if (command !== undefined && file !== undefined) return commandSigner(command, await readPublicKey(file));
  const usual = path.join(folder.path, 'keys', 'online.key');
  const from = file ?? (existsSync(usual) ? usual : undefined);
  if (from === undefined) return undefined;
  const { name } = await holderOfKeyFile(from);
  return await openKeyFile(from, set('WAYBILL_ONLINE_PASSPHRASE') ?? set('WAYBILL_PASSPHRASE') ?? await ask(`Passphrase of ${name}: `));
}
