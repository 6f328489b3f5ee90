import { readServiceReference } from '../../../domain/service/index.ts';
import type { KnownService } from '../source.ts';
import type { ServiceStop } from '../stops.ts';
import type { ServiceCaller } from '../../governance/service-views.ts';
import { callsOf, countedSince } from './figures.ts';
import type { HealthSources } from './health-view.ts';

const DAY_MS = 86_400_000;

/** A service that is called at this site, and by whom. */
export interface CalledService {
  /** `family/name@1.2.0`. */
  readonly service: string;
  readonly title: string | null;
  /** Where it is in its life by the site's catalogue; null: the catalogue does not have it. */
  readonly status: KnownService['status'] | null;
  readonly sunset: string | null;
  readonly successor: string | null;
  readonly stopped: ServiceStop | null;
  /** Of the last 24 hours, at all systems. */
  readonly calls: number;
  /** The last call that was counted; null: none. */
  readonly lastCallAt: string | null;
  readonly callers: readonly ServiceCaller[];
}

/** What a site tells central IT: who calls what by the running flows, and what was called lately. */
export interface UsageReport {
  readonly form: 1;
  readonly site: string;
  readonly at: string;
  readonly services: readonly CalledService[];
}

/** Registered services only: a node's own word is nobody's to retire. */
export function usageReport(site: string, sources: HealthSources): UsageReport {
  const callers = new Map([...sources.callers].filter(([service]) => readServiceReference(service) !== undefined));
  for (const { service } of sources.book.figures()) if (!callers.has(service) && sources.services.service(service) !== undefined) callers.set(service, []);
  return {
    form: 1, site, at: new Date(sources.now).toISOString(),
    services: [...callers].sort(([a], [b]) => (a < b ? -1 : 1)).map(([service, of]) => {
      const known = sources.services.service(service);
      const figures = sources.book.figures().filter((each) => each.service === service);
      return {
        service, title: known?.definition.title ?? null, status: known?.status ?? null, sunset: known?.sunset ?? null, successor: known?.successor ?? null, stopped: sources.stops.of(service) ?? null,
        calls: figures.reduce((sum, each) => sum + callsOf(countedSince(each, sources.now - DAY_MS)), 0), lastCallAt: figures.map(({ lastAt }) => lastAt).sort().at(-1) ?? null, callers: of,
      };
    }),
  };
}
