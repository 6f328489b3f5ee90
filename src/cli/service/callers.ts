import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { CALLER_NAME, isScope, LONGEST_NAME } from '../../engine/offered/callers/caller.ts';
import type { Caller } from '../../engine/offered/callers/caller.ts';
import { CallerError, readCallers, writeCallers } from '../../engine/offered/callers/caller-book.ts';
import { isIssuer } from '../../engine/offered/callers/identity-provider.ts';
import { newSecret, newToken } from '../../engine/offered/callers/secrets.ts';
import { counted } from '../../governance/gate/rules/words.ts';
import { UsageError } from '../accounts.ts';
import { say, sayJson } from '../arguments.ts';
import type { ServiceArguments } from './arguments.ts';

const homeOf = ({ values }: ServiceArguments): string => path.resolve(values.home ?? process.env['WAYBILL_HOME'] ?? '.waybill');
const today = (): string => new Date().toISOString();

function nameOf({ positionals: [name] }: ServiceArguments, action: string): string {
  if (name === undefined) throw new UsageError(`Say which caller: waybill service ${action} <name>.`);
  if (name.length > LONGEST_NAME || !CALLER_NAME.test(name)) throw new UsageError(`"${name}" is no name of a caller: that is up to ${LONGEST_NAME} small letters, digits, dots and dashes, such as dhl.`);
  return name;
}

function change(given: ServiceArguments, name: string, how: (caller: Caller) => Caller): Caller {
  const home = homeOf(given);
  const callers = readCallers(home);
  const known = callers.find((caller) => caller.name === name);
  if (known === undefined) throw new CallerError(`There is no caller ${name}; make it with "waybill service caller add ${name} --service <family/name>".`);
  const changed = how(known);
  writeCallers(home, callers.map((caller) => (caller === known ? changed : caller)));
  return changed;
}

/** The next id of a kind that was not used before, so that what is taken back is meant and nothing else. */
function nextId(letter: string, taken: readonly { readonly id: string }[]): string {
  return `${letter}${Math.max(0, ...taken.map(({ id }) => Number(id.slice(1)) || 0)) + 1}`;
}

function day(text: string | undefined): string | undefined {
  if (text === undefined || text === 'never') return undefined;
  const until = Date.parse(`${text}T00:00:00Z`);
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || Number.isNaN(until)) throw new UsageError(`"${text}" is no day; write one such as 2027-06-30, or never.`);
  if (until <= Date.now()) throw new UsageError(`The day ${text} has passed; name one to come.`);
  return new Date(until).toISOString();
}

/** `waybill service caller add|remove <name>`: who may call what this home's site offers. */
export function callerCommand(given: ServiceArguments): Promise<number> {
  const [action, ...rest] = given.positionals;
  if (action !== 'add' && action !== 'remove') throw new UsageError('Say "waybill service caller add <name>" or "waybill service caller remove <name>".');
  const name = nameOf({ ...given, positionals: rest }, `caller ${action}`);
  const home = homeOf(given);
  const callers = readCallers(home);
  const known = callers.find((caller) => caller.name === name);
  if (action === 'remove') {
    if (known === undefined) throw new CallerError(`There is no caller ${name}; "waybill service callers" lists them.`);
    writeCallers(home, callers.filter((caller) => caller !== known));
    say(`${name} may call nothing any more.`);
    return Promise.resolve(0);
  }
  const services = given.values.service ?? [];
  const wrong = services.find((scope) => !isScope(scope));
  if (services.length === 0 || wrong !== undefined) throw new UsageError(wrong === undefined ? 'Say what it may call: --service <family/name>, several times for several.' : `"${wrong}" names no service: that is family/name, family/* or *.`);
  const caller: Caller = { tokens: [], secrets: [], certificates: [], identities: [], ...known, name, services };
  writeCallers(home, known === undefined ? [...callers, caller] : callers.map((each) => (each === known ? caller : each)));
  say(`${name} may call ${services.join(', ')}${known === undefined ? '. It needs a token, a secret, a certificate or an issuer next; "waybill service --help" says how' : ''}.`);
  return Promise.resolve(0);
}

/** `waybill service callers` */
export function callersCommand(given: ServiceArguments): Promise<number> {
  const callers = readCallers(homeOf(given));
  if (given.values.json === true) {
    sayJson({ callers: callers.map((caller) => ({ ...caller, tokens: caller.tokens.map(({ sha256: _hash, ...token }) => token), secrets: caller.secrets.map(({ secret: _secret, ...each }) => each) })) });
    return Promise.resolve(0);
  }
  if (callers.length === 0) say('Nobody may call. "waybill service caller add <name> --service <family/name>" makes a caller.');
  for (const { name, services, tokens, secrets, certificates, identities } of callers) {
    say(`${name}  ${services.join(', ')}`);
    for (const { id, createdAt, until } of tokens) say(`  token ${id} of ${createdAt.slice(0, 10)}${until === undefined ? '' : `, until ${until.slice(0, 10)}${Date.parse(until) <= Date.now() ? ' (over)' : ''}`}`);
    for (const { id, createdAt } of secrets) say(`  secret ${id} of ${createdAt.slice(0, 10)}`);
    for (const { sha256, subject } of certificates) say(`  certificate ${sha256 ?? subject ?? ''}`);
    for (const { issuer, audience, claim, value } of identities) say(`  ${issuer} for ${audience}, ${claim} = ${value}`);
  }
  return Promise.resolve(0);
}

/** `waybill service token <name>`: it is shown once. */
export function tokenCommand(given: ServiceArguments): Promise<number> {
  const name = nameOf(given, 'token');
  const until = day(given.values.until);
  const { token, sha256 } = newToken();
  const { tokens } = change(given, name, (caller) => ({ ...caller, tokens: [...caller.tokens, { id: nextId('t', caller.tokens), sha256, createdAt: today(), ...(until === undefined ? {} : { until }) }] }));
  if (given.values.quiet === true) say(token);
  else say(`Token ${tokens.at(-1)?.id ?? ''} of ${name}, ${until === undefined ? 'until it is taken back' : `until ${until.slice(0, 10)}`}. Shown once, keep it safe:\n\n${token}`);
  return Promise.resolve(0);
}

/** `waybill service secret <name>`: what it signs with. */
export function secretCommand(given: ServiceArguments): Promise<number> {
  const name = nameOf(given, 'secret');
  const secret = newSecret();
  const { secrets } = change(given, name, (caller) => ({ ...caller, secrets: [...caller.secrets, { id: nextId('s', caller.secrets), secret, createdAt: today() }] }));
  if (given.values.quiet === true) say(secret);
  else say(`Secret ${secrets.at(-1)?.id ?? ''} of ${name}; ${counted(secrets.length, 'secret holds', 'secrets hold')}, so that it can be changed without a gap. Shown once, keep it safe:\n\n${secret}`);
  return Promise.resolve(0);
}

/** `waybill service certificate <name> <file|SHA-256>`, or `--subject`. */
export function certificateCommand(given: ServiceArguments): Promise<number> {
  const name = nameOf(given, 'certificate');
  const [, what] = given.positionals;
  const { subject } = given.values;
  if ((what === undefined) === (subject === undefined)) throw new UsageError('Say which certificate: its PEM file or SHA-256 fingerprint, or --subject <RFC 4514> where an authority vouches for it.');
  const entry = subject === undefined ? { sha256: fingerprint(what!) } : { subject };
  change(given, name, (caller) => ({ ...caller, certificates: [...caller.certificates.filter((each) => each.sha256 !== (entry as { sha256?: string }).sha256 || each.subject !== (entry as { subject?: string }).subject), entry] }));
  say(`${name} is known by ${subject === undefined ? `the certificate ${(entry as { sha256: string }).sha256}` : `a certificate of the subject ${subject}`}.`);
  return Promise.resolve(0);
}

function fingerprint(what: string): string {
  const bare = what.replaceAll(':', '').toLowerCase();
  if (/^[0-9a-f]{64}$/.test(bare)) return bare;
  if (!existsSync(what)) throw new UsageError(`"${what}" is neither a file nor a SHA-256 fingerprint of 64 hexadecimal digits.`);
  try {
    return new X509Certificate(readFileSync(what)).fingerprint256.replaceAll(':', '').toLowerCase();
  } catch {
    throw new UsageError(`${what} holds no certificate; name a PEM or DER file with one.`);
  }
}

/** `waybill service oidc <name> --issuer <url> --audience <text> [--claim sub --value <text>]`. */
export function oidcCommand(given: ServiceArguments): Promise<number> {
  const name = nameOf(given, 'oidc');
  const { issuer, audience, claim = 'sub', value } = given.values;
  if (issuer === undefined || audience === undefined || value === undefined) throw new UsageError('Say --issuer <url>, --audience <what tokens are for> and --value <what the claim says>; --claim is sub when it is not said.');
  if (!isIssuer(issuer)) throw new UsageError(`"${issuer}" is no address of an issuer; write one that begins with https://, as its tokens name it.`);
  change(given, name, (caller) => ({ ...caller, identities: [...caller.identities.filter((each) => each.issuer !== issuer || each.audience !== audience || each.claim !== claim || each.value !== value), { issuer, audience, claim, value }] }));
  say(`${name} is known by tokens of ${issuer} for ${audience} whose ${claim} is ${value}.`);
  return Promise.resolve(0);
}

/** `waybill service revoke <name> <id>`: a token or a secret; from the next request on it is unknown. */
export function revokeCommand(given: ServiceArguments): Promise<number> {
  const name = nameOf(given, 'revoke');
  const [, id] = given.positionals;
  if (id === undefined) throw new UsageError('Say which token, secret or certificate: its id or fingerprint; "waybill service callers" lists them.');
  let found = false;
  const kept = <T extends object>(list: readonly T[], is: (each: T) => boolean): readonly T[] => list.filter((each) => {
    if (is(each)) found = true;
    return !is(each);
  });
  change(given, name, (caller) => {
    const next = {
      ...caller, tokens: kept(caller.tokens, (each) => each.id === id), secrets: kept(caller.secrets, (each) => each.id === id),
      certificates: kept(caller.certificates, ({ sha256, subject }) => sha256 === id.replaceAll(':', '').toLowerCase() || subject === id), identities: kept(caller.identities, ({ issuer }) => issuer === id),
    };
    if (!found) throw new CallerError(`${name} has no "${id}"; "waybill service callers" lists what it has.`);
    return next;
  });
  say(`${id} of ${name} is taken back.`);
  return Promise.resolve(0);
}
