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

/** A line, or several, for people. */
export const say = (line: string): void => { process.stdout.write(`${harmless(line)}\n`); };

/** A value for programs. */
export const sayJson = (value: unknown): void => { process.stdout.write(`${harmlessJson(value)}\n`); };
