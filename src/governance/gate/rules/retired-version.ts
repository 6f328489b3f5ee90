import type { Rule } from './rule.ts';
import { installedVersions, upgrade } from './template-versions.ts';

export const retiredVersion: Rule = {
  code: 'retired-version',
  title: 'A template is not retired',
  level: 'error',
  *check(flows, context) {
    for (const { container, facts, retired, successor } of installedVersions(flows, context)) {
      if (!retired) continue;
      const since = facts.sunset === undefined ? '' : ` since ${facts.sunset.slice(0, 10)}`;
      yield { node: container, about: `${facts.id}@${facts.version}`, message: `The version ${facts.version} of ${facts.id} is retired${since}.`, mend: upgrade(successor) };
    }
  },
};
