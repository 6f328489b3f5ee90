import assert from 'node:assert/strict';
import { explainOpcUaFailure, OpcUaConnection, OpcUaIntakeError, type OpcUaConnectionOptions, type OpcUaSessionEvent } from '../../../src/intake/opcua/index.ts';
import { Open62541 } from '../../support/open62541/open62541.ts';
import { needs } from '../../support/system-programs.ts';
import { testPki } from './pki.ts';
import { until } from './until.ts';

describe('connection to an OPC UA server', function () {
  this.timeout(30_000);
  let program: string;
  const pki = testPki();
  const closing: (() => Promise<void>)[] = [];

  before(function () { program = needs(this, 'open62541'); });
  afterEach(async () => { for (const close of closing.splice(0).reverse()) await close(); });

  function connect(url: string, options: Partial<OpcUaConnectionOptions> = {}): { connection: OpcUaConnection; sessions: OpcUaSessionEvent[] } {
    const connection = new OpcUaConnection({
      url, securityMode: 'none', securityPolicy: 'none', identity: { kind: 'anonymous' }, applicationUri: 'urn:waybill:test', pki, reconnect: { minMs: 50, maxMs: 300 }, watchMs: 300, ...options,
    });
    const sessions: OpcUaSessionEvent[] = [];
    connection.onSession({ onSession: (event) => { sessions.push(event); } });
    closing.push(() => connection.close());
    connection.start();
    return { connection, sessions };
  }

  it('comes back after the server was started again, with a new session, and says so', async () => {
    const server = await Open62541.start(program);
    closing.push(() => server.stop());
    const { connection, sessions } = connect(server.url);
    await until(() => sessions.length === 1);
    assert.equal((await server.counts()).sessions, 1);
    await server.stop();
    await until(() => connection.state.kind === 'disconnected');
    await assert.rejects(connection.withSession(() => Promise.resolve()), (error) => error instanceof OpcUaIntakeError && error.code === 'no-session');
    await new Promise((resolve) => { setTimeout(resolve, 1_100); }); // its start time is told in whole seconds by some
    await server.run();
    await until(() => sessions.length === 2);
    assert.deepEqual(sessions.map(({ how, serverRestarted }) => ({ how, serverRestarted })), [{ how: 'new', serverRestarted: false }, { how: 'new', serverRestarted: true }]);
  });

  it('comes back as soon as something listens again, however long the wait was to be', async () => {
    const server = await Open62541.start(program);
    closing.push(() => server.stop());
    const { connection, sessions } = connect(server.url, { reconnect: { minMs: 600_000, maxMs: 600_000 } });
    await until(() => sessions.length === 1);
    await server.stop();
    await until(() => connection.state.kind === 'disconnected');
    connection.hurry(); // nothing listens: from here on it waits for minutes, and for the port
    await until(() => /nothing listens there/.test(connection.state.reason ?? ''));
    await server.run();
    await until(() => sessions.length === 2, 20_000);
  });

  it('says the same of the same failure, whatever number the library gives to its socket', () => {
    const failed = (socket: number): string => explainOpcUaFailure('opc.tcp://plc', new Error(`The connection may have been rejected by server, Err = (ClientTCP_transport${socket}: socket has been disconnected by third party)`)).reason;
    assert.equal(failed(1), failed(15));
    assert.match(failed(1), /ends the connection as soon as it is asked for its offers; look whether it is an OPC UA server/);
  });

  it('finds a server that hangs, and takes up the same session when it goes on', async () => {
    const server = await Open62541.start(program);
    closing.push(() => server.stop());
    const { connection, sessions } = connect(server.url);
    await until(() => sessions.length === 1);
    server.freeze(true);
    await until(() => connection.state.kind === 'disconnected');
    server.freeze(false);
    await until(() => sessions.length === 2, 15_000);
    assert.equal(sessions[1]?.how, 'resumed');
    assert.equal((await server.counts()).sessions, 1);
  });

  it('closes its session on the server', async () => {
    const server = await Open62541.start(program);
    closing.push(() => server.stop());
    const { connection, sessions } = connect(server.url);
    await until(() => sessions.length === 1);
    await connection.close();
    assert.deepEqual(await server.counts(), { sessions: 0, subscriptions: 0 });
    assert.equal(connection.state.kind, 'closed');
  });

  it('says what to mend where nothing listens, the user is refused, or the security is not offered', async () => {
    const server = await Open62541.start(program, { anonymous: false });
    closing.push(() => server.stop());
    const { connection: nobody } = connect('opc.tcp://127.0.0.1:9');
    const { connection: stranger } = connect(server.url);
    const { connection: safe } = connect(server.url, { securityMode: 'signAndEncrypt', securityPolicy: 'auto' });
    await until(() => nobody.lastProblem !== undefined && stranger.lastProblem !== undefined && safe.lastProblem !== undefined);
    assert.match(nobody.lastProblem?.reason ?? '', /cannot be reached: nothing listens there\. Start it, or correct its address/);
    assert.equal(stranger.state.kind, 'refused');
    assert.match(stranger.lastProblem?.reason ?? '', /offers no such kind of sign-in; choose another one/);
    assert.match(safe.lastProblem?.reason ?? '', /offers no safe policy for this security mode; it offers no security\. Choose/);
  });

  it('refuses what is no OPC UA address', () => {
    assert.throws(() => connect('http://plc.example'), /is no address of an OPC UA server/);
  });
});
