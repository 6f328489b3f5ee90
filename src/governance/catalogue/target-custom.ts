import type { TargetFile } from '@tufjs/models';
import type { Suspension } from '../../domain/service/index.ts';
import { isId, isVersion } from './names.ts';
import { CatalogueRefusal } from './refusal.ts';

export const RINGS = ['test', 'pilot', 'all'] as const;
export type Ring = typeof RINGS[number];

/** What the owners sign about a file besides its content: the member `custom.waybill` of a target (TUF specification 4.5). */
export interface TargetCustom {
  readonly status: 'published' | 'deprecated' | 'retired';
  readonly ring: Ring;
  /** ISO instant at which it was staged. */
  readonly publishedAt: string;
  /** Day from which a deprecated version is retired, without anybody signing again. */
  readonly sunset?: string;
  /** ISO instant at which its deprecation was staged; absent in what was deprecated before that was kept. */
  readonly deprecatedAt?: string;
  /** Why it was deprecated or withdrawn. */
  readonly reason?: string;
  /** What takes its place, as `family/name@1.2.3` of the same kind; absent: the newest published version. */
  readonly successor?: string;
  /** Of a service: stopped for a while. */
  readonly suspended?: Pick<Suspension, keyof Suspension>;
}

export function isRing(value: unknown): value is Ring {
  return RINGS.includes(value as Ring);
}

/** A real day in ISO 8601. */
export function isDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(`${text}T00:00:00Z`)) && new Date(`${text}T00:00:00Z`).toISOString().startsWith(text);
}

/** `family/name@1.2.3`. */
export function isReference(text: string): boolean {
  const [id = '', version = '', ...more] = text.split('@');
  return isId(id) && isVersion(version) && more.length === 0;
}

function isSuspension(value: unknown): value is Suspension {
  if (typeof value !== 'object' || value === null) return false;
  const { reason, until } = value as Partial<Record<keyof Suspension, unknown>>;
  return typeof reason === 'string' && (until === undefined || (typeof until === 'string' && !Number.isNaN(Date.parse(until))));
}

/** @throws CatalogueRefusal `malformed` */
export function readTargetCustom(target: TargetFile): TargetCustom {
  const { status, ring, publishedAt, sunset, deprecatedAt, reason, successor, suspended } = (target.custom['waybill'] ?? {}) as Partial<Record<keyof TargetCustom, unknown>>;
  const wrong = (what: string): CatalogueRefusal => new CatalogueRefusal('malformed', `What is signed about ${target.path} has no valid ${what}.`);
  if (status !== 'published' && status !== 'deprecated' && status !== 'retired') throw wrong('status');
  if (!isRing(ring)) throw wrong('ring');
  if (typeof publishedAt !== 'string' || Number.isNaN(Date.parse(publishedAt))) throw wrong('time of publication');
  if (sunset !== undefined && (typeof sunset !== 'string' || !isDay(sunset))) throw wrong('sunset');
  if (deprecatedAt !== undefined && (typeof deprecatedAt !== 'string' || Number.isNaN(Date.parse(deprecatedAt)))) throw wrong('time of deprecation');
  if (reason !== undefined && typeof reason !== 'string') throw wrong('reason');
  if (successor !== undefined && (typeof successor !== 'string' || !isReference(successor))) throw wrong('successor');
  if (suspended !== undefined && !isSuspension(suspended)) throw wrong('suspension');
  return { status, ring, publishedAt, ...(suspended === undefined ? {} : { suspended }), ...(sunset === undefined ? {} : { sunset }), ...(deprecatedAt === undefined ? {} : { deprecatedAt }), ...(reason === undefined ? {} : { reason }), ...(successor === undefined ? {} : { successor }) };
}

/** Whether a site of a ring gets what is released to `released`: the test site gets everything, pilots what is for pilots and all. */
export function reaches(released: Ring, site: Ring): boolean {
  return RINGS.indexOf(released) >= RINGS.indexOf(site);
}

/** Of two rings the one that gets less. */
export function narrower(one: Ring, other: Ring): Ring {
  return RINGS[Math.max(RINGS.indexOf(one), RINGS.indexOf(other))]!;
}

/** WAYBILL_RING as it was set. @throws Error with one sentence */
export function readRing(text: string | undefined): Ring {
  if (text === undefined) return 'all';
  if (isRing(text)) return text;
  throw new Error(`WAYBILL_RING is ${JSON.stringify(text)}; it is one of ${RINGS.join(', ')}.`);
}
