import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { UsageError } from '../accounts.ts';
import { testCommand } from '../template/test.ts';
import type { TemplateArguments } from '../template/test.ts';

const usage = `Usage:
  waybill template test <file|folder>… [--json] [--only <words>] [--jobs <n>] [--node-red <folder>]
      plays the scenarios of a template: its flow runs in a Node-RED of its own on a virtual clock; exit code 1 when one fails

A folder is a template (its tests/ are played) or holds scenarios itself.
docs/scenarios.md says how a scenario is written.
`;

const options = {
  json: { type: 'boolean' }, only: { type: 'string' }, jobs: { type: 'string' }, 'node-red': { type: 'string' }, help: { type: 'boolean', short: 'h' },
} as const;

const commands: Readonly<Record<string, (args: TemplateArguments) => Promise<number>>> = { test: testCommand };

function parse(args: string[]): { readonly values: TemplateArguments['values']; readonly positionals: readonly string[]; readonly help: boolean } {
  try {
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
    return { values, positionals, help: values.help ?? false };
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** `waybill template …`; answers the exit code: 0 done, 1 a scenario failed, 2 wrong usage. */
export async function template(args: string[]): Promise<number> {
  try {
    const { values, positionals: [name, ...rest], help } = parse(args);
    if (help) {
      process.stdout.write(usage);
      return 0;
    }
    const command = name !== undefined && Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (command === undefined) throw new UsageError(name === undefined ? 'Say what to do with the template.' : `There is no "waybill template ${name}".`);
    return await command({ values, positionals: rest.map((each) => path.normalize(each)) });
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`waybill template: ${error.message}\n\n${usage}`);
    return 2;
  }
}
