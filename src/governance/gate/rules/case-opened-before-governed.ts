import type { Rule } from './rule.ts';
import { unopened } from './unopened.ts';
import { Called, called } from './words.ts';

export const caseOpenedBeforeGoverned: Rule = {
  code: 'case-opened-before-governed',
  title: 'A case is opened before every governed step',
  level: 'error',
  *check(flows) {
    for (const { step, source } of unopened(flows)) {
      yield {
        node: step,
        message: `${Called(step)} gets messages from ${called(source)} for which no case was opened, so they end in quarantine.`,
        mend: source.type.startsWith('waybill-') ? 'Wire this output to nodes that need no case.' : 'Put a "case open" between the two, or take the messages in with "scan in".',
      };
    }
  },
};
