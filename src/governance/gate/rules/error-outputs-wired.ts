import type { Rule } from './rule.ts';
import { tokenGraph } from './token-graph.ts';
import { called } from './words.ts';

const NAMES: Readonly<Record<string, readonly string[]>> = {
  'waybill-approval': ['approved', 'rejected', 'sent back for rework', 'expired'],
  'waybill-validate': ['valid', 'invalid'],
  'waybill-decision': ['decided', 'no rule fits'],
  'waybill-wait-for-event': ['the event came', 'it did not come in time'],
  'waybill-gather': ['all that were waited for', 'time is up, or the others cannot come'],
  'waybill-audit': ['recorded', 'no photos'],
  'waybill-compensate': ['the case goes on', 'the case is cancelled: undo it here'],
};

export const errorOutputsWired: Rule = {
  code: 'error-outputs-wired',
  title: 'Outputs for what goes wrong lead somewhere',
  level: 'error',
  *check(flows) {
    const graph = tokenGraph(flows);
    for (const node of flows.governed) {
      for (const port of graph.tokenPorts(node)) {
        if (port === 0 || flows.outOf(node.id, port).length > 0 || graph.leaves(node, port)) continue;
        const name = NAMES[node.type]?.[port];
        yield {
          node, property: `output ${port + 1}`,
          message: `Output ${port + 1}${name === undefined ? '' : ` (${name})`} of ${called(node)} is not wired: whoever ends there waits for an engineer.`,
          mend: 'Wire it to what is done then: an "exception", another step, or a "case close".',
        };
      }
    }
  },
};
