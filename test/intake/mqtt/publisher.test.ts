import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { defaultPayload, Publisher, ssccOf } from '../../../bench/publisher.ts';
import { hasValidCheckDigit } from '../../../src/intake/gs1/index.ts';
import { startEmbeddedBroker } from '../../../src/intake/mqtt/index.ts';
import { until } from './support/device.ts';
import { freePort } from '../../../scripts/lib/free-port.ts';
import { Taker } from './support/taker.ts';

describe('load publisher', () => {
  let folder: string;
  before(() => { folder = mkdtempSync(path.join(tmpdir(), 'waybill-publisher-')); });
  after(() => { rmSync(folder, { recursive: true, force: true }); });

  it('makes a valid SSCC for every message', () => {
    for (const i of [0, 1, 9, 10, 999_999]) assert.ok(hasValidCheckDigit(ssccOf(i)), ssccOf(i));
    assert.equal((JSON.parse(defaultPayload('x-1', 1)) as { id: string }).id, 'x-1');
  });

  it('sends again with DUP, in order, what a broken connection left unacknowledged, and books each acknowledgement once', async () => {
    const port = await freePort();
    const ackedFile = path.join(folder, 'acked.txt');
    let broker = await startEmbeddedBroker({ port });
    const taken: { id: string; dup: boolean }[] = [];
    const take = (taker: Taker): void => {
      taker.subscribe(broker.source, '+/+/+/+/scan', {
        onMessage: (message) => {
          taken.push({ id: (JSON.parse(Buffer.from(message.payload).toString()) as { id: string }).id, dup: message.dup });
          return new Promise((resolve) => { setTimeout(resolve, 2); });
        },
      });
    };
    take(new Taker());
    const publisher = new Publisher({ url: broker.url, count: 3_000, rate: 3_000, inflight: 50, connections: 2, ackedFile, run: 'broken' });
    const running = publisher.run();
    await until(() => publisher.ackedCount > 500);
    await broker.close(0);
    broker = await startEmbeddedBroker({ port });
    take(new Taker());
    const summary = await running;
    await broker.close();
    assert.equal(summary.failure, undefined);
    assert.deepEqual([summary.sent, summary.acked, summary.unacked, summary.reconnects], [3_000, 3_000, 0, 2]);
    assert.ok(taken.filter(({ dup }) => dup).length > 0);
    const booked = readFileSync(ackedFile, 'utf8').trimEnd().split('\n');
    assert.equal(new Set(booked).size, 3_000);
    assert.equal(booked.length, 3_000);
    const seen = new Set(taken.map(({ id }) => id));
    assert.deepEqual(booked.filter((id) => !seen.has(id)), []);
  });

  it('is a program of its own that prints its summary', async () => {
    const broker = await startEmbeddedBroker({ port: 0 });
    new Taker(0).subscribe(broker.source);
    const program = spawn(process.execPath, ['bench/publisher.ts', '--url', broker.url, '--count', '200', '--inflight', '20'], { stdio: ['ignore', 'pipe', 'inherit'] });
    let out = '';
    program.stdout.on('data', (chunk: Buffer) => { out += chunk.toString(); });
    const [code] = (await once(program, 'exit')) as [number];
    await broker.close();
    assert.equal(code, 0);
    assert.equal((JSON.parse(out) as { acked: number }).acked, 200);
  });
});
