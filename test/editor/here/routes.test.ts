import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import type { RequestHandler } from 'express';

import { mountEditorRoutes } from '../../../src/editor/here/routes.ts';
import { sharedAnswer } from '../../../src/editor/here/shared-answer.ts';
import { LedgerError } from '../../../src/ledger/port.ts';
import { RefusingWaybill } from '../../../src/engine/refusing.ts';
import type { Waybill } from '../../../src/engine/api.ts';

const settings = { home: '/nowhere', site: 'dc-1', enterprise: 'acme', legalEntity: '', publicUrl: undefined, mqttUrl: undefined, erpUrl: undefined };

async function serve(waybill: Waybill, needsPermission: (permission: string) => RequestHandler): Promise<{ server: Server; url: string }> {
  const app = express();
  mountEditorRoutes({ httpAdmin: app, auth: { needsPermission } }, waybill, () => '/waybill/');
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/waybill-editor` };
}

describe('endpoints of the sidebar', () => {
  let server: Server | undefined;

  afterEach(() => {
    server?.close();
    server = undefined;
  });

  it('ask for the permission to read, both of them', async () => {
    const asked: string[] = [];
    const refused = await serve(new RefusingWaybill(settings, 'no'), (permission) => (_request, response) => {
      asked.push(permission);
      response.sendStatus(401);
    });
    server = refused.server;
    assert.deepEqual(await Promise.all(['site', 'cases?nodes=a'].map(async (path) => (await fetch(`${refused.url}/${path}`)).status)), [401, 401]);
    assert.deepEqual(asked, ['waybill.read', 'waybill.read']);
  });

  it('answer with the reason while the engine refuses', async () => {
    const open = await serve(new RefusingWaybill(settings, 'The disk is full.'), () => (_request, _response, next) => { next(); });
    server = open.server;
    const response = await fetch(`${open.url}/site`);
    assert.equal(response.headers.get('cache-control'), 'no-store');
    const report = (await response.json()) as Record<string, unknown>;
    assert.deepEqual([report['state'], report['reason'], report['console']], ['refusing', 'The disk is full.', '/waybill/']);
  });

  it('answer 503 with a sentence when the ledger cannot be read', async () => {
    const broken = { ...new RefusingWaybill(settings, 'no'), nodes: { placed: () => { throw new LedgerError('unavailable', 'The ledger cannot be read now.'); } } } as unknown as Waybill;
    const open = await serve(broken, () => (_request, _response, next) => { next(); });
    server = open.server;
    for (const path of ['site', 'cases?nodes=a']) {
      const response = await fetch(`${open.url}/${path}`);
      assert.equal(response.status, 503);
      assert.deepEqual(await response.json(), { code: 'ledger-unavailable', message: 'The ledger cannot be read now.' });
    }
  });

  it('are not there where the editor is switched off', () => {
    assert.doesNotThrow(() => {
      mountEditorRoutes({ httpAdmin: false }, new RefusingWaybill(settings, 'no'), () => undefined);
    });
  });
});

describe('an answer that many share', () => {
  it('is asked for once, and again when its time is over', async () => {
    let asked = 0;
    let now = 0;
    const answer = sharedAnswer(() => Promise.resolve(++asked), 1_000, () => now);
    assert.deepEqual(await Promise.all([answer(), answer(), answer()]), [1, 1, 1]);
    now = 1_000;
    assert.equal(await answer(), 2);
  });

  it('is asked for again at once after a failure', async () => {
    let asked = 0;
    const answer = sharedAnswer(() => (++asked === 1 ? Promise.reject(new Error('not now')) : Promise.resolve(asked)), 1_000, () => 0);
    await assert.rejects(answer(), /not now/);
    assert.equal(await answer(), 2);
  });
});
