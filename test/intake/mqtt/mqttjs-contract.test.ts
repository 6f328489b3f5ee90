import assert from 'node:assert/strict';
import { connect } from 'mqtt';
import type { IPublishPacket, Packet } from 'mqtt';
import { generate, parser, writeToStream } from 'mqtt-packet';
import { createServer, type Socket } from 'node:net';
import { once } from 'node:events';
import { settle, until } from './support/device.ts';

/** What `MqttConnection` relies on in mqtt.js and what its README does not promise (mqtt.js #549, #697). */
describe('mqtt.js: suppressed PUBACK', () => {
  for (const protocolVersion of [4, 5] as const) {
    it(`MQTT ${protocolVersion}: an error from handleMessage sends nothing and goes on with the next message`, async () => {
      const received: Packet[] = [];
      const server = createServer((socket: Socket) => {
        const packets = parser({ protocolVersion });
        packets.on('packet', (packet: Packet) => {
          received.push(packet);
          if (packet.cmd === 'connect') {
            socket.write(protocolVersion === 5 ? generate({ cmd: 'connack', reasonCode: 0, sessionPresent: true }, { protocolVersion }) : generate({ cmd: 'connack', returnCode: 0, sessionPresent: true }));
            const publish = (messageId: number): Buffer => generate({ cmd: 'publish', topic: 'a/scan', payload: Buffer.from(String(messageId)), qos: 1, messageId, dup: false, retain: false }, { protocolVersion });
            socket.write(Buffer.concat([1, 2, 3, 4, 5].map(publish)));
          }
        });
        socket.on('data', (chunk) => { packets.parse(chunk); });
        socket.on('error', () => socket.destroy());
      }).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const address = server.address() as { port: number };
      const client = connect({ host: '127.0.0.1', port: address.port, protocol: 'mqtt', clientId: 'contract', clean: false, protocolVersion, reconnectPeriod: 0 });
      try {
        const seen: IPublishPacket[] = [];
        client.handleMessage = (packet, done) => {
          seen.push(packet);
          done(new Error('deferred'));
        };
        const errors: Error[] = [];
        client.on('error', (error) => errors.push(error));
        await until(() => seen.length === 5);
        await settle();
        assert.deepEqual(seen.map(({ messageId }) => messageId), [1, 2, 3, 4, 5], 'all are handed over at once, in order');
        assert.deepEqual(received.filter(({ cmd }) => cmd === 'puback'), [], 'no PUBACK goes out by itself');
        assert.deepEqual(errors, [], 'the suppressed acknowledgement is no error of the client');

        writeToStream({ cmd: 'puback', messageId: 1, reasonCode: 0 }, client.stream, { protocolVersion });
        await until(() => received.some(({ cmd }) => cmd === 'puback'));
        assert.equal(received.find(({ cmd }) => cmd === 'puback')?.messageId, 1, 'a PUBACK of our own arrives');
        assert.equal(client.connected, true);
      } finally {
        await client.endAsync(true);
        server.close();
      }
    });
  }

  it('keeps the pump, and so the socket, waiting while handleMessage has not called back', async () => {
    const server = createServer((socket: Socket) => {
      const packets = parser();
      packets.on('packet', (packet: Packet) => {
        if (packet.cmd !== 'connect') return;
        socket.write(generate({ cmd: 'connack', returnCode: 0, sessionPresent: false }));
        for (let i = 1; i <= 3; i += 1) socket.write(generate({ cmd: 'publish', topic: 'a/scan', payload: Buffer.from('x'), qos: 1, messageId: i, dup: false, retain: false }));
      });
      socket.on('data', (chunk) => { packets.parse(chunk); });
      socket.on('error', () => socket.destroy());
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address() as { port: number };
    const client = connect({ host: '127.0.0.1', port: address.port, protocol: 'mqtt', protocolVersion: 4, reconnectPeriod: 0 });
    try {
      const waiting: ((error?: Error) => void)[] = [];
      client.handleMessage = (_packet, done) => { waiting.push(done); };
      await until(() => waiting.length === 1);
      await settle();
      assert.equal(waiting.length, 1);
      waiting[0]?.(new Error('deferred'));
      await until(() => waiting.length === 2);
    } finally {
      await client.endAsync(true);
      server.close();
    }
  });
});
