import type { Json } from '../../../domain/json.ts';
import type { ODataModel, TypeOf } from '../metadata/model.ts';
import { own } from '../metadata/model.ts';
import { checked } from './check.ts';

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** Types of V2 whose literals have a prefix or a suffix (OData V2, Overview §2.2.2). */
const V2: Readonly<Record<string, (text: string) => string>> = {
  'Edm.Guid': (text) => `guid'${text}'`, 'Edm.DateTime': (text) => `datetime'${text}'`, 'Edm.DateTimeOffset': (text) => `datetimeoffset'${text}'`,
  'Edm.Time': (text) => `time'${text}'`, 'Edm.Decimal': (text) => `${text}m`, 'Edm.Int64': (text) => `${text}L`, 'Edm.Double': (text) => `${text}d`, 'Edm.Single': (text) => `${text}f`,
  'Edm.Binary': (text) => `X'${Buffer.from(text, 'base64').toString('hex').toUpperCase()}'`,
};
const V4: Readonly<Record<string, (text: string) => string>> = { 'Edm.Duration': (text) => `duration'${text}'`, 'Edm.Binary': (text) => `binary'${text}'` };
const BARE = new Set(['Edm.Boolean', 'Edm.Byte', 'Edm.SByte', 'Edm.Int16', 'Edm.Int32', 'Edm.Int64', 'Edm.Decimal', 'Edm.Double', 'Edm.Single', 'Edm.Guid', 'Edm.Date', 'Edm.TimeOfDay', 'Edm.DateTimeOffset']);

/**
 * A value as it stands in a key, a filter or a function's argument (OData ABNF `primitiveLiteral`), not yet encoded for a URL.
 *
 * @throws DriverError as `checked` does
 */
export function literal(value: Json, facets: TypeOf, model: Pick<ODataModel, 'enums' | 'version'>, at: string): string {
  const text = checked(value, facets, model, at);
  if (text === null) return 'null';
  const { type } = facets;
  if (own(model.enums, type) !== undefined) return `${type}${quoted(String(text))}`;
  const form = own(model.version === '2.0' ? V2 : V4, type);
  if (form !== undefined) return form(String(text));
  return BARE.has(type) ? String(text) : quoted(String(text));
}
