import { serviceReference, statusAt } from '../../../domain/service/index.ts';
import { compareVersions } from '../../gate/rules/versions.ts';
import type { PublishedService } from '../site-catalogue.ts';

/** The services of one verified state of the catalogue, by their references; what they are depends on the day. */
export class HeldServices {
  /** As they were signed. */
  readonly of: readonly PublishedService[];
  readonly #byReference: ReadonlyMap<string, PublishedService>;
  readonly #versions = new Map<string, PublishedService[]>();

  constructor(services: readonly PublishedService[]) {
    this.of = services;
    this.#byReference = new Map(services.map((each) => [serviceReference(each.definition), each]));
    for (const each of services) this.#versions.set(each.definition.id, [...this.#versions.get(each.definition.id) ?? [], each]);
    for (const versions of this.#versions.values()) versions.sort((a, b) => compareVersions(b.definition.version, a.definition.version));
  }

  /** Milliseconds since 1970. */
  all(now: number): readonly PublishedService[] {
    return this.of.map((each) => this.#at(each, now));
  }

  one(reference: string, now: number): PublishedService | undefined {
    const found = this.#byReference.get(reference);
    return found === undefined ? undefined : this.#at(found, now);
  }

  #at(service: PublishedService, now: number): PublishedService {
    const status = statusAt(service, now);
    const successor = status === 'published' ? undefined : service.successor ?? this.#newest(service, now);
    if (status === service.status && successor === service.successor) return service;
    const { successor: _said, ...rest } = service;
    return { ...rest, status, ...(successor === undefined ? {} : { successor }) };
  }

  /** The newest version that stays, when it is newer than this one. */
  #newest({ definition: { id, version } }: PublishedService, now: number): string | undefined {
    const newest = this.#versions.get(id)?.find((each) => statusAt(each, now) === 'published');
    return newest === undefined || compareVersions(newest.definition.version, version) <= 0 ? undefined : serviceReference(newest.definition);
  }
}
