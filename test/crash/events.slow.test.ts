import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MqttClient } from 'mqtt';
import type { Boundary } from '../engine/support/boundary.ts';
import { nameOf } from '../engine/support/boundary.ts';
import type { FlowNode } from '../engine/support/messages.ts';
import { NodeRedProcess } from '../engine/support/node-red-process.ts';
import { device, until } from '../intake/mqtt/support/device.ts';
import { Mosquitto } from '../intake/mqtt/support/mosquitto.ts';
import { needs } from '../support/system-programs.ts';

const LONG = process.env['WAYBILL_CRASH_LONG'] === '1';

/** An event comes over Mosquitto, opens a case, and the case sends one: with an end of the process at every commit between. */
describe('events over an end of the process', function () {
  this.timeout(240_000);
  let mosquitto: Mosquitto;
  let outside: MqttClient;
  let root: string;
  const heard: { readonly subject: string; readonly id: string }[] = [];

  before(async function () {
    mosquitto = await Mosquitto.start(needs(this, 'mosquitto'));
    root = mkdtempSync(join(tmpdir(), 'waybill-events-'));
    outside = await device(mosquitto.url, { clientId: 'outside', clean: false });
    outside.on('message', (_topic, payload) => { heard.push(JSON.parse(payload.toString()) as (typeof heard)[number]); });
    await outside.subscribeAsync('acme/out/#', { qos: 1 });
  });
  after(async () => {
    await outside.endAsync(true);
    await mosquitto.remove();
    rmSync(root, { recursive: true, force: true });
  });

  const place = { z: 'a000000000000001', x: 10, y: 10, configVersion: 1 };
  const flows = (name: string): FlowNode[] => [
    { id: 'a000000000000001', type: 'tab', label: 'events' },
    { id: 'a000000000000002', type: 'waybill-site', siteId: 'dc-1', enterprise: 'acme', configVersion: 1 },
    { id: 'a000000000000003', type: 'waybill-broker', url: mosquitto.url, clientId: `waybill-${name}`, configVersion: 1 },
    { id: 'a000000000000004', type: 'waybill-event-in', ...place, stepId: 'come', site: 'a000000000000002', from: 'mqtt', broker: 'a000000000000003', topic: `acme/in/${name}`, key: '/subject', wires: [['a000000000000005']] },
    { id: 'a000000000000005', type: 'waybill-event-out', ...place, stepId: 'go', system: 'erp', to: 'mqtt', broker: 'a000000000000003', topic: `acme/out/${name}`, eventType: 'com.example.done', subject: 'event.subject', subjectType: 'facts', baseDelaySeconds: 0.1, timeoutSeconds: 2, wires: [['a000000000000006'], []] },
    { id: 'a000000000000006', type: 'waybill-case-close', ...place, stepId: 'end', outcome: 'done', outcomeType: 'str' },
  ];
  const publish = (name: string): Promise<unknown> => outside.publishAsync(`acme/in/${name}`, JSON.stringify({ specversion: '1.0', id: name, source: '/outside', type: 'com.example.come', subject: name }), { qos: 1 });
  /** Opens it, and gives it the time to subscribe: what a broker gets before that is for nobody. */
  const open = async (node: NodeRedProcess, name: string, kill?: Boundary): Promise<void> => {
    await node.ask('open', { home: join(root, name), flows: flows(name), tuning: {}, ...(kill === undefined ? {} : { kill }) });
    await new Promise((resolve) => { setTimeout(resolve, 800); });
  };

  it('each opens its case once, and is sent at least once under one id, at every commit', async () => {
    const first = new NodeRedProcess(join(root, 'nr-count'));
    await open(first, 'count');
    const { append: before } = await first.ask('counts', {});
    await publish('count');
    await first.until(({ closed }) => closed.length === 1);
    const { append } = await first.ask('counts', {});
    await first.kill();
    assert.ok(append - before >= 4, `${append - before} commits`);
    const boundaries = Array.from({ length: append - before }, (_, at) => before + at + 1).flatMap((n): Boundary[] => [{ kind: 'append', n, at: 'before' }, { kind: 'append', n, at: 'after' }])
      // Before a commit is as after the one before, but for what has left meanwhile: taken in turns in the short form.
      .filter(({ n, at }) => LONG || (at === 'before') === ((n - before) % 2 === 0));
    let sentTwice = 0;
    const cross = async (boundary: Boundary): Promise<void> => {
      const name = nameOf(boundary).replaceAll(' ', '-');
      const dying = new NodeRedProcess(join(root, `nr-${name}`));
      await open(dying, name, boundary);
      assert.ok(!dying.gone, 'it ends at work, not while it opens');
      await publish(name); // once: what it has not confirmed, the broker keeps
      await Promise.race([dying.ended, new Promise((resolve) => { setTimeout(resolve, 4_000); })]);
      if (!dying.gone) await dying.kill();
      const next = new NodeRedProcess(join(root, `nr-${name}`));
      try {
        await open(next, name);
        await next.until(({ closed, counts }) => closed.length === 1 && counts.casesOpen === 0, 30_000);
        await until(() => heard.some(({ subject }) => subject === name));
        const seen = await next.ask('look', {});
        assert.deepEqual(seen.closed.map(({ outcome }) => outcome), ['done'], name);
        const ids = heard.filter(({ subject }) => subject === name).map(({ id }) => id);
        assert.equal(new Set(ids).size, 1, `${name}: ${ids.join(', ')}`);
        if (ids.length > 1) sentTwice += 1;
      } finally {
        await next.kill();
      }
    };
    for (let at = 0; at < boundaries.length; at += 2) await Promise.all(boundaries.slice(at, at + 2).map(cross));
    assert.ok(sentTwice >= 1, 'some end lay between the sending and its record');
  });
});
