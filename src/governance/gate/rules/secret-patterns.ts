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

const isSecretName = (name: string): boolean => lastWords(name).some((word) => SECRET.has(word));
const mayBeSecretName = (name: string): boolean => PERHAPS.has(lastWords(name)[0]!);

/** Values that are secrets wherever they stand. */
const VALUES: readonly (readonly [string, RegExp])[] = [
  ['a private key', /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----/],
  ['a password in an address', /\b[a-z][a-z0-9+.-]{1,20}:\/\/(?!\$|[{<])[^\s/:@"'`]{1,100}:(?![$<{*]|x{3,}@)[^\s/@"'`]{1,200}@[\w.[-]/i],
  ['a bearer token', /\bBearer\s+(?=[A-Za-z._~+/-]{0,200}\d)[A-Za-z0-9._~+/-]{20,}/],
  ['a basic sign-in', /\bBasic\s+(?=[A-Za-z+/]{0,200}[0-9=])[A-Za-z0-9+/]{12,}={0,2}/],
  ['a signed token', /\beyJ[A-Za-z0-9_-]{10,4000}\.eyJ[A-Za-z0-9_-]{10,4000}\./],
  ['an access key', /\bAKIA[0-9A-Z]{16}\b|\bwb_[A-Za-z0-9_-]{20,}|\bgh[pousr]_[A-Za-z0-9]{30,}|\bxox[abprs]-[A-Za-z0-9-]{10,}|\bAIza[A-Za-z0-9_-]{35}\b|\bsk-(?=[A-Za-z_-]{0,40}\d)[A-Za-z0-9_-]{24,}|\bglpat-[A-Za-z0-9_-]{20,}/],
  ['the address of a chat hook', /\bhooks\.slack\.com\/services\/T[A-Z0-9]+\/B[A-Z0-9]+\/[A-Za-z0-9]+|\bwebhook\.office\.com\/webhookb2\/\S+/],
  ['a bot token', /\b\d{8,10}:AA[A-Za-z0-9_-]{33}\b/],
  ['a connection string', /\b(?:AccountKey|SharedAccessKey|Password|Pwd)=(?![$<{*;])[^;\s"']{6,};?/],
];

/** Cheap look before the patterns: most texts have none of these. */
const MAYBE = /PRIVATE KEY|:\/\/|Bearer|Basic|eyJ|AKIA|wb_|gh[pousr]_|xox|AIza|sk-|glpat|hooks\.|webhook|:AA|=/;

/** Nothing, a parameter, a variable, stars, or a word that says that the secret comes later. */
const PLACEHOLDER = /^(?:\s*|\$\{[^}]*\}|\{\{.*\}\}|<.*>|[*•.x_-]+|(?:your|my|the|some)[-_ ].*|.*\b(?:example|sample|placeholder|dummy|redacted)\b.*|undefined|null|true|false|none)$/is;

/** Bits for each character. */
export function entropyOf(text: string): number {
  const counts = new Map<string, number>();
  for (const letter of text) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}

/** Whether a text looks as if a machine had drawn it: long, of several kinds of characters, and without a pattern. */
export function looksRandom(text: string): boolean {
  if (text.length < 20 || text.length > 500 || !/^[A-Za-z0-9+/_=.:~-]+$/.test(text)) return false;
  const kinds = [/[a-z]/, /[A-Z]/, /\d/].filter((kind) => kind.test(text)).length;
  return kinds >= 2 && /\d/.test(text) && entropyOf(text) >= 3.6 && !/^[a-z]+([._/-][a-z]+)+\d*$/i.test(text);
}

export const isPlaceholder = (text: string): boolean => text.length < 1_000 && PLACEHOLDER.test(text);

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A key is often a number that anybody may know. */
const isDrawn = (name: string, text: string): boolean => looksRandom(text) && !(UUID.test(text) && lastWords(name)[0] === 'key');

/** What of a secret a value is by itself; undefined when none. */
export function secretIn(text: string): string | undefined {
  if (!MAYBE.test(text)) return undefined;
  return VALUES.find(([, pattern]) => pattern.test(text))?.[0];
}

/** What of a secret a value is under its name; undefined when none. */
export function secretUnder(name: string, text: string): string | undefined {
  if (isPlaceholder(text)) return undefined;
  if (isSecretName(name)) return 'a secret';
  return mayBeSecretName(name) && isDrawn(name, text) ? 'a secret' : undefined;
}

const ASSIGNED = /\b([A-Za-z_$][\w$]{0,60})["']?\s*[:=]\s*(["'`])([^"'`\n]{6,200})\2/g;

/** A secret that a text of code gives to a name; undefined when none. */
export function secretInCode(code: string): string | undefined {
  for (const [, name, , value] of code.matchAll(ASSIGNED)) {
    const plain = isPlaceholder(value!) || /\s/.test(value!) || (/^pass$/i.test(name!) && /^[a-z]+$/i.test(value!));
    if ((isSecretName(name!) && !plain) || (mayBeSecretName(name!) && isDrawn(name!, value!))) return `a secret for "${name!}"`;
  }
  return undefined;
}
