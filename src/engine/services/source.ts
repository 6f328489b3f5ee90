import type { ServiceDefinition, Suspension } from '../../domain/service/index.ts';

/** A version of a service as the site knows it; what its catalogue holds has this form. */
export interface KnownService {
  readonly definition: ServiceDefinition;
  readonly status: 'published' | 'deprecated' | 'retired';
  /** Day (ISO 8601) from which a deprecated version is retired. */
  readonly sunset?: string;
  /** When it was deprecated, ISO 8601. */
  readonly deprecatedAt?: string;
  /** What takes its place: `family/name@1.2.3`. */
  readonly successor?: string;
  /** Its owners have stopped it for a while. */
  readonly suspended?: Suspension;
}

/** Where the engine has services from. */
export interface ServiceSource {
  services(): readonly KnownService[];
  /** One by `family/name@1.2.3`; asked at every call. */
  service(reference: string): KnownService | undefined;
}

/** A site without a catalogue knows none. */
export const noServices: ServiceSource = { services: () => [], service: () => undefined };

/** A fixed list, for tests and for trying things out. */
export function fixedServices(definitions: readonly ServiceDefinition[]): ServiceSource {
  const known = new Map(definitions.map((definition): [string, KnownService] => [`${definition.id}@${definition.version}`, { definition, status: 'published' }]));
  return { services: () => [...known.values()], service: (reference) => known.get(reference) };
}
