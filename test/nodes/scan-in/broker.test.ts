import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import helper from 'node-red-node-test-helper';
import { openEngine } from '../../../src/engine/runtime.ts';
import { setCurrentWaybill } from '../../../src/engine/node-red/current.ts';
import type { Engine } from '../../../src/engine/engine.ts';
import { metricsText } from '../../../src/web/server/metrics-text.ts';
import { device, until } from '../../intake/mqtt/support/device.ts';
import { Mosquitto } from '../../intake/mqtt/support/mosquitto.ts';
import { needs } from '../../support/system-programs.ts';
import registerSite from '../../../nodes/site/site.ts';
import registerBroker from '../../../nodes/broker/broker.ts';
import registerScanIn from '../../../nodes/scan-in/scan-in.ts';
import registerCaseClose from '../../../nodes/case-close/case-close.ts';

const NODES = [registerSite, registerBroker, registerScanIn, registerCaseClose];
const TOPIC = 'acme/dc-1/receiving/dock-1/scan';

/** `clientId`: sessions that are told apart by it. */
function flow(url: string): readonly object[] {
  return [
    { id: 'tab', type: 'tab', label: 'Receiving' },
    { id: 'site', type: 'waybill-site', siteId: 'dc-1', enterprise: 'acme', configVersion: 1 },
    { id: 'broker', type: 'waybill-broker', url, clientId: 'dc-1-waybill', configVersion: 1 },
    { id: 'scan', z: 'tab', x: 100, y: 100, type: 'waybill-scan-in', stepId: 'scan', site: 'site', broker: 'broker', configVersion: 1, wires: [['close']] },
    { id: 'close', z: 'tab', x: 300, y: 100, type: 'waybill-case-close', stepId: 'close', outcome: 'done', outcomeType: 'str', configVersion: 1 },
  ];
}

describe('broker node with an outside broker', () => {
  let home: string;
  let engine: Engine;
  let mosquitto: Mosquitto;

  async function start(): Promise<void> {
    engine = await openEngine({ settings: { home, site: 'dc-1', enterprise: 'acme', legalEntity: 'acme-gmbh', publicUrl: undefined, mqttUrl: undefined, erpUrl: undefined } });
    setCurrentWaybill(engine);
    await helper.load(NODES, flow(mosquitto.url) as Parameters<typeof helper.load>[1]);
    await engine.flowsStarted('full');
  }
  async function stop(): Promise<void> {
    engine.flowsStopping();
    await helper.unload();
    await engine.close();
  }
  const gauge = (name: string): number | undefined => Object.entries(engine.metrics().gauges).find(([key]) => key.startsWith(`${name}{`))?.[1];
  const connected = (): Promise<void> => until(() => gauge('broker_connected') === 1);
  async function scan(id: string): Promise<void> {
    const scanner = await device(mosquitto.url);
    await scanner.publishAsync(TOPIC, JSON.stringify({ id, code: '395210030100000039' }), { qos: 1 });
    await scanner.endAsync();
  }
  async function gaps(): Promise<readonly Readonly<Record<string, unknown>>[]> {
    return (await engine.ledger.readAll(1, 100_000)).flatMap((event) => (event.type === 'GapRecorded' && event.data.what === 'mqtt' ? [{ ...event.data }] : []));
  }

  before(function (done) {
    helper.init(createRequire(import.meta.url).resolve('node-red'));
    helper.startServer(done);
  });
  after((done) => { helper.stopServer(done); });

  beforeEach(async function () {
    mosquitto = await Mosquitto.start(needs(this, 'mosquitto'));
    home = mkdtempSync(path.join(tmpdir(), 'waybill-broker-'));
    await start();
    await connected();
  });
  afterEach(async () => {
    await stop();
    await mosquitto.remove();
    rmSync(home, { recursive: true, force: true });
  });

  /** What the broker kept for us is gone with its file. */
  async function forget(): Promise<void> {
    await mosquitto.stop();
    rmSync(path.join(mosquitto.folder, 'mosquitto.db'), { force: true });
    await mosquitto.run();
  }

  it('the first session has missed nothing, nor has one that the broker still had', async () => {
    await mosquitto.stop();
    await until(() => gauge('broker_connected') === 0);
    await mosquitto.run();
    await connected();
    await scan('after');
    await until(() => engine.metrics().counters['scans_opened'] === 1);
    assert.deepEqual(await gaps(), []);
  });

  it('a session that the broker has forgotten while Waybill ran is a gap in the ledger, from when to when', async () => {
    const before = Date.now();
    await forget();
    await until(async () => (await gaps()).length > 0);
    const [gap] = await gaps();
    assert.equal(gap?.['reason'], 'session-lost');
    assert.equal(gap?.['source'], `dc-1-waybill ${mosquitto.url}`);
    const [from, to] = [Date.parse(String(gap?.['fromTime'])), Date.parse(String(gap?.['toTime']))];
    assert.ok(from > before - 60_000 && from <= to && to <= Date.now(), `${String(gap?.['fromTime'])} to ${String(gap?.['toTime'])}`);
    await scan('after');
    await until(() => engine.metrics().counters['scans_opened'] === 1);
    assert.equal((await gaps()).length, 1);
  });

  it('so is one that was forgotten while no Waybill ran', async () => {
    const until0 = Date.now();
    await stop();
    await forget();
    await start();
    await connected();
    await until(async () => (await gaps()).length > 0);
    const [gap] = await gaps();
    assert.equal(gap?.['reason'], 'session-lost');
    assert.ok(Date.parse(String(gap?.['fromTime'])) <= until0 + 1_000, String(gap?.['fromTime']));
  });

  it('its counters are metrics, by the name of the broker', async () => {
    await scan('one');
    await until(() => gauge('broker_durable_messages') === 1);
    assert.equal(gauge('broker_received_messages'), 1);
    assert.equal(gauge('broker_connects'), 1);
    assert.equal(gauge('broker_topics_refused'), 0);
    const text = metricsText(engine.metrics(), engine.state);
    assert.ok(text.includes(`waybill_broker_connected{broker="dc-1-waybill ${mosquitto.url}"} 1\n`), text);
    await stop();
    assert.equal(Object.keys(engine.metrics().gauges).some((name) => name.startsWith('broker_')), false, 'gone with the node');
    await start();
    await connected();
  });
});
