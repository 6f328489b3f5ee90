import assert from 'node:assert/strict';
import amqplib from 'amqplib';
import { Secrets } from '../../../src/connectors/auth/index.ts';
import type { Line, Outcome } from '../../../src/connectors/driver.ts';
import { readAddress } from '../../../src/connectors/http/index.ts';
import { queueDriver } from '../../../src/connectors/queue/index.ts';
import type { ServiceDefinition } from '../../../src/domain/service/index.ts';
import { CuttingProxy } from '../../support/cutting-proxy.ts';
import { BROKER_ACCOUNT, RabbitServer } from '../../support/rabbit-server.ts';
import { needs } from '../../support/system-programs.ts';

const clock = { setTimeout, clearTimeout: (handle: object | undefined) => { clearTimeout(handle as NodeJS.Timeout | undefined); } };

function orderService(amqp: '0-9-1' | '1.0'): ServiceDefinition {
  const to = (queue: string): ServiceDefinition['operations'][string] => ({
    title: 'Send an order', effect: 'writes', idempotency: { in: 'header', name: 'message-id' }, recovery: { by: 'same-key' },
    binding: amqp === '1.0' ? { address: queue === 'nowhere' ? '/exchange/nowhere/x' : `/amq/queue/${queue}` } : { exchange: queue === 'nowhere' ? 'amq.direct' : '', routingKey: queue },
  });
  return {
    id: 'wms/orders', version: '1.0.0', title: 'Orders', owner: 'it', system: 'wms', protocol: 'queue', binding: { amqp }, objects: [], authentication: { kind: 'basic' },
    limits: { concurrency: 8, perSecond: 0, burst: 0 }, timeouts: { connectMs: 15_000, headersMs: 15_000, totalMs: 15_000 }, retry: { maxAttempts: 40, maxMinutes: 30, baseDelaySeconds: 0.1, maxDelaySeconds: 1 }, circuit: { failures: 8, openSeconds: 1 }, classification: 'internal',
    operations: { send: to('orders'), nowhere: to('nowhere') },
  };
}

describe('queues of a real RabbitMQ', function () {
  this.timeout(180_000);
  let server: RabbitServer;
  let proxy: CuttingProxy;

  before(async function () {
    server = await RabbitServer.start(needs(this, 'rabbitmq-server'));
    proxy = await CuttingProxy.start(server.port);
    const admin = await amqplib.connect({ hostname: '127.0.0.1', port: server.port, username: BROKER_ACCOUNT.user, password: BROKER_ACCOUNT.password });
    await (await admin.createChannel()).assertQueue('orders', { durable: true });
    await admin.close();
  });
  after(async () => {
    await proxy?.stop();
    await server?.stop();
  });

  /** Ids and bodies of what lies in the queue, which is empty then. */
  async function taken(): Promise<readonly { readonly id: string; readonly body: unknown }[]> {
    const admin = await amqplib.connect({ hostname: '127.0.0.1', port: server.port, username: BROKER_ACCOUNT.user, password: BROKER_ACCOUNT.password });
    const channel = await admin.createChannel();
    const found: { id: string; body: unknown }[] = [];
    for (;;) {
      const message = await channel.get('orders', { noAck: true });
      if (message === false) break;
      found.push({ id: String(message.properties.messageId), body: JSON.parse(message.content.toString('utf8')) });
    }
    await admin.close();
    return found;
  }

  for (const amqp of ['0-9-1', '1.0'] as const) {
    describe(`AMQP ${amqp}`, () => {
      const service = orderService(amqp);
      let line: Line;

      function open(account: { user: string; password: string } = BROKER_ACCOUNT): Line {
        const secrets = new Secrets(account);
        return queueDriver.open({ base: readAddress(`amqp://127.0.0.1:${proxy.port}`), database: '', tls: () => ({}), secret: (name) => secrets.get(name), clock });
      }

      async function send(key: string, operation = 'send', on = line, repeated = false): Promise<Outcome> {
        const definition = service.operations[operation];
        assert.ok(definition !== undefined);
        return on.call({ service, operation: definition, document: { key, quantity: '1.000000001' }, idempotencyKey: key, repeated, memory: new Map(), now: Date.now() }, () => undefined);
      }

      before(() => { line = open(); });
      after(async () => { await line?.close(); });

      it('is done when the broker has taken the message over, with its key as message id', async () => {
        assert.deepEqual(queueDriver.problems(service), []);
        assert.deepEqual(await Promise.all(['a', 'b', 'c'].map((key) => send(`${amqp}-${key}`))), Array.from({ length: 3 }, () => ({ kind: 'done', answer: null })));
        assert.deepEqual((await taken()).map(({ id, body }) => [id, body]).sort(), ['a', 'b', 'c'].map((key) => [`${amqp}-${key}`, { key: `${amqp}-${key}`, quantity: '1.000000001' }]));
      });

      it('is refused, or has to be mended, where no queue takes it', async () => {
        const outcome = await send(`${amqp}-lost`, 'nowhere');
        // Over 1.0 RabbitMQ ends the connection without a word; nothing was sent.
        assert.equal(outcome.kind, amqp === '1.0' ? 'again' : 'refused', JSON.stringify(outcome));
        assert.equal((await send(`${amqp}-after`)).kind, 'done', 'the connection is of use still');
        assert.equal((await taken()).length, 1);
      });

      it('does not know what became of a message whose confirmation is lost; sent again it has the same id', async () => {
        proxy.cutAt(Buffer.from(`"${amqp}-cut"`), true);
        const outcome = await send(`${amqp}-cut`);
        assert.equal(outcome.kind, 'unknown', JSON.stringify(outcome));
        assert.equal((await send(`${amqp}-cut`, 'send', line, true)).kind, 'done');
        const found = await taken();
        assert.deepEqual(new Set(found.map(({ id }) => id)), new Set([`${amqp}-cut`]), 'none lost, and doubles have one id');
      });

      it('does not take another sign-in for a broker that is away', async () => {
        const other = open({ user: 'waybill', password: 'wrong' });
        const outcome = await send(`${amqp}-x`, 'send', other);
        assert.ok(outcome.kind === 'again', JSON.stringify(outcome));
        assert.match(outcome.problem.title, /sign/);
        if (amqp === '0-9-1') assert.equal(outcome.hopeless, true);
        assert.ok(!JSON.stringify(outcome).includes('wrong'));
        await other.close();
      });
    });
  }

  it('keeps what it has confirmed when the broker is killed', async () => {
    const [service, secrets] = [orderService('0-9-1'), new Secrets(BROKER_ACCOUNT)];
    const line = queueDriver.open({ base: readAddress(server.url), database: '', tls: () => ({}), secret: (name) => secrets.get(name), clock });
    const sending = service.operations['send'];
    assert.ok(sending !== undefined);
    const send = (key: string): Promise<Outcome> => line.call({ service, operation: sending, document: { key }, idempotencyKey: key, repeated: false, memory: new Map(), now: Date.now() }, () => undefined);
    for (const key of ['k-1', 'k-2']) assert.equal((await send(key)).kind, 'done');
    await server.kill();
    assert.equal((await send('k-3')).kind, 'again', 'nothing was sent');
    await server.run();
    assert.equal((await send('k-3')).kind, 'done');
    assert.deepEqual((await taken()).map(({ id }) => id), ['k-1', 'k-2', 'k-3']);
    await line.close();
  });
});
