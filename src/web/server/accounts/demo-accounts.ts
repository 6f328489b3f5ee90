import process from 'node:process';
import type { AccountStore } from '../../../ledger/accounts-port.ts';
import { passwordProblem, readablePassword } from '../auth/passwords.ts';
import { createUser } from './users.ts';

/** An account of the demo with its password, which nobody can read again. */
export interface DemoAccount {
  readonly userId: string;
  readonly name: string;
  readonly displayName: string;
  readonly roles: readonly string[];
  /** Absent when it was given by WAYBILL_ADMIN_PASSWORD. */
  readonly password: string | undefined;
  /** Why WAYBILL_ADMIN_PASSWORD would not be accepted from a person, in one sentence. It is the operator's to give, so it counts all the same. */
  readonly weakness?: string;
}

const people: readonly { readonly name: string; readonly displayName: string; readonly roles: readonly string[] }[] = [
  { name: 'admin', displayName: 'Administrator', roles: ['admin'] },
  { name: 'sam', displayName: 'Sam Rivera', roles: ['receiving-supervisor'] },
  { name: 'chris', displayName: 'Chris Okafor', roles: ['clerk'] },
  { name: 'alex', displayName: 'Alex Lindqvist', roles: ['auditor'] },
  { name: 'morgan', displayName: 'Morgan Tanaka', roles: ['site-manager'] },
  { name: 'erin', displayName: 'Erin Novak', roles: ['engineer'] },
  // Whom the templates ask besides.
  { name: 'stella', displayName: 'Stella Haug', roles: ['stock-controller', 'transport-planner', 'quality'] },
  { name: 'casey', displayName: 'Casey Brandt', roles: ['customer-service', 'buyer'] },
  { name: 'fay', displayName: 'Fay Moretti', roles: ['finance'] },
  { name: 'sasha', displayName: 'Sasha Lind', roles: ['sales-manager'] },
  // Decides what sites ask for, and reviews break-glass: the owner of the templates' process families.
  { name: 'oona', displayName: 'Oona Berg', roles: ['owner:intercompany', 'owner:inventory-movement', 'owner:order-to-cash', 'owner:procure-to-pay', 'owner:returns', 'central-architect'] },
];

/** Operators at the demo's docks, as the simulator and the examples name them: a scan by nobody known is not for the supervisor to decide. */
const OPERATORS: readonly string[] = ['anna', ...Array.from({ length: 8 }, (_, dock) => `operator-${dock + 1}`)];

/** Options of {@link createDemoAccounts}. */
export interface DemoAccountOptions {
  /** Sites of the demo's people, all of them by default; the administrator and the auditor always see all. */
  readonly sites?: readonly string[];
  /** Password of `admin`; by default WAYBILL_ADMIN_PASSWORD, else a random one. */
  readonly adminPassword?: string;
}

/**
 * Makes the demo's accounts in an empty store and answers those that can sign in with their passwords,
 * once. Answers an empty list when the store has accounts already.
 */
export async function createDemoAccounts(store: AccountStore, options: DemoAccountOptions = {}): Promise<readonly DemoAccount[]> {
  if (await store.countUsers() > 0) return [];
  const given = options.adminPassword ?? (process.env['WAYBILL_ADMIN_PASSWORD'] || undefined);
  const weak = given === undefined ? undefined : passwordProblem(given, 'admin');
  const accounts: DemoAccount[] = [];
  for (const person of people) {
    const fixed = person.name === 'admin' ? given : undefined;
    const password = fixed ?? readablePassword();
    const everywhere = person.roles.includes('admin') || person.roles.includes('auditor');
    const user = await createUser(store, {
      name: person.name, displayName: person.displayName, roles: person.roles,
      sites: everywhere ? ['*'] : options.sites ?? ['*'], password,
    });
    accounts.push({
      userId: user.id, name: user.name, displayName: user.displayName, roles: user.roles,
      password: fixed === undefined ? password : undefined,
      ...(fixed === undefined || weak === undefined ? {} : { weakness: weak }),
    });
  }
  for (const name of OPERATORS) {
    await createUser(store, { name, displayName: name.charAt(0).toUpperCase() + name.slice(1).replace('-', ' '), roles: ['operator'], sites: options.sites ?? ['*'], badge: name });
  }
  return accounts;
}
