import type { PublishedTemplate } from '../../../governance/catalogue/site-catalogue.ts';
import { compareVersions } from '../../../governance/gate/rules/versions.ts';
import type { GovernancePort } from '../port.ts';
import { installedViews } from './installed-view.ts';
import type { InstalledView } from './installed-view.ts';
import { readNodes } from './read-nodes.ts';

/** A version of a template as the site has it: what was published, and where it runs. */
export interface SiteTemplate {
  readonly id: string;
  readonly version: string;
  /** Undefined: it is installed, and the catalogue does not have it. */
  readonly published: PublishedTemplate | undefined;
  readonly installed: readonly InstalledView[];
  /** The newest version that is published for this site, when it is a later one. */
  readonly update: string | undefined;
}

/** Every version that the site may see or runs; by id, newest first. */
export function siteTemplates({ catalogue, gate }: Pick<GovernancePort, 'catalogue' | 'gate'>): readonly SiteTemplate[] {
  const flows = readNodes(gate.running()?.nodes);
  const running = Map.groupBy(flows === undefined ? [] : installedViews(flows, catalogue), ({ id, version }) => `${id}@${version}`);
  const published = new Map(catalogue.templates().map((template) => [`${template.manifest.id}@${template.manifest.version}`, template]));
  const newest = new Map<string, string>();
  for (const { manifest: { id, version }, status } of published.values()) {
    const best = newest.get(id);
    if (status === 'published' && (best === undefined || compareVersions(version, best) > 0)) newest.set(id, version);
  }
  return [...new Set([...published.keys(), ...running.keys()])].map((key): SiteTemplate => {
    const [id = '', version = ''] = key.split('@');
    const later = newest.get(id);
    return { id, version, published: published.get(key), installed: running.get(key) ?? [], update: later !== undefined && compareVersions(later, version) > 0 ? later : undefined };
  }).sort((a, b) => (a.id === b.id ? compareVersions(b.version, a.version) : a.id < b.id ? -1 : 1));
}
