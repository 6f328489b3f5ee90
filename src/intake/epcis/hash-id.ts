/**
 * The id that an event has by what it says: EPCIS Event Hash ID (CBV 2.0 §8.9), for the members that our events have.
 * Where the text leaves room, GS1's reference implementation and its published vectors say how (decision 0046).
 */
import { createHash } from 'node:crypto';
import { canonicalLink } from './canonical-link.ts';

type Value = string | number;
type Members = Readonly<Record<string, unknown>>;

const CBV = 'https://ref.gs1.org/cbv/';

/** The URI of an event, `ni:///sha-256;…?ver=CBV2.0` (RFC 6920 as CBV writes it). */
export function eventHashId(event: Members, namespaces: Readonly<Record<string, string>>): string {
  return `ni:///sha-256;${createHash('sha256').update(preHash(event, namespaces), 'utf8').digest('hex')}?ver=CBV2.0`;
}

/** The text that is hashed: members in canonical order, lists sorted, everything in its full form. */
export function preHash(event: Members, namespaces: Readonly<Record<string, string>>): string {
  const parts: string[] = [
    pair('eventType', event['type']),
    pair('eventTime', instant(event['eventTime'])),
    pair('eventTimeZoneOffset', event['eventTimeZoneOffset']),
    pair('parentID', event['parentID']),
    list('epcList', event['epcList'], (epc) => pair('epc', epc)),
    list('childEPCs', event['childEPCs'], (epc) => pair('epc', epc)),
    list('quantityList', event['quantityList'], quantity),
    list('childQuantityList', event['childQuantityList'], quantity),
    pair('action', event['action']),
    pair('bizStep', term('BizStep', event['bizStep'])),
    pair('disposition', term('Disp', event['disposition'])),
    place('readPoint', event['readPoint'], namespaces),
    place('bizLocation', event['bizLocation'], namespaces),
    list('bizTransactionList', event['bizTransactionList'], typed('BTT', 'bizTransaction')),
    list('destinationList', event['destinationList'], typed('SDT', 'destination')),
    list('sourceList', event['sourceList'], typed('SDT', 'source')),
    extensions(event, namespaces),
  ];
  return parts.join('');
}

function pair(name: string, value: unknown): string {
  return value === undefined ? '' : `${name}=${canonical(value as Value)}`;
}

function list(name: string, entries: unknown, write: (entry: unknown) => string): string {
  if (!Array.isArray(entries) || entries.length === 0) return '';
  return name + (entries as unknown[]).map(write).sort(byBytes).join('');
}

function quantity(entry: unknown): string {
  const { epcClass, quantity: amount, uom } = entry as Members;
  return `quantityElement${pair('epcClass', epcClass)}${pair('quantity', amount)}${pair('uom', uom)}`;
}

/** The type goes before the value, and destinations before sources, as in the published vectors; the prose has them the other way round. */
function typed(vocabulary: string, name: string): (entry: unknown) => string {
  return (entry) => {
    const { type, [name]: value } = entry as Members;
    return pair('type', term(vocabulary, type)) + pair(name, value);
  };
}

function place(name: string, value: unknown, namespaces: Readonly<Record<string, string>>): string {
  return value === undefined ? '' : `${name}${pair('id', (value as Members)['id'])}${extensions(value as Members, namespaces)}`;
}

/** A bare term of the vocabulary in its full form; a URI stays. */
function term(vocabulary: string, value: unknown): unknown {
  return typeof value === 'string' && !value.includes(':') ? `${CBV}${vocabulary}-${value}` : value;
}

function instant(value: unknown): string {
  return new Date(value as string).toISOString();
}

function extensions(members: Members, namespaces: Readonly<Record<string, string>>): string {
  return Object.entries(members).flatMap(([name, value]) => extension(name, value, namespaces)).sort(byBytes).join('');
}

/** A member of another namespace, `{namespace}name=value`, also nested. */
function extension(name: string, value: unknown, namespaces: Readonly<Record<string, string>>): readonly string[] {
  const colon = name.indexOf(':');
  const namespace = colon < 0 ? undefined : namespaces[name.slice(0, colon)];
  if (namespace === undefined) return [];
  const full = `{${namespace}}${name.slice(colon + 1)}`;
  if (Array.isArray(value)) return (value as unknown[]).flatMap((entry) => extension(name, entry, namespaces));
  if (typeof value !== 'object' || value === null) return [`${full}=${canonical(value as Value)}`];
  return [full + extensions(value as Members, namespaces)];
}

function canonical(value: Value): string {
  const text = String(value).trim();
  return typeof value === 'number' ? text : canonicalLink(text) ?? text;
}

/** By UTF-8, which UTF-16 order is not beyond the first plane. */
function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a, 'utf8'), Buffer.from(b, 'utf8'));
}
