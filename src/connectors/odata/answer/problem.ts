import type { Json } from '../../../domain/json.ts';
import type { Problem } from '../../driver.ts';
import { childrenOf, readXml } from '../../xml.ts';
import { isObject } from '../../../domain/json.ts';

/** What an error body says, whatever its form. */
export interface ODataError { readonly code?: string; readonly message?: string; readonly target?: string; readonly details: readonly { readonly code?: string; readonly message: string; readonly target?: string }[] }

const mostDetails = 20;

/** Reads the error of V4 (OData JSON §21), of V2, and of SAP Gateway with its details; undefined when the body is none of them. */
export function errorOf(text: string): ODataError | undefined {
  const trimmed = text.trimStart();
  if (trimmed.startsWith('<')) return errorOfXml(trimmed);
  let body: unknown;
  try {
    body = JSON.parse(trimmed);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  const error = isObject(body) ? body['error'] : undefined;
  if (!isObject(error)) return undefined;
  const inner = isObject(error['innererror']) ? error['innererror'] : {};
  const details = [error['details'], inner['errordetails']].flatMap((list) => (Array.isArray(list) ? list as readonly Json[] : []));
  const transaction = words(inner['transactionid']);
  return {
    ...stringMember('code', error['code']), ...stringMember('message', words(error['message'])), ...stringMember('target', error['target']),
    details: [
      ...details.filter(isObject).filter((each) => each['message'] !== undefined).slice(0, mostDetails).map((each) => ({
        ...stringMember('code', each['code']), message: words(each['message']) ?? '', ...stringMember('target', each['target'] ?? (each['propertyref'] === '' ? undefined : each['propertyref'])),
      })),
      ...(transaction === undefined ? [] : [{ message: `transaction ${transaction}` }]),
    ],
  };
}

function errorOfXml(text: string): ODataError | undefined {
  if (!/^<\?xml|^<(\w+:)?error/i.test(text)) return undefined;
  let root;
  try {
    root = readXml(text, { maxBytes: 1_048_576 });
  } catch (error) {
    return { message: error instanceof Error ? error.message : String(error), details: [] };
  }
  if (root.name !== 'error') return undefined;
  const of = (name: string): string | undefined => childrenOf(root, name)[0]?.text.trim();
  return { ...stringMember('code', of('code')), ...stringMember('message', of('message')), details: [] };
}

/** `message` is text in V4, `{lang, value}` in V2. */
function words(value: unknown): string | undefined {
  const text = isObject(value) ? value['value'] : value;
  return typeof text === 'string' && text !== '' ? text : undefined;
}

function stringMember<N extends string>(name: N, value: unknown): { readonly [K in N]?: string } {
  return (typeof value === 'string' || typeof value === 'number') && value !== '' ? { [name]: String(value) } as { readonly [K in N]?: string } : {};
}

/** The problem that an error body tells, with the details that say more than its message. */
export function problemOf(error: ODataError | undefined, status: number, text: string, contentType: string): Problem {
  const errorClass = `http-${status}`;
  if (error === undefined) {
    const html = /html/i.test(contentType) || /^\s*<(!doctype html|html)/i.test(text);
    return {
      title: html ? `The system answered ${status} with a web page instead of data` : `The system answered ${status}`, status, errorClass,
      detail: html ? `It says "${titleOf(text)}". Something in front of the service answers in its place: a proxy, a sign-in page, or an address that is not the service's.` : text.slice(0, 500).trim() || 'Without a reason.',
    };
  }
  const more = error.details.filter((each) => each.message !== error.message).map((each) => (each.target === undefined ? each.message : `${each.target}: ${each.message}`));
  const target = error.target ?? error.details.find((each) => each.target !== undefined)?.target;
  return {
    title: (error.message ?? `The system answered ${status}`).slice(0, 500), status, errorClass,
    ...(more.length === 0 ? {} : { detail: [...new Set(more)].join('; ').slice(0, 2000) }),
    ...(error.code === undefined ? {} : { code: error.code }), ...(target === undefined ? {} : { target }),
  };
}

const titleOf = (html: string): string => (/<title[^>]*>([^<]{1,120})/i.exec(html)?.[1] ?? html.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ').slice(0, 120)).trim();
