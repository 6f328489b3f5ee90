import process from 'node:process';
import { parseArgs } from 'node:util';
import type { ParseArgsOptionsConfig } from 'node:util';
import { UsageError } from './accounts.ts';
import { harmless, harmlessJson } from './harmless.ts';

/** What follows `waybill <command> <action>`, by the options that the command declares. */
export interface Arguments<Options extends ParseArgsOptionsConfig> {
  readonly values: { readonly [Name in keyof Options]?: Options[Name] extends { multiple: true } ? string[] | undefined : Options[Name]['type'] extends 'boolean' ? boolean | undefined : string | undefined };
  readonly positionals: readonly string[];
}

/** Takes a command line apart; `name` is the action. @throws UsageError for an option that there is not */
export function parseAction<const Options extends ParseArgsOptionsConfig>(args: string[], options: Options): Arguments<Options> & { readonly name: string | undefined } {
  try {
    const { values, positionals: [name, ...positionals] } = parseArgs({ args, options, allowPositionals: true });
    return { values: values as Arguments<Options>['values'], positionals, name };
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** The action of that name, when there is one. */
export function actionOf<Run>(actions: Readonly<Record<string, Run>>, name: string | undefined): Run | undefined {
  return name !== undefined && Object.hasOwn(actions, name) ? actions[name] : undefined;
}

/** A command that is made of actions. */
export interface ActionCommand<Options extends ParseArgsOptionsConfig> {
  readonly name: string;
  readonly usage: string;
  readonly options: Options;
  readonly actions: Readonly<Record<string, (args: Arguments<Options>) => Promise<number>>>;
  /** Errors that say what is wrong in one sentence. */
  readonly failure: abstract new (...args: never[]) => Error;
}

/** Carries out `waybill <name> <action> …`; answers the exit code: 0 done, 1 refused or failed, 2 wrong usage. */
export async function runActions<const Options extends ParseArgsOptionsConfig & { readonly help: { readonly type: 'boolean' } }>(
  { name, usage, options, actions, failure }: ActionCommand<Options>, args: string[],
): Promise<number> {
  try {
    const parsed = parseAction(args, options);
    if ((parsed.values as { readonly help?: boolean }).help === true) {
      process.stdout.write(usage);
      return 0;
    }
    const action = actionOf(actions, parsed.name);
    if (action === undefined) throw new UsageError(parsed.name === undefined ? `Say what to do; "waybill ${name} --help" lists it all.` : `There is no "waybill ${name} ${parsed.name}"; "waybill ${name} --help" lists it all.`);
    return await action(parsed);
  } catch (error) {
    if (!(error instanceof UsageError) && !(error instanceof failure)) throw error;
    const { message, details = [] } = error as Error & { readonly details?: readonly string[] };
    process.stderr.write(`waybill ${name}: ${[message, ...details.map((line) => `  ${line}`)].map(harmless).join('\n')}\n`);
    return error instanceof UsageError ? 2 : 1;
  }
}

/** A line, or several, for people. */
export const say = (line: string): void => { process.stdout.write(`${harmless(line)}\n`); };

/** A value for programs. */
export const sayJson = (value: unknown): void => { process.stdout.write(`${harmlessJson(value)}\n`); };
