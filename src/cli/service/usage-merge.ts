import type { CalledService, UsageReport } from '../../engine/services/health/usage-report.ts';

/** A report and where it came from, or why it could not be had. */
export type Gathered = { readonly from: string; readonly report: UsageReport } | { readonly from: string; readonly problem: string };

/** A service with what each site says of it. */
export interface CalledAcross { readonly service: string; readonly title: string | null; readonly sites: readonly { readonly site: string; readonly at: string; readonly called: CalledService }[] }

/** A report as a site gives it. @throws RangeError in one sentence */
export function readUsageReport(value: unknown): UsageReport {
  const { form, site, at, services } = (typeof value === 'object' && value !== null ? value : {}) as Partial<Record<keyof UsageReport, unknown>>;
  if (form !== 1) throw new RangeError(form === undefined ? 'is no report of usage; a site gives one at GET service-usage' : `is a report of the form ${JSON.stringify(form)}, and this program reads 1; update it`);
  if (typeof site !== 'string' || site === '' || typeof at !== 'string' || Number.isNaN(Date.parse(at)) || !Array.isArray(services)) throw new RangeError('lacks its site, its time or its services; have the site make it again');
  const whole = services.every((each: unknown) => {
    const { service, callers, calls } = (each ?? {}) as Partial<Record<keyof CalledService, unknown>>;
    return typeof service === 'string' && typeof calls === 'number' && Array.isArray(callers);
  });
  if (!whole) throw new RangeError('has a service without its callers; have the site make it again');
  return value as UsageReport;
}

/** Of several reports of one site the newest counts. */
export function newestOfEach(reports: readonly UsageReport[]): readonly UsageReport[] {
  const newest = new Map<string, UsageReport>();
  for (const report of reports) {
    const other = newest.get(report.site);
    if (other === undefined || Date.parse(other.at) < Date.parse(report.at)) newest.set(report.site, report);
  }
  return [...newest.values()].sort((a, b) => a.site.localeCompare(b.site, 'en'));
}

/**
 * Who calls what at all sites, by service.
 * @param wanted `family/name`, or one version of it; '' for all
 */
export function usageAcross(reports: readonly UsageReport[], wanted: string): readonly CalledAcross[] {
  const found = new Map<string, { title: string | null; sites: { site: string; at: string; called: CalledService }[] }>();
  for (const { site, at, services } of newestOfEach(reports)) {
    for (const called of services) {
      const { service, title } = called;
      if (wanted !== '' && service !== wanted && !service.startsWith(`${wanted}@`)) continue;
      const entry = found.get(service) ?? { title, sites: [] };
      entry.sites.push({ site, at, called });
      found.set(service, { ...entry, title: entry.title ?? title });
    }
  }
  return [...found].sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true })).map(([service, entry]) => ({ service, ...entry }));
}
