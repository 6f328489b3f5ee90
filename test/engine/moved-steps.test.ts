import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { approvalPattern } from '../../src/engine/patterns/approval/approval.ts';
import { callPattern } from '../../src/engine/patterns/call.ts';
import { escalationPattern } from '../../src/engine/patterns/escalation.ts';
import { gatherPattern } from '../../src/engine/patterns/gather.ts';
import { parallelPattern } from '../../src/engine/patterns/parallel.ts';
import { waitForEventPattern } from '../../src/engine/patterns/wait-for-event.ts';
import { waitUntilPattern } from '../../src/engine/patterns/wait-until.ts';
import type { StepPattern } from '../../src/engine/api.ts';
import type { SiteCatalogue } from '../../src/governance/catalogue/site-catalogue.ts';
import { close, Desk, eve, eventually, pass, quiet } from './review/support/desk.ts';
import { flowOf, version, versions } from './support/versions.ts';

/** A step gets another id with a version of its template: what rests at the old one goes on at the new one, and nothing is done twice. */
describe('cases at a step that has another id in the installed version', () => {
  let desk: Desk;
  let server: Server | undefined;
  let answers: ((response: ServerResponse) => void)[];
  let keys: string[];

  beforeEach(async () => {
    [answers, keys] = [[], []];
    server = createServer((request, response) => {
      keys.push(String(request.headers['idempotency-key']));
      const answer = answers.shift() ?? ((each: ServerResponse) => { each.writeHead(201).end('{}'); });
      request.resume().on('end', () => { answer(response); });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(async () => {
    await desk.close();
    server?.closeAllConnections();
    await new Promise((resolve) => { server?.close(resolve); });
  });

  const kinds = {
    approval: (): StepPattern => approvalPattern({ question: 'Accept it?', questionType: 'str', role: 'receiving-supervisor', quorum: 1, covers: 'amount', autoApprove: '', ruleId: '', deadline: 4, deadlineUnit: 'hours', onExpiry: 'reject', unknownOperatorRole: 'receiving-supervisor', milestone: '' }),
    call: (): StepPattern => callPattern({
      system: 'erp', service: '', operation: 'post', method: 'POST', url: `http://127.0.0.1:${(server!.address() as AddressInfo).port}/`, urlType: 'str', body: '$document', bodyType: 'case', timeoutSeconds: 5, idempotencyHeader: 'Idempotency-Key',
      recovery: 'same-key', queryUrl: '', queryUrlType: 'str', maxAttempts: 5, maxMinutes: 60, baseDelaySeconds: 0.3, maxDelaySeconds: 0.3, recordAs: '', milestone: '',
    }),
    'wait-until': (): StepPattern => waitUntilPattern({ mode: 'duration', until: '', untilType: 'str', duration: '0.005', durationType: 'num', durationUnit: 'minutes', working: false, calendar: '', whenPast: 'go-on' }),
    'wait-for-event': (): StepPattern => waitForEventPattern({ eventName: 'asn', key: 'amount', keyType: 'facts', timeout: 0, timeoutUnit: 'minutes', working: false, calendar: '', recordAs: '' }),
  };
  type Kind = keyof typeof kinds;
  const typeOf = (kind: Kind): string => `waybill-${kind}`;
  const old = (kind: Kind) => version('1.0.0', { old: typeOf(kind) });
  const renamed = (kind: Kind) => version('1.1.0', { fresh: typeOf(kind) }, [{ from: '^1.0.0 <1.1.0', steps: { old: 'fresh' } }]);

  /** The flow of a version, in which the step between intake and close has this id. */
  async function flow(of: string, kind: Kind, stepId: string, wires: string[][] = [['close'], ['close'], ['close'], ['close']]): Promise<void> {
    desk.stop();
    desk.remove('scan', 'step', 'close');
    await desk.load(flowOf(of, { [stepId]: typeOf(kind) }));
    desk.add({ id: 'scan', wires: [['step']] });
    desk.add({ id: 'step', stepId, type: typeOf(kind), wires, pattern: kinds[kind]() });
    desk.add({ id: 'close', wires: [], pattern: close });
    await desk.start();
  }
  async function opened(catalogue: SiteCatalogue, kind: Kind): Promise<string> {
    desk = await Desk.open({ catalogue });
    await flow('1.0.0', kind, 'old');
    return (await desk.openCase('scan')).caseId;
  }
  /** Killed, and started with the other version. */
  async function upgraded(catalogue: SiteCatalogue, kind: Kind): Promise<void> {
    const { home } = desk;
    await desk.crash();
    desk = await Desk.open({ home, catalogue });
    await flow('1.1.0', kind, 'fresh');
  }
  const task = (caseId: string) => eventually(async () => (await desk.engine.ledger.listTasks({ status: 'open', caseId }, { limit: 10 })).items[0]);
  async function approve(caseId: string): Promise<void> {
    const { task_id: taskId, facts_hash: factsHash } = await task(caseId);
    const answer = await desk.engine.decideTask({ taskId, decision: 'approve', factsHash, by: eve });
    assert.equal(answer.ok, true, JSON.stringify(answer));
  }
  /** Closed in peace, with everything about the step recorded at the address where it was entered. */
  async function finished(caseId: string): Promise<void> {
    await desk.closed(caseId);
    const events = await desk.events(caseId);
    assert.deepEqual(events.filter(({ type }) => type === 'ExceptionRaised'), []);
    assert.deepEqual([...new Set(events.flatMap(({ address }) => address?.stepId ?? []))].sort(), ['close', 'old', 'scan']);
    for (const type of ['StepEntered', 'StepCompleted'] as const) assert.equal(events.filter((event) => event.type === type && event.address?.stepId === 'old').length, 1, type);
  }

  it('are decided at the new step, with the task as it was asked', async () => {
    const catalogue = versions(old('approval'), renamed('approval'));
    const caseId = await opened(catalogue, 'approval');
    const { task_id: before } = await task(caseId);
    await upgraded(catalogue, 'approval');
    assert.equal((await task(caseId)).task_id, before);
    assert.deepEqual([desk.engine.resting('test/fresh'), desk.engine.placed().find(({ address }) => address === 'test/fresh')?.formerly], [1, ['test/old']]);
    await approve(caseId);
    await finished(caseId);
  });

  it('are woken there by their timer, and by the event that they wait for', async () => {
    for (const kind of ['wait-until', 'wait-for-event'] as const) {
      const catalogue = versions(old(kind), renamed(kind));
      const caseId = await opened(catalogue, kind);
      await eventually(async () => ((await desk.events(caseId)).some(({ type }) => type === 'TimerScheduled' || type === 'EventAwaited') ? true : undefined));
      await upgraded(catalogue, kind);
      if (kind === 'wait-for-event') await desk.engine.reportEvent({ site: 'dc-1', name: 'asn', key: '1', data: {}, keepMs: 60_000, broadcast: false, by: { device: 'test' } });
      await finished(caseId);
      if (kind === 'wait-until') await desk.close();
    }
  });

  it('are sent on from there, when they were under way', async () => {
    const catalogue = versions(old('approval'), renamed('approval'));
    desk = await Desk.open({ catalogue });
    await flow('1.0.0', 'approval', 'old', [['swallows'], [], [], []]);
    desk.plain('swallows', [], () => undefined);
    const { caseId } = await desk.openCase('scan');
    await approve(caseId);
    await eventually(() => desk.sent.find((msg) => msg['approval'] !== undefined));
    await upgraded(catalogue, 'approval');
    await finished(caseId);
    assert.deepEqual((await desk.eventsOf(caseId, 'TokenResent')).map(({ address }) => address?.stepId), ['old']);
  });

  it('are posted there once, under the key of the old step: a retry that waited, and a call whose outcome nobody knows', async () => {
    const catalogue = versions(old('call'), renamed('call'));
    answers = [(response) => { response.writeHead(503).end('{}'); }];
    const waiting = await opened(catalogue, 'call');
    await eventually(async () => (await desk.eventsOf(waiting, 'RetryScheduled'))[0]);
    // Of this one the answer never comes: the process ends before.
    answers = [() => undefined];
    const { caseId: unknown } = await desk.openCase('scan');
    await eventually(() => (keys.length === 2 ? true : undefined));
    const { home } = desk;
    desk.stop();
    await desk.engine.ledger.close();
    const dead = desk;
    server?.closeAllConnections();
    desk = await Desk.open({ home, catalogue });
    await flow('1.1.0', 'call', 'fresh');
    await finished(waiting);
    await finished(unknown);
    await dead.engine.drain();
    assert.equal(new Set(keys).size, 2, 'each case is posted under one key');
  });

  it('go on at the old step when the version comes back, and what came in meanwhile says that it cannot', async () => {
    const catalogue = versions(old('approval'), renamed('approval'));
    const first = await opened(catalogue, 'approval');
    await task(first);
    await upgraded(catalogue, 'approval');
    const { caseId: second } = await desk.openCase('scan');
    await task(second);
    await flow('1.0.0', 'approval', 'old');
    await approve(first);
    await finished(first);
    const { class: kind, message } = await desk.exception(second);
    assert.equal(kind, 'orphan');
    assert.match(message, /"test\/fresh", and no node of the running flows has this step id\. Bring the node back/);
    await flow('1.1.0', 'approval', 'fresh');
    await eventually(async () => ((await desk.exceptions(second)).length === 0 ? true : undefined));
    await approve(second);
    await desk.closed(second);
  });

  it('wait and say for what, while the catalogue does not have the map, and go on as soon as it has', async () => {
    const catalogue = versions();
    const caseId = await opened(catalogue, 'approval');
    await task(caseId);
    await upgraded(catalogue, 'approval');
    const { message } = await desk.exception(caseId);
    assert.match(message, /does not have procure-to-pay\/steps 1\.1\.0, whose migration map may name the step that takes it over: as soon as it has, the case goes on by itself/);
    catalogue.put(old('approval'), renamed('approval'));
    await desk.engine.governance.refreshCatalogue();
    await eventually(async () => ((await desk.exceptions(caseId)).length === 0 ? true : undefined));
    await approve(caseId);
    await desk.closed(caseId);
    // What was learned is not forgotten under cases that are at work.
    catalogue.put(old('approval'));
    await desk.engine.governance.refreshCatalogue();
    assert.equal(desk.engine.registry.byAddress('test/old')?.address.stepId, 'fresh');
  });

  it('stay where they are when the new step is of another type, and when the template goes on without a map', async () => {
    const catalogue = versions(old('approval'), version('1.1.0', { fresh: 'waybill-call' }, [{ from: '^1.0.0 <1.1.0', steps: { old: 'fresh' } }]));
    const caseId = await opened(catalogue, 'approval');
    await task(caseId);
    await upgraded(catalogue, 'call');
    assert.equal((await desk.exception(caseId)).class, 'orphan');
    assert.equal(desk.engine.registry.byAddress('test/old'), undefined);
    assert.equal(keys.length, 0);
  });

  it('stay where they are when the version that had the step was withdrawn and a node of another type has the new one', async () => {
    const catalogue = versions(version('1.1.0', { fresh: 'waybill-call' }, [{ from: '^1.0.0 <1.1.0', steps: { old: 'fresh' } }]));
    const caseId = await opened(catalogue, 'approval');
    await task(caseId);
    await upgraded(catalogue, 'call');
    assert.match((await desk.exception(caseId)).message, /in a waybill-approval node, and the node there is a waybill-call now/);
    await quiet(desk);
    assert.equal(keys.length, 0);
  });

  it('pass a message that comes twice, before and after the upgrade, as one', async () => {
    const catalogue = versions(old('approval'), renamed('approval'));
    const caseId = await opened(catalogue, 'approval');
    await task(caseId);
    await flow('1.1.0', 'approval', 'fresh');
    const sent = desk.sent.find((msg) => (msg['waybill'] as { caseId: string }).caseId === caseId)!;
    await desk.engine.receive(desk.handle('step'), { ...sent, waybill: { ...sent['waybill'] as object, attempt: 2 } });
    assert.equal(desk.engine.counters.all()['arrivals_duplicate'], 1);
    await approve(caseId);
    await finished(caseId);
  });

  it('gather what came before and after the upgrade, once', async () => {
    const gathers = version('1.0.0', { fork: 'waybill-parallel', join: 'waybill-gather' });
    const joined = version('1.1.0', { split: 'waybill-parallel', merge: 'waybill-gather' }, [{ from: '^1.0.0 <1.1.0', steps: { fork: 'split', join: 'merge' } }]);
    const catalogue = versions(gathers, joined);
    const branches = (of: string, [fork, join]: readonly [string, string]) => async (): Promise<void> => {
      desk.stop();
      desk.remove('scan', 'fork', 'join', 'left', 'right', 'close');
      await desk.load(flowOf(of, { [fork]: 'waybill-parallel', [join]: 'waybill-gather' }));
      desk.add({ id: 'scan', wires: [['fork']] });
      desk.add({ id: 'fork', stepId: fork, type: 'waybill-parallel', wires: [['left'], ['right']], pattern: parallelPattern({ branches: ['left', 'right'].map((name) => ({ name, condition: '', conditionType: 'jsonata' })), onNone: 'raise' }) });
      desk.add({ id: 'left', wires: [['join']], pattern: pass });
      desk.add({ id: 'right', type: 'waybill-approval', wires: [['join'], ['join'], [], []], pattern: kinds.approval() });
      desk.add({ id: 'join', stepId: join, type: 'waybill-gather', wires: [['close'], ['close']], pattern: gatherPattern({ waitFor: 'all', count: '', others: 'cancel', merge: 'array', parallel: fork, deadline: '', deadlineUnit: 'hours', working: false, calendar: '' }) });
      desk.add({ id: 'close', wires: [], pattern: close });
      await desk.start();
    };
    desk = await Desk.open({ catalogue });
    await branches('1.0.0', ['fork', 'join'])();
    const { caseId } = await desk.openCase('scan');
    await eventually(async () => (await desk.eventsOf(caseId, 'BranchArrived'))[0]);
    const { home } = desk;
    await desk.crash();
    desk = await Desk.open({ home, catalogue });
    await branches('1.1.0', ['split', 'merge'])();
    await approve(caseId);
    await desk.closed(caseId);
    const arrived = await desk.eventsOf(caseId, 'BranchArrived');
    assert.deepEqual(arrived.map(({ address, data }) => [address?.stepId, data.branch, data.ready]), [['join', 'left', false], ['join', 'right', true]]);
    assert.equal((await desk.eventsOf(caseId, 'Gathered')).length, 1);
    assert.deepEqual(await desk.eventsOf(caseId, 'ExceptionRaised'), []);
  });

  it('keep the sum that they were approved under, the rounds that were taken, and the ladder that watches the step by its old id', async () => {
    const level = { role: 'receiving-supervisor', quorum: 1, deadline: 0, deadlineUnit: 'hours' as const, working: false, onExpiry: 'reject' as const, hold: 0 };
    const matrix = {
      hit: 'unique' as const, order: 'sequence' as const, amount: 'amount', currency: '', base: 'EUR', rates: [], cumulative: { keys: 'supplier', days: 30, scope: '' },
      rows: [{ id: 'small', from: '', to: '100', conditions: [], auto: false, levels: [level] }, { id: 'large', from: '100', to: '', conditions: [], auto: false, levels: [{ ...level, role: 'finance' }] }],
    };
    const catalogue = versions(version('1.0.0', { old: 'waybill-approval' }), renamed('approval'));
    desk = await Desk.open({ catalogue });
    const deploy = async (of: string, stepId: string, rework: string): Promise<void> => {
      desk.stop();
      desk.remove('scan', 'climb', 'step', 'close');
      await desk.load(flowOf(of, { [stepId]: 'waybill-approval' }));
      desk.add({ id: 'scan', wires: [['climb']] });
      desk.add({ id: 'climb', wires: [['step'], []], pattern: escalationPattern({ watch: 'task', steps: stepId, until: '', calendar: '', rungs: [{ value: 60, unit: 'minutes', working: false, action: 'remind' }] }) });
      desk.add({ id: 'step', stepId, type: 'waybill-approval', wires: [['close'], ['close'], [rework], ['close']], pattern: approvalPattern({
        question: 'Buy it?', questionType: 'str', role: '', quorum: 1, covers: 'amount', autoApprove: '', ruleId: '', deadline: 0, deadlineUnit: 'hours', onExpiry: 'reject', unknownOperatorRole: 'receiving-supervisor', milestone: '', maxRounds: 1, matrix,
      }) });
      desk.add({ id: 'close', wires: [], pattern: close });
      await desk.start();
    };
    const document = { amount: '31', supplier: 'acme' };
    const decide = async (caseId: string, decision: 'approve' | 'rework'): Promise<unknown> => {
      const { task_id: taskId, facts_hash: factsHash } = await task(caseId);
      const answer = await desk.engine.decideTask({ taskId, decision, factsHash, comment: 'said', by: eve });
      return answer.ok ? 'ok' : answer.code;
    };
    await deploy('1.0.0', 'old', 'swallows');
    const { caseId: small } = await desk.openCase('scan', { document: { ...document, amount: '39' } });
    await task(small);
    desk.plain('swallows', [], () => undefined);
    const { caseId } = await desk.openCase('scan', { document });
    assert.equal(await decide(caseId, 'rework'), 'ok');
    await eventually(() => desk.sent.find((msg) => (msg['approval'] as { outcome?: string } | undefined)?.outcome === 'rework'));
    await deploy('1.1.0', 'fresh', 'step');
    const again = await task(caseId);
    assert.equal(again.address, 'test/fresh');
    assert.equal(await decide(caseId, 'rework'), 'rework-limit');
    assert.deepEqual((await desk.eventsOf(caseId, 'LadderStarted')).length, 2, 'the ladder that was armed for "old" climbs at "fresh" as well');
    const { caseId: second } = await desk.openCase('scan', { document });
    await task(second);
    assert.deepEqual((await desk.eventsOf(second, 'TaskCreated')).map(({ data }) => data.matrixRow), ['large'], 'both are above the band together');
  });

  it('are told from those of the step that stands at the old address itself', async () => {
    const catalogue = versions(old('approval'), renamed('approval'));
    desk = await Desk.open({ catalogue });
    await desk.load(flowOf('1.1.0', { fresh: 'waybill-approval' }));
    desk.add({ id: 'scan', wires: [['a']] });
    desk.add({ id: 'a', stepId: 'old', type: 'waybill-approval', wires: [['b']], pattern: pass });
    desk.add({ id: 'b', stepId: 'fresh', type: 'waybill-approval', wires: [['close']], pattern: pass });
    desk.add({ id: 'close', wires: [], pattern: close });
    await desk.start();
    assert.equal(desk.engine.registry.byAddress('test/old')?.node.id, 'a');
    assert.deepEqual(desk.engine.registry.addressesOf('test/fresh'), ['test/fresh']);
    const { caseId } = await desk.openCase('scan');
    await desk.closed(caseId);
  });
});
