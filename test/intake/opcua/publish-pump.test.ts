import assert from 'node:assert/strict';
import { openClient } from '../../../src/intake/opcua/index.ts';
import { PublishPump } from '../../../src/intake/opcua/subscription/publish-pump.ts';
import { raw } from '../../../src/intake/opcua/subscription/services.ts';
import { Open62541 } from '../../support/open62541/open62541.ts';
import { needs } from '../../support/system-programs.ts';
import { testPki } from './pki.ts';

describe('the Publish requests of a session', function () {
  this.timeout(20_000);
  let server: Open62541;

  before(async function () { server = await Open62541.start(needs(this, 'open62541'), { tags: 1 }); });
  after(() => server.stop());

  it('wait after a broken channel has refused one, within the call', async () => {
    const { client, session } = await openClient({ url: server.url, securityMode: 'none', securityPolicy: 'none', identity: { kind: 'anonymous' }, applicationUri: 'urn:waybill:test', pki: testPki() }, 60_000, undefined);
    await client.disconnect();
    const pump = new PublishPump(session, { credits: 6, keepAliveMs: 1_000, onBroken: () => undefined });
    const publish = raw(session).publish.bind(session);
    let asked = 0;
    raw(session).publish = (request, callback) => {
      asked += 1;
      if (asked > 50) pump.stop(); // it would go on for ever
      publish(request, callback);
    };
    pump.add(1, { onMessage: () => undefined, onGone: () => undefined });
    assert.equal(asked, 1);
    await new Promise((resolve) => { setTimeout(resolve, 1_200); });
    assert.equal(asked, 3, 'one each half second');
    pump.stop();
  });
});
