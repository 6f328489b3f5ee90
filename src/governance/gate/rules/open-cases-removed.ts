import { byOrigin, goesOnAt, movesOf } from './moves.ts';
import { placedSteps } from './placed-steps.ts';
import type { Rule } from './rule.ts';
import { counted } from './words.ts';

export const openCasesRemoved: Rule = {
  code: 'open-cases-removed',
  title: 'No step is taken away under open cases',
  level: 'error',
  *check(flows, { before, openCases, templates }) {
    if (before === undefined || openCases === undefined || openCases.size === 0) return;
    const [was, is] = [placedSteps(before), placedSteps(flows)];
    // What an older version left rests at its old address, and goes on at the step that the map of the installed template names.
    const [moved, moves] = [byOrigin(movesOf(before, templates, was).moves), byOrigin(movesOf(flows, templates, is).moves)];
    for (const [address, count] of openCases) {
      const old = goesOnAt(address, was, moved);
      if (count < 1 || old === undefined) continue;
      const now = goesOnAt(address, is, moves);
      const cases = counted(count, 'open case');
      const name = old.node.name || String(old.node['stepId']);
      const about = address;
      if (now === undefined) {
        yield { node: old.node, about, message: `${cases} ${count === 1 ? 'rests' : 'rest'} at the step "${name}" (${address}), which this deploy takes away.`, mend: 'Let them finish first, or keep a step with this id that takes them over; a template names the new one in its "migrations".' };
      } else if (now.node.type !== old.node.type) {
        yield { node: now.node, about, message: `${cases} ${count === 1 ? 'rests' : 'rest'} at the step "${name}" (${address}), which becomes a ${now.node.type}.`, mend: 'Give the new step an id of its own, and keep the old one until they have finished.' };
      } else if (old.runs && !now.runs) {
        yield { node: now.node, about, message: `${cases} ${count === 1 ? 'rests' : 'rest'} at the step "${name}" (${address}), which this deploy disables.`, mend: 'Let them finish first, and stop new ones where cases are opened.' };
      }
    }
  },
};
