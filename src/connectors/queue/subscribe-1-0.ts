import type { EventContext, Message, Receiver } from 'rhea';
import { open10, reasonOf } from './amqp-1-0.ts';
import { orNotAtAll } from './subscription.ts';
import type { QueueProblem, Subscription, SubscriptionOptions } from './subscription.ts';

/** Type code of a section of bytes (AMQP 1.0 §3.2.6). */
const DATA = 0x75;

/** Takes messages of an address of AMQP 1.0: one credit for each that may be out, and each is settled by `accepted` or `rejected`. */
export async function subscribe10({ settings, queue, prefetch, connectMs, onDelivery }: SubscriptionOptions): Promise<Subscription | QueueProblem> {
  const opened = await open10(settings, connectMs);
  if ('problem' in opened) return opened.problem.kind === 'again' ? { message: opened.problem.problem.title, mend: opened.problem.hopeless === true } : { message: 'The broker cannot be reached.', mend: false };
  const { connection } = opened;
  let over: QueueProblem | undefined;
  let end: (problem: QueueProblem) => void = () => undefined;
  const ended = new Promise<QueueProblem>((resolve) => { end = resolve; });
  const finish = (problem: QueueProblem): void => {
    over ??= problem;
    end(over);
  };
  const gone = (): boolean => over !== undefined;
  const lost = (): void => { finish(refusalOf(queue, connection.error) ?? { message: 'The connection to the broker was lost.', mend: false }); };
  connection.on('disconnected', lost);
  connection.on('connection_error', lost);
  connection.on('connection_close', lost);
  const receiver: Receiver = connection.open_receiver({ name: `waybill-in-${process.pid}-${Date.now()}`, source: { address: queue, durable: 2 }, credit_window: 0, autoaccept: false, autosettle: false, rcv_settle_mode: 0 });
  let credit = true;
  receiver.on('message', ({ message, delivery }: EventContext) => {
    if (message === undefined || delivery === undefined) return;
    const settle = (act: () => void): void => {
      if (gone()) return;
      act();
      if (credit) receiver.add_credit(1);
    };
    onDelivery({
      messageId: idOf(message.message_id), redelivered: (message.delivery_count ?? 0) > 0, encoding: (message.content_encoding ?? '').toLowerCase(), bytes: bytesOf(message), gone,
      accept: () => { settle(() => { delivery.accept(); }); }, reject: () => { settle(() => { delivery.reject({ condition: 'amqp:decode-error', description: 'Waybill has put it into quarantine.' }); }); },
    });
  });
  const timer = settings.clock.setTimeout(() => { finish({ message: 'The broker did not answer in time.', mend: false }); }, connectMs);
  const attached = new Promise<boolean>((resolve) => {
    receiver.once('receiver_open', (context: EventContext) => {
      // §2.6.3: an address that is not there is answered by a link without a source, which is closed at once.
      if ((context.receiver as unknown as { readonly source?: { readonly address?: string } }).source?.address !== undefined) resolve(true);
    });
    const closed = (): void => { finish(refusalOf(queue, receiver.error) ?? { message: `The broker closed the way to "${queue}": ${reasonOf(receiver.error)}.`, mend: false }); };
    receiver.on('receiver_error', closed);
    receiver.on('receiver_close', closed);
    void ended.then(() => { resolve(false); });
  }).finally(() => { settings.clock.clearTimeout(timer); });
  const give = async (): Promise<void> => {
    if (!connection.is_open()) return;
    const closed = new Promise((resolve) => { connection.once('connection_close', resolve).once('disconnected', resolve); });
    connection.close();
    await orNotAtAll(closed, settings);
  };
  if (!await attached) {
    await give();
    return ended;
  }
  receiver.add_credit(prefetch);
  void ended.then(give);
  return {
    ended,
    // What the broker sends meanwhile for credit that it has is not taken, and goes back with the connection.
    stop: () => {
      credit = false;
      return Promise.resolve();
    },
    close: async () => {
      finish({ message: 'The connection was closed.', mend: false });
      await give();
    },
  };
}

/** An address that is not there, or a right that is missing (§2.8.15). */
function refusalOf(queue: string, error: unknown): QueueProblem | undefined {
  const { condition = '' } = (error ?? {}) as { readonly condition?: string };
  if (condition.includes('not-found')) return { message: `The queue at "${queue}" is not there (${reasonOf(error)}); the broker's owner has to make it, or the service names the wrong one.`, mend: true };
  return /unauthorized-access|not-allowed/.test(condition) ? { message: `The broker does not let the system's user read "${queue}": ${reasonOf(error)}.`, mend: true } : undefined;
}

function idOf(id: unknown): string {
  if (Buffer.isBuffer(id)) return id.toString('hex');
  return typeof id === 'string' || typeof id === 'number' || typeof id === 'bigint' ? String(id) : '';
}

/** One section of bytes or several, or a text (§3.2.6–8); of anything else nothing is taken. */
function bytesOf({ body }: Message): Buffer {
  const value = body as unknown;
  if (typeof value === 'string') return Buffer.from(value);
  if (Buffer.isBuffer(value)) return value;
  const { typecode, content } = (value ?? {}) as { readonly typecode?: number; readonly content?: unknown };
  if (typecode !== DATA) return Buffer.alloc(0);
  const parts = (Array.isArray(content) ? content : [content]) as readonly unknown[];
  return Buffer.concat(parts.filter((part): part is Buffer => Buffer.isBuffer(part)));
}
