import { createHash } from 'node:crypto';
import type { RecordedEvent } from '../../../src/domain/envelope.ts';
import type { CaseRow, DeadLetterRow, ExceptionRow, QuarantineRow, TaskRow } from '../../../src/ledger/port.ts';
import { emptyData, type DoubleData } from './waybill-double.ts';

const day = Date.parse('2026-11-23T07:00:00.000Z');
const at = (minutes: number): string => new Date(day + minutes * 60_000).toISOString();

export function caseRow(id: string, over: Partial<CaseRow> = {}): CaseRow {
  return {
    case_id: id, status: 'open', outcome: null, process: 'inventory-movement', template: 'receiving@1.0.0', site: 'dc-1', title: `SSCC 00340123450000000${id}`,
    opened_at: at(0), closed_at: null, version: 4, test: 0, root_case_id: id, parent_case_id: null, ...over,
  };
}

export function taskRow(id: string, caseId: string, over: Partial<TaskRow> = {}): TaskRow {
  return {
    task_id: id, case_id: caseId, run_id: `run-${id}`, address: 'receiving/approve', site: 'dc-1', process: 'inventory-movement', role: 'receiving-supervisor',
    status: 'open', quorum: 1, approvals: 0, created_at: at(2), due_at: at(242), decided_at: null, claimed_by: null,
    title: 'Over-receipt on PO 4500001234', question: 'Accept the over-receipt?',
    shown: JSON.stringify({ po: '4500001234', line: '10', gtin: '09506000134352', ordered: '100', received: '112', overBy: '12', limit: '105', unit: 'CS' }),
    facts_hash: `hash-${id}`, ...over,
  };
}

export function exceptionRow(id: string, caseId: string, over: Partial<ExceptionRow> = {}): ExceptionRow {
  return {
    exception_id: id, case_id: caseId, class: 'business', severity: 'high', queue: 'receiving-clerk', status: 'open', run_id: `run-${id}`, token_id: null,
    effect_id: null, address: 'receiving/no-asn', system: null, code: 'no-asn', message: 'No ship notice is known for SSCC 003401234500000018. Put it on lane Q2 and ask purchasing.',
    site: 'dc-1', raised_at: at(5), resolved_at: null, resolution: null, assignee: null, ...over,
  };
}

export function deadLetterRow(id: string, caseId: string, over: Partial<DeadLetterRow> = {}): DeadLetterRow {
  return {
    dead_letter_id: id, case_id: caseId, run_id: `run-${id}`, effect_id: `effect-${id}`, address: 'receiving/post', system: 'erp', operation: 'POST /goods-receipts',
    site: 'dc-1', reason: 'attempts-exhausted', calls: 6, dead_at: at(30), status: 'open', ...over,
  };
}

export function quarantineRow(id: string, over: Partial<QuarantineRow> = {}): QuarantineRow {
  const bytes = Buffer.from('{"code":"<script>alert(1)</script>", broken');
  return {
    quarantine_id: id, reason: 'malformed-json', message: 'The payload is not JSON.', received_at: at(7), site: 'dc-1', device_id: 'dock-1', topic: 'acme/dc-1/receiving/dock-1/scan',
    bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex'), head: bytes.toString('base64'), status: 'held', ...over,
  };
}

function event(caseId: string, version: number, type: string, minutes: number, actor: object, data: object, content?: object, personal?: object): RecordedEvent {
  return {
    eventId: `${caseId}-${version}`, ledgerId: 'double', streamId: caseId, caseId, version, typeVersion: 1, type, position: version, site: 'dc-1', epoch: 1,
    occurredAt: at(minutes), recordedAt: at(minutes), clockSource: 'server', actor, address: { instance: 'receiving', stepId: type.startsWith('Task') || type === 'Decided' ? 'approve' : 'scan' },
    data, ...(content === undefined ? {} : { content }), ...(personal === undefined ? {} : { personal }),
  } as unknown as RecordedEvent;
}

/** Two sites with open and closed cases, tasks, exceptions, a dead letter and quarantine. */
export function sampleData(): DoubleData {
  const data = emptyData();
  data.cases = [
    caseRow('18'), caseRow('25', { opened_at: at(-30) }), caseRow('32', { status: 'closed', outcome: 'received', closed_at: at(4), opened_at: at(-60) }),
    caseRow('49', { site: 'dc-2', opened_at: at(-90) }), caseRow('56', { opened_at: at(-120) }),
  ];
  data.keys = data.cases.flatMap((row) => [
    { type: 'sscc', value: `00340123450000000${row.case_id}`, case_id: row.case_id }, { type: 'po', value: '4500001234', case_id: row.case_id },
  ]);
  data.tasks = [taskRow('task-1', '18'), taskRow('task-2', '25', { title: 'Over-receipt on PO 4500001240', due_at: at(-1) }), taskRow('task-3', '49', { site: 'dc-2' }),
    taskRow('task-4', '56', { role: 'quality-lead', title: 'Damaged pallet' })];
  data.exceptions = [exceptionRow('ex-1', '25'), exceptionRow('ex-2', '56', { severity: 'critical', class: 'outcome-unknown', code: 'outcome-unknown', system: 'erp', effect_id: 'effect-9', message: 'The ERP did not say whether it posted the receipt.' })];
  data.deadLetters = [deadLetterRow('dl-1', '56')];
  data.quarantine = [quarantineRow('q-1'), quarantineRow('q-2', { site: 'dc-2' })];
  const device = { kind: 'device', id: 'dock-1' };
  const system = { kind: 'system', id: 'engine' };
  data.events.set('18', [
    event('18', 1, 'CaseOpened', 0, device, { process: 'inventory-movement', template: 'receiving@1.0.0', possibleDuplicate: false }, { businessKeys: [{ type: 'sscc', value: '003401234500000018' }], document: {}, title: 'SSCC 003401234500000018' }),
    event('18', 2, 'ScanRecorded', 0, device, { deviceId: 'dock-1', repeat: 'first' }, { code: '00003401234500000018', topic: 'acme/dc-1/receiving/dock-1/scan' }, { operator: 'b-117' }),
    event('18', 3, 'StepEntered', 0, system, { runId: 'r1', nodeType: 'waybill-validate', attempt: 1 }),
    event('18', 4, 'Validated', 0, system, { contract: 'receipt@1', valid: true, errors: 0 }),
    event('18', 5, 'QuantityReserved', 1, system, { quantity: '112', total: '112', limit: '105', overBy: '12' }),
    event('18', 6, 'TaskCreated', 2, system, { taskId: 'task-1', role: 'receiving-supervisor', quorum: 1, dueAt: at(242), factsHash: 'hash-task-1' }, { title: 'Over-receipt on PO 4500001234', question: 'Accept the over-receipt?', shown: {} }),
  ]);
  data.events.set('32', [
    ...data.events.get('18')!.map((each) => ({ ...each, eventId: `32-${each.version}` })),
    event('32', 7, 'Decided', 3, { kind: 'person', id: 'p-1', role: 'receiving-supervisor' }, { taskId: 'task-9', decision: 'approve', mode: 'person', channel: 'inbox', outcome: 'approved' }, undefined, { name: 'Sam Rivera', comment: 'The supplier announced it by phone.' }),
    event('32', 8, 'CallEnded', 3, system, { callId: 'c1', outcome: 'transient', httpStatus: 503, durationMs: 1200 }, { error: 'HTTP 503' }),
    event('32', 9, 'RetryScheduled', 3, system, { callId: 'c1', callNumber: 1, dueAt: at(4) }),
    event('32', 10, 'CallEnded', 4, system, { callId: 'c2', outcome: 'success', httpStatus: 201, durationMs: 84 }),
    event('32', 11, 'CaseClosed', 4, system, { outcome: 'received', cancelledTokens: [], cancelledRuns: [] }),
  ]);
  data.documents.set('18', { sscc: '003401234500000018', po: '4500001234', lines: [{ line: '10', gtin: '09506000134352', ordered: '100', received: '112' }] });
  return data;
}
