import assert from 'node:assert/strict';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { mountGovernanceRoutes } from '../../../src/editor/governance/routes.ts';
import { openEngine } from '../../../src/engine/runtime.ts';
import { release } from '../../../src/governance/catalogue/publisher/release.ts';
import { stageWaiver } from '../../../src/governance/catalogue/publisher/stage.ts';
import { eventually } from '../../web/support/real-engine.ts';
import { makeCentral, signAll, temporary } from '../catalogue/support/central.ts';

describe('a catalogue that somebody asks for in the editor', () => {
  it('is taken over at once, waivers included', async () => {
    const home = temporary('sync-in-editor');
    const now = Date.now();
    const central = await makeCentral({ now });
    const engine = await openEngine({
      settings: { home, site: 'dc-1', enterprise: 'acme', legalEntity: 'acme', publicUrl: undefined, mqttUrl: undefined, erpUrl: undefined, catalogue: central.public, catalogueRoot: central.rootFile, gate: 'warn' },
    });
    const app = express();
    mountGovernanceRoutes({ httpAdmin: app, auth: { needsPermission: () => (_request, _response, next) => { next(); } } }, engine, () => undefined);
    const server = createServer(app).listen(0, '127.0.0.1');
    try {
      await once(server, 'listening');
      await engine.governance.refreshCatalogue();
      await stageWaiver(central.folder, { id: 'w1', rule: 'no-exec', sites: ['dc-1'], scope: { fingerprints: ['f'] }, reason: 'The label printer.', grantedAt: new Date(now).toISOString(), expiresAt: new Date(now + 86_400_000).toISOString(), family: 'returns' }, now);
      await signAll(central.folder, central.returns);
      await release(central.folder, central.online, now);
      const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/waybill-editor/governance/sync`, { method: 'POST' });
      assert.equal(((await answer.json()) as { state: string }).state, 'fresh');
      assert.equal(await eventually(async () => (await engine.ledger.getWaiver('w1'))?.status), 'active');
    } finally {
      server.close();
      await engine.close();
      rmSync(home, { recursive: true, force: true });
    }
  });
});
