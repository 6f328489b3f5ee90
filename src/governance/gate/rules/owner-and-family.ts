import type { FlowNode, Flows } from './flows.ts';
import { listOption } from './options.ts';
import { envOf, templateOf } from './provenance.ts';
import type { Rule } from './rule.ts';
import { shortened } from './words.ts';

const value = (tab: FlowNode, name: string): string => {
  const entry = envOf(tab).filter((each) => each.name === name).at(-1);
  return entry?.type === 'str' ? String(entry.value ?? '').trim() : '';
};

/** Families that the openers on a tab open cases of. */
function familiesOf(flows: Flows, tab: FlowNode): readonly string[] {
  return flows.on(tab.id).flatMap((node) => (node.type.startsWith('waybill-') && typeof node['process'] === 'string' && node['process'] !== '' ? [node['process']] : []));
}

export const ownerAndFamily: Rule = {
  code: 'owner-and-family',
  title: 'Every governed tab has an owner and a family',
  level: 'warn',
  options: { families: ['order-to-cash', 'procure-to-pay', 'inventory-movement', 'returns', 'intercompany'] },
  *check(flows, _context, options) {
    const families = listOption(options, 'families');
    const places = new Set(flows.governed.map(({ z }) => z));
    for (const tab of flows.tabs) {
      // A template has both in its manifest.
      if (templateOf(tab) !== undefined || !places.has(tab.id)) continue;
      const label = `"${shortened(tab.label || tab.id)}"`;
      if (value(tab, 'WAYBILL_OWNER') === '') {
        yield { node: tab, property: 'WAYBILL_OWNER', message: `Nobody is named who answers for the tab ${label}.`, mend: 'Give the tab an environment variable WAYBILL_OWNER with a person or a department.' };
      }
      const said = value(tab, 'WAYBILL_FAMILY');
      const all = said === '' ? familiesOf(flows, tab) : [said];
      const strange = all.find((family) => !families.includes(family));
      if (all.length === 0) {
        yield { node: tab, property: 'WAYBILL_FAMILY', message: `The tab ${label} belongs to no process family.`, mend: `Give the tab an environment variable WAYBILL_FAMILY: ${families.join(', ')}.` };
      } else if (strange !== undefined) {
        yield { node: tab, property: 'WAYBILL_FAMILY', message: `The tab ${label} belongs to "${shortened(strange)}", which is no process family.`, mend: `Use one of ${families.join(', ')}.` };
      }
    }
  },
};
