import assert from 'node:assert/strict';
import { OpcUaConnection } from '../../../src/intake/opcua/index.ts';
import { raw } from '../../../src/intake/opcua/subscription/services.ts';
import { Open62541 } from '../../support/open62541/open62541.ts';
import { needs } from '../../support/system-programs.ts';
import { testPki } from './pki.ts';
import { until } from './until.ts';

/** What is used of the library beyond its documented interface: an upgrade that changes it fails here. */
describe('the OPC UA library, as it is used here', function () {
  this.timeout(20_000);
  let server: Open62541;
  let connection: OpcUaConnection;

  before(async function () {
    server = await Open62541.start(needs(this, 'open62541'), { tags: 1, everyMs: 20, leastSamplingMs: 0 });
    connection = new OpcUaConnection({ url: server.url, securityMode: 'none', securityPolicy: 'none', identity: { kind: 'anonymous' }, applicationUri: 'urn:waybill:test', pki: testPki() });
    connection.start();
    await until(() => connection.state.kind === 'connected');
  });
  after(async () => {
    await connection.close();
    await server.stop();
  });

  it('acknowledges nothing by itself: what was not acknowledged can be asked for again', async () => {
    await connection.withSession(async (session) => {
      const { subscriptionId } = await raw(session).createSubscription({ requestedPublishingInterval: 50, requestedLifetimeCount: 100, requestedMaxKeepAliveCount: 10, maxNotificationsPerPublish: 100, publishingEnabled: true, priority: 1 });
      await raw(session).createMonitoredItems({ subscriptionId, timestampsToReturn: 2, itemsToCreate: [{ itemToMonitor: { nodeId: 'ns=1;s=Line.Tag0', attributeId: 13 }, monitoringMode: 2, requestedParameters: { clientHandle: 7, samplingInterval: 0, queueSize: 10, discardOldest: true } }] });
      const publish = (sequences: readonly number[]): Promise<{ readonly sequence: number; readonly available: readonly number[] }> => new Promise((resolve, reject) => {
        raw(session).publish({ subscriptionAcknowledgements: sequences.map((sequenceNumber) => ({ subscriptionId, sequenceNumber })) } as never, (error, response) => {
          if (error !== null || response === undefined) reject(error ?? new Error('no answer'));
          else resolve({ sequence: response.notificationMessage.sequenceNumber, available: [...response.availableSequenceNumbers ?? []] });
        });
      });
      const first = await publish([]);
      const second = await publish([]);
      assert.ok(second.available.includes(first.sequence), 'the first is kept');
      const third = await publish([first.sequence]);
      assert.ok(!third.available.includes(first.sequence) && third.available.includes(second.sequence), 'only what was acknowledged is let go');
      const transferred = await raw(session).transferSubscriptions({ subscriptionIds: [subscriptionId], sendInitialValues: false });
      assert.equal(transferred.results?.[0]?.statusCode.isGood(), true);
      await raw(session).deleteSubscriptions({ subscriptionIds: [subscriptionId] });
    });
  });
});
