import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { mock } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { runStep, trusted } from './conformance/step.ts';
import type { RecordedCase, RecordedStep } from './conformance/step.ts';
import { temporary } from './support/central.ts';

const { version, cases } = JSON.parse(gunzipSync(readFileSync(path.join(import.meta.dirname, 'conformance', 'recorded.json.gz'))).toString('utf8')) as { readonly version: string; readonly cases: readonly RecordedCase[] };

/** What the repository of the suite answers in the step that is played. */
let playing: { readonly answers: Map<string, { readonly status: number; readonly body: string }[]> };

function load({ served }: RecordedStep): void {
  const answers = new Map<string, { status: number; body: string }[]>();
  for (const { url, ...answer } of served) answers.set(url, [...answers.get(url) ?? [], answer]);
  playing = { answers };
}

/**
 * Every case of the public suite, as it was played against this client with the repository that the suite simulates: the same
 * answers at the same time have to lead to the same outcome and the same trusted metadata, byte for byte.
 */
describe(`the public TUF conformance cases (tuf-conformance ${version}, recorded)`, function () {
  this.timeout(60_000);
  let server: Server;
  let base: string;

  before(async () => {
    server = createServer((request, response) => {
      const answer = playing.answers.get((request.url ?? '').slice(1))?.shift();
      response.writeHead(answer?.status ?? 500).end(Buffer.from(answer?.body ?? '', 'base64'));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });
  after(() => { server.close(); });

  it('are all there', () => {
    assert.ok(cases.length >= 100, `${cases.length} cases`);
    assert.ok(cases.some(({ steps }) => steps.some(({ ok }) => !ok)) && cases.some(({ steps }) => steps.some(({ ok }) => ok)));
  });

  for (const { name, steps } of cases) {
    it(name, async () => {
      const folder = temporary('conformance');
      const [metadataDir, targetDir, root] = ['metadata', 'targets', 'root.json'].map((each) => path.join(folder, each)) as [string, string, string];
      mkdirSync(metadataDir);
      for (const [n, step] of steps.entries()) {
        if (step.root !== undefined) writeFileSync(root, Buffer.from(step.root, 'base64'));
        load(step);
        mock.timers.enable({ apis: ['Date'], now: step.at });
        let failure: unknown;
        try {
          await runStep({ command: step.command, metadataDir, root, base, targets: step.targets, targetDir });
        } catch (error) {
          failure = error;
        } finally {
          mock.timers.reset();
        }
        assert.equal(failure === undefined, step.ok, `step ${n + 1}, ${step.command}: ${String(failure)}`);
        assert.deepEqual(trusted(metadataDir), step.trusted, `step ${n + 1}, ${step.command}`);
      }
    });
  }
});
