import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { Aedes, AuthenticateError, Client } from 'aedes';
import { MqttIntakeError } from './errors.ts';
import { EmbeddedSource } from './embedded-source.ts';
import { limitedLog } from './limited-log.ts';
import { PacketGuard } from './packet-guard.ts';
import type { InFlightBound, ScanSource } from './scan-source.ts';

/** Where the process's broker stands, so that broker nodes without an address find it. */
export const embeddedBrokerSlot = Symbol.for('waybill.broker');

/** The broker that runs in this process, if one does. */
export function runningEmbeddedBroker(): EmbeddedBroker | undefined {
  return (globalThis as Record<symbol, unknown>)[embeddedBrokerSlot] as EmbeddedBroker | undefined;
}

export interface EmbeddedBrokerOptions {
  /** Address to listen on; loopback by default. Others need `tls` and `authenticate`, or `allowPlaintext`. */
  readonly host?: string;
  /** 1883 by default; 0 is any free one. The next free one of 20 is taken when it is taken. */
  readonly port?: number;
  /** Largest payload that is looked at, in bytes; 1 MiB by default. */
  readonly maxPacketBytes?: number;
  /** Topic filters whose messages are never acknowledged unseen, even while no flow runs. */
  readonly scanTopics?: readonly string[];
  /** How long a scan waits for a flow that is being deployed, in ms; then the device is sent away to try again. */
  readonly handoverMs?: number;
  readonly bound?: InFlightBound;
  readonly tls?: { readonly cert: string | Buffer; readonly key: string | Buffer };
  /** Resolves to whether the device may connect. Absent: everybody on this machine may. */
  readonly authenticate?: (login: { readonly clientId: string; readonly user: string | undefined; readonly password: string | undefined; readonly address: string }) => Promise<boolean>;
  readonly allowPlaintext?: boolean;
  readonly log?: (level: 'info' | 'warn', text: string) => void;
}

export interface EmbeddedBroker {
  readonly host: string;
  readonly port: number;
  /** `mqtt://127.0.0.1:1883` */
  readonly url: string;
  /** The asked port was not free; `port` is the next one that was. */
  readonly portWasTaken: boolean;
  readonly source: ScanSource;
  /** Number of connected devices. */
  readonly clients: number;
  /** What happened since the start, for metrics: `packets_oversize`, `clients_refused`, `connection_errors`, `qos0`. */
  readonly counters: Readonly<Record<BrokerCounter, number>>;
  /** Stops listening, waits at most `drainMs` (5,000) for what is in flight to be recorded and acknowledged, disconnects. */
  close(drainMs?: number): Promise<void>;
}

export type BrokerCounter = 'packets_oversize' | 'clients_refused' | 'connection_errors' | 'qos0';

const DEFAULT_PORT = 1883;
const PORTS_TO_TRY = 20;

/**
 * Starts the MQTT 3.1.1 broker of `npm start`. A device's PUBACK for a scan goes out after the taker's promise
 * resolved, that is after the ledger's commit: aedes acknowledges right after `authorizePublish`, and that waits.
 * The first one of a process stands at `globalThis[Symbol.for('waybill.broker')]` while it runs.
 * Throws MqttIntakeError `aedes-missing`, `port-taken`, `listen`, `plaintext`.
 */
export async function startEmbeddedBroker(options: EmbeddedBrokerOptions = {}): Promise<EmbeddedBroker> {
  const host = options.host ?? '127.0.0.1';
  refusePlaintext(host, options);
  const { Aedes: AedesBroker } = await loadAedes();
  const warn = limitedLog(options.log ?? (() => undefined));
  const maxPacketBytes = options.maxPacketBytes ?? 1024 * 1024;
  const counters: Record<BrokerCounter, number> = { packets_oversize: 0, clients_refused: 0, connection_errors: 0, qos0: 0 };
  const aedes = new AedesBroker({
    concurrency: 1_000,
    authenticate: (client, user, password, done) => {
      authenticate(options, client, user, password).then(
        (admitted) => {
          if (!admitted) counters.clients_refused += 1;
          done(null, admitted);
        },
        (error: unknown) => {
          warn('authenticate', `A device could not be checked: ${String(error)}`);
          counters.clients_refused += 1;
          done(Object.assign(new Error('not authorized'), { returnCode: 3 }) as AuthenticateError, false);
        },
      );
    },
  });
  await aedes.listen();
  const source = new EmbeddedSource(aedes, {
    maxPacketBytes,
    warn,
    onQos0: () => { counters.qos0 += 1; },
    ...(options.scanTopics === undefined ? {} : { scanTopics: options.scanTopics }),
    ...(options.handoverMs === undefined ? {} : { handoverMs: options.handoverMs }),
    ...(options.bound === undefined ? {} : { bound: options.bound }),
  });
  aedes.on('clientError', (client: Client, error: Error) => {
    counters.connection_errors += 1;
    warn('device', `Device ${client.id}: ${error.message}`);
  });
  aedes.on('connectionError', (_client: Client, error: Error) => {
    counters.connection_errors += 1;
    warn('connection', `A connection to the broker was ended: ${error.message}`);
  });

  const sockets = new Set<Socket>();
  const accept = (socket: Socket): void => {
    socket.setNoDelay(true);
    sockets.add(socket);
    const guard = new PacketGuard(socket, {
      maxPacketBytes,
      cut: (topic) => source.wants(topic),
      onOversize: (refused, description) => {
        counters.packets_oversize += 1;
        warn('oversize', `${socket.remoteAddress ?? 'A device'} sent ${description}; ${refused ? 'it was disconnected' : 'it is put aside'}.`);
      },
    });
    socket.once('close', () => {
      sockets.delete(socket);
      source.forgetGuard(guard);
    });
    source.addGuard(guard);
    aedes.handle(guard);
  };
  const server = options.tls === undefined ? createServer(accept) : createTlsServer({ ...options.tls }, accept);
  const wanted = options.port ?? DEFAULT_PORT;
  let port: number;
  try {
    port = await listenOnFree(server, host, wanted);
  } catch (error) {
    await closeAedes(aedes);
    throw error;
  }
  server.on('error', (error) => warn('server', `Broker: ${error.message}`));
  source.opened();

  let closing: Promise<void> | undefined;
  const broker: EmbeddedBroker = {
    host,
    port,
    url: `${options.tls === undefined ? 'mqtt' : 'mqtts'}://${host.includes(':') ? `[${host}]` : host}:${port}`,
    portWasTaken: wanted !== 0 && port !== wanted,
    source,
    get clients() { return aedes.connectedClients; },
    counters,
    close: (drainMs = 5_000) => {
      closing ??= (async () => {
        if (runningEmbeddedBroker() === broker) Reflect.deleteProperty(globalThis, embeddedBrokerSlot);
        const closed = new Promise<void>((resolve) => { server.close(() => resolve()); });
        source.setReading(false);
        await source.drained(drainMs);
        await new Promise((resolve) => { setImmediate(resolve); }); // the last PUBACKs are on their way to the sockets
        source.close();
        await closeAedes(aedes);
        for (const socket of sockets) {
          if (socket.writableLength === 0) socket.destroy();
        }
        setTimeout(() => { for (const socket of sockets) socket.destroy(); }, 1_000).unref(); // whoever reads nothing
        await closed;
      })();
      return closing;
    },
  };
  if (runningEmbeddedBroker() === undefined) Object.assign(globalThis, { [embeddedBrokerSlot]: broker });
  return broker;
}

async function loadAedes(): Promise<typeof import('aedes')> {
  try {
    return await import('aedes');
  } catch (error) {
    throw new MqttIntakeError('aedes-missing', 'The embedded broker needs the package "aedes": run "npm install aedes@1", or set WAYBILL_MQTT_URL to a broker of your own.', { cause: error });
  }
}

function refusePlaintext(host: string, options: EmbeddedBrokerOptions): void {
  const loopback = host === 'localhost' || host === '::1' || /^127\./.test(host);
  if (loopback || options.allowPlaintext === true || (options.tls !== undefined && options.authenticate !== undefined)) return;
  throw new MqttIntakeError('plaintext', `The broker may be reached from other machines at ${host} only with accounts and TLS (WAYBILL_TLS_CERT, WAYBILL_TLS_KEY), or with WAYBILL_ALLOW_PLAINTEXT=1 as a stated exception.`);
}

async function authenticate(options: EmbeddedBrokerOptions, client: Client, user: string | undefined, password: Buffer | undefined): Promise<boolean> {
  return options.authenticate === undefined || options.authenticate({ clientId: client.id, user, password: password?.toString('utf8'), address: (client.conn as { readonly remoteAddress?: string }).remoteAddress ?? 'unknown' });
}

function listenOnFree(server: Server, host: string, wanted: number): Promise<number> {
  const last = Math.min(wanted === 0 ? 0 : wanted + PORTS_TO_TRY - 1, 65_535);
  return new Promise((resolve, reject) => {
    let port = wanted;
    const onError = (error: NodeJS.ErrnoException): void => {
      if (error.code === 'EADDRINUSE' && port < last) {
        port += 1;
        server.listen(port, host);
        return;
      }
      server.removeListener('error', onError);
      reject(error.code === 'EADDRINUSE'
        ? new MqttIntakeError('port-taken', `The ports ${wanted} to ${last} at ${host} are taken; set WAYBILL_MQTT_PORT to a free one.`, { cause: error })
        : new MqttIntakeError('listen', `The broker cannot listen at ${host}:${port} (${error.message}); set WAYBILL_MQTT_HOST and WAYBILL_MQTT_PORT.`, { cause: error }));
    };
    server.on('error', onError);
    server.once('listening', () => {
      server.removeListener('error', onError);
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
    server.listen(port, host);
  });
}

function closeAedes(aedes: Aedes): Promise<void> {
  return new Promise((resolve) => { aedes.close(() => resolve()); });
}
