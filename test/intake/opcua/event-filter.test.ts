import assert from 'node:assert/strict';
import { OpcUaConnection } from '../../../src/intake/opcua/index.ts';
import { eventFilters } from '../../../src/intake/opcua/events/event-filter.ts';
import { loadOpcUa } from '../../../src/intake/opcua/load.ts';
import { createItems, createSubscription } from '../../../src/intake/opcua/subscription/services.ts';
import { Open62541 } from '../../support/open62541/open62541.ts';
import { needs } from '../../support/system-programs.ts';
import { testPki } from './pki.ts';
import { until } from './until.ts';

describe('the filter of events', function () {
  this.timeout(30_000);
  let server: Open62541;
  let connection: OpcUaConnection;

  before(async function () {
    server = await Open62541.startAlarms(needs(this, 'open62541-alarms'));
    connection = new OpcUaConnection({ url: server.url, securityMode: 'none', securityPolicy: 'none', identity: { kind: 'anonymous' }, applicationUri: 'urn:waybill:test', pki: testPki() });
    connection.start();
    await until(() => connection.state.kind === 'connected');
  });
  after(async () => {
    await connection?.close();
    await server?.stop();
  });

  const wish = { notifier: 'i=2253', types: ['i=2915', 'ns=1;s=PalletEventType'], leastSeverity: 300, sources: ['ns=1;s=Line'] };

  it('is one that another stack takes, with types, severity and source', async () => {
    await connection.withSession(async (session) => {
      const { filter, conditions, fields } = await eventFilters(session, wish, await session.readNamespaceArray());
      assert.equal(conditions, true);
      assert.ok(fields.some(({ name }) => name === 'HandlingUnit'));
      const { serverId } = await createSubscription(session, 100, 20_000);
      const { granted, refused } = await createItems(session, serverId, [{ key: 'e', nodeId: 'i=2253', kind: 'event', samplingMs: 0, queueSize: 100, filter }], 1);
      assert.deepEqual([granted.length, refused], [1, []]);
    });
  });

  it('goes without its conditions where a server does not take them', async () => {
    const { ContentFilter, ContentFilterElement, EventFilter, FilterOperator, LiteralOperand, DataType } = await loadOpcUa();
    await connection.withSession(async (session) => {
      const { plain } = await eventFilters(session, wish, await session.readNamespaceArray());
      // InView is for queries (OPC UA Part 4 §7.7.3)
      const whereClause = new ContentFilter({ elements: [new ContentFilterElement({ filterOperator: FilterOperator.InView, filterOperands: [new LiteralOperand({ value: { dataType: DataType.Boolean, value: true } } as never)] } as never)] } as never);
      const filter = new EventFilter({ selectClauses: (plain as { selectClauses: object[] }).selectClauses, whereClause } as never);
      const { serverId } = await createSubscription(session, 100, 20_000);
      const item = { key: 'e', nodeId: 'i=2253', kind: 'event' as const, samplingMs: 0, queueSize: 100, filter };
      const without = await createItems(session, serverId, [item], 1);
      assert.equal(without.refused.length, 1, 'the server refuses it');
      const { granted, refused } = await createItems(session, serverId, [{ ...item, fallback: plain }], 2);
      assert.deepEqual([granted.length, refused], [1, []]);
    });
  });
});
