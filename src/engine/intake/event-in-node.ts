import type { NodeAPI, Node } from 'node-red';
import { asStructured, decodeMqtt } from '../../intake/cloudevents/index.ts';
import type { EventIntake, EventOutcome, ReceivedEvents } from '../../intake/events/index.ts';
import { compileTopicFilter, hasFixedLevel, isTopicFilter, stateFor, type ScanMessage, type SourceProblem } from '../../intake/mqtt/index.ts';
import { addressKey } from '../../domain/envelope.ts';
import type { IntakeReader, StepHandle } from '../api.ts';
import { list } from '../patterns/typed.ts';
import { instanceOf } from '../node-red/instance.ts';
import { brokerOf, connectionOf, type BrokerLink } from './broker-node.ts';
import { senderGate } from './devices.ts';
import { EventEndpoint, openEventEndpoint } from './event-endpoint.ts';
import { eventOptions, openEventIntake, type EventConfig } from './event-intake.ts';
import { intakeStep, registerIntakeNode, watchIntake, type Surroundings } from './intake-node.ts';
import { logOf } from './node-log.ts';
import { IntakeSamples } from './samples.ts';
import { connectedWith, IntakeStatus } from './intake-status.ts';
import type { RunningIntake } from './scan-in-node.ts';

export interface EventInNodeConfig extends EventConfig {
  readonly stepId: string;
  readonly site: string;
  readonly from: 'mqtt' | 'http';
  readonly broker: string;
  readonly topic: string;
  readonly path: string;
  readonly origins: string;
  readonly perSecond: number;
  readonly devices: string;
}

/** Registers the event in node: events of other systems become cases, or news for the cases that wait for them. */
export function registerEventInNode(RED: NodeAPI, type: string, migrate: (config: Readonly<Record<string, unknown>>) => EventInNodeConfig): void {
  registerIntakeNode(RED, type, migrate, (node, config, { waybill, site }) => {
    const surroundings: EventSurroundings = { waybill, site, status: new IntakeStatus((shown) => { node.status(shown); }, connectedWith('event', 'events')) };
    if (config.from === 'http') return fromHttp(node, config, surroundings);
    const broker = brokerOf(RED, config.broker);
    return 'problem' in broker ? broker.problem : fromBroker(node, config, { ...surroundings, broker });
  });
}

interface EventSurroundings extends Surroundings { readonly status: IntakeStatus }

/** The part that is the same however events come: step, intake, samples. */
interface Running {
  readonly intake: EventIntake;
  readonly step: StepHandle | undefined;
  readonly samples: IntakeSamples;
  /** Names the intake over redeploys. */
  readonly key: string;
  /** What was put aside last. */
  readonly lastWrong: SourceProblem | undefined;
  take(received: ReceivedEvents): Promise<readonly EventOutcome[]>;
  close(): void;
}

function begin(node: Node, config: EventInNodeConfig, surroundings: EventSurroundings): Running {
  const { waybill, site, status } = surroundings;
  const options = eventOptions(config, site.id);
  const devices = senderGate(waybill, site.id, config.devices);
  const step = config.does === 'report' ? undefined : intakeStep(node, config, surroundings);
  const samples = new IntakeSamples(() => waybill.clock.now());
  const sampled = new WeakMap<ReceivedEvents, Parameters<IntakeSamples['add']>[0]>();
  let lastWrong: SourceProblem | undefined;
  const onOutcome = (received: ReceivedEvents, outcome: EventOutcome): void => {
    if (outcome.kind !== 'ignored') status.taken(outcome.kind);
    if (outcome.kind === 'quarantined') lastWrong = { at: waybill.clock.now(), reason: outcome.message ?? '' };
    const source = sampled.get(received);
    if (source !== undefined) samples.became({ source, ...outcome });
  };
  try {
    const intake = openEventIntake(waybill, step, config, { ...options, devices, onOutcome, log: logOf(node) });
    return {
      intake, step, samples, key: addressKey({ instance: instanceOf(node), stepId: config.stepId }),
      get lastWrong() { return lastWrong; },
      take: (received) => {
        const sample = { topic: received.origin, payload: received.bytes };
        samples.add(sample);
        sampled.set(received, sample);
        return intake.take(received);
      },
      close: () => {
        intake.close();
        step?.close();
      },
    };
  } catch (error) {
    step?.close();
    throw error;
  }
}

function fromBroker(node: Node, config: EventInNodeConfig, surroundings: EventSurroundings & { readonly broker: BrokerLink }): (removed: boolean) => void {
  const { waybill, broker, site, status } = surroundings;
  const filter = config.topic.trim();
  const matches = compileTopicFilter(filter);
  if (filter !== '' && !isTopicFilter(filter)) throw new RangeError(`"${filter}" is no topic filter: + stands for one whole level, # for the rest and only at the end. Correct the topic.`);
  if (filter.startsWith('$') && !filter.startsWith('$share/')) throw new RangeError(`"${filter}" are topics of the broker itself, on which no events come; say on which topics events come, for example erp/events/#.`);
  if (!hasFixedLevel(filter)) throw new RangeError(`${filter === '' ? 'The node has no topic' : `The topic filter "${filter}" has no fixed level, so it would take whatever anybody publishes`}; say on which topics events come, for example erp/events/#.`);
  const running = begin(node, config, surroundings);
  const { intake, samples, key } = running;
  const limits = { maxBytes: config.maxBytes };
  const receive = (message: ScanMessage): ReceivedEvents => ({
    decoded: message.truncated ? { ok: false, code: 'event-too-large', message: 'The message is larger than the broker accepts.' } : decodeMqtt(message.payload, message.properties ?? {}, limits),
    bytes: asStructured(message.payload, message.properties ?? {}), origin: message.topic, gone: () => message.gone(),
  });
  const closers = [
    ...(running.step === undefined ? [] : [waybill.nodes.addReader(readerOf(running.step, intake, site.id, matches, limits))]),
    ...watchIntake(waybill, connectionOf(broker.source, filter), 'events wait at the broker', status),
  ];
  const attachment = broker.source.subscribe({ key, filter, qos: 1, onMessage: async (message) => { await running.take(receive(message)); } });
  const source: RunningIntake['source'] = {
    get counters() { return broker.source.counters; },
    get lastProblem() { return later(broker.source.lastProblem, running.lastWrong); },
  };
  Object.assign(node, { intake: { samples, source, state: () => stateFor(broker.source.state, filter) } satisfies RunningIntake });
  return (removed) => {
    attachment.close(removed); // first: what the intake gives back now finds its successor
    running.close();
    for (const close of closers) close();
    status.close();
  };
}

/** Events come to an address of the web server; each answer waits for the ledger. */
function fromHttp(node: Node, config: EventInNodeConfig, surroundings: EventSurroundings): (removed: boolean) => void {
  const { waybill, site, status } = surroundings;
  const running = begin(node, config, surroundings);
  const counters = { received: 0, redelivered: 0, durable: 0, bytes: 0, lastAt: undefined as number | undefined };
  const closers: (() => void)[] = [];
  try {
    const path = config.path.trim();
    const endpoint = new EventEndpoint({
      path, senders: config.sources, origins: list(config.origins), perSecond: config.perSecond, maxBytes: config.maxBytes,
      accepting: () => waybill.state === 'ready' && waybill.nodes.accepting(), clock: () => Date.now(),
      take: async (received) => {
        counters.received += 1;
        counters.bytes += received.bytes.length;
        counters.lastAt = Date.now();
        const outcomes = await running.take(received);
        counters.durable += 1;
        counters.redelivered += outcomes.some(({ kind }) => kind === 'duplicate') ? 1 : 0;
        return outcomes;
      },
    });
    const close = openEventEndpoint(endpoint);
    if (running.step !== undefined) closers.push(waybill.nodes.addReader(readerOf(running.step, running.intake, site.id, (topic) => topic === `http/${path}`, { maxBytes: config.maxBytes })));
    closers.push(...watchIntake(waybill, { state: () => ({ kind: 'connected' }), onState: () => () => undefined }, 'senders are told to come again', status));
    const source: RunningIntake['source'] = {
      get counters() {
        const { lastAt, ...counts } = counters;
        return { ...counts, ...(lastAt === undefined ? {} : { lastAt }) };
      },
      get lastProblem() { return running.lastWrong; },
    };
    Object.assign(node, { intake: { samples: running.samples, source, state: () => ({ kind: 'connected' }) } satisfies RunningIntake });
    return (removed) => {
      close(removed);
      running.close();
      for (const each of closers) each();
      status.close();
    };
  } catch (error) {
    running.close();
    throw error;
  }
}

/** Reads what a person has mended in quarantine. */
function readerOf(step: StepHandle, intake: EventIntake, site: string, claims: (topic: string) => boolean, limits: { readonly maxBytes: number }): IntakeReader {
  return {
    site, claims,
    read: (bytes, topic) => {
      const decoded = decodeMqtt(bytes, {}, limits);
      const [one] = decoded.ok ? decoded.events : [decoded];
      if (one === undefined) return { ok: false, code: 'event-batch', message: 'There is no event in the message.' };
      const judged = intake.reader.judge(one);
      if (judged.kind === 'taken') return { ok: true, openings: [{ step, ...intake.opening(judged.read, topic) }] };
      return { ok: false, code: judged.kind === 'wrong' ? judged.code : 'event-ignored', message: judged.message };
    },
  };
}

function later(one: SourceProblem | undefined, other: SourceProblem | undefined): SourceProblem | undefined {
  return one === undefined || (other !== undefined && other.at > one.at) ? other : one;
}
