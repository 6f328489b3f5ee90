import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import type { RequestHandler } from 'express';

import { mountGovernanceRoutes } from '../../../src/editor/governance/routes.ts';
import { RefusingWaybill } from '../../../src/engine/refusing.ts';

const settings = { home: '/nowhere', site: 'dc-1', enterprise: 'acme', legalEntity: '', publicUrl: undefined, mqttUrl: undefined, erpUrl: undefined };
const READ = ['site', 'templates', 'services', 'template', 'findings', 'changes', 'rule'];
const SEND = ['installed', 'check', 'import', 'upgrade', 'sync', 'changes'];

async function serve(needsPermission: (permission: string) => RequestHandler): Promise<{ server: Server; url: string }> {
  const app = express();
  app.use(express.json());
  mountGovernanceRoutes({ httpAdmin: app, auth: { needsPermission } }, new RefusingWaybill(settings, 'The disk is full.'), () => '/waybill/');
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/waybill-editor/governance` };
}

describe('endpoints of the templates tab', () => {
  let server: Server | undefined;
  let url = '';

  const open = async (needsPermission: (permission: string) => RequestHandler = () => (_request, _response, next) => { next(); }): Promise<void> => {
    ({ server, url } = await serve(needsPermission));
  };
  const send = (path: string, body: unknown): Promise<Response> => fetch(`${url}/${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

  afterEach(() => {
    server?.close();
    server = undefined;
  });

  it('ask for a permission, every one: to write for asking something of the owners, to read for all else', async () => {
    const asked: string[] = [];
    await open((permission) => (request, response) => {
      asked.push(`${request.method} ${request.path.split('/').at(-1) ?? ''} ${permission}`);
      response.sendStatus(401);
    });
    for (const path of READ) assert.equal((await fetch(`${url}/${path}`)).status, 401);
    for (const path of SEND) assert.equal((await send(path, {})).status, 401);
    assert.deepEqual(asked, [...READ.map((path) => `GET ${path} waybill.read`), ...SEND.map((path) => `POST ${path} waybill.${path === 'changes' ? 'write' : 'read'}`)]);
  });

  it('answer while the engine refuses: no catalogue, and why', async () => {
    await open();
    const site = await (await fetch(`${url}/site`)).json() as { governed: boolean; gate: { reason: string }; catalogue: object };
    assert.deepEqual([site.governed, site.catalogue], [false, { state: 'none' }]);
    assert.deepEqual(await (await fetch(`${url}/templates`)).json(), { catalogue: { state: 'none' }, templates: [] });
    assert.deepEqual(await (await fetch(`${url}/services`)).json(), { services: [], strangers: [] });
    assert.deepEqual(await (await fetch(`${url}/findings`)).json(), { findings: [] });
    const changes = await fetch(`${url}/changes`);
    assert.deepEqual([changes.status, await changes.json()], [503, { code: 'not-available', message: 'The disk is full.' }]);
  });

  const bad: readonly (readonly [string, unknown, RegExp])[] = [
    ['installed', { nodes: 'no' }, /Send the nodes/], ['check', {}, /list of nodes/], ['check', [], /list of nodes/], ['upgrade', { flows: 7 }, /list of nodes/],
    ['changes', { kind: 'waiver', title: 'x', family: 'returns' }, /why it is needed/], ['changes', { kind: 'waiver', reason: 'x', title: 'x', family: 'returns' }, /Name the rule/],
    ['changes', { kind: 'waiver', reason: 'x', title: 'x', family: 'returns', rule: 'no-exec', fingerprints: ['a'], until: 'soon' }, /YYYY-MM-DD/], ['changes', { kind: 'change', reason: 'x', title: 'x', template: 'a/b@1.0.0' }, /Send the nodes/],
    ['changes', { reason: 'x'.repeat(3_000), title: 'x', family: 'returns' }, /2,000 characters/],
  ];
  for (const [path, body, said] of bad) {
    it(`say what is wrong with ${path} ${JSON.stringify(body).slice(0, 60)}`, async () => {
      await open();
      const response = await send(path, body);
      assert.equal(response.status, 400);
      assert.match(((await response.json()) as { message: string }).message, said);
    });
  }

  it('say that a version or a page is not there', async () => {
    await open();
    for (const path of ['template?id=a/b&version=1.0.0', 'rule?code=../../package', 'rule?code=nothing']) assert.equal((await fetch(`${url}/${path}`)).status, 404, path);
    assert.equal((await send('import', { id: 'a/b', version: '1.0.0' })).status, 422);
    assert.equal((await send('import', { id: { toString: 1 }, version: ['x'], configs: 'x', taken: 7 })).status, 422);
  });
});
