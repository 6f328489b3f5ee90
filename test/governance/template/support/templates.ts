import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { FlowNode } from '../../../../src/governance/gate/rules/flows.ts';
import type { TemplateManifest } from '../../../../src/governance/template/manifest.ts';

/** A block with one parameter of each kind. */
export const manifest: TemplateManifest = {
  id: 'procure-to-pay/over-receipt', version: '1.2.0', family: 'procure-to-pay', title: 'Over-receipt', summary: 'A supervisor decides on what was delivered beyond the tolerance.', owner: 'Receiving', kind: 'block',
  parameters: {
    type: 'object',
    properties: {
      tolerance: { title: 'Tolerance', type: 'number', default: 5, minimum: 0, maximum: 50, 'x-waybill': { scope: 'site', unit: '%', bounds: { maximum: 10 } } },
      supervisor: { title: 'Who decides', type: 'string', default: 'supervisor', enum: ['supervisor', 'site-manager'], 'x-waybill': { scope: 'site' } },
      hours: { title: 'Time to decide', type: 'integer', default: 4, 'x-waybill': { scope: 'site', unit: 'h', bounds: { minimum: 1, maximum: 24 } } },
      photo: { title: 'Photo wanted', type: 'boolean', default: false, 'x-waybill': { scope: 'site' } },
      key: { title: 'Key of the scale', type: 'string', writeOnly: true, 'x-waybill': { scope: 'site' } },
      limit: { title: 'Highest amount', type: 'number', default: 5000, 'x-waybill': { scope: 'central', unit: 'EUR' } },
    },
    required: ['tolerance', 'supervisor', 'hours', 'limit'],
  },
  requires: { nodes: { '@waybill/node-red': '>=0.1.0' } },
  changelog: [{ version: '1.2.0', date: '2026-11-28', changes: ['First version.'] }],
};

const inside = { z: 'sub', x: 100, y: 100 };
/** As an author exports it: one instance on no tab, and a site node of the author's own. */
export const exported: readonly FlowNode[] = [
  { id: 'sub', type: 'subflow', name: 'mine', info: '', category: '', in: [{ x: 1, y: 1, wires: [{ id: 'ask' }] }], out: [{ x: 9, y: 1, wires: [{ id: 'ask', port: 0 }] }, { x: 9, y: 2, wires: [{ id: 'weigh', port: 0 }] }], env: [], color: '#DDAA99' },
  { id: 'ask', type: 'waybill-approval', ...inside, stepId: 'ask', question: 'Take it?', role: '${supervisor}', deadline: '${hours}', percent: '${tolerance}', site: 'site', wires: [[], ['weigh'], [], []] },
  { id: 'weigh', type: 'function', ...inside, g: 'eye', name: 'weigh', func: 'msg.limit = env.get("limit"); msg.key = env.get("key"); msg.photo = env.get("photo"); return msg;', outputs: 1, wires: [[]] },
  { id: 'eye', type: 'group', z: 'sub', name: 'for the eye', nodes: ['weigh'], x: 1, y: 1, w: 1, h: 1 },
  { id: 'site', type: 'waybill-site', name: 'the author\'s', siteId: 'dc-9' },
  { id: 'use', type: 'subflow:sub', name: '', x: 1, y: 1, wires: [[], []] },
];

/** A flow of two tabs that are linked, with a subflow of its own. */
export const flowManifest: TemplateManifest = {
  ...manifest, id: 'returns/inbound', family: 'returns', kind: 'flow',
  parameters: { type: 'object', properties: { days: { title: 'Days', type: 'integer', default: 3, 'x-waybill': { scope: 'site', bounds: { minimum: 1, maximum: 5 } } } }, required: ['days'] },
};
export const exportedFlow: readonly FlowNode[] = [
  { id: 'in', type: 'tab', label: 'In', disabled: false, info: '', env: [{ name: 'days', type: 'num', value: '3' }] },
  { id: 'out', type: 'tab', label: 'Out', env: [] },
  { id: 'start', type: 'waybill-case-open', z: 'in', x: 1, y: 1, stepId: 'start', site: 'site', wires: [['go'], []] },
  { id: 'go', type: 'link out', z: 'in', x: 1, y: 1, links: ['come', 'gone'], wires: [] },
  { id: 'come', type: 'link in', z: 'out', x: 1, y: 1, links: ['go'], wires: [['sub']] },
  { id: 'sub', type: 'subflow:helper', z: 'out', x: 1, y: 1, env: [{ name: 'n', type: 'num', value: '2' }], wires: [['end']] },
  { id: 'end', type: 'waybill-case-close', z: 'out', x: 1, y: 1, stepId: 'end', days: '${days}', site: 'site', wires: [] },
  { id: 'helper', type: 'subflow', name: 'helper', in: [{ x: 1, y: 1, wires: [{ id: 'h' }] }], out: [{ x: 1, y: 1, wires: [{ id: 'h', port: 0 }] }], env: [{ name: 'n', type: 'num', value: '1' }] },
  { id: 'h', type: 'change', z: 'helper', x: 1, y: 1, rules: [{ t: 'set', p: 'n', to: '${n}' }], wires: [[]] },
  { id: 'site', type: 'waybill-site', name: 'the author\'s', siteId: 'dc-9' },
];

/** Scenarios that say nothing; enough for what only counts them. */
const scenarios = { title: 'set', scenarios: Array.from({ length: 8 }, (_each, i) => ({ title: `way ${i}`, steps: [] })) };

/** Writes a template as its author has it. */
export function templateFolder(files: { readonly manifest?: object; readonly flow?: unknown; readonly readme?: string; readonly tests?: object; readonly picture?: string } = {}): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'waybill-template-'));
  mkdirSync(path.join(folder, 'tests'));
  writeFileSync(path.join(folder, 'template.json'), JSON.stringify(files.manifest ?? manifest));
  writeFileSync(path.join(folder, 'flow.json'), JSON.stringify(files.flow ?? exported));
  writeFileSync(path.join(folder, 'README.md'), files.readme ?? '# Over-receipt\n\n![the flow](flow.svg)\n');
  writeFileSync(path.join(folder, 'flow.svg'), files.picture ?? '<svg xmlns="http://www.w3.org/2000/svg"/>');
  writeFileSync(path.join(folder, 'tests/all.json'), JSON.stringify(files.tests ?? scenarios));
  return folder;
}
