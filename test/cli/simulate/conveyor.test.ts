import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AttributeIds, ClientMonitoredItemGroup, constructEventFilter, DataType, MessageSecurityMode, OPCUACertificateManager, OPCUAClient, SecurityPolicy, StatusCodes, TimestampsToReturn, type ClientSession, type ClientSubscription } from 'node-opcua';
import { freePort } from '../../../scripts/lib/free-port.ts';
import { Conveyor, CONVEYOR_NAMESPACE, loadServerLibrary, MissingLibrary, type ConveyorBook, type ConveyorOptions, type Telegram } from '../../../src/cli/simulate/plc/index.ts';

const CLI = new URL('../../../src/cli/waybill.ts', import.meta.url).pathname;

/** Plays the belt for so long with what `answer` does about each telegram. */
function played(options: Partial<ConveyorOptions>, untilMs: number, answer: (telegram: Telegram, belt: Conveyor, at: number) => void): { belt: Conveyor; telegrams: [number, Telegram][]; jams: [number, boolean][] } {
  const telegrams: [number, Telegram][] = [];
  const jams: [number, boolean][] = [];
  let now = 0;
  const belt = new Conveyor({ seed: 3, intervalMs: 100, timeoutMs: 250, lanes: 4, jamEveryMs: 0, jamForMs: 5_000, ...options }, { present: (telegram) => telegrams.push([now, telegram]), jam: (jammed) => jams.push([now, jammed]) });
  for (let answered = 0; now < untilMs; now += 10) {
    belt.tick(now);
    while (answered < telegrams.length) answer(telegrams[answered++]![1], belt, now);
  }
  return { belt, telegrams, jams };
}

describe('belt of the simulated conveyor', () => {
  it('takes each acknowledged unit to its lane, and counts', () => {
    const { belt, telegrams } = played({}, 2_000, ({ sequence }, one) => {
      assert.equal(one.setLane(sequence, (sequence % 4) + 1), 'taken');
      one.acknowledge(sequence);
    });
    assert.equal(telegrams.length, 19);
    assert.deepEqual(telegrams.map(([, { sequence }]) => sequence), telegrams.map((_, index) => index + 1));
    assert.deepEqual(belt.book, { presented: 19, acknowledged: 19, diverted: { 1: 4, 2: 5, 3: 5, 4: 5 }, straight: 0, recirculated: 0, refused: 0, gone: 0, jams: 0 });
    assert.equal(new Set(telegrams.map(([, { handlingUnit }]) => handlingUnit)).size, 19);
  });

  it('lets a unit that nobody acknowledges go round, and presents it again under a new number', () => {
    const { belt, telegrams } = played({}, 5_000, ({ sequence }, one) => { if (sequence !== 2) { one.setLane(sequence, 1); one.acknowledge(sequence); } });
    const second = telegrams[1]![1].handlingUnit;
    assert.deepEqual(telegrams.filter(([, { handlingUnit }]) => handlingUnit === second).map(([, { sequence }]) => sequence).length, 2);
    assert.equal(belt.book.recirculated, 1);
    const shown = Object.values(belt.book.diverted).reduce((sum, units) => sum + units, 0) + belt.book.straight + belt.book.recirculated;
    assert.ok(belt.book.presented - shown <= 1, 'every unit is somewhere');
  });

  it('sends straight on what is acknowledged without a lane, and refuses answers for other units', () => {
    const { belt } = played({}, 400, ({ sequence }, one) => {
      assert.equal(one.setLane(sequence + 7, 1), 'not-this-unit');
      assert.equal(one.setLane(sequence, 5), 'no-such-lane');
      assert.equal(one.setLane(sequence, 1.5), 'no-such-lane');
      one.acknowledge(sequence + 1);
      one.acknowledge(sequence);
      one.acknowledge(sequence);
    });
    assert.deepEqual([belt.book.presented, belt.book.acknowledged, belt.book.straight, belt.book.refused, belt.book.gone], [2, 2, 1, 4, 0]);
  });

  it('counts answers for units that are gone', () => {
    const { belt } = played({}, 600, ({ sequence }, one) => { if (sequence === 2) { one.acknowledge(1); assert.equal(one.setLane(1, 1), 'not-this-unit'); } });
    assert.deepEqual([belt.book.presented, belt.book.recirculated, belt.book.refused, belt.book.gone], [2, 1, 2, 2]);
  });

  it('comes to a stand in a jam, of the seed', () => {
    const run = (seed: number) => played({ seed, jamEveryMs: 20_000 }, 120_000, ({ sequence }, one) => { one.setLane(sequence, 1); one.acknowledge(sequence); });
    const { belt, telegrams, jams } = run(3);
    assert.deepEqual(run(3).telegrams, telegrams);
    assert.notDeepEqual(run(4).jams, jams);
    assert.ok(belt.book.jams >= 2);
    for (let index = 0; index + 1 < jams.length; index += 2) {
      const [from, to] = [jams[index]![0], jams[index + 1]![0]];
      assert.equal(telegrams.some(([at]) => at > from && at < to), false, 'nothing is presented in a jam');
    }
  });

  it('counts from the beginning after a restart, with the same unit on the scanner', () => {
    const units: string[] = [];
    const belt = new Conveyor({ seed: 1, intervalMs: 100, timeoutMs: 250, lanes: 1, jamEveryMs: 0, jamForMs: 0 }, { present: ({ sequence, handlingUnit }) => units.push(`${sequence} ${handlingUnit}`), jam: () => undefined });
    belt.tick(100);
    belt.restart(150);
    belt.tick(200);
    assert.equal(units[1], units[0]);
    assert.equal(units.length, 2);
  });
});

describe('waybill simulate plc', function () {
  this.timeout(60_000);
  let folder: string;
  let child: ChildProcess;
  let port: number;
  let out = '';
  const node = (name: string): string => `ns=2;s=Conveyor${name}`;
  const base = 'Conveyor.Scanner1.Handshake';
  const id = (name: string): string => `ns=2;s=${base}.${name}`;

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'waybill-conveyor-'));
    port = await freePort();
    child = spawn(process.execPath, [CLI, 'simulate', 'plc', '--port', String(port), '--interval', '150', '--timeout', '10000', '--lanes', '3', '--tags', '20', '--changes', '400', '--jam-every', '4s', '--jam-for', '1s',
      '--pki', path.join(folder, 'pki'), '--tally', path.join(folder, 'book.json')], { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise<void>((resolve, reject) => {
      child.stdout?.on('data', (chunk: Buffer) => { out += chunk.toString(); if (/listens at/.test(out)) resolve(); });
      child.once('exit', () => reject(new Error(`it ended: ${out}`)));
    });
  });
  after(async () => {
    if (child.exitCode === null) { child.kill('SIGINT'); await once(child, 'exit'); }
    rmSync(folder, { recursive: true, force: true });
  });

  async function withSession<T>(mode: MessageSecurityMode, policy: SecurityPolicy, work: (session: ClientSession) => Promise<T>): Promise<T> {
    const pki = new OPCUACertificateManager({ rootFolder: path.join(folder, 'client'), automaticallyAcceptUnknownCertificate: true, disableFileWatchers: true });
    const client = OPCUAClient.create({ endpointMustExist: false, securityMode: mode, securityPolicy: policy, clientCertificateManager: pki, connectionStrategy: { maxRetry: 1 } });
    return client.withSessionAsync(`opc.tcp://127.0.0.1:${port}`, work);
  }

  const book = (): ConveyorBook => JSON.parse(readFileSync(path.join(folder, 'book.json'), 'utf8')) as ConveyorBook;

  it('offers the address space that is agreed, in its own namespace', async () => {
    await withSession(MessageSecurityMode.None, SecurityPolicy.None, async (session) => {
      const namespaces = await session.readNamespaceArray();
      assert.equal(namespaces.indexOf(CONVEYOR_NAMESPACE), 2);
      const types: [string, DataType][] = [
        [id('Sequence'), DataType.UInt32], [id('HandlingUnit'), DataType.String], [id('Position'), DataType.String], [id('Acknowledged'), DataType.UInt32], [id('Lane'), DataType.UInt16],
        [node('.Motor1.Speed'), DataType.Double], [node('.Motor1.Running'), DataType.Boolean], [node('.Motor1.Temperature'), DataType.Double], [node('.Motor10.Speed'), DataType.Double], [node('.Jam'), DataType.Boolean],
      ];
      for (const [nodeId, type] of types) {
        const value = await session.read({ nodeId, attributeId: AttributeIds.Value });
        assert.equal(value.value.dataType, type, nodeId);
      }
    });
  });

  it('presents a unit, takes the lane and the acknowledgement, and diverts it; a wrong number is refused', async () => {
    await withSession(MessageSecurityMode.SignAndEncrypt, SecurityPolicy.Basic256Sha256, async (session) => {
      const read = async (name: string): Promise<unknown> => (await session.read({ nodeId: id(name), attributeId: AttributeIds.Value })).value.value as unknown;
      const setLane = (sequence: number, lane: number) => session.call({ objectId: node(''), methodId: node('.SetLane'), inputArguments: [{ dataType: DataType.UInt32, value: sequence }, { dataType: DataType.UInt16, value: lane }] });
      // What the controller has in its book counts: it writes it a moment after.
      while (book().acknowledged < 5) {
        const [sequence, unit] = [Number(await read('Sequence')), String(await read('HandlingUnit'))];
        if (sequence === 0) continue;
        assert.match(unit, /^9952\d{14}$/);
        const answer = await setLane(sequence, 2);
        if (answer.statusCode.equals(StatusCodes.BadInvalidState)) continue; // it is past the divert
        assert.ok(answer.statusCode.isGood());
        assert.equal(await read('Lane'), 2);
        const written = await session.write({ nodeId: id('Acknowledged'), attributeId: AttributeIds.Value, value: { value: { dataType: DataType.UInt32, value: sequence } } });
        assert.ok(written.isGood(), String(written));
      }
      assert.ok((await setLane(4_000_000, 1)).statusCode.equals(StatusCodes.BadInvalidState));
      assert.ok((await setLane(1, 9)).statusCode.equals(StatusCodes.BadOutOfRange));
      const readOnly = await session.write({ nodeId: id('Sequence'), attributeId: AttributeIds.Value, value: { value: { dataType: DataType.UInt32, value: 1 } } });
      assert.ok(!readOnly.isGood());
    });
    const { acknowledged, diverted, straight } = book();
    assert.deepEqual({ diverted, straight }, { diverted: { 2: acknowledged }, straight: 0 });
  });

  it('changes its values at the rate asked for, remembers some, and raises an alarm in a jam', async () => {
    await withSession(MessageSecurityMode.None, SecurityPolicy.None, async (session) => {
      const subscription = await session.createSubscription2({ requestedPublishingInterval: 50, requestedLifetimeCount: 1_000, requestedMaxKeepAliveCount: 10, maxNotificationsPerPublish: 0, publishingEnabled: true, priority: 1 });
      const items = Array.from({ length: 10 }, (_, index) => ({ nodeId: node(`.Motor${index + 1}.Temperature`), attributeId: AttributeIds.Value }));
      const group = ClientMonitoredItemGroup.create(subscription as ClientSubscription, items, { samplingInterval: 0, queueSize: 1_000, discardOldest: true }, TimestampsToReturn.Both);
      let changes = 0;
      let alarms = 0;
      group.on('changed', () => { changes += 1; });
      const events = await subscription.monitor({ nodeId: 'ns=0;i=2253', attributeId: AttributeIds.EventNotifier }, { samplingInterval: 0, queueSize: 100, discardOldest: true, filter: constructEventFilter(['EventType', 'SourceName', 'ActiveState.Id', 'AckedState.Id']) }, TimestampsToReturn.Both);
      events.on('changed', () => { alarms += 1; });
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      const from = changes;
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      assert.ok(changes - from > 200, `${changes - from} of about 400 changes in two seconds`);
      const until = Date.now() + 15_000;
      while (alarms === 0 && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 100));
      assert.ok(alarms > 0, 'a jam comes about every four seconds');
      const history = await session.readHistoryValue({ nodeId: node('.Motor1.Speed') }, new Date(Date.now() - 60_000), new Date());
      const values = (history.historyData as unknown as { dataValues?: readonly unknown[] } | undefined)?.dataValues ?? [];
      assert.ok(history.statusCode.isGood() && values.length > 20, `${String(history.statusCode)} ${values.length}`);
      await subscription.terminate();
    });
  });

  it('says what to install when the server library is not there, and what is wrong with an option', async () => {
    await assert.rejects(loadServerLibrary('node-opcua-that-nobody-has'), (error) => error instanceof MissingLibrary && /npm install node-opcua/.test(error.message));
    for (const [args, sentence] of [[['--port', '0'], /--port 0: give a whole number/], [['--changes', '9000'], /from 0 to 5000/], [['--jam-every', 'often'], /--jam-every often: give a time/], [['--port', String(port)], /port \d+ is taken/]] as const) {
      const run = spawn(process.execPath, [CLI, 'simulate', 'plc', ...args, ...(args[1] === String(port) ? ['--pki', path.join(folder, 'pki2')] : [])], { stdio: ['ignore', 'ignore', 'pipe'] });
      let err = '';
      run.stderr.on('data', (chunk: Buffer) => { err += chunk.toString(); });
      const [code] = await once(run, 'close') as [number];
      assert.ok(code > 0);
      assert.match(err, sentence);
      assert.equal(err.trim().split('\n').length, 1, err);
    }
  });

  it('ends on a signal with its figures', async () => {
    child.kill('SIGINT');
    const [code] = await once(child, 'exit') as [number];
    assert.equal(code, 0);
    assert.match(out, /units presented .* acknowledged/);
    assert.match(out, /Lanes: 2 took \d+/);
  });
});
