import { createHash, randomBytes } from 'node:crypto';
import type { Problem } from '../driver.ts';
import { childrenOf, readXml } from '../xml.ts';
import type { XmlElement } from '../xml.ts';
import { escaped } from './write.ts';

export type SoapVersion = '1.1' | '1.2';

export const ENVELOPES: Readonly<Record<SoapVersion, string>> = { '1.1': 'http://schemas.xmlsoap.org/soap/envelope/', '1.2': 'http://www.w3.org/2003/05/soap-envelope' };
const WSSE = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd';
const WSU = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd';
const TOKEN = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0';

export function envelope(version: SoapVersion, header: string, body: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?><soap:Envelope xmlns:soap="${ENVELOPES[version]}">${header === '' ? '' : `<soap:Header>${header}</soap:Header>`}<soap:Body>${body}</soap:Body></soap:Envelope>`;
}

/** WS-Security UsernameToken Profile 1.0 §3.1, with the password or its digest. `now` ms since 1970. */
export function usernameToken(how: 'password-text' | 'password-digest', { user, password }: { readonly user: string; readonly password: string }, now: number): string {
  const created = new Date(now).toISOString();
  const nonce = randomBytes(16);
  const digest = createHash('sha1').update(nonce).update(created).update(password).digest('base64');
  const shown = how === 'password-text' ? `<wsse:Password Type="${TOKEN}#PasswordText">${escaped(password, 'the password')}</wsse:Password>` : `<wsse:Password Type="${TOKEN}#PasswordDigest">${digest}</wsse:Password>`;
  return `<wsse:Security xmlns:wsse="${WSSE}" xmlns:wsu="${WSU}" soap:mustUnderstand="1"><wsse:UsernameToken><wsse:Username>${escaped(user, 'the user')}</wsse:Username>${shown}<wsse:Nonce EncodingType="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary">${nonce.toString('base64')}</wsse:Nonce><wsu:Created>${created}</wsu:Created></wsse:UsernameToken></wsse:Security>`;
}

/** A fault as either version has it. `sender`: what was sent is wrong, and it will not be taken later. */
export interface Fault { readonly sender: boolean; readonly security: boolean; readonly unspoken: boolean; readonly detail: XmlElement | undefined; readonly problem: Problem }

/** The element in the body, or a fault. @throws SyntaxError, XmlError for what is no envelope */
export function opened(bytes: Uint8Array, status: number): { readonly content: XmlElement | undefined } | { readonly fault: Fault } {
  const root = readXml(bytes);
  if (root.name !== 'Envelope' || !Object.values(ENVELOPES).includes(root.namespace)) throw new SyntaxError(`It is no SOAP envelope but an element "${root.name.slice(0, 60)}".`);
  const body = root.children.find(({ name, namespace }) => name === 'Body' && namespace === root.namespace);
  if (body === undefined) throw new SyntaxError('The envelope has no body.');
  const [content] = body.children;
  return content?.name === 'Fault' && content.namespace === root.namespace ? { fault: faultOf(content, status) } : { content };
}

function faultOf(fault: XmlElement, status: number): Fault {
  const within = (element: XmlElement | undefined, name: string): XmlElement | undefined => (element === undefined ? undefined : childrenOf(element, name)[0]);
  const code = within(fault, 'Code');
  // SOAP 1.1 §4.4 says faultcode and faultstring, 1.2 part 1 §5.4 Code and Reason, with what is meant in subcodes.
  const codes = (code === undefined ? [within(fault, 'faultcode')?.text ?? ''] : [within(code, 'Value')?.text ?? '', within(within(code, 'Subcode'), 'Value')?.text ?? '']).map((each) => each.trim().replace(/^[^:]*:/, ''));
  const said = (within(fault, 'faultstring') ?? within(within(fault, 'Reason'), 'Text'))?.text.trim() ?? '';
  const detail = within(fault, 'detail') ?? within(fault, 'Detail');
  const shown = detail === undefined ? '' : textOf(detail).slice(0, 1_000);
  const [outer = ''] = codes;
  const named = codes.filter((each) => each !== '').at(-1) ?? '';
  return {
    sender: /^(Client|Sender)(\.|$)/.test(outer), unspoken: /^(VersionMismatch|MustUnderstand|DataEncodingUnknown)(\.|$)/.test(outer),
    security: codes.some((each) => /^(FailedAuthentication|InvalidSecurity|InvalidSecurityToken|FailedCheck|SecurityTokenUnavailable)$/.test(each)), detail: detail?.children[0],
    problem: { title: (said === '' ? `SOAP fault ${named}` : said).slice(0, 1_000), status, ...(named === '' ? {} : { code: named.slice(0, 200) }), ...(shown === '' ? {} : { detail: shown }), errorClass: 'soap-fault' },
  };
}

/** All text in an element, with the names of what holds it. */
function textOf({ name, text, children }: XmlElement): string {
  const own = text.trim();
  return [...(own === '' ? [] : [`${name}: ${own}`]), ...children.map(textOf).filter((each) => each !== '')].join('; ');
}
