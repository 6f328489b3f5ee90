import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { mountSystemRoutes } from '../../src/editor/systems/system-routes.ts';
import type { PersonIdentity } from '../../src/engine/api.ts';
import type { ServiceDefinition } from '../../src/domain/service/index.ts';
import { fixedServices } from '../../src/engine/services/source.ts';
import type { KnownService, ServiceSource } from '../../src/engine/services/source.ts';
import { eventually } from '../web/support/real-engine.ts';
import { end, opener, Rig, step, withNodeRed } from './support/rig.ts';
import { receiptService } from './support/services.ts';
import { OtherSystem } from './support/system.ts';

const reference = 'erp/goods-receipts@1.0.0';
const receipt = { po: '4500001', quantity: '7.5' };
const by: PersonIdentity = { userId: '0190a5c8-0000-7000-8000-000000000001', name: 'Eva', roles: ['engineer'], sites: ['*'], authMethod: 'password', channel: 'api' };

describe('call node: a service that is stopped', () => {
  withNodeRed();
  let rig: Rig;
  let erp: OtherSystem;
  const flow = (more: object = {}) => [
    { id: 'sys', type: 'waybill-system', name: 'erp-1', kind: 'erp', url: `${erp.url}/api`, urlType: 'str' }, opener(['post']),
    step('call', 'post', { systemNode: 'sys', service: reference, operation: 'post', body: 'payload', bodyType: 'msg', wires: [['done'], [], []], outputs: 3, ...more }), end('done'),
  ];
  beforeEach(async () => {
    erp = await OtherSystem.start();
    erp.answer = () => ({ status: 201, body: { number: 'GR-1' } });
    rig = await Rig.open();
  });
  afterEach(async () => {
    await rig.close();
    await erp.stop();
  });
  const waits = async (caseId: string) => await eventually(async () => (await rig.eventsOf(caseId, 'TimerScheduled')).find((event) => event.data.purpose === 'service-stopped'));
  /** As the forms of nodes have the services. */
  async function listed(): Promise<readonly unknown[]> {
    const app = express();
    mountSystemRoutes({ httpAdmin: app, auth: { needsPermission: () => (_request, _response, next) => next() }, nodes: { getNode: () => undefined } }, rig.engine);
    const server = app.listen(0, '127.0.0.1');
    try {
      await once(server, 'listening');
      const { services } = await (await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/waybill-editor/services`)).json() as { readonly services: readonly { readonly stopped?: { readonly by: string; readonly reason: string } }[] };
      return services.map(({ stopped }) => (stopped === undefined ? undefined : { by: stopped.by, reason: stopped.reason }));
    } finally {
      server.close();
    }
  }
  const change = (state: 'stopped' | 'running', more: object = {}) => rig.engine.changeService({ service: 'erp/goods-receipts', state, reason: 'It books twice.', by, ...more });

  it('at this site waits in the ledger, over a restart too, and goes on when a person says so', async () => {
    rig.engine.services = fixedServices([receiptService()]);
    await rig.load(flow());
    assert.equal((await change('stopped')).ok, true);
    const caseId = await rig.start(receipt);
    await waits(caseId);
    const { home } = rig;
    await rig.close(true);
    rig = await Rig.open({}, { home });
    rig.engine.services = fixedServices([receiptService()]);
    await rig.load(flow());
    assert.deepEqual([rig.engine.serviceStop(reference)?.by, rig.engine.serviceStop(reference)?.reason], ['site', 'It books twice.']);
    const second = await rig.start(receipt);
    await waits(second);
    const [row] = rig.engine.serviceHealth()!.rows.filter(({ service }) => service === reference);
    assert.equal(row === undefined || row.stopped?.by === 'site', true);
    assert.equal(erp.asked.length, 0);
    assert.deepEqual(await listed(), [{ by: 'site', reason: 'It books twice.' }], 'the editor shows it where a service is chosen');
    assert.equal((await change('running')).ok, true);
    assert.deepEqual(await listed(), [undefined]);
    await rig.closed(second);
    const events = await rig.engine.ledger.readStream('services');
    assert.deepEqual(events.map((event) => [event.type, event.actor.kind, (event.content as { note?: string } | undefined)?.note]), [['ServiceStopped', 'person', 'It books twice.'], ['ServiceReleased', 'person', 'It books twice.']]);
  });

  it('by its owners waits until the catalogue lets it go on, without a deploy', async () => {
    let suspended: KnownService['suspended'] = { reason: 'The ERP moves.' };
    const definition = receiptService();
    const source: ServiceSource = { services: () => [{ definition, status: 'published' }], service: (asked) => (asked === reference ? { definition, status: 'published', ...(suspended === undefined ? {} : { suspended }) } : undefined) };
    rig.engine.services = source;
    await rig.load(flow());
    const caseId = await rig.start(receipt);
    await waits(caseId);
    assert.deepEqual(rig.engine.serviceStop(reference), { by: 'catalogue', reason: 'The ERP moves.' });
    const refused = await change('running');
    assert.equal(refused.ok === false && refused.code, 'service-unchanged', 'a site does not overrule the owners');
    suspended = undefined;
    rig.engine.governance.templatesChanged();
    await rig.closed(caseId);
    assert.equal(erp.asked.length, 1);
  });

  it('asks a person at once where the service says so', async () => {
    rig.engine.services = fixedServices([receiptService({ whenStopped: 'exception' })]);
    await rig.load(flow());
    await change('stopped', { until: new Date(Date.now() + 3_600_000).toISOString() });
    const raised = await rig.exception(await rig.start(receipt));
    assert.equal(raised.code, 'service-stopped');
    assert.match(raised.message, /^The service erp\/goods-receipts@1\.0\.0 is stopped at this site until .*: It books twice\. Nothing was sent/);
    await change('running');
    await rig.resolve(raised.exception_id, 'retry');
    await rig.closed(raised.case_id);
  });

  it('is refused for what is unknown, not stopped, or a time that has passed', async () => {
    rig.engine.services = fixedServices([receiptService()]);
    const code = async (what: Promise<{ ok: boolean }>) => (await what as { readonly code?: string }).code;
    assert.deepEqual([
      await code(change('stopped', { service: 'erp/nothing' })), await code(change('running')), await code(change('stopped', { until: '2020-01-01T00:00:00Z' })), await code(change('stopped', { until: 'soon' })),
    ], ['service-unknown', 'service-unchanged', 'time-passed', 'time-passed']);
  });

  it('and limits, circuit and concurrency are followed as the catalogue says them, without a deploy', async () => {
    let definition: ServiceDefinition = receiptService({ circuit: { failures: 3, openSeconds: 60 }, limits: { concurrency: 2, perSecond: 0, burst: 0 } });
    rig.engine.services = { services: () => [{ definition, status: 'published' }], service: () => ({ definition, status: 'published' }) };
    await rig.load(flow());
    const circuit = () => { const { threshold, openSeconds, limit } = rig.engine.circuit('erp-1')!; return [threshold, openSeconds, limit]; };
    assert.deepEqual(circuit(), [3, 60, 2]);
    definition = receiptService({ circuit: { failures: 1, openSeconds: 5 }, limits: { concurrency: 1, perSecond: 0, burst: 0 } });
    rig.engine.governance.templatesChanged();
    assert.deepEqual(circuit(), [1, 5, 1]);
  });
});
