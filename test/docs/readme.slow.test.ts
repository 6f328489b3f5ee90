import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { startProduct } from '../../scripts/lib/product.ts';
import type { Product } from '../../scripts/lib/product.ts';
import { read, root } from './support.ts';

/** "Any MQTT client": this one takes what the README gives `mosquitto_pub`, and needs nothing installed. */
const publishTo = (url: string): string => `
import { parseArgs } from 'node:util';
import { connectAsync } from ${JSON.stringify(import.meta.resolve('mqtt'))};
const { values } = parseArgs({ options: { q: { type: 'string', short: 'q' }, t: { type: 'string', short: 't' }, m: { type: 'string', short: 'm' } } });
const client = await connectAsync(${JSON.stringify(url)});
await client.publishAsync(values.t, values.m, { qos: Number(values.q) });
await client.endAsync();
`;

describe('README', function () {
  this.timeout(120_000);
  const folder = mkdtempSync(path.join(tmpdir(), 'waybill-readme-'));
  const home = path.join(folder, 'home');
  let product: Product;
  before(async () => {
    mkdirSync(path.join(folder, 'bin'));
    writeFileSync(path.join(folder, 'bin/mosquitto_pub'), `#!/bin/sh\nexec "${process.execPath}" "${path.join(folder, 'bin/publish.mjs')}" "$@"\n`);
    chmodSync(path.join(folder, 'bin/mosquitto_pub'), 0o755);
    product = await startProduct({ home });
    writeFileSync(path.join(folder, 'bin/publish.mjs'), publishTo(product.mqttUrl));
  });
  after(async () => {
    await product.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('leads from a scan over the decision to the proof, command by command', async () => {
    const blocks = [...read('README.md').matchAll(/```sh\n(.*?)```/gs)].map(([, block]) => block ?? '').filter((block) => !block.includes('npm start'));
    assert.ok(blocks.length >= 5);
    // A person looks at the page between two commands; the flow needs that moment.
    const script = ['set -e', ...blocks, ''].join('\nsleep 2\n')
      .replaceAll('http://127.0.0.1:1880', product.url).replaceAll('http://127.0.0.1:1881', product.erpUrl).replaceAll('.waybill/', `${home}/`);
    const { stdout } = await promisify(execFile)('bash', ['-c', script], {
      cwd: root, env: { ...process.env, PATH: `${path.join(folder, 'bin')}:${path.join(root, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}`, WAYBILL_HOME: home },
    });
    assert.match(stdout, /"sscc":"395210030100000039"/);
    assert.match(stdout, /"taskStatus":"approved"/);
    assert.match(stdout, /OK: nothing was changed, lost or moved\./);
    const proof = JSON.parse(readFileSync(path.join(home, 'proof.json'), 'utf8')) as { readonly events: readonly unknown[]; readonly unsigned: readonly unknown[] };
    assert.ok(proof.events.length > 20);
    assert.deepEqual(proof.unsigned, []);
  });
});
