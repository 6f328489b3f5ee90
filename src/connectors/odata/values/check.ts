import type { Json } from '../../../domain/json.ts';
import { DriverError } from '../../driver.ts';
import type { ODataModel, TypeOf } from '../metadata/model.ts';
import { own } from '../metadata/model.ts';

const WHOLE: Readonly<Record<string, readonly [min: bigint, max: bigint]>> = {
  'Edm.Byte': [0n, 255n], 'Edm.SByte': [-128n, 127n], 'Edm.Int16': [-32768n, 32767n], 'Edm.Int32': [-2147483648n, 2147483647n],
  'Edm.Int64': [-9223372036854775808n, 9223372036854775807n],
};
const FORMS: Readonly<Record<string, readonly [form: RegExp, like: string]>> = {
  'Edm.Guid': [/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, '0f0e7a44-3c60-4f23-a9f0-37cf0b0b8f3a'],
  'Edm.Date': [/^-?\d{4,}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/, '2026-03-01'],
  'Edm.TimeOfDay': [/^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,12})?)?$/, '14:30:00'],
  'Edm.Duration': [/^-?P(?=.)(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?$/, 'PT8H30M'],
  'Edm.Time': [/^PT(?=\d)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?$/, 'PT14H30M00S'],
  'Edm.Binary': [/^[A-Za-z0-9+/_-]*={0,2}$/, 'SGVsbG8='],
};
const MOMENT = /^(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(?:T([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.(\d{1,12}))?)?)?(Z|[+-](?:0\d|1[0-4]):[0-5]\d)?$/;

/**
 * A value of a document in the one form that it has with us: decimals and Edm.Int64 are decimal text, dates and times are
 * ISO 8601 text; a moment has its time zone, an Edm.DateTime of V2 has none. Nothing is rounded, cut or guessed.
 *
 * @param at JSON Pointer of the value, for the message
 * @throws DriverError with one sentence that says what to do
 */
export function checked(value: Json, facets: TypeOf, model: Pick<ODataModel, 'enums'>, at: string): string | number | boolean | null {
  const { type } = facets;
  const name = at.slice(at.lastIndexOf('/') + 1) || 'The value';
  const refuse = (what: string): never => { throw new DriverError(`"${name}" ${what}.`, at); };
  if (value === null) return facets.nullable === false ? refuse('must not be empty: the system demands a value') : null;
  if (typeof value === 'object') return refuse(`must be one value of ${type}, not a list or an object`);
  if (type === 'Edm.Boolean') return typeof value === 'boolean' ? value : refuse('must be true or false');
  const enumeration = own(model.enums, type);
  if (enumeration !== undefined) {
    const names = String(value).split(enumeration.flags === true ? /,\s*/ : /$^/);
    return typeof value === 'string' && names.every((each) => own(enumeration.members, each) !== undefined) ? value
      : refuse(`must be ${enumeration.flags === true ? 'some' : 'one'} of ${Object.keys(enumeration.members).slice(0, 20).join(', ')}`);
  }
  const whole = own(WHOLE, type);
  if (whole !== undefined) {
    const text = String(value);
    if (typeof value === 'boolean' || !/^-?\d{1,20}$/.test(text) || BigInt(text) < whole[0] || BigInt(text) > whole[1]) return refuse(`must be a whole number from ${whole[0]} to ${whole[1]}, not ${shown(value)}`);
    return type === 'Edm.Int64' ? BigInt(text).toString() : Number(text);
  }
  if (type === 'Edm.Decimal') return decimal(value, facets, refuse);
  if (type === 'Edm.Double' || type === 'Edm.Single') {
    if (typeof value === 'number') return value;
    return typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value)) ? Number(value) : refuse(`must be a number, not ${shown(value)}`);
  }
  if (typeof value !== 'string') return refuse(`must be text (${type}), not ${shown(value)}; a mapping can make text of it`);
  if (type === 'Edm.DateTimeOffset' || type === 'Edm.DateTime') return moment(value, type, refuse);
  const form = own(FORMS, type);
  if (form !== undefined && !form[0].test(value)) return refuse(`must be ${type} like ${form[1]}, not ${shown(value)}`);
  if (form === undefined && facets.maxLength !== undefined && [...value].length > facets.maxLength) {
    return refuse(`is ${[...value].length} characters long and the system keeps ${facets.maxLength}; shorten it in the mapping`);
  }
  return value;
}

function decimal(value: Exclude<Json, object | null>, { precision, scale }: TypeOf, refuse: (what: string) => never): string {
  const text = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value;
  if (typeof text !== 'string' || !/^-?\d{1,40}(\.\d{1,40})?$/.test(text)) {
    return refuse(`must be decimal text like "12.50", not ${shown(value)}${typeof value === 'number' ? ': a number with a fraction is not exact' : ''}`);
  }
  const [, sign = '', digits = '', fraction = ''] = /^(-?)0*(\d+?)(?:\.(\d+))?$/.exec(text) ?? [];
  const places = fraction.replace(/0+$/, '').length;
  if (scale !== undefined && places > scale) return refuse(`has ${places} decimals (${text}) and the system keeps ${scale}; round it in the mapping`);
  const most = precision === undefined ? undefined : precision - (scale ?? 0);
  if (most !== undefined && digits !== '0' && digits.length > most) return refuse(`has ${digits.length} digits before the point (${text}) and the system keeps ${most}`);
  return `${sign}${digits}${fraction === '' ? '' : `.${scale === undefined ? fraction : fraction.slice(0, Math.max(scale, places))}`.replace(/\.$/, '')}`;
}

function moment(value: string, type: string, refuse: (what: string) => never): string {
  const [, year, month, day, hour, minute = '00', second = '00', fraction, zone] = MOMENT.exec(value) ?? [];
  const date = `${year}-${month}-${day}`;
  if (year === undefined || new Date(`${date}T00:00:00Z`).toISOString().slice(0, 10) !== date) return refuse(`must be a date with a time like 2026-03-01T14:30:00+01:00, not ${shown(value)}`);
  const local = `${date}T${hour ?? '00'}:${minute}:${second}${fraction === undefined ? '' : `.${fraction}`}`;
  if (type === 'Edm.DateTime') {
    return zone === undefined ? local : refuse(`is a local time of the system (Edm.DateTime) and takes no time zone: leave the ${zone} away, in the time that the system goes by`);
  }
  if (hour === undefined || zone === undefined) return refuse(`has no time zone (${shown(value)}): add Z or an offset such as +01:00, since the system means a moment`);
  return local + zone;
}

const shown = (value: Json): string => JSON.stringify(value).slice(0, 60);
