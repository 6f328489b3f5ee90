/** An engine in a process of its own that mails one task; its test kills it. Arguments: home, mail URL. */
import type { NodeRedNode } from '../../../../src/engine/api.ts';
import { approvalPattern } from '../../../../src/engine/patterns/approval/approval.ts';
import { openEngine } from '../../../../src/engine/runtime.ts';

const [home = '', mailUrl = '', title = ''] = process.argv.slice(2);
const engine = await openEngine({
  settings: {
    home, site: 'dc-1', enterprise: 'acme', legalEntity: 'acme-gmbh', publicUrl: 'https://waybill.example.com', mqttUrl: undefined, erpUrl: undefined,
    notifications: { mailUrl, mailFrom: 'waybill@example.com' },
  },
  noticePace: { gatherMs: 10, mailEveryMs: 10 },
});
const node = (id: string, wires: string[][]): NodeRedNode & { _flow: object } => ({
  id, type: id === 'ask' ? 'waybill-approval' : 'waybill-case-open', wires, send: () => undefined, status: () => undefined, warn: () => undefined, error: (message) => { throw new Error(message); },
  _flow: { send: (events: readonly { readonly msg: object; readonly destination: { readonly id: string } }[]) => { for (const { msg } of events) setImmediate(() => { void engine.receive(ask, msg); }); } },
});
const ask = engine.registerStep({
  node: node('ask', [[], [], [], []]), address: { instance: 'test', stepId: 'ask' }, requires: [], outputs: 4, evaluate: (value) => Promise.resolve(value),
  pattern: approvalPattern({
    question: 'May it?', questionType: 'str', role: 'supervisor', quorum: 1, covers: '', autoApprove: '', ruleId: '', deadline: 4, deadlineUnit: 'hours', onExpiry: 'reject', unknownOperatorRole: 'supervisor', milestone: 'approved',
  } as Parameters<typeof approvalPattern>[0]),
});
const open = engine.registerStep({ node: node('open', [['ask']]), address: { instance: 'test', stepId: 'open' }, requires: [], outputs: 1, pattern: undefined });
await engine.flowsStarted('full');
if (title !== '') {
  await engine.openCase({ step: open, process: 'inventory-movement', template: 'kill@1.0.0', site: 'dc-1', title, keys: [], document: {}, message: { payload: {} } });
}
process.stdout.write('open\n');
process.on('message', () => { void engine.close().then(() => process.exit(0)); });
setInterval(() => undefined, 1_000);
