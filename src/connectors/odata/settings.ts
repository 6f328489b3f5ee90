import type { ServiceDefinition } from '../../domain/service/index.ts';
import { DriverError } from '../driver.ts';
import type { ServiceBinding } from './binding.ts';
import type { ODataModel } from './metadata/model.ts';
import { presetOf } from './presets/presets.ts';

/** A service's binding with what its preset says and with defaults. */
export interface Settings extends ServiceBinding {
  readonly csrf: boolean;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly decimals: 'text' | 'number';
  readonly update: NonNullable<ServiceBinding['update']>;
  readonly batch: 'multipart' | 'json';
  readonly withoutEtag: 'refuse' | 'none' | 'any';
  readonly metadataMinutes: number;
  readonly maxPages: number;
}

const read = new WeakMap<ServiceDefinition, Settings>();

/** @throws DriverError when the definition has no usable binding */
export function settingsOf(service: ServiceDefinition): Settings {
  const known = read.get(service);
  if (known !== undefined) return known;
  const binding = service.binding as unknown as ServiceBinding | undefined;
  if (binding === undefined || typeof binding.path !== 'string' || typeof binding.metadata !== 'object') {
    throw new DriverError(`The service ${service.id} has no binding with "path" and "metadata"; make its definition from the system's metadata.`);
  }
  const preset = presetOf(service.preset)?.binding;
  const model: ODataModel = binding.metadata;
  const settings: Settings = {
    csrf: false, decimals: 'text', update: model.version === '2.0' ? 'MERGE-by-POST' : 'PATCH', batch: model.jsonBatch === true ? 'json' : 'multipart', withoutEtag: 'refuse', metadataMinutes: 60, maxPages: 20,
    ...preset, ...binding, path: binding.path.replace(/\/+$/, ''),
    query: { ...preset?.query, ...binding.query }, headers: { ...preset?.headers, ...binding.headers },
  };
  read.set(service, settings);
  return settings;
}
