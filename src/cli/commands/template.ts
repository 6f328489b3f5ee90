import path from 'node:path';
import process from 'node:process';
import { TemplateError } from '../../governance/template/template-error.ts';
import { UsageError } from '../accounts.ts';
import { actionOf, parseAction } from '../arguments.ts';
import { options } from '../template/arguments.ts';
import type { TemplateArguments } from '../template/arguments.ts';
import { diffCommand } from '../template/diff.ts';
import { lintCommand } from '../template/lint.ts';
import { newCommand } from '../template/new.ts';
import { packCommand } from '../template/pack.ts';
import { harmless } from '../harmless.ts';
import { pictureCommand } from '../template/picture.ts';
import { testCommand } from '../template/test.ts';

const usage = `Usage:
  waybill template new [<folder>] [--from <export>] [--id <family/name>] [--title <text>] [--summary <text>] [--owner <who>] [--kind flow|block]
      makes the folder of a template, from an export of the editor or with a small flow; asks for what is not said
  waybill template lint <folder>… [--json]
      looks for what must not be published: secrets, addresses of a site, missing tests, parameters that nobody uses; exit code 1 for errors
  waybill template test <file|folder>… [--json] [--only <words>] [--jobs <n>] [--node-red <folder>]
      plays the scenarios of a template: its flow runs in a Node-RED of its own on a virtual clock; exit code 1 when one fails
  waybill template picture <folder>…
      draws the flow of a template as flow.svg, for its README
  waybill template diff <folder|packed file> <folder|packed file> [--json]
      compares two versions by meaning: parameters, policies, nodes, wires; exit code 1 when they differ
  waybill template pack <folder> [--out <file|folder>] [--json]
      makes the one file that a catalogue holds of a version; exit code 1 when lint finds an error

A folder is a template (its tests/ are played) or, for test, holds scenarios itself.
docs/templates.md says how a template is written, docs/scenarios.md how a scenario is.
`;

const commands: Readonly<Record<string, (args: TemplateArguments) => Promise<number>>> = { new: newCommand, lint: lintCommand, test: testCommand, picture: pictureCommand, diff: diffCommand, pack: packCommand };

/** `waybill template …`; answers the exit code: 0 done, 1 a scenario failed or something is wrong with the template, 2 wrong usage. */
export async function template(args: string[]): Promise<number> {
  try {
    const { values, positionals, name } = parseAction(args, options);
    if (values.help === true) {
      process.stdout.write(usage);
      return 0;
    }
    const command = actionOf(commands, name);
    if (command === undefined) throw new UsageError(name === undefined ? 'Say what to do with the template.' : `There is no "waybill template ${name}".`);
    return await command({ values, positionals: positionals.map((each) => path.normalize(each)) });
  } catch (error) {
    if (error instanceof TemplateError) {
      process.stderr.write(`waybill template: ${[error.message, ...error.details.map((line) => `  ${line}`)].map(harmless).join('\n')}\n`);
      return 1;
    }
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`waybill template: ${harmless(error.message)}\n\n${usage}`);
    return 2;
  }
}
