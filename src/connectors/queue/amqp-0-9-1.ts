import type { ChannelModel, ConfirmChannel } from 'amqplib';
import type { LineSettings, Outcome } from '../driver.ts';
import { accountOf, failed, LibraryMissing, loaded, toMend, unconnected } from './broker.ts';
import type { Broker, Message } from './broker.ts';
import type { QueueTarget } from './binding.ts';

/** AMQP 0-9-1 with publisher confirms (RabbitMQ's extension `confirm`); each message has a channel of its own, so that one that is refused takes no other with it. */
export class Amqp091 implements Broker {
  readonly #settings: LineSettings;
  #connection: { readonly opened: Promise<ChannelModel>; readonly stamp: string } | undefined;

  constructor(settings: LineSettings) {
    this.#settings = settings;
  }

  async send(target: QueueTarget, message: Message, { connectMs, totalMs }: { readonly connectMs: number; readonly totalMs: number }): Promise<Outcome> {
    let channel: ConfirmChannel;
    try {
      channel = await (await this.#connected(connectMs)).createConfirmChannel();
    } catch (error) {
      return connectFailure(error, this.#settings);
    }
    const { clock } = this.#settings;
    const outcome = await new Promise<Outcome>((resolve) => {
      const timer = clock.setTimeout(() => { resolve(failed('unknown', 'The broker did not confirm the message in time.', 'timeout')); }, totalMs);
      const settle = (result: Outcome): void => {
        clock.clearTimeout(timer);
        resolve(result);
      };
      let returned: string | undefined;
      channel.on('return', ({ fields }) => { returned = String((fields as { readonly replyText?: unknown }).replyText ?? ''); });
      channel.on('error', (error: Error & { readonly code?: number }) => { settle(channelFailure(error)); });
      channel.on('close', () => { settle(failed('unknown', 'The connection to the broker was lost before it confirmed the message.', 'connection')); });
      const { exchange, routingKey } = target;
      channel.publish(exchange, routingKey, Buffer.from(message.body), {
        mandatory: true, persistent: true, messageId: message.id, contentType: 'application/json', contentEncoding: 'utf-8', timestamp: Math.floor(message.sentAt / 1_000), appId: 'waybill',
      }, (error: unknown) => {
        // A message that no queue takes is given back before it is confirmed.
        if (returned !== undefined) settle({ kind: 'refused', problem: { title: `No queue takes the message (${returned}): nothing is bound to "${exchange}" for "${routingKey}". The broker's owner has to bind one.`, errorClass: 'unroutable' } });
        else if (error === null || error === undefined) settle({ kind: 'done', answer: null });
        else settle(failed('unknown', 'The broker could not take the message over.', 'nacked'));
      });
    });
    channel.removeAllListeners('close').close().catch(() => undefined);
    return outcome;
  }

  async reach(connectMs: number): Promise<string | undefined> {
    try {
      await this.#connected(connectMs);
      return undefined;
    } catch (error) {
      const outcome = connectFailure(error, this.#settings);
      return 'problem' in outcome ? outcome.problem.title : undefined;
    }
  }

  async close(): Promise<void> {
    const connection = this.#connection;
    this.#connection = undefined;
    await connection?.opened.then((opened) => opened.close()).catch(() => undefined);
  }

  /** One connection while sign-in and certificates are the same. */
  async #connected(connectMs: number): Promise<ChannelModel> {
    const account = accountOf(this.#settings);
    const material = this.#settings.tls();
    const stamp = JSON.stringify([account, material]);
    if (this.#connection?.stamp === stamp) return this.#connection.opened;
    void this.close();
    const opened = open091(this.#settings, connectMs);
    const connection = this.#connection = { opened, stamp };
    const drop = (): void => { if (this.#connection === connection) this.#connection = undefined; };
    opened.then((model) => model.on('close', drop).on('error', drop), drop);
    return opened;
  }
}

/** @throws SecretError, LibraryMissing, and what {@link connectFailure} tells of */
export async function open091(settings: LineSettings, connectMs: number): Promise<ChannelModel> {
  const { connect } = await loaded('amqplib', async () => (await import('amqplib')).default);
  const { user, password } = accountOf(settings);
  const { base, database, tls } = settings;
  const material = tls();
  const vhost = database === '' ? decodeURIComponent(base.path.slice(1)) || '/' : database;
  return connect({ protocol: base.scheme, hostname: base.host, port: base.port ?? (base.secure ? 5_671 : 5_672), username: user, password, vhost, heartbeat: 15 }, { ...material, timeout: connectMs, noDelay: true, keepAlive: true, ...(base.secure ? { rejectUnauthorized: true } : {}) });
}

/** Nothing was sent. */
export function connectFailure(error: unknown, settings: Pick<LineSettings, 'base'>): Outcome {
  if (error instanceof LibraryMissing) return toMend(error.message, 'library');
  const unreached = unconnected(error, settings);
  if (unreached !== undefined) return unreached;
  const { message = '', code } = error as { readonly message?: string; readonly code?: unknown };
  if (/ACCESS[_-]REFUSED|403|NOT_ALLOWED|530/.test(`${message} ${String(code)}`)) return toMend(`The broker does not take the sign-in: ${message.slice(0, 200)}.`, 'not-authorised');
  return failed('again', `The broker cannot be reached (${message.slice(0, 200) || String(code)}).`, 'connection');
}

/** The broker closed the channel, and says why (AMQP 0-9-1 §1.2, reply codes): the message was not taken. */
function channelFailure({ message, code }: Error & { readonly code?: number }): Outcome {
  const short = message.slice(0, 200);
  if (code === 404) return toMend(`The exchange of the service is not there: ${short}.`, 'amqp-404');
  if (code === 403) return toMend(`The broker does not let the system's user send there: ${short}.`, 'not-authorised');
  return failed('unknown', `The broker closed the channel: ${short}.`, `amqp-${code ?? 'closed'}`);
}
