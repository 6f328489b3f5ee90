import { notificationsFromEnvironment } from './notify/settings.ts';
import type { WaybillSettings } from './api.ts';
import { systemTimeZone } from './sites.ts';
import { join, resolve } from 'node:path';
import process from 'node:process';

/** What can be tuned; times in ms. Tests shorten them. */
export interface EngineTuning {
  /** States of open cases kept in memory. */
  readonly cachedCases: number;
  /** Tokens on their way and steps at work at the same time; what is beyond waits in the ledger. */
  readonly window: number;
  /** A token that no governed node takes for so long becomes an exception. */
  readonly stallMs: number;
  /** Governed nodes one case may pass. */
  readonly hopLimit: number;
  /** A token or step in flight in so many epochs that ended uncleanly becomes an exception. */
  readonly poisonEpochs: number;
  /** A standstill or jump of the clock beyond this puts destructive expiries off by `graceMs`. */
  readonly standstillMs: number;
  readonly graceMs: number;
  /** How long an orderly shut-down waits for steps at work. */
  readonly drainMs: number;
  /** Refusals recorded per person and minute; more are counted only. */
  readonly refusalsPerMinute: number;
}

export const defaultTuning: EngineTuning = {
  cachedCases: 4_000, window: 400, stallMs: 60_000, hopLimit: 100, poisonEpochs: 3,
  standstillMs: 600_000, graceMs: 900_000, drainMs: 5_000, refusalsPerMinute: 30,
};

/** Reads the settings from environment variables (see docs/settings.md). */
export function settingsFromEnvironment(env: NodeJS.ProcessEnv, directory: string): WaybillSettings {
  const text = (name: string): string | undefined => {
    const value = env[name]?.trim();
    return value === undefined || value === '' ? undefined : value;
  };
  return {
    home: resolve(directory, text('WAYBILL_HOME') ?? join(directory, '.waybill')),
    site: text('WAYBILL_SITE') ?? 'dc-1',
    enterprise: text('WAYBILL_ENTERPRISE') ?? 'acme',
    legalEntity: text('WAYBILL_LEGAL_ENTITY') ?? 'acme-gmbh',
    timeZone: text('WAYBILL_TIME_ZONE') ?? systemTimeZone(),
    publicUrl: text('WAYBILL_PUBLIC_URL'),
    mqttUrl: text('WAYBILL_MQTT_URL'),
    erpUrl: text('WAYBILL_ERP_URL'),
    ...(text('WAYBILL_GATE') === 'warn' ? { gate: 'warn' as const } : {}),
    ...(text('WAYBILL_EXCEPTION_CLASSES') === undefined ? {} : { exceptionClasses: text('WAYBILL_EXCEPTION_CLASSES') ?? '' }),
    ...(text('WAYBILL_CATALOGUE') === undefined ? {} : { catalogue: placeFrom(text('WAYBILL_CATALOGUE') ?? '', directory) }),
    ...(text('WAYBILL_CATALOGUE_ROOT') === undefined ? {} : { catalogueRoot: resolve(directory, text('WAYBILL_CATALOGUE_ROOT') ?? '') }),
    ...(text('WAYBILL_RING') === undefined ? {} : { ring: text('WAYBILL_RING') ?? '' }),
    notifications: notificationsFromEnvironment(text),
  };
}

/**
 * The settings of this site: those of settings.js before those of the environment.
 * @param waybill what settings.js says @param directory where relative paths start: Node-RED's user folder
 */
export function siteSettings(waybill: Partial<WaybillSettings> | undefined, directory: string): WaybillSettings {
  const { catalogue = '', catalogueRoot = '', ...others } = { ...settingsFromEnvironment(process.env, directory), ...waybill };
  return {
    ...others, home: resolve(directory, others.home),
    // As an expression such as process.env.CATALOGUE gives it, nothing is not set.
    ...(catalogue === '' ? {} : { catalogue: placeFrom(catalogue, directory) }), ...(catalogueRoot === '' ? {} : { catalogueRoot: resolve(directory, catalogueRoot) }),
  };
}

/** An address as it is, a folder from the folder where relative ones start. */
export function placeFrom(place: string, directory: string): string {
  return /^(https?:|[a-z][a-z0-9+.-]+:\/\/)/i.test(place) ? place : resolve(directory, place);
}
