import type { PublishedTemplate, SiteCatalogue } from '../../../governance/catalogue/site-catalogue.ts';
import { drainingHash } from '../../../governance/gate/rules/draining.ts';
import type { FlowNode, Flows } from '../../../governance/gate/rules/flows.ts';
import { installedTemplates, nodesOfTemplate, switchedOn } from '../../../governance/gate/rules/installed.ts';
import type { InstalledTemplate } from '../../../governance/gate/rules/installed.ts';
import { contentHash } from '../../../governance/template/normal-form.ts';
import { TemplateError } from '../../../governance/template/template-error.ts';
import { compareVersions } from '../../../governance/gate/rules/versions.ts';

/** How a template that stands in flows compares with what was published. */
export interface InstalledView {
  /** The subflow, or the first tab. */
  readonly container: string;
  readonly members: readonly string[];
  readonly kind: 'block' | 'flow';
  readonly id: string;
  readonly version: string;
  /** `draining`: as published, without its intake, so that it finishes its cases. `unknown`: the catalogue does not have this version. */
  readonly state: 'as-published' | 'draining' | 'drifted' | 'unknown';
  readonly status?: PublishedTemplate['status'];
  readonly sunset?: string;
  readonly title?: string;
  /** The newest version that is published for this site, when it is a later one. */
  readonly update?: string;
  /** The newest of the earlier versions that is published for this site: the way back. */
  readonly earlier?: string;
}

/** What stands installed in flows, deployed or not. */
export function installedViews(flows: Flows, catalogue: SiteCatalogue): readonly InstalledView[] {
  return installedTemplates(flows).map((installed) => view(flows, installed, catalogue));
}

function view(flows: Flows, installed: InstalledTemplate, catalogue: SiteCatalogue): InstalledView {
  const { id, version, kind, containers } = installed;
  const members = containers.map((container) => container.id);
  const base = { container: members[0]!, members, kind, id, version };
  const published = catalogue.template(id, version);
  const versions = catalogue.templates().filter(({ manifest, status }) => manifest.id === id && status === 'published').map(({ manifest }) => manifest.version).sort(compareVersions);
  const [update, earlier] = [versions.findLast((each) => compareVersions(each, version) > 0), versions.findLast((each) => compareVersions(each, version) < 0)];
  const later = { ...(update === undefined ? {} : { update }), ...(earlier === undefined ? {} : { earlier }) };
  if (published === undefined) return { ...base, state: 'unknown', ...later };
  const hash = hashOf(nodesOfTemplate(flows, containers).map(switchedOn));
  return {
    ...base, state: hash === published.contentHash ? 'as-published' : isDraining(hash, kind, published) ? 'draining' : 'drifted', status: published.status, title: published.manifest.title, ...later,
    ...(published.sunset === undefined ? {} : { sunset: published.sunset }),
  };
}

/** Whether it is what was published without its intake; that is worked out where it is not what was published whole. */
function isDraining(hash: string | undefined, kind: InstalledTemplate['kind'], { flow }: PublishedTemplate): boolean {
  return hash !== undefined && hash === drainingHash({ kind, flow }, contentHash);
}

/** Nodes that no order can be found for are not what was published. */
function hashOf(nodes: readonly FlowNode[]): string | undefined {
  try {
    return contentHash(nodes);
  } catch (error) {
    if (error instanceof TemplateError) return undefined;
    throw error;
  }
}
