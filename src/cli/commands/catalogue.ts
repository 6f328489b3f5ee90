import process from 'node:process';
import { PublisherError } from '../../governance/catalogue/publisher/folder.ts';
import { isForPeople } from '../../governance/catalogue/publisher/release.ts';
import { CommandSignerError } from '../../governance/signing/command-signer.ts';
import { KeyFileError } from '../../governance/signing/key-file.ts';
import { ServiceError } from '../../governance/service/service-error.ts';
import { TemplateError } from '../../governance/template/template-error.ts';
import { UsageError } from '../accounts.ts';
import { actionOf, parseAction } from '../arguments.ts';
import { harmless } from '../harmless.ts';
import { options } from '../catalogue/arguments.ts';
import type { CatalogueArguments } from '../catalogue/arguments.ts';
import { familyCommand } from '../catalogue/families.ts';
import { initCommand } from '../catalogue/init.ts';
import { keyCommand, rotateCommand } from '../catalogue/keys.ts';
import { policyCommand } from '../catalogue/policy.ts';
import { deprecateCommand, promoteCommand, publishCommand, renewCommand, resumeCommand, revokeCommand, signCommand, suspendCommand, unstageCommand } from '../catalogue/publish.ts';
import { serveCommand } from '../catalogue/serve.ts';
import { statusCommand } from '../catalogue/status.ts';
import { verifyCommand } from '../catalogue/verify.ts';

const usage = `Usage:
  waybill catalogue key <file> --name <who> [--function operations|it|finance]   makes a key, encrypted with a passphrase
  waybill catalogue init --plan <file>                       begins a catalogue: board, families, owners
  waybill catalogue init --make-keys <folder> --family <name> [--family …] [--ring all]   the same for a trial, with keys
                                                             of its own; --ring: new versions begin further than test
  waybill catalogue publish <folder|packed file>… [--ring test]   stages templates and services for signatures
  waybill catalogue policy [<file>] [--json]                 stages the gate's policy; without a file shows the one in force
  waybill catalogue publish --waiver <file>                  stages a waiver
  waybill catalogue publish [--online-key <file>]            puts out what is signed, renews the statement
  waybill catalogue sign --key <file> [--online-key <file>]  signs every draft that the key may sign
  waybill catalogue sign --key <file> --to <file>            the same from a copy of the folder; the signatures go into a file
  waybill catalogue sign --from <file> [--from …]            takes signatures from such files
  waybill catalogue promote <family/name@version> [--ring pilot|all]   releases a version one ring further
  waybill catalogue deprecate <family/name@version> --sunset <day> [--reason <text>] [--successor <family/name@version>]
  waybill catalogue revoke <family/name@version> --reason <text>   withdraws a version
  waybill catalogue suspend <family/name@version> --reason <text> [--until <time>]   stops a service for a while; resume lets it go on
  waybill catalogue revoke --key <file.pub or id>            withdraws a key
  waybill catalogue rotate --key <file.pub or id> --new <file.pub>   puts another key in its place
  waybill catalogue family <name> [--owner <file.pub>]… [--add <file.pub>]… [--threshold <n>] [--functions operations,it,finance]
                                  [--ring test|pilot|all]    shows a family's owners, or names them; --ring: where new versions begin
  waybill catalogue family <name> --remove                   takes a family out whose versions are all withdrawn
  waybill catalogue renew <family|targets|root>              stages a list as it is, for another time
  waybill catalogue unstage <family|targets|root>            drops a draft with the signatures that it has
  waybill catalogue serve [--host <address>] [--port <n>] [--online-key <file>]
  waybill catalogue verify [<folder or address>] [--root <file>] [--json]   as a site of the ring test would
  waybill catalogue status [--json] [--site] [--home <folder>]   of the catalogue, or of this site's kept copy

A version is one of a template or a service; services/<family/name@version> says that the service is meant.
Common option: --catalogue <folder> (./catalogue)
Instead of a key file, a command can sign (a KMS, a token): --key <file.pub> --signer '<command> <arguments>', and
--online-key <file.pub> --online-signer '…'. It gets the bytes on standard input and answers the Ed25519 signature.
Passphrases are asked for, or come from WAYBILL_PASSPHRASE and WAYBILL_ONLINE_PASSPHRASE.
Exit code: 0 done, or in order; 1 refused, out of date, out of reach, or failed; 2 wrong usage, or nothing there to work with.
docs/catalogue.md tells the whole.
`;

const commands: Readonly<Record<string, (args: CatalogueArguments) => Promise<number>>> = {
  key: keyCommand, init: initCommand, publish: publishCommand, policy: policyCommand, sign: signCommand, promote: promoteCommand, deprecate: deprecateCommand,
  revoke: revokeCommand, suspend: suspendCommand, resume: resumeCommand, family: familyCommand, unstage: unstageCommand, renew: renewCommand, rotate: rotateCommand, serve: serveCommand, verify: verifyCommand, status: statusCommand,
};

/** What keeps a disk from taking anything. */
const UNWRITABLE = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT']);

/** `waybill catalogue …`; answers the exit code: 0 done, 1 refused or failed, 2 wrong usage. */
export async function catalogue(args: string[]): Promise<number> {
  try {
    const parsed = parseAction(args, options);
    if (parsed.values.help === true) {
      process.stdout.write(usage);
      return 0;
    }
    const command = actionOf(commands, parsed.name);
    if (command === undefined) throw new UsageError(`${parsed.name === undefined ? 'Say what to do with the catalogue.' : `There is no "waybill catalogue ${parsed.name}".`} "waybill catalogue --help" lists it all.`);
    return await command(parsed);
  } catch (error) {
    if (error instanceof UsageError) {
      process.stderr.write(`waybill catalogue: ${harmless(error.message)}\n`);
      return 2;
    }
    if (UNWRITABLE.has((error as NodeJS.ErrnoException).code ?? '')) {
      process.stderr.write(`waybill catalogue: The folder cannot be written: ${harmless((error as Error).message)}. What is published stays as it was, whole; mend that and run the same command again.\n`);
      return 1;
    }
    if (!isForPeople(error) && !(error instanceof KeyFileError) && !(error instanceof CommandSignerError) && !(error instanceof TemplateError) && !(error instanceof ServiceError)) throw error;
    process.stderr.write(`waybill catalogue: ${harmless(error.message)}\n`);
    if (error instanceof TemplateError || error instanceof ServiceError || error instanceof PublisherError) for (const detail of error.details) process.stderr.write(`  ${harmless(detail)}\n`);
    return 1;
  }
}
