import type { ClientSession, NotificationMessage, PublishRequest, PublishResponse } from 'node-opcua-client';
import { raw } from './services.ts';

/** Where the notifications of one subscription go. */
export interface PublishSink {
  /**
   * A notification, or a keep-alive without data. Call `settle` once when it is durable or was nothing: `true` acknowledges it,
   * `false` does not. Until then the server keeps it, and gets one request less to answer. `rest` is what
   * the server says of the subscription besides: what it keeps because nobody acknowledged it, and whether it has more to tell at once.
   */
  onMessage(message: NotificationMessage, settle: (acknowledge: boolean) => void, rest: PublishRest): void;
  /** The server says that the subscription is no more (OPC UA Part 4 §5.14.8.6). */
  onGone(reason: string): void;
}

export interface PublishRest { readonly available: readonly number[]; readonly more: boolean }

export interface PublishPumpOptions {
  /** Requests that lie at the server: also how many notifications can be in flight here. */
  readonly credits: number;
  /** Longest time between two signs of life of a subscription, ms. */
  readonly keepAliveMs: number;
  /** The session cannot be used any more. */
  readonly onBroken: (reason: string, sessionGone: boolean) => void;
}

const SESSION_GONE = /BadSessionIdInvalid|BadSessionClosed|BadSessionNotActivated|BadSecureChannelIdInvalid/;
const NONE_LEFT = /BadNoSubscription/;
const FULL = /BadTooManyPublishRequests/;
const AGAIN_MS = 500;

/**
 * The Publish requests of one session, for all its subscriptions. The library's own engine acknowledges before anybody has
 * seen a notification; this one acknowledges what is durable, and sends another request only then: a ledger that is behind
 * leaves values in the queues of the server, not in our memory.
 * Nobody may make a `ClientSubscription` of the library on the same session: its engine would swallow what is ours.
 */
export class PublishPump {
  readonly #session: ClientSession;
  readonly #options: PublishPumpOptions;
  readonly #sinks = new Map<number, PublishSink>();
  /** Came before the subscription was known here. */
  readonly #early = new Map<number, (() => void)[]>();
  #acknowledgements: { subscriptionId: number; sequenceNumber: number }[] = [];
  #outstanding = 0;
  /** Requests that we may have at the server besides those whose answer is in work here. */
  #limit: number;
  #inWork = 0;
  #stopped = false;
  #timer: NodeJS.Timeout | undefined;
  lastAnswerAt = Date.now();

  constructor(session: ClientSession, options: PublishPumpOptions) {
    this.#session = session;
    this.#options = options;
    this.#limit = options.credits;
  }

  get inWork(): number {
    return this.#inWork;
  }

  add(subscriptionId: number, sink: PublishSink): void {
    this.#sinks.set(subscriptionId, sink);
    for (const deliver of this.#early.get(subscriptionId) ?? []) deliver();
    this.#early.delete(subscriptionId);
    this.#fill();
  }

  remove(subscriptionId: number): void {
    this.#sinks.delete(subscriptionId);
    this.#acknowledgements = this.#acknowledgements.filter((one) => one.subscriptionId !== subscriptionId);
  }

  /** For what came by Republish. */
  acknowledge(subscriptionId: number, sequenceNumber: number): void {
    this.#acknowledgements.push({ subscriptionId, sequenceNumber });
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** Silent for too long although nothing waits on us: a subscription, or the way to it, is dead without a word. */
  silentFor(now: number): number | undefined {
    return this.#outstanding === 0 || this.#sinks.size === 0 ? undefined : now - this.lastAnswerAt;
  }

  /** The library refuses at once, within the call, while its channel is broken: after a refusal it waits. */
  #fill(): void {
    while (!this.#stopped && this.#timer === undefined && this.#sinks.size > 0 && this.#outstanding + this.#inWork < this.#limit) this.#send();
  }

  #send(): void {
    this.#outstanding += 1;
    if (this.#outstanding === 1) this.lastAnswerAt = Date.now();
    const subscriptionAcknowledgements = this.#acknowledgements;
    this.#acknowledgements = [];
    // A server answers with BadTimeout what lies longer than the hint; each request waits behind the others.
    const request = { requestHeader: { timeoutHint: this.#options.keepAliveMs * (this.#outstanding + 2) }, subscriptionAcknowledgements };
    try {
      raw(this.#session).publish(request as unknown as PublishRequest, (error, response) => { this.#answered(error, response, subscriptionAcknowledgements); });
    } catch (error) {
      this.#answered(error instanceof Error ? error : new Error(String(error)), undefined, subscriptionAcknowledgements);
    }
  }

  #answered(error: Error | null, response: PublishResponse | undefined, acknowledged: readonly { subscriptionId: number; sequenceNumber: number }[]): void {
    this.#outstanding -= 1;
    if (this.#stopped) return;
    if (error !== null || response === undefined) {
      this.#acknowledgements.unshift(...acknowledged); // whether the server read them is not known; twice does no harm
      this.#failed(error?.message ?? 'no answer');
      return;
    }
    this.lastAnswerAt = Date.now();
    this.#inWork += 1;
    let settled = false;
    const { subscriptionId, notificationMessage } = response;
    const settle = (acknowledge: boolean): void => {
      if (settled) return;
      settled = true;
      this.#inWork -= 1;
      if (acknowledge) this.acknowledge(subscriptionId, notificationMessage.sequenceNumber);
      this.#fill();
    };
    const rest = { available: [...response.availableSequenceNumbers ?? []], more: response.moreNotifications };
    const deliver = (): void => { this.#deliver(subscriptionId, notificationMessage, settle, rest); };
    if (this.#sinks.has(subscriptionId)) deliver();
    else this.#waits(subscriptionId, deliver, settle);
  }

  /** The answer to CreateSubscription can come after its first notification; one of a subscription that was removed comes late. */
  #waits(subscriptionId: number, deliver: () => void, settle: (acknowledge: boolean) => void): void {
    const early = this.#early.get(subscriptionId) ?? [];
    early.push(deliver);
    this.#early.set(subscriptionId, early);
    setTimeout(() => {
      if (!this.#early.has(subscriptionId)) return;
      this.#early.delete(subscriptionId);
      settle(false);
    }, 10_000).unref();
  }

  #deliver(subscriptionId: number, message: NotificationMessage, settle: (acknowledge: boolean) => void, rest: PublishRest): void {
    const sink = this.#sinks.get(subscriptionId);
    if (sink === undefined) {
      settle(false);
      return;
    }
    for (const data of message.notificationData ?? []) {
      if (data?.schema.name !== 'StatusChangeNotification') continue;
      settle(false);
      sink.onGone((data as unknown as { status: { name: string } }).status.name);
      return;
    }
    sink.onMessage(message, settle, rest);
  }

  #failed(text: string): void {
    if (SESSION_GONE.test(text)) this.#broken(text, true);
    else if (NONE_LEFT.test(text)) for (const sink of [...this.#sinks.values()]) sink.onGone('BadNoSubscription');
    else {
      if (FULL.test(text)) this.#limit = Math.max(1, this.#outstanding + this.#inWork);
      // the channel went away: the connection itself finds out and drops this session's pump
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined;
        this.#fill();
      }, AGAIN_MS);
    }
  }

  #broken(reason: string, sessionGone: boolean): void {
    if (this.#stopped) return;
    this.stop();
    this.#options.onBroken(reason, sessionGone);
  }
}
