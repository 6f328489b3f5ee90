import { listOption } from './options.ts';
import type { Rule } from './rule.ts';
import { Called } from './words.ts';

export const noExec: Rule = {
  code: 'no-exec',
  title: 'No node runs programs of the machine',
  level: 'error',
  elsewhere: 'warn',
  options: { types: ['exec', 'daemon', 'pythonshell in', 'bigexec', 'bigssh'] },
  *check(flows, _context, options) {
    for (const type of new Set(listOption(options, 'types'))) {
      for (const node of flows.ofType(type)) {
        yield {
          node,
          message: `${Called(node)} runs a program of the machine, with all rights that Node-RED has.`,
          mend: 'Call a service instead, or ask central IT for a waiver that names the command.',
        };
      }
    }
  },
};
