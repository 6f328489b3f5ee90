import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import process from 'node:process';
import { Aedes } from 'aedes';
import { publishShift, shiftPlan, type PlannedScan } from '../../../src/cli/simulate/index.ts';

const CLI = new URL('../../../src/cli/waybill.ts', import.meta.url).pathname;

interface Broker {
  readonly url: string;
  readonly received: { topic: string; payload: Buffer }[];
  /** Called for each scan before it is acknowledged. */
  hold: (acknowledge: () => void) => void;
  close(): Promise<void>;
}

async function startBroker(): Promise<Broker> {
  const aedes = await Aedes.createBroker();
  const server: Server = createServer(aedes.handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const broker: Broker = {
    url: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received: [],
    hold: (acknowledge) => acknowledge(),
    close: async () => {
      await new Promise<void>((resolve) => aedes.close(() => resolve()));
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
  aedes.authorizePublish = (_client, packet, done) => {
    broker.received.push({ topic: packet.topic, payload: Buffer.from(packet.payload) });
    broker.hold(() => done(null));
  };
  return broker;
}

/** Runs the command as a person does. */
function command(...args: string[]): { done: Promise<{ code: number | null; out: string; err: string }>; interrupt: () => void } {
  const child = spawn(process.execPath, [CLI, 'simulate', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => { out += chunk.toString(); });
  child.stderr.on('data', (chunk: Buffer) => { err += chunk.toString(); });
  return {
    done: once(child, 'close').then(([code]) => ({ code: code as number | null, out, err })),
    interrupt: () => child.kill('SIGINT'),
  };
}

describe('waybill simulate', () => {
  let broker: Broker;
  beforeEach(async () => { broker = await startBroker(); });
  afterEach(() => broker.close());

  it('publishes the plan byte for byte over a connection per dock and counts acknowledgements', async () => {
    const acknowledged: PlannedScan[] = [];
    const options = { seed: 3, count: 300, rate: 100_000 };
    const report = await publishShift(shiftPlan(options), { url: broker.url, docks: 2, onAcknowledged: (scan) => acknowledged.push(scan) });
    assert.deepEqual([report.published, report.acknowledged, report.failed], [300, 300, 0]);
    const key = (scan: { topic: string; payload: Buffer }): string => `${scan.topic} ${scan.payload.toString('hex')}`;
    assert.deepEqual(broker.received.map(key).sort(), [...shiftPlan(options)].map(key).sort());
    assert.equal(new Set(acknowledged.map((scan) => scan.index)).size, 300);
    assert.equal([...report.byKind.values()].reduce((sum, counts) => sum + counts.acknowledged, 0), 300);
  });

  it('keeps no more in flight than allowed, and says what was not acknowledged', async () => {
    broker.hold = () => undefined;
    const report = await publishShift(shiftPlan({ seed: 3, count: 50, rate: 100_000 }), { url: broker.url, docks: 1, maxInFlight: 7, drainTimeoutMs: 200, signal: AbortSignal.timeout(300) });
    assert.deepEqual([report.published, report.acknowledged], [7, 0]);
  });

  it('goes on after the connection was cut, and every scan arrives', async () => {
    let cut = false;
    const held: (() => void)[] = [];
    broker.hold = (acknowledge) => {
      if (cut) acknowledge();
      else held.push(acknowledge);
      if (!cut && broker.received.length === 20) {
        cut = true;
        for (const client of clients) client.destroy();
      }
    };
    const clients = new Set<{ destroy(): void }>();
    const proxy = createServer((socket) => {
      clients.add(socket);
      const upstream = connect(Number(new URL(broker.url).port), '127.0.0.1');
      socket.pipe(upstream).pipe(socket);
      socket.on('close', () => upstream.destroy()).on('error', () => upstream.destroy());
      upstream.on('error', () => socket.destroy());
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const plan = [...shiftPlan({ seed: 3, count: 60, rate: 100_000 })];
    const report = await publishShift(plan, { url: `mqtt://127.0.0.1:${(proxy.address() as AddressInfo).port}`, docks: 2 });
    await new Promise<void>((resolve) => proxy.close(() => resolve()));
    assert.deepEqual([report.published, report.acknowledged], [60, 60]);
    const arrived = new Set(broker.received.map((message) => message.payload.toString('hex')));
    assert.ok(plan.every((scan) => arrived.has(scan.payload.toString('hex'))));
  });

  it('prints a summary by kind and ends with 0', async () => {
    const { code, out, err } = await command('--url', broker.url, '--count', '400', '--rate', '5000', '--site', 'dc-7').done;
    assert.equal(err, '');
    assert.equal(code, 0);
    assert.match(out, /handling units as ordered +\d+ +\d+ +receipt in the ERP, case closed/);
    assert.match(out, /over, beyond tolerance +\d+ +\d+ +task in the inbox/);
    assert.match(out, /^all +400 +400 /m);
    assert.match(out, /waybill simulate --seed 1 --skip \d+/);
    assert.ok(broker.received.every((message) => /^acme\/dc-7\/receiving\/dock-[12]\/scan$/.test(message.topic)));
  });

  it('ends cleanly on Ctrl-C', async () => {
    const run = command('--url', broker.url, '--count', '100000', '--rate', '200');
    while (broker.received.length < 5) await new Promise((resolve) => setTimeout(resolve, 10));
    run.interrupt();
    const { code, out } = await run.done;
    assert.equal(code, 0);
    assert.match(out, /Ended early\./);
    const [, published, acknowledged] = /^all +(\d+) +(\d+)/m.exec(out) ?? [];
    assert.equal(published, acknowledged);
    assert.equal(broker.received.length, Number(published));
  });

  it('says in one line that there is no broker', async () => {
    const gone = await startBroker();
    await gone.close();
    const { code, err } = await command('--url', gone.url, '--count', '3').done;
    assert.equal(code, 1);
    assert.match(err, /^waybill simulate: the broker at mqtt:\/\/127\.0\.0\.1:\d+ cannot be reached \(.+\); start it .+\n$/);
  });

  it('explains itself, and refuses a wrong command line', async () => {
    const help = await command('--help').done;
    assert.equal(help.code, 0);
    assert.match(help.out, /^Usage: waybill simulate/);
    for (const args of [['--rate', '0'], ['--rate', 'x'], ['--count', '1.5'], ['--count', '5', '--minutes', '1'], ['--site', 'a/b'], ['--url', 'localhost'], ['--nope'], ['extra']]) {
      const { code, err } = await command(...args).done;
      assert.equal(code, 2, args.join(' '));
      assert.match(err, /^waybill simulate: .+\n$/);
    }
  });
});
