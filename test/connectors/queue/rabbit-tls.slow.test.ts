import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import amqplib from 'amqplib';
import type { Line } from '../../../src/connectors/driver.ts';
import { readAddress } from '../../../src/connectors/http/index.ts';
import { QueueConsumer, queueDriver } from '../../../src/connectors/queue/index.ts';
import type { TlsMaterial } from '../../../src/connectors/http/index.ts';
import { receiptService } from '../../nodes/support/services.ts';
import { Certificates } from '../../support/certificates.ts';
import { BROKER_ACCOUNT, RabbitServer } from '../../support/rabbit-server.ts';
import { needs } from '../../support/system-programs.ts';

const clock = { setTimeout, clearTimeout: (handle: object | undefined) => { clearTimeout(handle as NodeJS.Timeout | undefined); } };

describe('a RabbitMQ that speaks TLS alone, and waits a second for acknowledgements', function () {
  this.timeout(180_000);
  let server: RabbitServer;
  let folder: string;
  const pem = (name: string): string => readFileSync(path.join(folder, name), 'utf8');
  const full = (): TlsMaterial => ({ ca: pem('ca.crt'), cert: pem('client.crt'), key: pem('client.key') });

  before(async function () {
    const program = needs(this, 'rabbitmq-server');
    folder = mkdtempSync(path.join(tmpdir(), 'waybill-rabbit-tls-'));
    const certificates = new Certificates(needs(this, 'openssl'), folder);
    for (const name of ['ca', 'other']) certificates.authority(name);
    for (const name of ['server', 'client']) certificates.certificate(name, 'ca');
    certificates.certificate('stranger', 'other');
    const file = (name: string): string => path.join(folder, name);
    server = await RabbitServer.start(program, { tls: { ca: file('ca.crt'), cert: file('server.crt'), key: file('server.key') }, settings: { consumer_timeout: 1_000, channel_tick_interval: 500 } });
  });
  after(async () => {
    await server?.stop();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  const settings = (host: string, tls: TlsMaterial) => ({ base: readAddress(`amqps://${host}:${server.port}`), database: '', tls: () => tls, secret: (name: 'user' | 'password') => BROKER_ACCOUNT[name], clock });

  for (const amqp of ['0-9-1', '1.0'] as const) {
    it(`is reached over AMQP ${amqp} by its authority, for its host, with our certificate only`, async () => {
      const service = receiptService({ protocol: 'queue', binding: { amqp }, authentication: { kind: 'basic' }, operations: {} });
      const said = async (host: string, tls: TlsMaterial): Promise<string | undefined> => {
        const line: Line = queueDriver.open(settings(host, tls));
        try {
          return await line.reach(service);
        } finally {
          await line.close();
        }
      };
      assert.equal(await said('localhost', full()), undefined);
      assert.match(await said('localhost', { ...full(), ca: pem('other.crt') }) ?? '', /Nobody whom we trust has signed the certificate of localhost; give the system the certificate of its authority/);
      // The same machine by a name that the certificate does not have.
      assert.match(await said('[::ffff:127.0.0.1]', full()) ?? '', /The certificate that ::ffff:7f00:1 shows is for another host, so nothing was sent/);
      for (const tls of [{ ca: pem('ca.crt') }, { ca: pem('ca.crt'), cert: pem('stranger.crt'), key: pem('stranger.key') }]) assert.notEqual(await said('localhost', tls), undefined, 'without a certificate of its authority nobody comes in');
    });
  }

  it('gives a message again that was not acknowledged in time, and the consumer says why and goes on', async () => {
    const admin = await amqplib.connect({ protocol: 'amqps', hostname: 'localhost', port: server.port, username: BROKER_ACCOUNT.user, password: BROKER_ACCOUNT.password }, full());
    const channel = await admin.createConfirmChannel();
    await channel.assertQueue('slow', { durable: true });
    channel.sendToQueue('slow', Buffer.from('{}'), { messageId: 'm-1' });
    await channel.waitForConfirms();
    const problems: string[] = [];
    const seen: string[] = [];
    let held = true;
    const consumer = new QueueConsumer({
      settings: settings('localhost', full()), version: '0-9-1', queue: 'slow', prefetch: 1, connectMs: 20_000, random: () => 0,
      take: async (delivery) => {
        seen.push(`${delivery.messageId} ${delivery.redelivered ? 'again' : 'first'}`);
        while (held) await delay(20);
        delivery.accept();
      },
      onState: (problem) => {
        if (problem === undefined) return;
        problems.push(problem.message);
        held = false;
      },
    });
    try {
      consumer.start();
      while (!seen.includes('m-1 again')) await delay(50);
      while ((await channel.checkQueue('slow')).messageCount > 0) await delay(50);
    } finally {
      held = false;
      await consumer.close(() => undefined);
      await admin.close();
    }
    assert.deepEqual(seen, ['m-1 first', 'm-1 again']);
    assert.match(problems[0] ?? '', /waited longer for acknowledgements than it is set to \(consumer_timeout\), and gives the messages of "slow" again/);
  });
});
