import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ROOT } from '../../../scripts/lib/paths.ts';
import { asker, hello, twins } from './support/flows.ts';
import { startGated } from './support/gated-node-red.ts';
import type { Gated } from './support/gated-node-red.ts';

const LAYERS = [['both layers', ['storage', 'gate']], ['the storage module alone', ['storage']]] as const;

for (const version of ['5.0.7', '4.1.15']) {
  for (const [which, layers] of LAYERS) {
    describe(`deploys through the gate of Node-RED ${version}, ${which}`, function () {
      this.timeout(120_000);
      let userDir: string;
      let nodeRed: Gated;

      before(async () => {
        execFileSync(process.execPath, ['scripts/build.ts', '--if-stale'], { cwd: ROOT, stdio: 'pipe' });
        userDir = mkdtempSync(path.join(tmpdir(), 'waybill-gate-'));
        nodeRed = await startGated({ version, userDir, layers });
      });
      after(async () => {
        await nodeRed?.stop();
        rmSync(userDir, { recursive: true, force: true });
      });

      const said = async (): Promise<string> => {
        // A deploy is answered before its flows have started.
        for (let n = 0; ; n += 1) {
          const response = await fetch(`${nodeRed.baseUrl}/hello`);
          if (response.ok || n > 100) return response.text();
          await new Promise((resolve) => { setTimeout(resolve, 50); });
        }
      };
      const refused = async (flows: readonly object[], type = 'full'): Promise<void> => {
        const { status, body } = await nodeRed.deploy(flows, type);
        assert.equal(status, 422, JSON.stringify(body));
        assert.match(body.message ?? '', /^Waybill did not deploy this; what ran goes on running\. .*"twin-2" on "Twins": The step id/);
        assert.deepEqual(body.remote?.findings.filter(({ rule }) => rule === 'duplicate-step-id').map(({ rule, node, yours }) => [rule, node?.id, yours]), [['duplicate-step-id', 'twin-2', true]]);
        assert.equal(body.remote?.truncated, false);
      };

      it('lets good flows pass and records them', async () => {
        assert.equal((await nodeRed.deploy(hello('one'))).status, 200);
        assert.equal(await said(), 'one');
        const deploys = nodeRed.events('DeployAdmitted');
        assert.deepEqual(deploys.map(({ way, nodes, unauthenticated }) => [way, nodes, unauthenticated]), [['start', 0, false], ['deploy', 4, true]]);
        while (nodeRed.events('DeployStarted').length < 2) await new Promise((resolve) => { setTimeout(resolve, 20); });
        assert.equal(nodeRed.events('DeployStarted').at(-1)?.['deployId'], deploys.at(-1)?.['deployId']);
      });

      for (const type of ['full', 'flows', 'nodes']) {
        it(`refuses bad ones (${type}); what ran goes on running`, async () => {
          const before = nodeRed.events('DeployRefused').length;
          await refused([...hello('two'), ...twins()], type);
          assert.equal(await said(), 'one');
          assert.equal((await nodeRed.flows()).length, 4);
          assert.equal(JSON.parse(readFileSync(path.join(userDir, 'flows.json'), 'utf8')).length, 4);
          const events = nodeRed.events('DeployRefused').slice(before);
          assert.deepEqual(events.map(({ way, rules }) => [way, (rules as string[]).includes('duplicate-step-id')]), [['deploy', true]]);
        });
      }

      it('takes ids that every object has, and leaves addresses that are none to Node-RED', async () => {
        assert.equal((await nodeRed.deploy([...hello('one'), { id: 'constructor', type: 'tab', label: 'odd' }])).status, 200);
        assert.equal((await nodeRed.deploy(hello('one'))).status, 200);
        assert.equal((await fetch(`${nodeRed.baseUrl}/flow/%E0%A4%A`, { method: 'PUT', headers: { 'Content-Type': 'application/json' }, body: '{}' })).status, 400);
      });

      it('is not fooled by a tab that is disabled for now', async () => {
        await refused([...hello('two'), ...twins(true)]);
      });

      it('tells open editors, and those that are opened later', async () => {
        const socket = new WebSocket(`${nodeRed.baseUrl.replace('http', 'ws')}/comms`);
        try {
          const heard = new Promise<{ refused: boolean; errors: number }>((resolve) => {
            socket.addEventListener('message', ({ data }) => {
              const message = (JSON.parse(String(data)) as { topic: string; data: { refused: boolean; errors: number } }[]).find(({ topic }) => topic === 'waybill/findings');
              if (message !== undefined) resolve(message.data);
            });
          });
          socket.addEventListener('open', () => { socket.send(JSON.stringify({ subscribe: 'waybill/#' })); });
          const { refused: last, errors } = await heard;
          assert.deepEqual([last, errors > 0], [true, true]);
        } finally {
          socket.close();
        }
      });

      it('judges what the admin API does to one flow', async () => {
        const [tab, ...nodes] = twins();
        const added = await nodeRed.send('POST', '/flow', { label: tab?.['label'], nodes });
        assert.equal(added.status, layers.length === 2 ? 422 : 400);
        assert.equal(added.body.code, 'waybill-refused');
        const changed = await nodeRed.send('PUT', '/flow/hello-tab', { id: 'hello-tab', label: 'Hello', nodes: [...hello('two').slice(1), ...nodes] });
        assert.equal(changed.body.code, 'waybill-refused');
        assert.equal(await said(), 'one');
        assert.equal((await nodeRed.send('DELETE', '/flow/hello-tab')).status, 204);
        assert.deepEqual(await nodeRed.flows(), []);
        assert.equal((await nodeRed.deploy(hello('one'))).status, 200);
      });

      it('leaves credentials as they were before a refused deploy, and takes them with the next good one', async () => {
        const stored = async (): Promise<unknown> => nodeRed.json('/credentials/http-request/asker');
        const first = { user: 'ada', password: 'first' };
        assert.equal((await nodeRed.deploy([...hello('one'), asker(first)])).status, 200);
        assert.deepEqual(await stored(), { user: 'ada', has_password: true });
        const file = readFileSync(path.join(userDir, 'flows_cred.json'), 'utf8');

        await refused([...hello('one'), asker({ user: 'eve', password: 'second' }), ...twins()]);
        assert.deepEqual(await stored(), { user: 'ada', has_password: true });
        assert.equal(readFileSync(path.join(userDir, 'flows_cred.json'), 'utf8'), file);

        await refused([...hello('one'), ...twins()]);
        assert.deepEqual(await stored(), { user: 'ada', has_password: true }, 'the deletion is undone');

        assert.equal((await nodeRed.deploy([...hello('one'), asker({ user: 'eve', password: 'second' })])).status, 200);
        assert.deepEqual(await stored(), { user: 'eve', has_password: true });
        assert.notEqual(readFileSync(path.join(userDir, 'flows_cred.json'), 'utf8'), file);
      });
    });
  }
}
