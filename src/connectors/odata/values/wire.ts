import type { Json } from '../../../domain/json.ts';
import type { ODataModel, TypeOf } from '../metadata/model.ts';
import { DriverError } from '../../driver.ts';
import { checked } from './check.ts';
import { exactNumber, withoutExponent } from './json-text.ts';

type Model = Pick<ODataModel, 'enums' | 'version'>;

/**
 * A value as it stands in a JSON body. Decimals and Edm.Int64 are text: in V2 always, in V4 by `IEEE754Compatible=true`
 * (OData JSON §3.2); `decimals: 'number'` is for systems that take no text.
 *
 * @throws DriverError as `checked` does
 */
export function toWire(value: Json, facets: TypeOf, model: Model, at: string, decimals: 'text' | 'number'): unknown {
  const own = checked(value, facets, model, at);
  if (own === null) return null;
  if (model.version === '2.0') {
    if (facets.type === 'Edm.DateTime' || facets.type === 'Edm.DateTimeOffset') return dateForV2(String(own), facets.type, at);
    return own;
  }
  return decimals === 'number' && (facets.type === 'Edm.Decimal' || facets.type === 'Edm.Int64') ? exactNumber(String(own)) : own;
}

/** Milliseconds since 1970, of a moment in UTC: whether an offset is to be added or is already in them is read in two ways (OData V2, JSON Format §4). */
function dateForV2(value: string, type: string, at: string): string {
  if (/\.\d{3}0*[1-9]/.test(value)) throw new DriverError(`"${at.slice(at.lastIndexOf('/') + 1)}" has more than milliseconds (${value}), which OData V2 cannot carry: cut it in the mapping.`, at);
  return type === 'Edm.DateTime' ? `/Date(${Date.parse(`${value}Z`)})/` : `/Date(${Date.parse(value)}+0000)/`;
}

/** A value of an answer (parsed by `parseExactJson`) in the form that documents have with us. What does not fit its type stays as it came. */
export function fromWire(value: Json, type: string): Json {
  if (typeof value === 'number' && (type === 'Edm.Decimal' || type === 'Edm.Int64')) return String(value);
  if (typeof value !== 'string') return value;
  switch (type) {
    case 'Edm.Double': case 'Edm.Single': return value !== '' && Number.isFinite(Number(value)) ? Number(value) : value;
    case 'Edm.Byte': case 'Edm.SByte': case 'Edm.Int16': case 'Edm.Int32': return /^-?\d{1,10}$/.test(value) ? Number(value) : value;
    case 'Edm.Decimal': return /^-?[\d.]+[eE]/.test(value) ? withoutExponent(value) : value;
    case 'Edm.DateTime': case 'Edm.DateTimeOffset': return dateOfV2(value, type);
    default: return value;
  }
}

function dateOfV2(value: string, type: string): string {
  const [, ms, offset] = /^\/Date\((-?\d{1,15})([+-]\d{1,4})?\)\/$/.exec(value) ?? [];
  // With an offset in it nobody can tell whether the milliseconds are UTC: it stays as it came, and the contract tells.
  if (ms === undefined || Number(offset ?? 0) !== 0 || Math.abs(Number(ms)) > 8.64e15) return value;
  const local = new Date(Number(ms)).toISOString().slice(0, -1).replace(/\.000$/, '');
  return type === 'Edm.DateTime' ? local : `${local}Z`;
}
