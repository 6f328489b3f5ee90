import path from 'node:path';
import { ServiceError } from '../../governance/service/service-error.ts';
import { runActions } from '../arguments.ts';
import { CallerError } from '../../engine/offered/callers/caller-book.ts';
import { options } from '../service/arguments.ts';
import { callerCommand, callersCommand, certificateCommand, oidcCommand, revokeCommand, secretCommand, tokenCommand } from '../service/callers.ts';
import { diffCommand } from '../service/diff.ts';
import { importCommand } from '../service/import.ts';
import { lintCommand } from '../service/lint.ts';
import { newCommand } from '../service/new.ts';
import { packCommand } from '../service/pack.ts';
import { usageCommand } from '../service/usage.ts';

const usage = `Usage:
  waybill service new [<folder>] [--id <family/name>] [--title <text>] [--owner <who>] [--system <kind>] [--protocol rest|odata|…]
      makes the folder of a service; asks for what is not said
  waybill service import openapi <file> --out <folder> [--id <family/name>] [--system <kind>] [--owner <who>] [--operation <name>]…
      makes a draft of an OpenAPI document (3.0 or 3.1, JSON or YAML): operations, contracts, sign-in; lists what only a person
      knows. "-" is standard input; --operation takes only these
  waybill service import wsdl <file> --out <folder> […]
      the same of a WSDL 1.1 with SOAP 1.1 or 1.2 in literal form; what it imports has to lie beside it
  waybill service lint <folder>… [--json]
      looks for what must not be published: contracts that do not compile or refer elsewhere, limits that contradict each
      other, keys that fit nowhere, samples that break their contract, secrets; exit code 1 for errors
  waybill service diff <folder|packed file> <folder|packed file> [--json]
      says of two versions what is breaking, what is new and what touches nobody; exit code 1 when the version is not raised enough
  waybill service pack <folder> [--out <file|folder>] [--json]
      makes the one file that a catalogue holds of a version; exit code 1 when lint finds an error
  waybill service usage [<family/name[@version]>] --from <address|file|folder>… [--token-file <file>] [--out <file>] [--json]
      which nodes use which service at all sites: of running sites (with a token in WAYBILL_TOKEN or --token-file), or of
      reports that were kept; --out keeps the report of one site; exit code 1 when one cannot be had

Who may call what this site offers (in the home; holds from the next request on):
  waybill service callers [--json]                    lists them, with what they prove themselves by
  waybill service caller add <name> --service <family/name|family/*|*>…
      makes a caller, or changes what it may call
  waybill service caller remove <name>
  waybill service token <name> [--until <day>] [--quiet]
      makes a token; it is shown once, and only its hash is kept
  waybill service secret <name> [--quiet]             makes a secret by which it signs (Standard Webhooks)
  waybill service certificate <name> <file|SHA-256>   knows it by a client certificate, or by --subject <RFC 4514>
  waybill service oidc <name> --issuer <url> --audience <text> [--claim <name>] --value <text>
      knows it by tokens of an identity provider
  waybill service revoke <name> <id>                  takes a token, secret, certificate or issuer back
Common option: --home <folder> (WAYBILL_HOME, ./.waybill)

"waybill catalogue publish <folder|packed file>" stages a service for signatures; deprecate, revoke and promote take it as they
take templates. docs/services.md tells the whole.
`;

const actions = { new: newCommand, import: importCommand, lint: lintCommand, diff: diffCommand, pack: packCommand };
const siteActions = { usage: usageCommand };
const callerActions = { caller: callerCommand, callers: callersCommand, token: tokenCommand, secret: secretCommand, certificate: certificateCommand, oidc: oidcCommand, revoke: revokeCommand };

/** Both say what is wrong in one sentence. */
class Failure extends Error {
  static override [Symbol.hasInstance](error: unknown): boolean {
    return error instanceof ServiceError || error instanceof CallerError;
  }
}

/** `waybill service …`; answers the exit code: 0 done, 1 something is wrong with the service, 2 wrong usage. */
export async function service(args: string[]): Promise<number> {
  const withPaths = Object.fromEntries(Object.entries(actions).map(([name, run]) => [name, (given: Parameters<typeof run>[0]) => run({ ...given, positionals: given.positionals.map((each) => path.normalize(each)) })]));
  return await runActions({ name: 'service', usage, options, actions: { ...withPaths, ...siteActions, ...callerActions }, failure: Failure }, args);
}
