import path from 'node:path';
import process from 'node:process';
import type { AccountStore, UserRecord } from '../ledger/accounts-port.ts';
import { openSqliteAccounts } from '../ledger/sqlite/accounts.ts';

/** A mistake in the command line: message to show, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The home folder: `--home`, else WAYBILL_HOME, else ./.waybill. */
export function homeFolder(option: string | undefined): string {
  return path.resolve(option ?? (process.env['WAYBILL_HOME'] || '.waybill'));
}

/** Opens the accounts of the home folder for as long as `work` takes. */
export async function withAccounts<T>(home: string | undefined, work: (store: AccountStore) => Promise<T>): Promise<T> {
  const store = openSqliteAccounts({ home: homeFolder(home) });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** The account with this sign-in name. @throws UsageError when there is none */
export async function requireUser(store: AccountStore, name: string): Promise<UserRecord> {
  const user = await store.findUserByName(name);
  if (user === undefined) throw new UsageError(`There is no account "${name}"; "waybill user list" names them.`);
  return user;
}

/** Splits `a,b` and repeated options into a list without repeats. */
export function listOption(values: readonly string[] | undefined): string[] {
  return [...new Set((values ?? []).flatMap((value) => value.split(',')).map((value) => value.trim()).filter((value) => value !== ''))];
}

/** A plain table for the terminal. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)));
  const line = (cells: readonly string[]): string => cells.map((cell, column) => cell.padEnd(widths[column]!)).join('  ').trimEnd();
  return `${[head, ...rows].map(line).join('\n')}\n`;
}
