import { readFileSync } from 'node:fs';
import { UsageError } from '../accounts.ts';
import type { Arguments } from '../arguments.ts';

export const options = {
  url: { type: 'string' }, 'token-file': { type: 'string' }, catalogue: { type: 'string' }, all: { type: 'boolean' }, json: { type: 'boolean' }, out: { type: 'string' }, help: { type: 'boolean', short: 'h' },
  site: { type: 'string' }, family: { type: 'string' }, title: { type: 'string' }, reason: { type: 'string' }, template: { type: 'string' }, nodes: { type: 'string' },
  rule: { type: 'string' }, finding: { type: 'string', multiple: true }, covers: { type: 'string' }, until: { type: 'string' }, version: { type: 'string' }, text: { type: 'string' }, key: { type: 'string' },
} as const;

/** What follows `waybill change <command>`. */
export type ChangeArguments = Arguments<typeof options>;

const DAY = /^\d{4}-\d\d-\d\d$/;

/** The end of a day, UTC, as an instant; a whole instant stays as it is. */
export function untilArgument(text: string): string {
  const date = new Date(DAY.test(text) ? `${text}T23:59:00.000Z` : text);
  if (Number.isNaN(date.getTime())) throw new UsageError(`${JSON.stringify(text)} is no day; write it as 2027-03-31.`);
  return date.toISOString();
}

/** The day that was asked for ends when the site asked, at whatever hour that is. */
export function grantedUntil(text: string, asked: string | undefined): string {
  const until = untilArgument(text);
  return asked !== undefined && until > asked && until.slice(0, 10) === asked.slice(0, 10) ? asked : until;
}

export function idArgument({ positionals: [id] }: ChangeArguments): string {
  if (id === undefined || !/^[A-Za-z0-9-]{1,64}$/.test(id)) throw new UsageError('Say which request, by its id; "waybill change list" names them.');
  return id;
}

export function need(args: ChangeArguments, name: 'site' | 'family' | 'title' | 'reason' | 'text', why: string): string {
  const value = args.values[name]?.trim();
  if (value === undefined || value === '') throw new UsageError(`Say --${name} <…>: ${why}.`);
  return value;
}

export function readNodes(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as unknown;
  } catch (error) {
    throw new UsageError(`${file} is no export of Node-RED: ${(error as Error).message}`, { cause: error });
  }
}
