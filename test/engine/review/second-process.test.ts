import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import helper from 'node-red-node-test-helper';
import { openEngine } from '../../../src/engine/runtime.ts';
import { setCurrentWaybill } from '../../../src/engine/node-red/current.ts';
import { RefusingWaybill } from '../../../src/engine/refusing.ts';
import { LedgerError } from '../../../src/ledger/port.ts';
import { tcpServer } from '../../connectors/support/servers.ts';
import { withNodeRed } from '../../nodes/support/rig.ts';
import registerBroker from '../../../nodes/broker/broker.ts';
import registerScanIn from '../../../nodes/scan-in/scan-in.ts';
import registerSite from '../../../nodes/site/site.ts';

describe('a second process on the same home', () => {
  withNodeRed();
  const home = mkdtempSync(join(tmpdir(), 'waybill-second-'));
  const settings = { home, site: 'dc-1', enterprise: 'acme', legalEntity: 'acme-gmbh', publicUrl: undefined, mqttUrl: undefined, erpUrl: undefined };
  after(() => rmSync(home, { recursive: true, force: true }));

  it('is refused with one sentence, and does not take the first one\'s session at the broker away', async () => {
    const first = await openEngine({ settings });
    const broker = await tcpServer((socket) => socket.resume());
    try {
      const refusal = await openEngine({ settings }).then(() => undefined, (error: unknown) => error);
      assert.ok(refusal instanceof LedgerError);
      assert.equal(refusal.code, 'held');
      setCurrentWaybill(new RefusingWaybill(settings, refusal.message));
      await helper.load([registerSite, registerBroker, registerScanIn], [
        { id: 'tab', type: 'tab', label: 'Receiving' },
        { id: 'site', type: 'waybill-site', siteId: 'dc-1', enterprise: 'acme', configVersion: 1 },
        { id: 'broker', type: 'waybill-broker', url: `mqtt://127.0.0.1:${broker.port}`, configVersion: 1 },
        { id: 'scan', z: 'tab', x: 1, y: 1, type: 'waybill-scan-in', stepId: 'scan', site: 'site', broker: 'broker', configVersion: 1, wires: [[]] },
      ]);
      await sleep(500);
      assert.equal(broker.connections, 0);
      const shown = helper.getNode('scan')?.status.getCalls().filter(({ thisValue }) => thisValue.id === 'scan').at(-1)?.args[0];
      assert.deepEqual(shown, { fill: 'red', shape: 'ring', text: refusal.message });
    } finally {
      await helper.unload();
      await broker.close();
      await first.close();
    }
  });
});
