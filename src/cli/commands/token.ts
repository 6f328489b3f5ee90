import process from 'node:process';
import { parseArgs } from 'node:util';
import { accessNote } from '../../web/server/accounts/access-note.ts';
import { createApiToken, DEFAULT_TOKEN_DAYS, MAX_TOKEN_DAYS } from '../../web/server/accounts/api-tokens.ts';
import { inScope, tokenScopes } from '../../web/server/permissions.ts';
import { listOption, requireUser, table, UsageError, withAccounts } from '../accounts.ts';

const usage = `Usage:
  waybill token create --user <name> --name <what for> [--scope read,decide,admin] [--site <site>] [--days <n>|never] [--quiet]
  waybill token list [--user <name>] [--json]
  waybill token revoke <id>

Common option: --home <folder> (WAYBILL_HOME, ./.waybill)
A token speaks for its user, within its scopes and sites. It is shown once. Without --scope it can read;
without --days it works for ${DEFAULT_TOKEN_DAYS} days, with it for at most ${MAX_TOKEN_DAYS}, or until it is revoked with "--days never". --quiet prints nothing but the token.
`;

const options = {
  home: { type: 'string' }, user: { type: 'string' }, name: { type: 'string' }, scope: { type: 'string', multiple: true },
  site: { type: 'string', multiple: true }, days: { type: 'string' }, quiet: { type: 'boolean' },
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

/** When the token ends; undefined when it never does. */
function expiry(days: string | undefined): string | undefined {
  if (days === 'never') return undefined;
  const count = Number(days ?? DEFAULT_TOKEN_DAYS);
  if (!Number.isInteger(count) || count < 1 || count > MAX_TOKEN_DAYS) throw new UsageError(`--days takes a whole number from 1 to ${MAX_TOKEN_DAYS}, or "never".`);
  return new Date(Date.now() + count * 86_400_000).toISOString();
}

async function create(values: Values): Promise<void> {
  if (values.user === undefined || values.name === undefined) throw new UsageError('Say --user and --name.');
  const scopes = listOption(values.scope ?? ['read']);
  const unknown = scopes.find((scope) => !tokenScopes.includes(scope));
  if (unknown !== undefined || scopes.length === 0) throw new UsageError(`There is no scope "${unknown ?? ''}"; there are ${tokenScopes.join(', ')}.`);
  const expiresAt = expiry(values.days);
  const sites = listOption(values.site ?? ['*']);
  await withAccounts(values.home, async (store) => {
    const owner = await requireUser(store, values.user!);
    const outside = sites.find((site) => site !== '*' && !inScope(owner.sites, site));
    if (outside !== undefined) throw new UsageError(`${owner.name} has no site "${outside}" (${owner.sites.join(', ')}).`);
    const { secret, record } = await createApiToken(store, { userId: owner.id, name: values.name!, scopes, sites, ...(expiresAt === undefined ? {} : { expiresAt }) },
      accessNote(`token-created ${scopes.join(',')} ${expiresAt === undefined ? 'without end' : `until ${expiresAt.slice(0, 10)}`}`, owner.id));
    if (values.quiet === true) {
      process.stdout.write(`${secret}\n`);
      return;
    }
    process.stdout.write(`Token ${record.id} for ${owner.name}, scopes ${scopes.join(', ')}, until ${expiresAt ?? 'it is revoked'}.\nShown once, keep it safe:\n\n${secret}\n`);
  });
}

async function list(values: Values): Promise<void> {
  const { tokens, names } = await withAccounts(values.home, async (store) => {
    const owner = values.user === undefined ? undefined : await requireUser(store, values.user);
    const users = await store.listUsers();
    return { tokens: await store.listTokens(owner?.id), names: new Map(users.map((each) => [each.id, each.name])) };
  });
  if (values.json === true) {
    process.stdout.write(`${JSON.stringify(tokens.map(({ hash: _hidden, ...token }) => ({ ...token, user: names.get(token.userId) })), null, 2)}\n`);
    return;
  }
  const now = new Date().toISOString();
  process.stdout.write(table(
    ['ID', 'USER', 'NAME', 'SCOPES', 'SITES', 'EXPIRES', 'STATE'],
    tokens.map((token) => [
      token.id, names.get(token.userId) ?? token.userId, token.name, token.scopes.join(','), token.sites.join(','), token.expiresAt ?? 'never',
      token.revokedAt !== undefined ? 'revoked' : token.expiresAt !== undefined && token.expiresAt <= now ? 'expired' : 'active',
    ]),
  ));
}

async function revoke(id: string, values: Values): Promise<void> {
  const done = await withAccounts(values.home, async (store) => {
    const owner = (await store.listTokens()).find((each) => each.id === id)?.userId;
    return owner !== undefined && await store.revokeToken(id, new Date().toISOString(), accessNote('token-revoked', owner));
  });
  if (!done) throw new UsageError(`There is no token ${id} that still works; "waybill token list" names them.`);
  process.stdout.write(`Token ${id} is revoked.\n`);
}

/** `waybill token create|list|revoke`: API tokens in the home folder. */
export async function token(args: string[]): Promise<number> {
  try {
    const { values, positionals: [action, id] } = parse(args);
    if (values.help === true) {
      process.stdout.write(usage);
      return 0;
    }
    if (action === 'create') await create(values);
    else if (action === 'list') await list(values);
    else if (action === 'revoke' && id !== undefined) await revoke(id, values);
    else {
      process.stderr.write(usage);
      return 2;
    }
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`waybill token: ${error.message}\n`);
    return 2;
  }
}
