import type { ServiceDefinition } from '../../domain/service/index.ts';
import { DriverError } from '../driver.ts';
import type { DriverCall, Line, LineDriver, LineNote, LineSettings, Outcome } from '../driver.ts';
import { Amqp091 } from './amqp-0-9-1.ts';
import { Amqp10 } from './amqp-1-0.ts';
import { queueProblems, readTarget, versionOf } from './binding.ts';
import type { AmqpVersion } from './binding.ts';
import { IN_CLEAR, isInClear } from './broker.ts';
import type { Broker } from './broker.ts';

/** Messages to queues of AMQP 0-9-1 and 1.0: done when the broker has taken them over. The key of a call is the message id. */
export const queueDriver: LineDriver = {
  schemes: ['amqps', 'amqp'],
  open: (settings) => new QueueLine(settings),
  problems: queueProblems,
};

class QueueLine implements Line {
  readonly #settings: LineSettings;
  readonly #brokers = new Map<AmqpVersion, Broker>();

  constructor(settings: LineSettings) {
    this.#settings = settings;
  }

  async call({ service, operation, document, idempotencyKey, repeated, now }: DriverCall, witness: (note: LineNote) => void): Promise<Outcome> {
    const version = versionOf(service) ?? '0-9-1';
    if (operation.effect === 'reads') throw new DriverError('Messages of this operation come by themselves: "queue in" takes them, and nothing calls it.');
    const { target, problems } = readTarget(operation, version);
    if (problems[0] !== undefined) throw new DriverError(problems[0].message);
    if (idempotencyKey === undefined) throw new DriverError('An operation that sends a message writes; its owner has to say so.');
    const outcome = await this.#broker(version).send(target, { id: idempotencyKey, body: JSON.stringify(document), sentAt: now }, service.timeouts);
    witness({ method: 'SEND', path: version === '1.0' ? target.address : `${target.exchange} ${target.routingKey}`.trim(), request: document, ...('problem' in outcome ? { failure: { errorClass: outcome.problem.errorClass, sent: outcome.kind === 'unknown' } } : {}) });
    // What fails now says nothing of an earlier message that may have arrived.
    return repeated && outcome.kind === 'again' ? { kind: 'unknown', problem: outcome.problem } : outcome;
  }

  reach(service: ServiceDefinition): Promise<string | undefined> {
    return this.#broker(versionOf(service) ?? '0-9-1').reach(service.timeouts.connectMs);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#brokers.values()].map((broker) => broker.close()));
  }

  #broker(version: AmqpVersion): Broker {
    if (isInClear(this.#settings)) throw new DriverError(IN_CLEAR);
    let broker = this.#brokers.get(version);
    if (broker === undefined) this.#brokers.set(version, broker = version === '1.0' ? new Amqp10(this.#settings) : new Amqp091(this.#settings));
    return broker;
  }
}
