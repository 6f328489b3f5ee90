import { isIP } from 'node:net';
import type { Connection, EventContext, Sender } from 'rhea';
import type { LineSettings, Outcome } from '../driver.ts';
import { accountOf, failed, LibraryMissing, loaded, toMend, unconnected } from './broker.ts';
import type { Broker, Message } from './broker.ts';
import type { QueueTarget } from './binding.ts';

export type Opened = { readonly connection: Connection } | { readonly problem: Outcome };

/** AMQP 1.0 (ISO/IEC 19464): a message is sent unsettled, and done when the broker says `accepted`. */
export class Amqp10 implements Broker {
  readonly #settings: LineSettings;
  #connection: { readonly opened: Promise<Opened>; readonly stamp: string } | undefined;
  #links = 0;

  constructor(settings: LineSettings) {
    this.#settings = settings;
  }

  async send({ address }: QueueTarget, { id, body, sentAt }: Message, { connectMs, totalMs }: { readonly connectMs: number; readonly totalMs: number }): Promise<Outcome> {
    const opened = await this.#connected(connectMs);
    if ('problem' in opened) return opened.problem;
    const { clock } = this.#settings;
    let sender: Sender | undefined;
    const outcome = await new Promise<Outcome>((resolve) => {
      let sent = false;
      const lost = (): 'again' | 'unknown' => (sent ? 'unknown' : 'again');
      const timer = clock.setTimeout(() => { settle(failed(lost(), 'The broker did not accept the message in time.', 'timeout')); }, totalMs);
      const gone = (): void => {
        // Some brokers end the whole connection over an address that is not there.
        const { error } = opened.connection;
        settle(mendable(error) ?? failed(lost(), 'The connection to the broker was lost before it accepted the message.', 'connection'));
      };
      const settle = (result: Outcome): void => {
        clock.clearTimeout(timer);
        for (const event of ['connection_error', 'disconnected']) opened.connection.removeListener(event, gone);
        resolve(result);
      };
      opened.connection.once('connection_error', gone);
      opened.connection.once('disconnected', gone);
      const link = sender = opened.connection.open_sender({ name: `waybill-${process.pid}-${++this.#links}`, target: { address, durable: 2 }, snd_settle_mode: 0 });
      link.once('sendable', () => {
        sent = true;
        link.send({ message_id: id, durable: true, content_type: 'application/json', creation_time: new Date(sentAt), body: opened.connection.container.message.data_section(Buffer.from(body)) as unknown });
      });
      link.once('accepted', () => { settle({ kind: 'done', answer: null }); });
      // §3.4.4: not taken, and somebody else may take it; there is nobody else.
      link.once('released', () => { settle({ kind: 'refused', problem: { title: `No queue takes the message at "${address}". The broker's owner has to make one.`, errorClass: 'unroutable' } }); });
      link.once('rejected', (context: EventContext) => { settle({ kind: 'refused', problem: { title: `The broker rejects the message: ${reasonOf(context.delivery?.remote_state)}.`, errorClass: 'rejected' } }); });
      link.once('modified', () => { settle(failed('again', 'The broker could not take the message now.', 'modified')); });
      link.once('sender_error', () => { settle(linkFailure(link, sent)); });
      link.once('sender_close', () => { settle(linkFailure(link, sent)); });
    });
    if (sender?.is_open() === true) sender.close();
    return outcome;
  }

  async reach(connectMs: number): Promise<string | undefined> {
    const opened = await this.#connected(connectMs);
    return 'problem' in opened && 'problem' in opened.problem ? opened.problem.problem.title : undefined;
  }

  async close(): Promise<void> {
    const connection = this.#connection;
    this.#connection = undefined;
    const opened = await connection?.opened;
    if (opened !== undefined && 'connection' in opened) opened.connection.close();
  }

  async #connected(connectMs: number): Promise<Opened> {
    const account = accountOf(this.#settings);
    const stamp = JSON.stringify([account, this.#settings.tls()]);
    const known = this.#connection;
    if (known?.stamp === stamp) {
      const opened = await known.opened;
      if ('connection' in opened && opened.connection.is_open()) return opened;
      if (this.#connection === known) this.#connection = undefined;
      else return this.#connected(connectMs);
    }
    const opened = open10(this.#settings, connectMs);
    this.#connection = { opened, stamp };
    return opened;
  }
}

/** A connection that is signed in, or why there is none. @throws SecretError */
export async function open10(settings: LineSettings, connectMs: number): Promise<Opened> {
  const { user, password } = accountOf(settings);
  try {
    const { create_container } = await loaded('rhea', async () => (await import('rhea')).default);
    const { base, database, tls, clock } = settings;
    return await new Promise<Opened>((resolve) => {
      const connection = create_container({ id: `waybill-${process.pid}` }).connect({
        host: base.host, hostname: database === '' ? base.host : `vhost:${database}`, port: base.port ?? (base.secure ? 5_671 : 5_672), transport: base.secure ? 'tls' : 'tcp', reconnect: false, idle_time_out: 30_000,
        ...(base.secure ? { ...tls(), ...(isIP(base.host) === 0 ? { servername: base.host } : {}), rejectUnauthorized: true } : {}), ...(user === '' ? {} : { username: user, password }),
      } as never);
      const timer = clock.setTimeout(() => {
        connection.close();
        resolve({ problem: failed('again', 'The broker did not answer in time.', 'timeout') });
      }, connectMs);
      const settle = (opened: Opened): void => {
        clock.clearTimeout(timer);
        resolve(opened);
      };
      connection.once('connection_open', () => { settle({ connection }); });
      connection.on('connection_error', () => { settle({ problem: toMend(`The broker does not take the sign-in: ${reasonOf(connection.error)}.`, 'not-authorised') }); });
      connection.on('disconnected', (context: EventContext) => { settle({ problem: disconnected(context.error ?? connection.error, settings) }); });
      // Told by the disconnect that follows; without a listener it would end the process.
      connection.on('error', () => undefined);
      connection.on('protocol_error', () => undefined);
    });
  } catch (error) {
    if (error instanceof LibraryMissing) return { problem: toMend(error.message, 'library') };
    throw error;
  }
}

function disconnected(error: unknown, settings: Pick<LineSettings, 'base'>): Outcome {
  const unreached = unconnected(error, settings);
  if (unreached !== undefined) return unreached;
  // RabbitMQ closes the connection of who signs in wrongly, and says nothing.
  if (error === undefined || error === null) return failed('again', 'The broker ended the connection while the system signed in; look at user and password, or at the broker.', 'connection');
  const reason = reasonOf(error);
  return /auth|sasl/i.test(reason) ? toMend(`The broker does not take the sign-in: ${reason}.`, 'not-authorised') : failed('again', `The broker cannot be reached (${reason}).`, 'connection');
}

function linkFailure({ error }: Sender, sent: boolean): Outcome {
  return mendable(error) ?? failed(sent ? 'unknown' : 'again', `The broker closed the way to the queue: ${reasonOf(error)}.`, 'amqp-link');
}

/** An address that is not there, or a right that is missing (§2.8.15): the message was not taken. */
function mendable(error: unknown): Outcome | undefined {
  const { condition = '' } = (error ?? {}) as { readonly condition?: string };
  return /not-found|unauthorized-access|not-allowed/.test(condition) ? toMend(`The broker does not let the system's user send there: ${reasonOf(error)}.`, condition) : undefined;
}

export function reasonOf(error: unknown): string {
  const { description, message, condition, error: inner } = (error ?? {}) as { readonly description?: string; readonly message?: string; readonly condition?: string; readonly error?: { readonly description?: string; readonly condition?: string } };
  return (description ?? message ?? inner?.description ?? condition ?? inner?.condition ?? 'it says no reason').slice(0, 200);
}
