import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { Aedes } from 'aedes';
import { UsageError } from '../../../src/cli/accounts.ts';
import { readDayOptions } from '../../../src/cli/simulate/site/day-options.ts';
import { checkCommand, lineCutsOf, ProfileError, readProfile, sitePlan, SiteRunner, type PlanOptions, type TallyFile } from '../../../src/cli/simulate/site/index.ts';

const CLI = new URL('../../../src/cli/waybill.ts', import.meta.url).pathname;

interface Run { code: number | null; out: string; err: string }

function command(args: readonly string[]): { done: Promise<Run>; interrupt: () => void } {
  const child = spawn(process.execPath, [CLI, 'simulate', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => { out += chunk.toString(); });
  child.stderr.on('data', (chunk: Buffer) => { err += chunk.toString(); });
  return { done: once(child, 'close').then(([code]) => ({ code: code as number | null, out, err })), interrupt: () => child.kill('SIGINT') };
}

describe('waybill simulate day', () => {
  let folder: string;
  let aedes: Aedes;
  let server: ReturnType<typeof createServer>;
  let url: string;
  const sockets = new Set<Socket>();
  /** Topic and payload, in order of arrival, by client id. */
  let received: Map<string, string[]>;

  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'waybill-day-'));
    aedes = await Aedes.createBroker();
    received = new Map();
    aedes.authorizePublish = (client, packet, done) => {
      const list = received.get(client?.id ?? '') ?? [];
      list.push(`${packet.topic} ${packet.payload.toString('latin1')}`);
      received.set(client?.id ?? '', list);
      done(null);
    };
    server = createServer((socket) => {
      sockets.add(socket);
      aedes.handle(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(async () => {
    await new Promise<void>((resolve) => aedes.close(() => resolve()));
    await new Promise<void>((resolve) => server.close(() => resolve()));
    rmSync(folder, { recursive: true, force: true });
  });

  const options: PlanOptions = { profile: readProfile('small-site'), seed: 5, run: 0, enterprise: 'acme', sites: ['dc-1'], fromSecond: 8 * 3_600, seconds: 1_800, speed: 1_200, startAt: 0 };

  it('sends every message of the plan, in order for each device, through cut lines and devices out of reach', async () => {
    const profile = { ...options.profile, outages: { deviceOffline: { perDeviceDay: 48, minutes: [2, 6] as const }, lineCuts: { perDay: 200, seconds: [30, 120] as const } } };
    const wished = { ...options, profile };
    const plan = sitePlan(wished);
    const runner = new SiteRunner({ url, speed: options.speed, plan, cuts: lineCutsOf(wished), name: 't', maxOutstanding: 20_000, connectTimeoutMs: 5_000, drainTimeoutMs: 10_000, signal: new AbortController().signal });
    await runner.run();
    const { tally } = runner;
    assert.ok(tally.planned > 300 && tally.acknowledged === tally.planned && tally.sent === tally.planned, JSON.stringify([tally.planned, tally.sent, tally.acknowledged]));
    assert.ok(runner.lineCuts >= 3 && runner.devicesOffline >= 3, `${runner.lineCuts} cuts, ${runner.devicesOffline} times out of reach`);
    for (const device of plan.fleet) {
      const wanted = [...plan.events].filter((event) => event.device.index === device.index).map((event) => `${event.topic} ${Buffer.from(event.payload).toString('latin1')}`);
      const got = received.get(`t-dc-1-${device.name}`) ?? [];
      // what came twice after a cut line comes in a row of its own; without it the order is that of the plan
      const first = got.filter((message, index) => got.indexOf(message) === index);
      assert.deepEqual(first, wanted.filter((message, index) => wanted.indexOf(message) === index), device.name);
    }
    assert.equal(new Set([...plan.fleet].map(({ name }) => name)).size, plan.fleet.length);
  });

  it('keeps no more outstanding than allowed, and the day waits', async () => {
    aedes.authorizePublish = () => undefined;
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 600);
    const runner = new SiteRunner({ url, speed: options.speed, plan: sitePlan(options), cuts: [], name: 't', maxOutstanding: 40, connectTimeoutMs: 5_000, drainTimeoutMs: 200, signal: stop.signal });
    await runner.run();
    assert.deepEqual([runner.tally.planned, runner.tally.acknowledged, runner.planDone], [40, 0, false]);
    assert.equal(runner.tally.possible.opened + runner.tally.possible.repeat + runner.tally.missed.opened + runner.tally.missed.repeat > 0, true);
  });

  it('writes its book, the same but for times when it is played again, and ends with 0', async () => {
    const book = (name: string): TallyFile => JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as TallyFile;
    const play = (name: string, speed: string): Promise<Run> => command(['day', '--url', url, '--seed', '5', '--from', '08:00', '--duration', '20m', '--speed', speed, '--no-outages', '--tally', path.join(folder, name)]).done;
    const [first, second] = [await play('a.json', '1200'), await play('b.json', '2400')];
    assert.deepEqual([first.code, first.err, second.code], [0, '', 0], first.err);
    assert.match(first.out, /handling units +\d/);
    assert.match(first.out, /Should have become: \d+ cases/);
    const [a, b] = [book('a.json'), book('b.json')];
    assert.equal(a.finished, true);
    for (const part of ['planHash', 'expected', 'kinds', 'scans', 'bySite', 'missed', 'possible'] as const) assert.deepEqual(b[part], a[part], part);
    assert.deepEqual([a.messages.outstanding, a.messages.neverSent, a.messages.acknowledged], [0, 0, a.messages.planned]);
  });

  it('says how far it is, and on Ctrl-C what was left', async () => {
    const file = path.join(folder, 'c.json');
    const run = command(['day', '--url', url, '--speed', '60', '--from', '08:00', '--tally', file]);
    while ([...received.values()].flat().length < 20) await new Promise((resolve) => setTimeout(resolve, 20));
    run.interrupt();
    const { code, out } = await run.done;
    assert.equal(code, 0);
    assert.match(out, /Ended early\./);
    const { finished, messages } = JSON.parse(readFileSync(file, 'utf8')) as TallyFile;
    assert.equal(finished, false);
    assert.equal(messages.planned, messages.acknowledged + messages.neverSent);
  });

  it('says what a day holds without sending it', async () => {
    const { code, out } = await command(['day', '--url', url, '--plan', '--duration', '2h', '--from', '08:00', '--sites', 'dc-1,dc-2']).done;
    assert.equal(code, 0);
    assert.match(out, /messages with [\d,]+ scans of 18 devices in 2:00:00/);
    assert.equal(received.size, 0);
  });

  it('has one sentence for each mistake', async () => {
    const profile = path.join(folder, 'bad.json');
    writeFileSync(profile, '{"name": "x"}');
    const wrong: readonly [readonly string[], RegExp][] = [
      [['day', '--speed', 'fast'], /--speed fast: give a number/],
      [['day', '--duration', '24'], /--duration 24: give a time such as 90s, 30m or 24h/],
      [['day', '--from', '25:00'], /--from 25:00: give a time of the day/],
      [['day', '--profile', 'moon-base'], /there is no profile "moon-base".*large-site, small-site, sorter-day/],
      [['day', '--profile', profile], /cannot be used: it must have required property 'description'/],
      [['day', '--sites', 'a/b'], /--sites a\/b: give one level of a topic/],
      [['day', '--url', 'ws://x'], /--url ws:\/\/x: give an address such as mqtt:/],
      [['day', '--faults', '900'], /per mille of all messages; give less/],
    ];
    for (const [[, ...args], sentence] of wrong) {
      assert.throws(() => readDayOptions(args), (error) => (error instanceof UsageError || error instanceof ProfileError) && sentence.test(error.message) && !error.message.includes('\n'), args.join(' '));
    }
    assert.throws(() => checkCommand([], ''), /check needs --tally/);
    assert.throws(() => checkCommand(['--tally', '/no/such'], ''), /there is no such file/);
    assert.throws(() => checkCommand(['--tally', profile], ''), /no tally of this version/);
    const spawned: readonly [readonly string[], RegExp][] = [
      [['nights'], /there is no "waybill simulate nights"; there are shift, day, check, plc, profiles/],
      [['profiles', 'moon-base'], /there is no profile "moon-base"/],
    ];
    for (const [args, sentence] of spawned) {
      const { code, err } = await command(args).done;
      assert.equal(code, 2, `${args.join(' ')}: ${err}`);
      assert.match(err, sentence);
      assert.equal(err.trim().split('\n').length, 1, err);
    }
  });

  it('says in one line that there is no broker', async () => {
    const free = createServer();
    await new Promise<void>((resolve) => free.listen(0, '127.0.0.1', resolve));
    const { port } = free.address() as AddressInfo;
    await new Promise<void>((resolve) => free.close(() => resolve()));
    assert.equal(await new Promise((resolve) => connect(port, '127.0.0.1').on('error', () => resolve('refused')).on('connect', () => resolve('taken'))), 'refused');
    const done = command(['day', '--url', `mqtt://127.0.0.1:${port}`]);
    const { code, err } = await done.done;
    assert.equal(code, 1);
    assert.match(err, /^waybill simulate: the broker at mqtt:\/\/127\.0\.0\.1:\d+ cannot be reached \(.*ECONNREFUSED.*\); start it .*\n$/);
  }).timeout(30_000);
});
