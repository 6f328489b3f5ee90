import { isDraining } from './draining.ts';
import type { Rule } from './rule.ts';
import { installedVersions, upgrade } from './template-versions.ts';
import { Called } from './words.ts';

export const retiredVersion: Rule = {
  code: 'retired-version',
  title: 'A template is not retired',
  level: 'error',
  *check(flows, context) {
    for (const { container, installed, facts, retired, successor } of installedVersions(flows, context)) {
      if (!retired) continue;
      // Its time is over, and it was not withdrawn: an upgrade may leave it beside the new version until its cases are finished.
      if (facts.status !== 'retired' && isDraining(flows, installed)) continue;
      const when = facts.sunset === undefined ? 'is retired' : `has been retired since ${facts.sunset.slice(0, 10)}`;
      yield { node: container, about: `${facts.id}@${facts.version}`, message: `${Called(container)} is version ${facts.version} of ${facts.id}, which ${when}.`, mend: upgrade(successor) };
    }
  },
};
