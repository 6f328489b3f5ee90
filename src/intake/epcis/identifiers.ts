/**
 * What things are called in an event: GS1 Digital Link URIs in their canonical form (Digital Link URI Syntax 1.2 §4.11),
 * or EPC URNs (EPC Tag Data Standard 2.0 §6.3) where it is known how long the company prefix of a key is.
 */
import { hasValidCheckDigit } from '../gs1/index.ts';

const RESOLVER = 'https://id.gs1.org';
/** Characters of a serial or lot that an EPC URN writes as %xx (TDS 2.0, Table A-1). */
const URN_ESCAPES = /["%&/<>?#]/g;
/** The part of a GLN that tells places within it apart (AI 254: GS1 AI encodable character set 82, at most 20). */
const EXTENSION = /^[!"%&'()*+,\-./0-9:;<=>?A-Z_a-z]{1,20}$/;

/** Writes GS1 keys as URIs. */
export class Identifiers {
  readonly #prefixes: readonly string[];

  /** @param companyPrefixes keys that begin with one of these are written as EPC URNs, all others as Digital Link URIs */
  constructor(companyPrefixes: readonly string[] = []) {
    // the longest that fits is the one: 4012345 is another company's than 401234500
    this.#prefixes = [...companyPrefixes].sort((a, b) => b.length - a.length);
  }

  sscc(sscc: string): string {
    return this.#split(sscc.charAt(0), sscc.slice(1, 17), (prefix, rest) => `urn:epc:id:sscc:${prefix}.${rest}`) ?? `${RESOLVER}/00/${sscc}`;
  }

  /** One piece. */
  sgtin(gtin: string, serial: string): string {
    return this.#item(gtin, (item) => `urn:epc:id:sgtin:${item}.${urnPart(serial)}`) ?? `${RESOLVER}/01/${gtin}/21/${linkPart(serial)}`;
  }

  /** A trade item, or one lot of it. */
  gtinClass(gtin: string, lot?: string): string {
    if (lot === undefined) return this.#item(gtin, (item) => `urn:epc:idpat:sgtin:${item}.*`) ?? `${RESOLVER}/01/${gtin}`;
    return this.#item(gtin, (item) => `urn:epc:class:lgtin:${item}.${urnPart(lot)}`) ?? `${RESOLVER}/01/${gtin}/10/${linkPart(lot)}`;
  }

  /** A returnable asset with its serial number: the value of AI 8003. */
  grai(value: string): string {
    const serial = value.slice(14);
    return this.#split('', value.slice(1, 13), (prefix, rest) => `urn:epc:id:grai:${prefix}.${rest}.${urnPart(serial)}`) ?? `${RESOLVER}/8003/${value.slice(0, 14)}${linkPart(serial)}`;
  }

  /** An asset: the value of AI 8004. */
  giai(value: string): string {
    return this.#split('', value, (prefix, rest) => `urn:epc:id:giai:${prefix}.${urnPart(rest)}`) ?? `${RESOLVER}/8004/${linkPart(value)}`;
  }

  /** A place. */
  location(gln: string, extension?: string): string {
    return this.#split('', gln.slice(0, 12), (prefix, rest) => `urn:epc:id:sgln:${prefix}.${rest}.${extension === undefined ? '0' : urnPart(extension)}`)
      ?? `${RESOLVER}/414/${gln}${extension === undefined ? '' : `/254/${linkPart(extension)}`}`;
  }

  /** A party. */
  party(gln: string): string {
    return this.#split('', gln.slice(0, 12), (prefix, rest) => `urn:epc:id:pgln:${prefix}.${rest}`) ?? `${RESOLVER}/417/${gln}`;
  }

  #item(gtin: string, urn: (item: string) => string): string | undefined {
    return this.#split(gtin.charAt(0), gtin.slice(1, 13), (prefix, rest) => urn(`${prefix}.${rest}`));
  }

  /** @param leading extension or indicator digit, which stands behind the company prefix in a URN */
  #split(leading: string, key: string, urn: (prefix: string, rest: string) => string): string | undefined {
    const prefix = this.#prefixes.find((known) => key.startsWith(known));
    return prefix === undefined ? undefined : urn(prefix, leading + key.slice(prefix.length));
  }
}

export function isGln(text: string): boolean {
  return /^\d{13}$/.test(text) && hasValidCheckDigit(text);
}

export function isGlnExtension(text: string): boolean {
  return EXTENSION.test(text);
}

/** RFC 3986 path segment; of the characters of set 82 only the apostrophe stays, as GS1's own conversions leave it. */
export function linkPart(text: string): string {
  return encodeURIComponent(text).replace(/[!()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

function urnPart(text: string): string {
  return text.replace(URN_ESCAPES, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}
