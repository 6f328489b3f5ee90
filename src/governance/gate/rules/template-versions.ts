import type { FlowNode, Flows } from './flows.ts';
import { installedTemplates } from './installed.ts';
import type { InstalledTemplate } from './installed.ts';
import type { RuleContext, TemplateFacts } from './rule.ts';
import { compareVersions } from './versions.ts';

export interface InstalledVersion {
  readonly container: FlowNode;
  readonly installed: InstalledTemplate;
  readonly facts: TemplateFacts;
  /** Retired by its status, or because its sunset has come. */
  readonly retired: boolean;
  /** Newest published version of the same template, which takes its place. */
  readonly successor: string | undefined;
}

/** Templates that stand in the flows and that the catalogue knows. */
export function installedVersions(flows: Flows, context: RuleContext): readonly InstalledVersion[] {
  const { templates, now } = context;
  if (templates === undefined) return [];
  return installedTemplates(flows).flatMap((installed) => {
    const { id, version, containers: [container] } = installed;
    const facts = templates.get(`${id}@${version}`);
    if (container === undefined || facts === undefined) return [];
    const newer = [...templates.values()].filter((each) => each.id === id && each.status === 'published').map((each) => each.version).sort(compareVersions);
    return [{ container, installed, facts, retired: facts.status === 'retired' || isOver(facts, now), successor: newer.at(-1) }];
  });
}

const isOver = ({ status, sunset }: TemplateFacts, now: string): boolean =>
  status === 'deprecated' && sunset !== undefined && !(Date.parse(sunset) > Date.parse(now));

/** What to do about an old version. */
export const upgrade = (successor: string | undefined): string =>
  (successor === undefined ? 'Ask its owner what takes its place.' : `Upgrade to ${successor} in the sidebar; it shows what becomes of open cases.`);
