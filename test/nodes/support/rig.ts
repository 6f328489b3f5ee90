import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import helper, { type HelperNode, type Shown } from 'node-red-node-test-helper';
import type { NodeAPI } from 'node-red';
import type { RecordedEvent } from '../../../src/domain/envelope.ts';
import type { EventType } from '../../../src/domain/events.ts';
import type { CaseView, PersonIdentity } from '../../../src/engine/api.ts';
import type { Engine } from '../../../src/engine/engine.ts';
import { setCurrentWaybill } from '../../../src/engine/node-red/current.ts';
import type { Pace } from '../../../src/engine/notify/outbox.ts';
import type { NotificationSettings } from '../../../src/engine/notify/settings.ts';
import { openEngine } from '../../../src/engine/runtime.ts';
import type { EngineTuning } from '../../../src/engine/settings.ts';
import type { ExceptionRow, TaskRow } from '../../../src/ledger/port.ts';
import registerApproval from '../../../nodes/approval/approval.ts';
import registerAudit from '../../../nodes/audit/audit.ts';
import registerBroker from '../../../nodes/broker/broker.ts';
import registerCalendar from '../../../nodes/calendar/calendar.ts';
import registerCall from '../../../nodes/call/call.ts';
import registerCaseClose from '../../../nodes/case-close/case-close.ts';
import registerCaseOpen from '../../../nodes/case-open/case-open.ts';
import registerCompensate from '../../../nodes/compensate/compensate.ts';
import registerDecision from '../../../nodes/decision/decision.ts';
import registerErp from '../../../nodes/erp/erp.ts';
import registerEscalation from '../../../nodes/escalation/escalation.ts';
import registerDirectory from '../../../nodes/directory/directory.ts';
import registerEventIn from '../../../nodes/event-in/event-in.ts';
import registerEventOut from '../../../nodes/event-out/event-out.ts';
import registerFileIn from '../../../nodes/file-in/file-in.ts';
import registerQueueIn from '../../../nodes/queue-in/queue-in.ts';
import registerException from '../../../nodes/exception/exception.ts';
import registerNotify from '../../../nodes/notify/notify.ts';
import registerOpcUaEndpoint from '../../../nodes/opcua-endpoint/opcua-endpoint.ts';
import registerPlcIn from '../../../nodes/plc-in/plc-in.ts';
import registerPlcOut from '../../../nodes/plc-out/plc-out.ts';
import registerRetry from '../../../nodes/retry/retry.ts';
import registerGather from '../../../nodes/gather/gather.ts';
import registerParallel from '../../../nodes/parallel/parallel.ts';
import registerServiceIn from '../../../nodes/service-in/service-in.ts';
import registerServiceOut from '../../../nodes/service-out/service-out.ts';
import registerSite from '../../../nodes/site/site.ts';
import registerSystem from '../../../nodes/system/system.ts';
import registerValidate from '../../../nodes/validate/validate.ts';
import registerWaitForEvent from '../../../nodes/wait-for-event/wait-for-event.ts';
import registerWaitUntil from '../../../nodes/wait-until/wait-until.ts';
import registerWms from '../../../nodes/wms/wms.ts';
import '../../support/kept-threads.ts';

export type FlowNode = Readonly<Record<string, unknown>> & { readonly id: string; readonly type: string };

const nodes: readonly ((RED: NodeAPI) => void)[] = [
  registerSite, registerSystem, registerNotify, registerCaseOpen, registerValidate, registerApproval, registerCall, registerErp, registerWms, registerException, registerAudit, registerCaseClose,
  registerDecision,
  registerBroker, registerEventIn, registerEventOut, registerFileIn, registerQueueIn, registerServiceIn, registerServiceOut,
  registerRetry, registerEscalation,
  registerCalendar, registerDirectory,
  registerWaitForEvent, registerWaitUntil, registerParallel, registerGather, registerCompensate,
  registerOpcUaEndpoint, registerPlcIn, registerPlcOut,
];

export const tab: FlowNode = { id: 'tab', type: 'tab', label: 'Test' };

/** A node without a place on its tab would be a config node. */
const place = { z: 'tab', x: 0, y: 0 };

/** A governed node on the tab; its step id is its node id. */
export function step(type: string, id: string, config: Readonly<Record<string, unknown>> = {}): FlowNode {
  return { id, ...place, type: `waybill-${type}`, stepId: id, configVersion: 1, wires: [], ...config };
}

/** Where a branch ends: closes the case with its own id as the outcome. */
export function end(id: string): FlowNode {
  return step('case-close', id, { outcome: id, outcomeType: 'str' });
}

/** A plain node; the test says what it does with `rig.node(id).on('input', …)`. */
export function plain(id: string, ...wires: string[]): FlowNode {
  return { id, ...place, type: 'helper', wires: [wires] };
}

/** A case open node `open` that takes `msg.payload` as the facts and `msg.operator` as the operator. */
export function opener(to: readonly string[], config: Readonly<Record<string, unknown>> = {}): FlowNode {
  return step('case-open', 'open', { operator: 'operator', operatorType: 'msg', wires: [to, []], ...config });
}

/** A person with these roles and every site. */
export function person(name: string, ...roles: string[]): PersonIdentity {
  return { userId: `user-${name}`, name, roles, sites: ['*'], authMethod: 'password', channel: 'inbox' };
}

/** So many rigs have been closed by this process. */
let closedRigs = 0;

/** Polls until there is a value; the test's own time limit ends the waiting, and with its rig the polling. */
export async function eventually<T>(look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (const began = closedRigs; ;) {
    const found = await look();
    if (found !== undefined) return found;
    if (closedRigs !== began) throw new Error('the rig was closed before there was a value');
    await new Promise((resolve) => { setTimeout(resolve, 5); });
  }
}

export interface RigOptions {
  readonly publicUrl?: string; readonly notifications?: NotificationSettings; readonly noticePace?: Partial<Pace>;
  /** A home that was used before. */
  readonly home?: string;
}

/** Governed nodes in a running Node-RED, on a real engine with a real ledger in a home of its own. */
export class Rig {
  readonly home: string;
  readonly engine: Engine;
  #flowsRun = false;

  private constructor(home: string, engine: Engine) {
    this.home = home;
    this.engine = engine;
  }

  static async open(tuning: Partial<EngineTuning> = {}, more: RigOptions = {}): Promise<Rig> {
    const home = more.home ?? mkdtempSync(path.join(tmpdir(), 'waybill-nodes-'));
    const settings = { home, site: 'dc-1', enterprise: 'acme', legalEntity: 'acme-gmbh', publicUrl: more.publicUrl, mqttUrl: undefined, erpUrl: undefined, ...(more.notifications === undefined ? {} : { notifications: more.notifications }) };
    const engine = await openEngine({ settings, tuning, ...(more.noticePace === undefined ? {} : { noticePace: more.noticePace }) });
    setCurrentWaybill(engine);
    return new Rig(home, engine);
  }

  async close(keep = false): Promise<void> {
    if (this.#flowsRun) this.engine.flowsStopping();
    await helper.unload();
    await this.engine.close();
    closedRigs += 1;
    if (!keep) rmSync(this.home, { recursive: true, force: true });
  }

  /** Starts flows as Node-RED does, then lets the engine go on with what rests at their steps. */
  async load(flow: readonly FlowNode[], credentials: object = {}): Promise<void> {
    if (this.#flowsRun) {
      this.engine.flowsStopping();
      await helper.unload();
    }
    await helper.load(nodes, [tab, ...flow], credentials);
    this.#flowsRun = true;
    await this.engine.flowsStarted('full');
  }

  node(id: string): HelperNode {
    const node = helper.getNode(id);
    assert.ok(node, `there is no node "${id}"`);
    return node;
  }

  /** Gives a message to the case open node. */
  send(message: Readonly<Record<string, unknown>>): void {
    this.node('open').receive({ ...message });
  }

  /** Opens a case and gives its id. */
  async start(payload: unknown, operator?: string): Promise<string> {
    const before = new Set((await this.engine.ledger.listCases({}, { limit: 100 })).items.map((row) => row.case_id));
    this.send({ payload, ...(operator === undefined ? {} : { operator }) });
    return eventually(async () => (await this.engine.ledger.listCases({}, { limit: 100 })).items.find((row) => !before.has(row.case_id))?.case_id);
  }

  async view(caseId: string): Promise<CaseView> {
    const view = await this.engine.caseView(caseId);
    assert.ok(view);
    return view;
  }

  closed(caseId: string): Promise<CaseView> {
    return eventually(async () => {
      const view = await this.engine.caseView(caseId);
      return view?.status === 'closed' ? view : undefined;
    });
  }

  events(caseId: string): Promise<readonly RecordedEvent[]> {
    return this.engine.ledger.readStream(caseId);
  }

  /** Events of one type, with their data and content. */
  async eventsOf<T extends EventType>(caseId: string, type: T): Promise<readonly Extract<RecordedEvent, { type: T }>[]> {
    return (await this.events(caseId)).filter((event): event is Extract<RecordedEvent, { type: T }> => event.type === type);
  }

  exception(caseId: string): Promise<ExceptionRow> {
    return eventually(async () => (await this.engine.ledger.listExceptions({ status: 'open', caseId }, { limit: 10 })).items[0]);
  }

  task(caseId: string): Promise<TaskRow> {
    return eventually(async () => (await this.engine.ledger.listTasks({ status: 'open', caseId }, { limit: 10 })).items[0]);
  }

  async resolve(exceptionId: string, outcome: 'retry' | 'continue' | 'cancel'): Promise<void> {
    const answer = await this.engine.resolveException({ exceptionId, outcome, code: 'tested', by: person('eve', 'engineer') });
    assert.deepEqual(answer, { ok: true });
  }

  /** Everything the node has shown, newest last; a cleared status has no text. */
  shown(id: string): readonly Shown[] {
    return this.node(id).status.getCalls().filter((call) => call.thisValue.id === id).map((call) => call.args[0]);
  }
}

/** Starts Node-RED for the tests of the surrounding `describe`. */
export function withNodeRed(): void {
  before(function (done) {
    helper.init(createRequire(import.meta.url).resolve('node-red'));
    helper.startServer(done);
  });
  after((done) => { helper.stopServer(done); });
}

/** Accounts of the people in tests, so that a scan's operator is known. */
export async function knownOperator(rig: Rig, name: string): Promise<void> {
  const accounts = rig.engine.accounts;
  assert.ok(accounts);
  await accounts.createUser({
    id: `user-${name}`, name, displayName: name, roles: ['receiving-supervisor'], sites: ['*'], passwordHash: 'none', disabled: false, createdAt: new Date().toISOString(),
  });
}
