/** What a simulated site is like: how busy, with which devices, how dirty. Profiles are JSON; three come with the package. */
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ErrorObject } from 'ajv/dist/2020.js';
import largeSite from './profiles/large-site.json' with { type: 'json' };
import schema from './profiles/profile.schema.json' with { type: 'json' };
import smallSite from './profiles/small-site.json' with { type: 'json' };
import sorterDay from './profiles/sorter-day.json' with { type: 'json' };

export type DeviceFormat = 'waybill' | 'proglove' | 'zebra' | 'plain';
export type GroupKind = 'handheld' | 'sorter' | 'portal';

export interface DeviceGroup {
  readonly kind: GroupKind;
  readonly area: string;
  readonly devices: number;
  readonly share: number;
  readonly hours?: readonly number[];
  readonly formats?: Readonly<Partial<Record<DeviceFormat, number>>>;
  readonly picks?: number;
  readonly bursts?: { readonly perHour: number; readonly seconds: number; readonly times: number };
  readonly tags?: readonly [number, number];
  readonly reads?: number;
}

export type Fault =
  | 'redelivered' | 'triggerDouble' | 'checkDigit' | 'cut' | 'symbology' | 'binary' | 'brokenJson' | 'wrongTopic' | 'wrongSite'
  | 'lateClock' | 'futureClock' | 'huge' | 'unknownDevice' | 'noRead' | 'doubleRead' | 'stray';

/** Per mille of a device's messages. */
export type Faults = Readonly<Partial<Record<Fault, number>>>;

export interface Outages {
  readonly deviceOffline?: { readonly perDeviceDay: number; readonly minutes: readonly [number, number] };
  readonly lineCuts?: { readonly perDay: number; readonly seconds: readonly [number, number] };
}

export interface Profile {
  readonly name: string;
  readonly description: string;
  readonly scansPerDay: number;
  /** 24 weights. */
  readonly hours: readonly number[];
  readonly groups: readonly DeviceGroup[];
  readonly faults?: Faults;
  readonly outages?: Outages;
}

/** A profile that cannot be used; the message says where and what to mend. */
export class ProfileError extends Error {
  override readonly name = 'ProfileError';
}

const SHIPPED: Readonly<Record<string, unknown>> = { 'large-site': largeSite, 'small-site': smallSite, 'sorter-day': sorterDay };

export const profileNames: readonly string[] = Object.keys(SHIPPED);
export { schema as profileSchema };

const validate = new Ajv2020({ allErrors: false, strict: true, allowUnionTypes: true }).compile<Profile>(schema);

/** The profile of that name, or in that file. @throws ProfileError */
export function readProfile(nameOrPath: string): Profile {
  if (Object.hasOwn(SHIPPED, nameOrPath)) return checked(SHIPPED[nameOrPath], nameOrPath);
  let text: string;
  try {
    text = readFileSync(nameOrPath, 'utf8');
  } catch (error) {
    throw new ProfileError(`there is no profile "${nameOrPath}" and no file of that name; take one of ${profileNames.join(', ')}, or write one ("waybill simulate profiles large-site" prints one to begin with)`, { cause: error });
  }
  return checked(parsed(text, nameOrPath), nameOrPath);
}

function parsed(text: string, where: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new ProfileError(`the profile ${where} is not JSON: ${(error as Error).message}`, { cause: error });
  }
}

/** @throws ProfileError when the value is no profile */
export function checked(value: unknown, where: string): Profile {
  if (!validate(value)) throw new ProfileError(`the profile ${where} cannot be used: ${said(validate.errors?.[0])}`);
  for (const [index, group] of value.groups.entries()) {
    if (group.tags !== undefined && group.tags[0] > group.tags[1]) throw new ProfileError(`the profile ${where} cannot be used: groups/${index}/tags goes from the smaller to the larger number`);
  }
  if (value.hours.every((weight) => weight === 0)) throw new ProfileError(`the profile ${where} cannot be used: hours are all 0, so nothing would ever be scanned`);
  const areas = value.groups.map(({ area }) => area);
  const twice = areas.find((area, index) => areas.indexOf(area) !== index);
  if (twice !== undefined) throw new ProfileError(`the profile ${where} cannot be used: two groups have the area "${twice}"; stations are numbered within an area`);
  return value;
}

function said(error: ErrorObject | undefined): string {
  if (error === undefined) return 'it does not follow the schema';
  const place = error.instancePath === '' ? 'it' : error.instancePath.slice(1);
  const more = error.keyword === 'additionalProperties' ? ` ("${String((error.params as { additionalProperty?: unknown }).additionalProperty)}")` : error.keyword === 'enum' ? ` (${(error.params as { allowedValues: readonly unknown[] }).allowedValues.join(', ')})` : '';
  return `${place} ${error.message ?? 'is wrong'}${more}`;
}
