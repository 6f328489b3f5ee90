import process from 'node:process';
import { KeyFileError } from '../../governance/signing/key-file.ts';
import { PublisherError } from '../../governance/catalogue/publisher/folder.ts';
import { CatalogueRefusal } from '../../governance/catalogue/refusal.ts';
import { ChangeFileError } from '../../governance/change/change-file.ts';
import { UsageError } from '../accounts.ts';
import { actionOf, parseAction } from '../arguments.ts';
import { decideAtCentral, exportAtCentral, importAtCentral, listAtCentral, showAtCentral, signAtCentral } from '../change/at-central.ts';
import type { ChangeArguments } from '../change/arguments.ts';
import { options } from '../change/arguments.ts';
import { commentAtSite, decideAtSite, exportAtSite, importAtSite, listAtSite, requestAtSite, showAtSite, withdrawAtSite } from '../change/at-site.ts';
import { SiteError } from '../change/site-api.ts';
import { harmless } from '../harmless.ts';

const usage = `Usage:
  waybill change list [--all] [--json]
  waybill change show <id> [--json]
  waybill change request --site <site> --title <…> --reason <…> --template <family/name@version> --nodes <export.json>
  waybill change request --site <site> --family <family> --title <…> --reason <…> --rule <code> (--finding <fingerprint>… | --covers <family/name>) [--until <day>]
  waybill change comment <id> --text <…>
  waybill change approve <id> (--version <x.y.z> for a change | --until <day> for a waiver) [--text <comment>]
  waybill change decline <id> --reason <…>
  waybill change withdraw <id> [--reason <…>]
  waybill change export <id> [--out <file>]                  writes a request as a file, for a central without a line to the site
  waybill change import <file> --catalogue <folder>          takes such a file in, where the catalogue is published
  waybill change sign <id> --key <file> --catalogue <folder> an owner signs the answer; approve and decline take --key as well
  waybill change export <id> --catalogue <folder> [--out <file>]  writes the signed answer, for a site without a line
  waybill change import <file>                               takes such an answer in at the site

At a site: --url <address> (http://127.0.0.1:1880/waybill), and the token of a person in WAYBILL_TOKEN or --token-file <file>.
At central, without a line: --catalogue <folder> with list, show, approve, decline and sign; approve stages the waiver for the owners' signatures.
docs/changes.md tells the whole.
`;

type Run = (args: ChangeArguments) => Promise<number>;
const atSite: Readonly<Record<string, Run>> = {
  list: listAtSite, show: showAtSite, request: requestAtSite, comment: commentAtSite, approve: (args) => decideAtSite(args, false), decline: (args) => decideAtSite(args, true), withdraw: withdrawAtSite, export: exportAtSite, import: importAtSite,
};
const atCentral: Readonly<Record<string, Run>> = {
  list: listAtCentral, show: showAtCentral, approve: (args) => decideAtCentral(args, false), decline: (args) => decideAtCentral(args, true), import: importAtCentral, sign: signAtCentral, export: exportAtCentral,
};

/** `waybill change …`; answers the exit code: 0 done, 1 refused or failed, 2 wrong usage. */
export async function change(args: string[]): Promise<number> {
  try {
    const parsed = parseAction(args, options);
    if (parsed.values.help === true) {
      process.stdout.write(usage);
      return 0;
    }
    const { name, values } = parsed;
    const where = values.catalogue === undefined ? atSite : atCentral;
    const command = actionOf(where, name);
    if (command !== undefined) return await command(parsed);
    const other = actionOf(where === atSite ? atCentral : atSite, name) !== undefined;
    throw new UsageError(name === undefined ? 'Say what to do; "waybill change --help" lists it all.' : other ? `"waybill change ${name}" works ${where === atSite ? 'with --catalogue <folder>' : 'at a site, without --catalogue'}.` : `There is no "waybill change ${name}"; "waybill change --help" lists it all.`);
  } catch (error) {
    if (error instanceof UsageError) {
      process.stderr.write(`waybill change: ${harmless(error.message)}\n`);
      return 2;
    }
    if (!(error instanceof SiteError) && !(error instanceof ChangeFileError) && !(error instanceof PublisherError) && !(error instanceof CatalogueRefusal) && !(error instanceof KeyFileError)) throw error;
    process.stderr.write(`waybill change: ${harmless(error.message)}\n`);
    return 1;
  }
}
