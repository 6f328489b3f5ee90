import type { FlowNode } from './flows.ts';
import type { Rule } from './rule.ts';
import { isInRange } from './semver-range.ts';
import { counted } from './words.ts';

/** What Node-RED itself and Waybill provide. */
const OURS: ReadonlySet<string> = new Set(['node-red', '@node-red/nodes', '@waybill/node-red']);

/** Types that no module provides. */
const NO_TYPES: ReadonlySet<string> = new Set(['tab', 'subflow', 'group', 'comment', 'junction', 'global-config', 'unknown']);

export const modulesAllowed: Rule = {
  code: 'modules-allowed',
  title: 'Nodes come from packages that were reviewed',
  level: 'error',
  *check(flows, { provider }, _options, { modules }) {
    if (provider === undefined || typeof modules !== 'object' || modules === null) return;
    const types = new Map<string, FlowNode[]>();
    for (const node of flows.nodes) {
      if (NO_TYPES.has(node.type) || node.type.startsWith('subflow:')) continue;
      const users = types.get(node.type);
      if (users === undefined) types.set(node.type, [node]);
      else users.push(node);
    }
    for (const [type, users] of types) {
      const from = provider(type);
      if (from !== undefined && OURS.has(from.module)) continue;
      const node = users[0]!;
      const more = users.length === 1 ? '' : ` (${counted(users.length, 'node')})`;
      const range = from !== undefined && Object.hasOwn(modules, from.module) ? String(modules[from.module]) : undefined;
      if (from === undefined) {
        yield { node, about: type, message: `Nothing that is installed provides "${type}"${more}, so nobody can say what it will be.`, mend: 'Install a reviewed package that provides it, or delete the nodes.' };
      } else if (range === undefined) {
        yield { node, about: `${type} ${from.module}`, message: `"${type}"${more} comes from ${from.module}, which nobody has reviewed.`, mend: 'Use nodes of reviewed packages, or ask central IT to review this one.' };
      } else if (!isInRange(from.version, range)) {
        yield { node, about: `${type} ${from.module}`, message: `"${type}"${more} comes from ${from.module} ${from.version}; reviewed is ${range}.`, mend: `Install ${from.module} in a version that was reviewed.` };
      }
    }
  },
};
