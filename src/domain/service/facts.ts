import type { LifeStatus, Suspension } from './life.ts';
import type { ServiceDefinition } from './service.ts';

/** A version of a service as a site's verified catalogue has it at the moment. */
export interface ServiceFacts {
  readonly definition: ServiceDefinition;
  /** Retired from the sunset on. */
  readonly status: LifeStatus;
  /** Day (ISO 8601) from which a deprecated version is retired. */
  readonly sunset?: string;
  /** ISO instant at which it was deprecated, where that is known. */
  readonly deprecatedAt?: string;
  /** Why it was deprecated or withdrawn. */
  readonly reason?: string;
  /** What takes its place, as `family/name@1.2.0`: as its owners say, else the newest published version of the same service. */
  readonly successor?: string;
  /** Stopped for a while. */
  readonly suspended?: Suspension;
  /** Rings that get it. */
  readonly ring: 'test' | 'pilot' | 'all';
  /** `sha256:<hex>` of the definition in canonical form: two definitions that mean the same have the same. */
  readonly contentHash: string;
}
