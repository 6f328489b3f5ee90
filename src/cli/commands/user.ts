import process from 'node:process';
import { parseArgs } from 'node:util';
import { accessNote } from '../../web/server/accounts/access-note.ts';
import { createUser, emailProblem, userProblem } from '../../web/server/accounts/users.ts';
import { hashPassword, passwordProblem, readablePassword } from '../../web/server/auth/passwords.ts';
import { listOption, requireUser, table, UsageError, withAccounts } from '../accounts.ts';
import { actionOf } from '../arguments.ts';
import { readPassword } from '../read-password.ts';

const usage = `Usage:
  waybill user add <name> --role <role> [--role …] --site <site> [--site …]
                   [--display-name <text>] [--badge <badge>] [--email <address>] [--generate]
  waybill user email <name> <address> | --remove
  waybill user list [--json]
  waybill user passwd <name> [--generate]
  waybill user disable <name>
  waybill user enable <name>

Common option: --home <folder> (WAYBILL_HOME, ./.waybill)
The password is asked for, or read from standard input; --generate makes one and shows it once.
"--site *" means all sites. Roles: admin, auditor, engineer, process-owner, clerk, supervisor, receiving-clerk,
receiving-supervisor, quality, site-manager, customer-service, buyer, finance, accounts-payable, operator, device, or
any that a template names.
Every change is recorded in the ledger, by a running server within two seconds, else at its next start.
`;

const options = {
  home: { type: 'string' }, role: { type: 'string', multiple: true }, site: { type: 'string', multiple: true },
  'display-name': { type: 'string' }, badge: { type: 'string' }, email: { type: 'string' }, remove: { type: 'boolean' }, generate: { type: 'boolean' },
  json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' },
} as const;

type Values = ReturnType<typeof parse>['values'];

function parse(args: string[]) {
  try {
    return parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** A checked password: generated, or asked for. Says a generated one on standard output. */
async function newPassword(values: Values, name: string): Promise<string> {
  if (values.generate === true) {
    const password = readablePassword();
    process.stdout.write(`Password of ${name}, shown once: ${password}\n`);
    return password;
  }
  const password = await readPassword(`Password for ${name}`);
  const problem = passwordProblem(password, name);
  if (problem !== undefined) throw new UsageError(problem);
  return password;
}

async function add(name: string, values: Values): Promise<void> {
  const described = { name, roles: listOption(values.role), sites: listOption(values.site) };
  const problem = userProblem(described) ?? (values.email === undefined ? undefined : emailProblem(values.email));
  if (problem !== undefined) throw new UsageError(problem);
  await withAccounts(values.home, async (store) => {
    if (await store.findUserByName(name) !== undefined) throw new UsageError(`There is an account "${name}" already.`);
    const user = await createUser(store, {
      ...described,
      ...(values['display-name'] === undefined ? {} : { displayName: values['display-name'] }),
      ...(values.badge === undefined ? {} : { badge: values.badge }),
      ...(values.email === undefined ? {} : { email: values.email }),
      password: await newPassword(values, name),
    }, { what: `account-created roles ${described.roles.join(',')} sites ${described.sites.join(',')}` });
    process.stdout.write(`Added ${user.name} (${user.roles.join(', ')}) for ${user.sites.join(', ')}.\n`);
  });
}

async function list(values: Values): Promise<void> {
  const users = await withAccounts(values.home, (store) => store.listUsers());
  if (values.json === true) {
    process.stdout.write(`${JSON.stringify(users.map(({ passwordHash: _hidden, pinHash: _pin, ...user }) => user), null, 2)}\n`);
    return;
  }
  process.stdout.write(table(
    ['NAME', 'DISPLAY NAME', 'ROLES', 'SITES', 'BADGE', 'E-MAIL', 'STATE'],
    users.map((user) => [user.name, user.displayName, user.roles.join(','), user.sites.join(','), user.badge ?? '', user.email ?? '', user.disabled ? 'disabled' : 'active']),
  ));
}

async function passwd(name: string, values: Values): Promise<void> {
  await withAccounts(values.home, async (store) => {
    const user = await requireUser(store, name);
    const passwordHash = await hashPassword(await newPassword(values, user.name));
    // Whoever knew the old password is signed out everywhere, whatever is killed in between.
    const sessions = await store.deleteSessionsOf(user.id, { note: accessNote('sessions-ended password-changed', user.id) });
    await store.updateUser(user.id, { passwordHash }, accessNote('password-changed', user.id));
    await store.deleteSessionsOf(user.id);
    process.stdout.write(`The password of ${user.name} is changed; ${sessions} session(s) ended.\n`);
  });
}

async function setEmail(name: string, address: string | undefined, values: Values): Promise<void> {
  if ((address === undefined) !== (values.remove === true)) throw new UsageError('Give one address, or --remove.');
  const problem = address === undefined ? undefined : emailProblem(address);
  if (problem !== undefined) throw new UsageError(problem);
  await withAccounts(values.home, async (store) => {
    const user = await requireUser(store, name);
    await store.updateUser(user.id, { email: address ?? null }, user.email === address ? undefined : accessNote('account-changed email', user.id));
    process.stdout.write(address === undefined ? `${user.name} has no e-mail address any more.\n` : `${user.name} is told of tasks at ${address}.\n`);
  });
}

async function setDisabled(name: string, values: Values, disabled: boolean): Promise<void> {
  await withAccounts(values.home, async (store) => {
    const user = await requireUser(store, name);
    await store.updateUser(user.id, { disabled }, user.disabled === disabled ? undefined : accessNote(`account-changed ${disabled ? 'disabled' : 'enabled'}`, user.id));
    const sessions = disabled ? await store.deleteSessionsOf(user.id, { note: accessNote('sessions-ended disabled', user.id) }) : 0;
    process.stdout.write(disabled
      ? `${user.name} is disabled; ${sessions} session(s) ended, API tokens no longer work.\n`
      : `${user.name} is enabled; API tokens that were not revoked work again.\n`);
  });
}

/** `waybill user add|list|passwd|email|disable|enable`: local accounts in the home folder. */
export async function user(args: string[]): Promise<number> {
  try {
    const { values, positionals: [action, name, address] } = parse(args);
    if (values.help === true) {
      process.stdout.write(usage);
      return 0;
    }
    if (action === 'list') {
      await list(values);
      return 0;
    }
    const actions: Record<string, (name: string) => Promise<void>> = {
      add: (each) => add(each, values),
      passwd: (each) => passwd(each, values),
      email: (each) => setEmail(each, address, values),
      disable: (each) => setDisabled(each, values, true),
      enable: (each) => setDisabled(each, values, false),
    };
    const run = actionOf(actions, action);
    if (run === undefined || name === undefined) {
      process.stderr.write(usage);
      return 2;
    }
    await run(name);
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`waybill user: ${error.message}\n`);
    return 2;
  }
}
