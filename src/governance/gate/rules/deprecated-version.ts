import type { Rule } from './rule.ts';
import { installedVersions, upgrade } from './template-versions.ts';
import { Called } from './words.ts';

export const deprecatedVersion: Rule = {
  code: 'deprecated-version',
  title: 'A template is not on its way out',
  level: 'warn',
  *check(flows, context) {
    for (const { container, facts, retired, successor } of installedVersions(flows, context)) {
      if (facts.status !== 'deprecated' || retired) continue;
      const until = facts.sunset === undefined ? '' : ` and will be retired on ${facts.sunset.slice(0, 10)}`;
      yield { node: container, about: `${facts.id}@${facts.version}`, message: `${Called(container)} is version ${facts.version} of ${facts.id}, which is deprecated${until}.`, mend: upgrade(successor) };
    }
  },
};
