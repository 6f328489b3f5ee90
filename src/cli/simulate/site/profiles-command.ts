import process from 'node:process';
import { parsed } from '../options.ts';
import { profileNames, profileSchema, readProfile } from './profile.ts';

const OPTIONS = { help: { type: 'boolean', short: 'h' } } as const;

/** @throws UsageError, ProfileError */
export function profilesCommand(args: string[], help: string): number {
  const { values, positionals: [name] } = parsed(args, OPTIONS, 1);
  if (values.help === true) process.stdout.write(help);
  else if (name === 'schema') process.stdout.write(`${JSON.stringify(profileSchema, null, 2)}\n`);
  else if (name !== undefined) process.stdout.write(`${JSON.stringify(readProfile(name), null, 2)}\n`);
  else for (const each of profileNames) process.stdout.write(`${each.padEnd(12)}  ${readProfile(each).description}\n`);
  return 0;
}
