import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MqttClient } from 'mqtt';
import type { FlowNode } from '../engine/support/messages.ts';
import { NodeRedProcess } from '../engine/support/node-red-process.ts';
import { device, until } from '../intake/mqtt/support/device.ts';
import { Mosquitto } from '../intake/mqtt/support/mosquitto.ts';
import { person } from '../nodes/support/rig.ts';
import { needs } from '../support/system-programs.ts';

/** Events are sent again while the process is killed, again and again: none is left out, each keeps its id. */
describe('a replay of events over SIGKILL', function () {
  this.timeout(60_000);
  let mosquitto: Mosquitto;
  let outside: MqttClient;
  let root: string;
  let heard: { readonly subject: string; readonly id: string }[] = [];

  before(async function () {
    mosquitto = await Mosquitto.start(needs(this, 'mosquitto'));
    root = mkdtempSync(join(tmpdir(), 'waybill-event-replay-'));
    outside = await device(mosquitto.url, { clientId: 'outside', clean: false });
    outside.on('message', (_topic, payload) => { heard.push(JSON.parse(payload.toString()) as (typeof heard)[number]); });
    await outside.subscribeAsync('acme/out', { qos: 1 });
  });
  after(async () => {
    await outside.endAsync(true);
    await mosquitto.remove();
    rmSync(root, { recursive: true, force: true });
  });

  const place = { z: 'a000000000000001', x: 10, y: 10, configVersion: 1 };
  const flows = (): FlowNode[] => [
    { id: 'a000000000000001', type: 'tab', label: 'events' },
    { id: 'a000000000000002', type: 'waybill-site', siteId: 'dc-1', enterprise: 'acme', configVersion: 1 },
    { id: 'a000000000000003', type: 'waybill-broker', url: mosquitto.url, clientId: 'waybill-replay', configVersion: 1 },
    { id: 'a000000000000004', type: 'waybill-event-in', ...place, stepId: 'come', site: 'a000000000000002', from: 'mqtt', broker: 'a000000000000003', topic: 'acme/in', key: '/subject', wires: [['a000000000000005']] },
    { id: 'a000000000000005', type: 'waybill-event-out', ...place, stepId: 'go', system: 'erp', to: 'mqtt', broker: 'a000000000000003', topic: 'acme/out', eventType: 'com.example.done', subject: 'event.subject', subjectType: 'facts', baseDelaySeconds: 0.1, timeoutSeconds: 2, wires: [['a000000000000006'], []] },
    { id: 'a000000000000006', type: 'waybill-case-close', ...place, stepId: 'end', outcome: 'done', outcomeType: 'str' },
  ];
  const open = async (): Promise<NodeRedProcess> => {
    const node = new NodeRedProcess(join(root, 'nr'));
    await node.ask('open', { home: join(root, 'home'), flows: flows(), tuning: {} });
    return node;
  };

  it('leaves none out', async () => {
    const by = person('eve', 'engineer');
    let node = await open();
    await new Promise((resolve) => { setTimeout(resolve, 800); });
    const count = 60;
    for (let n = 0; n < count; n += 1) {
      const name = `e-${n}`;
      await outside.publishAsync('acme/in', JSON.stringify({ specversion: '1.0', id: name, source: '/outside', type: 'com.example.come', subject: name }), { qos: 1 });
    }
    await node.until(({ counts }) => counts.casesClosed === count, 60_000);
    await until(() => new Set(heard.map(({ subject }) => subject)).size === count);
    const ids = new Map(heard.map(({ subject, id }) => [subject, id]));
    heard = [];
    const started = await node.ask('replayEvents', { from: '2020-01-01T00:00:00.000Z', reason: 'the receiver lost them', ratePerSecond: 20, dryRun: false, by }) as { readonly ok: boolean; readonly total: number };
    assert.deepEqual([started.ok, started.total], [true, count]);
    for (const seen of [15, 40]) {
      await until(() => new Set(heard.map(({ subject }) => subject)).size >= seen);
      await node.kill();
      node = await open();
    }
    await until(async () => (await node.ask('eventReplays', by))[0]?.status === 'done');
    await until(() => new Set(heard.map(({ subject }) => subject)).size === count);
    assert.ok(heard.every(({ subject, id }) => ids.get(subject) === id), 'each under the id of the first time');
    const ended = (await node.ask('events', { streamId: 'event-replays' })).at(-1);
    assert.ok(ended?.type === 'EventReplayEnded' && ended.data.reason === 'done' && ended.data.failures === 0);
    await node.kill();
  });
});
