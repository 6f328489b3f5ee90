import { existsSync } from 'node:fs';
import { changeKey } from '../../governance/catalogue/publisher/keys.ts';
import { report } from '../../governance/catalogue/publisher/report.ts';
import { createKeyFile } from '../../governance/signing/key-file.ts';
import { FUNCTIONS, isFunction } from '../../governance/signing/public-key.ts';
import type { OwnerFunction } from '../../governance/signing/public-key.ts';
import { UsageError } from '../accounts.ts';
import { say } from '../arguments.ts';
import { readPublicKey, withCatalogue } from './arguments.ts';
import type { CatalogueArguments } from './arguments.ts';
import { newPassphrase } from './passphrase.ts';

function functionArgument(text: string | undefined): OwnerFunction | undefined {
  if (text === undefined || isFunction(text)) return text;
  throw new UsageError(`There is no function ${JSON.stringify(text)}; there are ${FUNCTIONS.join(', ')}.`);
}

/** `waybill catalogue key <file> --name <who>`: a new key pair. */
export async function keyCommand({ values, positionals: [file] }: CatalogueArguments): Promise<number> {
  if (file === undefined || file === '' || values.name === undefined) throw new UsageError('Say the file of the new key, and whose it is: waybill catalogue key ada.key --name "Ada Lovelace".');
  const ownerFunction = functionArgument(values.function);
  const key = await createKeyFile(file, { name: values.name, function: ownerFunction }, await newPassphrase());
  say(`${file} holds the key of ${key.name}${ownerFunction === undefined ? '' : ` (${ownerFunction})`}, encrypted; ${file}.pub is its public part, for the catalogue.\nKey id ${key.keyId}`);
  return 0;
}

/** The key that is meant: the file of its public part, or its id or the beginning of it. */
async function keyIdArgument(args: CatalogueArguments, text: string): Promise<string> {
  if (existsSync(text)) return (await readPublicKey(text)).keyId;
  if (!/^[0-9a-f]{6,64}$/.test(text)) throw new UsageError(`${text} is no file, and no key id of at least six digits.`);
  return await withCatalogue(args, async (folder) => {
    const { board, online, families } = await report(folder, Date.now());
    const ids = [...new Set([...board, ...online, ...families.flatMap(({ keys }) => keys)].map(({ keyId }) => keyId).filter((id) => id.startsWith(text)))];
    if (ids.length !== 1) throw new UsageError(`${ids.length === 0 ? 'No key' : `${ids.length} keys`} of the catalogue begins with ${text}; "waybill catalogue status" lists them.`);
    return ids[0]!;
  });
}

function sayToSign(roles: readonly string[]): void {
  say(`To be signed: ${roles.join(', ')}. Each signer: waybill catalogue sign --key <file>`);
}

/** `waybill catalogue revoke --key <key>`: the key signs nothing any more. */
export async function revokeKeyCommand(args: CatalogueArguments, key: string): Promise<number> {
  const drop = await keyIdArgument(args, key);
  const roles = await withCatalogue(args, (folder) => changeKey(folder, { drop }, Date.now()));
  say(`Key ${drop.slice(0, 12)}… is staged to be withdrawn; sites go by it as soon as this is signed and published.`);
  sayToSign(roles);
  return 0;
}

/** `waybill catalogue rotate --key <old> --new <file.pub>`: another key in the place of one. */
export async function rotateCommand(args: CatalogueArguments): Promise<number> {
  const { key, new: fresh } = args.values;
  if (key === undefined || fresh === undefined) throw new UsageError('Say which key goes and which one comes: waybill catalogue rotate --key <old key or id> --new <file.pub>.');
  const drop = await keyIdArgument(args, key);
  const add = await readPublicKey(fresh);
  const roles = await withCatalogue(args, (folder) => changeKey(folder, { drop, add }, Date.now()));
  say(`The key of ${add.name} is staged in the place of ${drop.slice(0, 12)}….`);
  sayToSign(roles);
  return 0;
}
