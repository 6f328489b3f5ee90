import { orderLine } from './erp-gate.ts';
import type { FlowNode } from './messages.ts';

const body = `{"po":"${orderLine.po}","line":"${orderLine.line}","gtin":"${orderLine.gtin}","quantity":"1","unit":"${orderLine.unit}","postingDate":"2026-01-15","reference":waybill.caseId}`;

const tab: FlowNode = { id: 'tab', type: 'tab', label: 'Receiving' };
const site: FlowNode = { id: 'site', type: 'waybill-site', siteId: 'dc-1', enterprise: 'acme', legalEntity: 'acme-gmbh', configVersion: 1 };

/** validate → plain function → approval → call → audit → close, behind whatever intake. */
function process(erpUrl: string, autoApprove: string): FlowNode[] {
  return [
    tab, site,
    { id: 'n-validate', z: 'tab', type: 'waybill-validate', stepId: 'check', site: 'site', contract: 'receipt@1.0.0', schema: '{"type":"object"}', subject: 'payload', subjectType: 'msg', record: true, recordAs: 'receipt', milestone: 'validated', reserve: true, reserveScope: 'po-line', reserveKey: 'order-line', reserveKeyType: 'str', reserveQuantity: '1', reserveQuantityType: 'str', reserveLimit: '1000000', reserveLimitType: 'str', configVersion: 1, wires: [['n-function'], ['n-rejected']] },
    // Keeps _msgid and drops everything else, as many flows in the field do.
    { id: 'n-function', z: 'tab', type: 'function', name: 'look up', func: 'return { _msgid: msg._msgid, payload: msg.payload, seen: Buffer.from("x") };', outputs: 1, timeout: 0, initialize: '', finalize: '', libs: [], wires: [['n-approval']] },
    { id: 'n-approval', z: 'tab', type: 'waybill-approval', stepId: 'approve', site: 'site', requires: 'validated', question: 'Receive?', questionType: 'str', role: 'supervisor', quorum: 1, covers: 'receipt', autoApprove, ruleId: 'always', deadline: 8, deadlineUnit: 'hours', onExpiry: 'reject', unknownOperatorRole: 'supervisor', milestone: 'approved', configVersion: 1, wires: [['n-call'], ['n-rejected'], ['n-rejected'], ['n-rejected']] },
    { id: 'n-call', z: 'tab', type: 'waybill-call', stepId: 'post', site: 'site', requires: 'validated,approved', system: 'erp', service: 'goods-receipt@1.0.0', operation: 'post receipt', method: 'POST', url: `${erpUrl}/goods-receipts`, urlType: 'str', headers: [], body, bodyType: 'jsonata', timeoutSeconds: 10, idempotencyHeader: 'Idempotency-Key', recovery: 'same-key', maxAttempts: 8, maxMinutes: 60, baseDelaySeconds: 0.05, maxDelaySeconds: 0.2, recordAs: 'posted', milestone: 'posted', configVersion: 1, wires: [['n-audit'], []] },
    { id: 'n-audit', z: 'tab', type: 'waybill-audit', stepId: 'evidence', site: 'site', what: 'received', whatType: 'str', why: 'posted to the ERP', whyType: 'str', evidence: 'payload', evidenceType: 'msg', redact: '', configVersion: 1, wires: [['n-close']] },
    { id: 'n-close', z: 'tab', type: 'waybill-case-close', stepId: 'done', site: 'site', requires: 'posted', outcome: 'received', outcomeType: 'str', cancelOpen: false, configVersion: 1, wires: [] },
    { id: 'n-rejected', z: 'tab', type: 'waybill-case-close', stepId: 'rejected', site: 'site', outcome: 'rejected', outcomeType: 'str', cancelOpen: false, configVersion: 1, wires: [] },
  ];
}

/** A scan over MQTT, received without a person. */
export function scanFlow(erpUrl: string): FlowNode[] {
  return [
    ...process(erpUrl, 'true'),
    { id: 'broker', type: 'waybill-broker', url: '', configVersion: 1 },
    { id: 'n-scan', z: 'tab', type: 'waybill-scan-in', stepId: 'scan', site: 'site', broker: 'broker', configVersion: 1, wires: [['n-validate']] },
  ];
}

/** A message of a plain node opens the case, and a person decides. */
export function personFlow(erpUrl: string): FlowNode[] {
  return [
    ...process(erpUrl, ''),
    { id: 'n-open', z: 'tab', type: 'waybill-case-open', stepId: 'open', site: 'site', process: 'procure-to-pay', template: 'receiving@1.0.0', keyName: 'sscc', key: 'payload.code', keyType: 'msg', unique: true, uniqueScope: 'receiving', facts: 'payload', factsType: 'msg', title: '', titleType: 'str', operator: '', operatorType: 'msg', transportId: 'payload.id', transportIdType: 'msg', configVersion: 1, wires: [['n-validate'], []] },
  ];
}

/** The flow with some nodes changed; a node changed to undefined is taken out. */
export function changed(flow: readonly FlowNode[], changes: { readonly [id: string]: Readonly<Record<string, unknown>> | undefined }): FlowNode[] {
  return flow.flatMap((node) => (node.id in changes ? (changes[node.id] === undefined ? [] : [{ ...node, ...changes[node.id] }]) : [node]));
}

const behindFunction = ['n-approval', 'n-call', 'n-audit', 'n-close', 'n-rejected'];

/** Everything behind the plain function stands on another tab; the step ids stay, the node ids too. */
export function movedToAnotherTab(flow: readonly FlowNode[]): FlowNode[] {
  const moved = changed(flow, Object.fromEntries(behindFunction.map((id) => [id, { z: 'tab-2' }])));
  return [
    ...changed(moved, { 'n-function': { wires: [['n-out']] } }),
    { id: 'tab-2', type: 'tab', label: 'Approval' },
    { id: 'n-out', z: 'tab', type: 'link out', mode: 'link', links: ['n-in'], wires: [] },
    { id: 'n-in', z: 'tab-2', type: 'link in', links: ['n-out'], wires: [['n-approval']] },
  ];
}

/** The plain function sends every message twice. */
export function forking(flow: readonly FlowNode[]): FlowNode[] {
  return changed(flow, { 'n-function': { func: 'return [[msg, { ...msg, payload: { again: true } }]];' } });
}

/** The plain function holds its first message back for some time, and lets all others pass at once. */
export function holdingBack(flow: readonly FlowNode[], ms: number): FlowNode[] {
  return changed(flow, { 'n-function': { func: `const first = !context.get("seen"); context.set("seen", true); setTimeout(() => { node.send(msg); node.done(); }, first ? ${ms} : 0);` } });
}

/** Before the call the case waits for somebody who looks at the goods. */
export function withException(flow: readonly FlowNode[]): FlowNode[] {
  return [
    ...changed(flow, { 'n-approval': { wires: [['n-exception'], ['n-rejected'], ['n-rejected'], ['n-rejected']] } }),
    { id: 'n-exception', z: 'tab', type: 'waybill-exception', stepId: 'look', site: 'site', severity: 'medium', queue: 'clerk', code: 'damaged', message: 'Look at the goods.', messageType: 'str', place: '', placeType: 'str', configVersion: 1, wires: [['n-call']] },
  ];
}

/** A retry node stands in front of the plain function, which fails with its first message after every start; another right in front of the call, whose policy it is then. */
export function withRetries(flow: readonly FlowNode[]): FlowNode[] {
  const retry = { z: 'tab', type: 'waybill-retry', site: 'site', maxAttempts: 8, maxMinutes: 60, baseDelaySeconds: 0.05, maxDelaySeconds: 0.2, answerSeconds: 5, system: 'lookup', circuitFailures: 5, openSeconds: 1, configVersion: 1 };
  return [
    ...changed(flow, {
      'n-validate': { wires: [['n-retry'], ['n-rejected']] }, 'n-approval': { wires: [['n-retry-call'], ['n-rejected'], ['n-rejected'], ['n-rejected']] },
      'n-function': { func: 'if (!context.get("seen")) { context.set("seen", true); throw new Error("busy"); } return { _msgid: msg._msgid, payload: msg.payload };' },
    }),
    { ...retry, id: 'n-retry', stepId: 'try-lookup', wires: [['n-function'], []] },
    { ...retry, id: 'n-retry-call', stepId: 'try-call', system: '', wires: [['n-call'], []] },
  ];
}
