/** A configuration that this version of Waybill cannot read. */
export class ConfigVersionError extends Error {
  override readonly name = 'ConfigVersionError';
  readonly code: 'config-too-new' | 'config-version-unreadable';

  constructor(code: ConfigVersionError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** A node's configuration as it stands in a flow: any property may be missing, numbers may be text. */
export type RawConfig = Readonly<Record<string, unknown>>;

/** Turns a configuration of version n into one of version n + 1; pure. */
export type Migration = (config: RawConfig) => RawConfig;

/** Every configuration carries its version; 0 is a flow that was made before versions. */
export interface Versioned {
  readonly configVersion: number;
}

/**
 * Makes a node's `migrate`: brings any configuration to the current version, without touching the
 * one it is given.
 *
 * - Missing properties get their default, also those that were added without a new version.
 * - Properties whose default is a number come out as numbers: the edit dialog stores text.
 * - Other properties, such as Node-RED's own `id` and `wires`, stay as they are.
 *
 * @param defaults all properties of the current version; its `configVersion` is the current version
 * @param migrations one for each earlier version that changed a meaning, keyed by the version it starts from
 * @throws {ConfigVersionError} `config-too-new` when a newer Waybill made it: it may hold a rule (an
 *   approval level, say) that this version would silently leave out. `config-version-unreadable` when
 *   the version is no whole number.
 */
export function migrationTo<T extends Versioned>(
  defaults: T,
  migrations: Readonly<Record<number, Migration>> = {},
): (config: RawConfig) => T {
  const current = defaults.configVersion;
  return (config) => {
    let migrated = config;
    for (let version = versionOf(config, current); version < current; version += 1) {
      migrated = migrations[version]?.(migrated) ?? migrated;
    }
    return { ...migrated, ...filledIn(defaults, migrated), configVersion: current };
  };
}

function versionOf(config: RawConfig, current: number): number {
  const { configVersion } = config;
  if (configVersion === undefined || configVersion === '') {
    return 0;
  }
  const version = Number(configVersion);
  if (!Number.isInteger(version) || version < 0) {
    throw new ConfigVersionError('config-version-unreadable', `The configuration's version is ${JSON.stringify(configVersion)}, which is no version.`);
  }
  if (version > current) {
    throw new ConfigVersionError(
      'config-too-new',
      `The node was configured with a newer Waybill (configuration ${version}, this one reads up to ${current}). Update Waybill here, or configure the node anew.`,
    );
  }
  return version;
}

function filledIn<T extends object>(defaults: T, config: RawConfig): T {
  const entries = Object.entries(defaults).map(([property, fallback]: [string, unknown]) => {
    const value = config[property];
    if (value === undefined || value === null) {
      return [property, structuredClone(fallback)];
    }
    return [property, typeof fallback === 'number' ? asNumber(value, fallback) : value];
  });
  return Object.fromEntries(entries) as T;
}

/** Text of a number as a number; blank falls back; anything else stays, for the validator to name. */
function asNumber(value: unknown, fallback: number): unknown {
  if (typeof value !== 'string') {
    return value;
  }
  const text = value.trim();
  const number = Number(text);
  return text === '' ? fallback : Number.isFinite(number) ? number : value;
}
