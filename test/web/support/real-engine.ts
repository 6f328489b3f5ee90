import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { NodeRedNode, StepHandle, StepPattern, WaybillSettings } from '../../../src/engine/api.ts';
import type { Engine } from '../../../src/engine/engine.ts';
import { approvalPattern } from '../../../src/engine/patterns/approval/approval.ts';
import { auditPattern } from '../../../src/engine/patterns/audit.ts';
import { callPattern } from '../../../src/engine/patterns/call.ts';
import { caseClosePattern } from '../../../src/engine/patterns/case-close.ts';
import { exceptionPattern } from '../../../src/engine/patterns/exception.ts';
import { openEngine } from '../../../src/engine/runtime.ts';
import { openSqliteAccounts } from '../../../src/ledger/sqlite/accounts.ts';
import type { AccountStore } from '../../../src/ledger/accounts-port.ts';
import '../../support/kept-threads.ts';

/** How a case of the test's flow begins. */
export interface TestScan {
  /** `receipt` goes to an approval, `odd` to an exception, `damaged` to one of a class with codes, `photo` to an audit that asks for one, `ship` to a call. */
  readonly kind: 'receipt' | 'odd' | 'ship' | 'damaged' | 'photo';
  readonly sscc: string;
  readonly site?: string;
  /** Badge of who scanned; unknown when absent. */
  readonly operator?: string;
  readonly overBy?: string;
}

/** The real engine on a real ledger, with a small flow of real patterns wired without Node-RED. */
export interface TestEngine {
  readonly engine: Engine;
  readonly accounts: AccountStore;
  readonly home: string;
  /** An intake step, whose cases go to an exception. */
  readonly intake: StepHandle;
  /** Opens a case; resolves when the ledger has it. */
  scan(scan: TestScan): Promise<string>;
  close(): Promise<void>;
}

interface Wired extends NodeRedNode { _flow: { send(events: readonly { msg: object; destination: { id: string } }[]): void } }

/** `people` makes the accounts before the engine reads their badges. `callUrl` is what `ship` calls. */
export async function startEngine(people: (accounts: AccountStore) => Promise<void>, callUrl = 'http://127.0.0.1:9/', more: Partial<WaybillSettings> = {}): Promise<TestEngine> {
  const home = mkdtempSync(path.join(tmpdir(), 'waybill-web-'));
  const accounts = openSqliteAccounts({ home });
  await people(accounts);
  await accounts.close();
  const engine = await openEngine({
    settings: { home, site: 'dc-1', enterprise: 'acme', legalEntity: 'acme-gmbh', publicUrl: undefined, mqttUrl: undefined, erpUrl: undefined, ...more },
  });
  const handles = new Map<string, StepHandle>();
  const add = (id: string, wires: readonly (readonly string[])[], pattern: StepPattern | undefined): StepHandle => {
    const node: Wired = {
      id, type: `waybill-${({ approve: 'approval', post: 'call', stop: 'exception', damage: 'exception', evidence: 'audit' } as Record<string, string>)[id] ?? id}`, wires, send: () => undefined, status: () => undefined, error: (message) => { throw new Error(message); }, warn: () => undefined,
      _flow: {
        send: (events) => {
          for (const { msg, destination } of events) setImmediate(() => void engine.receive(handles.get(destination.id)!, msg));
        },
      },
    };
    const handle = engine.registerStep({
      node, address: { instance: 'test', stepId: id }, requires: [], pattern, outputs: wires.length,
      evaluate: (value, _type, _msg, document) => Promise.resolve(value === '$document' ? document : value),
    });
    handles.set(id, handle);
    return handle;
  };
  const close = (outcome: string) => caseClosePattern({ outcome, outcomeType: 'str', cancelOpen: false });
  add('approve', [['received'], ['refused'], [], []], approvalPattern({
    question: 'Accept the over-receipt?', questionType: 'str', role: 'receiving-supervisor', quorum: 1, covers: 'receipt', autoApprove: '', ruleId: '',
    deadline: 4, deadlineUnit: 'hours', onExpiry: 'reject', unknownOperatorRole: 'site-manager', milestone: 'approved',
  }));
  add('stop', [['received']], exceptionPattern({
    severity: 'high', queue: 'receiving-clerk', code: 'no-asn', message: 'No ship notice is known for this carton. Ask purchasing.', messageType: 'str', place: 'Lane Q2', placeType: 'str',
  }));
  add('evidence', [['received'], ['refused']], auditPattern({ what: 'seal', whatType: 'str', why: '', whyType: 'str', evidence: '', evidenceType: 'msg', redact: '', photos: 2, photoRole: 'receiving-clerk', photoQuestion: 'Photos of the seal', photoQuestionType: 'str' }));
  add('damage', [['received']], exceptionPattern({
    severity: 'medium', queue: 'quality', code: 'damaged', message: 'The carton is damaged.', messageType: 'str', place: '', placeType: 'str', category: 'damaged-goods',
    amount: 'receipt.value', amountType: 'facts', currency: 'EUR', currencyType: 'str', priorityBy: 'rules', due: 4, dueUnit: 'hours',
    priorityRules: [{ on: 'amount', path: '', op: 'ge', value: '1000', priority: 1 }, { on: 'facts', path: 'receipt.unit', op: 'eq', value: 'CS', priority: 5 }],
    resolutions: [{ code: 'repacked', label: 'Repacked', reason: false, outcomes: ['retry'] }, { code: 'written-off', label: '', reason: true, outcomes: ['cancel'] }],
  }));
  add('post', [['received'], []], callPattern({
    system: 'erp', service: 'receipts@1', operation: 'post', method: 'POST', url: callUrl, urlType: 'str', body: '$document', bodyType: 'case', timeoutSeconds: 5,
    idempotencyHeader: 'Idempotency-Key', recovery: 'same-key', queryUrl: '', queryUrlType: 'str', maxAttempts: 1, maxMinutes: 1, baseDelaySeconds: 1,
    maxDelaySeconds: 1, recordAs: '', milestone: '',
  }));
  add('received', [], close('received'));
  add('refused', [], close('rejected'));
  const intakes = { receipt: add('scan', [['approve']], undefined), odd: add('odd', [['stop']], undefined), damaged: add('broken', [['damage']], undefined), photo: add('sealed', [['evidence']], undefined), ship: add('ship', [['post']], undefined) };
  await engine.flowsStarted('full');
  return {
    engine, home, accounts: engine.accounts!, intake: intakes.odd,
    scan: async ({ kind, sscc, site = 'dc-1', operator, overBy = '12' }) => {
      const result = await engine.openCase({
        step: intakes[kind], process: 'inventory-movement', template: 'receiving@1.0.0', site, title: `Receipt of SSCC ${sscc}`,
        keys: [{ type: 'sscc', value: sscc }, { type: 'po', value: '4500001234' }],
        document: { receipt: { po: '4500001234', line: '10', gtin: '09506000134352', ordered: '100', quantity: '112', unit: 'CS', reservation: { total: '112', limit: '105', overBy } } },
        message: { payload: { sscc } }, device: 'dock-1', scan: { code: `00${sscc}`, topic: `acme/${site}/receiving/dock-1/scan` },
        ...(operator === undefined ? {} : { operator }),
      });
      return result.caseId;
    },
    close: async () => {
      await engine.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** Asks until the answer is one; a case moves through its flow behind the answer of a request. */
export async function eventually<T>(ask: () => Promise<T | undefined>): Promise<T> {
  const end = Date.now() + 15_000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > end) throw new Error('it did not come to that');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
