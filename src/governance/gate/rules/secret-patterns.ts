/** Last words of property and variable names that hold secrets; two words are written without what is between them. */
const SECRET: ReadonlySet<string> = new Set([
  'password', 'passwd', 'passphrase', 'passwort', 'kennwort', 'pwd', 'pass', 'secret', 'psk', 'apikey', 'accesskey', 'secretkey', 'sharedkey', 'privatekey', 'clientsecret',
  'accesstoken', 'authtoken', 'bearertoken', 'refreshtoken', 'apitoken', 'connectionstring',
]);
/** Last words of names that hold a secret only when the value looks like one. */
const PERHAPS: ReadonlySet<string> = new Set(['token', 'tokens', 'key', 'auth', 'authorization', 'credential', 'credentials', 'signature', 'webhook']);

/** Last word of a name, and its last two in one. */
function lastWords(name: string): readonly string[] {
  const words = name.slice(-80).replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase().split(/[^a-z0-9äöüß]+/).filter((word) => word !== '');
  return [words.at(-1) ?? '', words.slice(-2).join('')];
}

type Kind = 'secret' | 'perhaps' | 'other';

/** What names were found to be: flows have few different ones. */
const kinds = new Map<string, Kind>();
const MAX_KINDS = 10_000;

function kindOf(name: string): Kind {
  const known = kinds.get(name);
  if (known !== undefined) return known;
  const words = lastWords(name);
  const kind = words.some((word) => SECRET.has(word)) ? 'secret' : PERHAPS.has(words[0]!) ? 'perhaps' : 'other';
  if (kinds.size >= MAX_KINDS) kinds.clear();
  kinds.set(name, kind);
  return kind;
}

/** Values that are secrets wherever they stand: what they are, what a text has in it that may be one, and the pattern. */
const VALUES: readonly (readonly [string, readonly string[], RegExp])[] = [
  ['a private key', ['PRIVATE KEY'], /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----/],
  ['a password in an address', ['://'], /\b[a-z][a-z0-9+.-]{1,20}:\/\/(?!\$|[{<])[^\s/:@"'`]{1,100}:(?![$<{*]|x{3,}@)[^\s/@"'`]{1,200}@[\w.[-]/i],
  ['a secret in an address', ['key=', 'KEY=', 'Key=', 'token=', 'TOKEN=', 'Token=', 'secret=', 'SECRET=', 'Secret=', 'password=', 'PASSWORD=', 'sig=', 'SIG='], /[?&](?:api[_-]?key|access[_-]?key|access[_-]?token|client[_-]?secret|secret|password|subscription-key|sig)=(?![${<{*%])(?![a-z_-]{1,200}(?:[&\s"'`]|$))[^&\s"'`<>{}]{8,200}/i],
  ['a secret in an address', ['token=', 'key=', 'auth='], /[?&](?:token|key|auth)=(?![0-9a-f]{8}-[0-9a-f]{4}-)(?=[A-Za-z_-]{0,200}\d)(?=(?:[0-9_-]{0,60}[A-Za-z]){4})[A-Za-z0-9_-]{20,200}/i],
  ['a bearer token', ['Bearer'], /\bBearer\s+(?=[A-Za-z._~+/-]{0,200}\d)[A-Za-z0-9._~+/-]{20,}/],
  ['a basic sign-in', ['Basic'], /\bBasic\s+(?=[A-Za-z+/]{0,200}[0-9=])[A-Za-z0-9+/]{12,}={0,2}/],
  ['a signed token', ['eyJ'], /(?<![\w-])eyJ[A-Za-z0-9_-]{10,4000}\.eyJ[A-Za-z0-9_-]{10,4000}\./],
  ['an access key', ['AKIA', 'wb_', 'ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_', 'xox', 'AIza', 'sk-', 'glpat-'], /\bAKIA[0-9A-Z]{16}\b|\bwb_[A-Za-z0-9_-]{20,}|\bgh[pousr]_[A-Za-z0-9]{30,}|\bxox[abprs]-[A-Za-z0-9-]{10,}|\bAIza[A-Za-z0-9_-]{35}\b|(?<![\w-])sk-(?=[A-Za-z_-]{0,40}\d)[A-Za-z0-9_-]{24,}|\bglpat-[A-Za-z0-9_-]{20,}/],
  ['the address of a chat hook', ['hooks.slack.com', 'webhook.office.com'], /\bhooks\.slack\.com\/services\/T[A-Z0-9]+\/B[A-Z0-9]+\/[A-Za-z0-9]+|\bwebhook\.office\.com\/webhookb2\/\S+/],
  ['a bot token', [':AA'], /\b\d{8,10}:AA[A-Za-z0-9_-]{33}\b/],
  ['a connection string', ['AccountKey=', 'SharedAccessKey=', 'Password=', 'Pwd='], /\b(?:AccountKey|SharedAccessKey|Password|Pwd)=(?![$<{*;])[^;\s"']{6,};?/],
];

/** Nothing, a parameter, a variable, stars, or a word that says that the secret comes later. */
const PLACEHOLDER = /^(?:\s*|\$\{[^}]*\}|\$\([^)]*\)|\{\{.*\}\}|<.*>|[*•.x_-]+|(?:your|my|the|some)[-_ ].*|.*\b(?:example|sample|placeholder|dummy|redacted)\b.*|undefined|null|true|false|none)$/is;

/** Bits for each character. */
function entropyOf(text: string): number {
  const counts = new Map<string, number>();
  for (const letter of text) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}

/** Whether a text looks as if a machine had drawn it: long, of several kinds of characters, and without a pattern. */
function looksRandom(text: string): boolean {
  if (text.length < 20 || text.length > 500 || !/^[A-Za-z0-9+/_=.:~-]+$/.test(text)) return false;
  const kinds = [/[a-z]/, /[A-Z]/, /\d/].filter((kind) => kind.test(text)).length;
  return kinds >= 2 && /\d/.test(text) && entropyOf(text) >= 3.6 && !/^[a-z]+([._/-][a-z]+)+\d*$/i.test(text);
}

export const isPlaceholder = (text: string): boolean => text.length < 1_000 && PLACEHOLDER.test(text);

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A key is often a number that anybody may know. */
const isDrawn = (name: string, text: string): boolean => looksRandom(text) && !(UUID.test(text) && lastWords(name)[0] === 'key');

/** Characters of the shortest text that one of these patterns takes (`ab://c:d@e`): half of the texts of flows have fewer. */
const SHORTEST = 10;

/** All that one of the patterns needs, in one look. */
const NEEDLE = new RegExp(VALUES.flatMap(([, needles]) => needles).map((needle) => needle.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')).join('|'));

/** Whether a text may hold a secret by itself, or, where it has names in it, under one of them: what takes no pattern need not be taken apart. */
export const mayHoldSecret = (text: string, hasNames: boolean): boolean => text.length >= SHORTEST && (NEEDLE.test(text) || (hasNames && NAMED.test(text)));

/** Whether a name may be that of a secret. */
export const isTelling = (name: string): boolean => kindOf(name) !== 'other';

/** What of a secret a value is by itself; undefined when none. */
export function secretIn(text: string): string | undefined {
  if (text.length < SHORTEST || !NEEDLE.test(text)) return undefined;
  return VALUES.find(([, needles, pattern]) => needles.some((needle) => text.includes(needle)) && pattern.test(text))?.[0];
}

/** A key's file is not the key. */
const isFile = (text: string): boolean => /^[A-Za-z]:\\|\.(?:key|pem|p12|pfx|crt|cer|jks)$/i.test(text);

/** What of a secret a value is under its name; undefined when none. */
export function secretUnder(name: string, text: string): string | undefined {
  const kind = kindOf(name);
  if (kind === 'other' || isPlaceholder(text) || isFile(text)) return undefined;
  return kind === 'secret' || isDrawn(name, text) ? `a secret for "${name.slice(-60)}"` : undefined;
}

const ASSIGNED = /\b([A-Za-z_$][\w$-]{0,60})["']?\s*[:=]\s*(["'`])([^"'`\n]{6,200})\2/g;

/** Cheap look before code is searched. */
const NAMED = /pass|pwd|secret|token|key|auth|psk|kennwort|credential|signature|webhook|connection/i;

/** A secret that a text of code gives to a name; undefined when none. */
export function secretInCode(code: string): string | undefined {
  if (!NAMED.test(code)) return undefined;
  for (const [, name, , value] of code.matchAll(ASSIGNED)) {
    const kind = kindOf(name!);
    if (kind === 'other') continue;
    const plain = isPlaceholder(value!) || /\s/.test(value!) || (/^pass$/i.test(name!) && /^[a-z]+$/i.test(value!));
    if (kind === 'secret' ? !plain : isDrawn(name!, value!)) return `a secret for "${name!}"`;
  }
  return undefined;
}
