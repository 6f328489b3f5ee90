import { createServer, type Server, type Socket } from 'node:net';
import { duplexPair, type Duplex } from 'node:stream';
import { createServer as createTlsServer } from 'node:tls';
import type { Aedes, AuthenticateError, Client } from 'aedes';
import { MqttIntakeError } from './errors.ts';
import { EmbeddedSource } from './embedded-source.ts';
import { DeviceSessions, type BrokerDevices, type DeviceSignIn } from './device-sessions.ts';
import { limitedLog } from '../limited-log.ts';
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
  /** The register of devices, when there is one by now: a device signs in with its id and key, or with its certificate. */
  readonly devices?: () => BrokerDevices | undefined;
  /** Everybody has to sign in, on this machine too, and a device publishes on topics of its own station or of an intake only. */
  readonly signInOnly?: boolean;
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
  /** A connection of this process itself, which needs no account. */
  open(): Duplex;
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
  /** Broker's ends of connections from this process. */
  const own = new WeakSet<object>();
  const counters: Record<BrokerCounter, number> = { packets_oversize: 0, clients_refused: 0, connection_errors: 0, qos0: 0 };
  const sessions = new DeviceSessions(options.devices ?? (() => undefined));
  const aedes = new AedesBroker({
    concurrency: 1_000,
    authenticate: (client, user, password, done) => {
      (own.has(client.conn) ? Promise.resolve({ code: ADMITTED }) : authenticate(options, sessions, client, user, password)).then(
        ({ code, text }: Admission) => {
          if (text !== undefined) warn(`sign-in ${user ?? client.id}`, text);
          if (code === ADMITTED) return done(null, true);
          counters.clients_refused += 1;
          done(Object.assign(new Error('not authorized'), { returnCode: code }) as AuthenticateError, false);
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
    senderOf: (client) => sessions.of(client),
    mayPublish: (client, topic) => options.signInOnly !== true || sessions.mayPublish(client, topic),
    ...(options.scanTopics === undefined ? {} : { scanTopics: options.scanTopics }),
    ...(options.handoverMs === undefined ? {} : { handoverMs: options.handoverMs }),
    ...(options.bound === undefined ? {} : { bound: options.bound }),
  });
  aedes.on('clientReady', (client: Client) => sessions.ready(client));
  aedes.on('clientDisconnect', (client: Client) => sessions.left(client));
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
  const server = options.tls === undefined ? createServer(accept) : createTlsServer({ ...options.tls, ...(options.devices === undefined ? {} : askForCertificate) }, accept);
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
    open: () => {
      const [ours, theirs] = duplexPair();
      own.add(theirs);
      aedes.handle(theirs);
      return ours;
    },
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

/** A certificate is pinned to its device by its hash, whoever has signed it; without one a device may still have a key. */
const askForCertificate = { requestCert: true, rejectUnauthorized: false } as const;

/** Codes of a CONNACK (MQTT 3.1.1 §3.2.2.3). */
const ADMITTED = 0;
const UNAVAILABLE = 3;
const BAD_PASSWORD = 4;
const NOT_AUTHORIZED = 5;

interface Admission { readonly code: number; readonly text?: string }

async function authenticate(options: EmbeddedBrokerOptions, sessions: DeviceSessions, client: Client, user: string | undefined, password: Buffer | undefined): Promise<Admission> {
  const conn = client.conn as Partial<PacketGuard>;
  const login = { clientId: client.id, user, password: password?.toString('utf8') };
  const device = sessions.signIn(client, { ...login, ...(conn.certificate === undefined ? {} : { certificate: conn.certificate }) });
  if (device?.kind === 'device') return { code: ADMITTED };
  if (device?.kind === 'refused' && device.why !== 'key') return { code: NOT_AUTHORIZED, text: device.text };
  if (options.authenticate !== undefined) {
    const admitted = await options.authenticate({ ...login, address: conn.remoteAddress ?? 'unknown' });
    return admitted ? { code: ADMITTED } : refusal(device);
  }
  if (device?.kind === 'refused') return refusal(device);
  if (options.signInOnly !== true) return { code: ADMITTED };
  return device === undefined ? { code: UNAVAILABLE } : refusal(device);
}

/** Only who has the name of a device is told that it is the key that is wrong. */
function refusal(device: DeviceSignIn | undefined): Admission {
  return device?.kind === 'refused' ? { code: BAD_PASSWORD, text: device.text } : { code: NOT_AUTHORIZED };
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
