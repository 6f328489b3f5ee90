import type { Channel, ConsumeMessage } from 'amqplib';
import { connectFailure, open091 } from './amqp-0-9-1.ts';
import { orNotAtAll } from './subscription.ts';
import type { Delivery, QueueProblem, Subscription, SubscriptionOptions } from './subscription.ts';

/** Consumes a queue of AMQP 0-9-1 with explicit acknowledgements; the queue is never made here. */
export async function subscribe091({ settings, queue, prefetch, connectMs, onDelivery }: SubscriptionOptions): Promise<Subscription | QueueProblem> {
  let model: Awaited<ReturnType<typeof open091>>;
  try {
    model = await open091(settings, connectMs);
  } catch (error) {
    const outcome = connectFailure(error, settings);
    return outcome.kind === 'again' ? { message: outcome.problem.title, mend: outcome.hopeless === true } : { message: String(error), mend: false };
  }
  let over: QueueProblem | undefined;
  let end: (problem: QueueProblem) => void = () => undefined;
  const ended = new Promise<QueueProblem>((resolve) => { end = resolve; });
  const finish = (problem: QueueProblem): void => {
    over ??= problem;
    end(over);
  };
  const lost = (error?: Error): void => { finish({ message: `The connection to the broker was lost${error === undefined ? '' : ` (${error.message.slice(0, 200)})`}.`, mend: false }); };
  model.on('error', lost).on('close', lost);
  const deliver = (channel: Channel, message: ConsumeMessage): void => {
    const { messageId, contentEncoding } = message.properties as { readonly messageId?: unknown; readonly contentEncoding?: unknown };
    const gone = (): boolean => over !== undefined;
    const settle = (act: () => void): void => {
      // On a closed channel it throws; the broker has the message again by then.
      if (!gone()) act();
    };
    onDelivery({
      messageId: textOf(messageId), redelivered: message.fields.redelivered, encoding: textOf(contentEncoding).toLowerCase(), bytes: message.content, gone,
      accept: () => { settle(() => { channel.ack(message); }); }, reject: () => { settle(() => { channel.reject(message, false); }); },
    } satisfies Delivery);
  };
  const give = async (): Promise<void> => orNotAtAll(model.close(), settings);
  try {
    const channel = await model.createChannel();
    channel.on('error', (error: Error & { readonly code?: number }) => { finish(channelProblem(queue, error)); });
    channel.on('close', () => { lost(); });
    await channel.checkQueue(queue);
    await channel.prefetch(prefetch);
    const { consumerTag } = await channel.consume(queue, (message) => {
      if (message === null) finish({ message: `The queue "${queue}" was deleted at the broker, or moved; look there.`, mend: true });
      else deliver(channel, message);
    }, { noAck: false });
    void ended.then(give);
    return {
      ended,
      stop: async () => { if (over === undefined) await orNotAtAll(channel.cancel(consumerTag), settings); },
      close: async () => {
        // Closing the channel comes after every acknowledgement on it.
        if (over === undefined) await orNotAtAll(channel.close(), settings);
        lost();
        await give();
      },
    };
  } catch (error) {
    finish(channelProblem(queue, error as Error & { readonly code?: number }));
    await give();
    return ended;
  }
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** AMQP 0-9-1 §1.2, reply codes. */
function channelProblem(queue: string, { message, code }: Error & { readonly code?: number }): QueueProblem {
  const short = message.slice(0, 200);
  if (code === 404 || /NOT_FOUND/.test(message)) return { message: `The queue "${queue}" is not there; the broker's owner has to make it, or the service names the wrong one.`, mend: true };
  if (code === 403 || /ACCESS_REFUSED/.test(message)) return { message: `The broker does not let the system's user read the queue "${queue}", or somebody has it for himself (${short}).`, mend: true };
  if (code === 406 && /timed out/i.test(message)) return { message: `The broker waited longer for acknowledgements than it is set to (consumer_timeout), and gives the messages of "${queue}" again; look why the ledger takes nothing, or have the time raised there.`, mend: false };
  return { message: `The broker closed the channel: ${short}.`, mend: false };
}
