import type { ApiTokenRecord } from '../../../ledger/accounts-port.ts';
import { accessNote } from '../accounts/access-note.ts';
import { createApiToken, DEFAULT_TOKEN_DAYS, MAX_TOKEN_DAYS } from '../accounts/api-tokens.ts';
import { manages, requireAccountScope, requireOwner } from '../accounts/manages.ts';
import { operation } from '../operation.ts';
import { inScope, tokenScopes } from '../permissions.ts';
import { problem } from '../problems.ts';
import { array, choice, id, nullable, object, pageOf, text, time } from '../schemas.ts';

const tokenProperties = {
  tokenId: id, userId: { type: 'string' }, userName: { type: 'string' }, name: { type: 'string' }, scopes: array(choice(...tokenScopes)), sites: array({ type: 'string' }),
  createdAt: time, expiresAt: nullable(time), revokedAt: nullable(time), state: choice('active', 'expired', 'revoked'),
} as const;

function view(token: ApiTokenRecord, userName: string): object {
  const state = token.revokedAt !== undefined ? 'revoked' : token.expiresAt !== undefined && Date.parse(token.expiresAt) <= Date.now() ? 'expired' : 'active';
  return {
    tokenId: token.id, userId: token.userId, userName, name: token.name, scopes: token.scopes, sites: token.sites, createdAt: token.createdAt,
    expiresAt: token.expiresAt ?? null, revokedAt: token.revokedAt ?? null, state,
  };
}

export const listTokens = operation<object, { readonly userId?: string }>({
  id: 'listTokens', method: 'get', path: '/tokens', tag: 'Tokens', access: 'signed-in', summary: 'API tokens of the caller, or of somebody else for who manages accounts',
  query: { userId: id },
  success: { status: 200, description: 'The tokens, without their secrets.', schema: pageOf(object(tokenProperties)) },
  handle: async ({ query, services }, caller) => {
    const owner = await requireOwner(services.accounts, caller, query.userId);
    const tokens = await services.accounts.listTokens(owner.id);
    return { status: 200, json: { items: tokens.map((each) => view(each, owner.name)) } };
  },
});

interface TokenBody { readonly name: string; readonly scopes: readonly string[]; readonly sites?: readonly string[]; readonly expiresInDays?: number }

export const createToken = operation<object, object, TokenBody>({
  id: 'createToken', method: 'post', path: '/tokens', tag: 'Tokens', access: 'signed-in', summary: 'Make an API token that speaks for the caller',
  description: 'The token is in this answer and nowhere else.',
  body: object({
    name: text(100, 'What it is for.'), scopes: { type: 'array', items: choice(...tokenScopes), minItems: 1, uniqueItems: true },
    sites: { type: 'array', items: text(64), minItems: 1, maxItems: 100, uniqueItems: true, description: 'Narrows the sites of the person; all of them when absent.' },
    expiresInDays: { type: 'integer', minimum: 1, maximum: MAX_TOKEN_DAYS, default: DEFAULT_TOKEN_DAYS },
  }, ['sites', 'expiresInDays']),
  success: { status: 201, description: 'The token, shown once.', schema: object({ token: { type: 'string' }, ...tokenProperties }) },
  handle: async ({ body, services }, caller) => {
    if (caller.session === undefined) throw problem('not-allowed', 'An API token cannot make another one; sign in to make one.');
    if (caller.session.record.shared === true) throw problem('not-allowed', 'A PIN is not enough for an API token; make it on a device that is yours alone.');
    const sites = body.sites ?? ['*'];
    const outside = sites.find((site) => site !== '*' && !inScope(caller.identity.sites, site));
    if (outside !== undefined) throw problem('not-allowed', `The site "${outside}" is not among yours (${caller.identity.sites.join(', ')}).`);
    const expiresAt = new Date(Date.now() + (body.expiresInDays ?? DEFAULT_TOKEN_DAYS) * 86_400_000).toISOString();
    const { secret, record } = await createApiToken(
      services.accounts, { userId: caller.user.id, name: body.name, scopes: body.scopes, sites, expiresAt },
      accessNote(`token-created ${body.scopes.join(',')} until ${expiresAt.slice(0, 10)}`, caller.user.id, caller.identity.userId),
    );
    services.waybill.accountsChanged();
    return { status: 201, json: { token: secret, ...view(record, caller.user.name) } };
  },
});

export const revokeToken = operation<{ readonly tokenId: string }>({
  id: 'revokeToken', method: 'delete', path: '/tokens/{tokenId}', tag: 'Tokens', access: 'signed-in', summary: 'Revoke an API token',
  params: { tokenId: id },
  success: { status: 204, description: 'It no longer works.' },
  handle: async ({ params, services }, caller) => {
    requireAccountScope(caller);
    const token = (await services.accounts.listTokens()).find((each) => each.id === params.tokenId);
    const owner = token === undefined ? undefined : await services.accounts.getUser(token.userId);
    if (token === undefined || owner === undefined || (owner.id !== caller.user.id && !manages(caller, owner))) throw problem('not-found');
    await services.accounts.revokeToken(token.id, new Date().toISOString(), accessNote('token-revoked', owner.id, caller.identity.userId));
    services.waybill.accountsChanged();
    return { status: 204 };
  },
});

export const tokensResource = [listTokens, createToken, revokeToken];
