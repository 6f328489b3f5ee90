import type { NodeAPI, Node } from 'node-red';
import { QueueConsumer, queueDriver, readSource, versionOf } from '../../connectors/queue/index.ts';
import type { QueueSource } from '../../connectors/queue/index.ts';
import { driverOf } from '../services/drivers.ts';
import type { SystemLink } from '../services/system-link.ts';
import { systemOf } from '../services/system-node.ts';
import type { DocumentOpening } from './documents.ts';
import { intakeStep, registerIntakeNode, watchIntake } from './intake-node.ts';
import type { Detach, Surroundings } from './intake-node.ts';
import { connectedWith, IntakeStatus } from './intake-status.ts';
import { logOf } from './node-log.ts';
import { QueueTaking } from './queue-in/taking.ts';
import { readingOperation } from './reading-operation.ts';
import type { ReadingOperation } from './reading-operation.ts';
import { ShownConnection } from './shown-connection.ts';

export interface QueueInNodeConfig extends DocumentOpening {
  readonly stepId: string;
  readonly site: string;
  readonly systemNode: string;
  /** `family/name@1.2.3`. */
  readonly service: string;
  readonly operation: string;
  /** Most messages under way. */
  readonly prefetch: number;
}

/** Registers the queue in node: messages of a queue become cases. */
export function registerQueueInNode(RED: NodeAPI, type: string, migrate: (config: Readonly<Record<string, unknown>>) => QueueInNodeConfig): void {
  registerIntakeNode(RED, type, migrate, (node, config, surroundings) => {
    const system = systemOf(RED, config.systemNode);
    if ('problem' in system) return 'The system of this node is missing or disabled; choose another one, and deploy.';
    return attach(node, config, surroundings, system);
  });
}

function attach(node: Node, config: QueueInNodeConfig, surroundings: Surroundings, link: SystemLink): Detach | string {
  const { waybill, site } = surroundings;
  const found = readingOperation(surroundings, config, link);
  if (typeof found === 'string') return found;
  const source = sourceOf(found, link);
  if (typeof source === 'string') return source;
  const status = new IntakeStatus((shown) => { node.status(shown); }, connectedWith('message', 'messages'));
  const connection = new ShownConnection();
  const log = logOf(node);
  const step = intakeStep(node, config, surroundings);
  const taking = new QueueTaking({
    nodes: waybill.nodes, step, site: site.id, source, opening: config, log, ...found,
    tell: (outcome) => {
      status.taken(outcome);
      waybill.nodes.count(`queue_${outcome}`);
    },
  });
  let said: string | undefined;
  const consumer = new QueueConsumer({
    settings: link.lineSettings(), version: versionOf(found.service) ?? '0-9-1', queue: source.queue, prefetch: Math.min(500, Math.max(1, Math.trunc(Number(config.prefetch)) || 1)), connectMs: found.service.timeouts.connectMs, take: taking.take, random: Math.random,
    onState: (problem) => {
      link.note(problem?.message);
      connection.set(problem === undefined ? { kind: 'connected' } : { kind: problem.mend ? 'refused' : 'disconnected', reason: problem.message });
      // Said once, however often it is tried.
      if (problem !== undefined && problem.message !== said) log('warn', problem.message);
      said = problem?.message;
    },
  });
  const closers = [waybill.nodes.addReader(taking.reader()), waybill.nodes.addDocumentReader(taking.documents()), ...watchIntake(waybill, connection, 'messages wait at the broker', status)];
  consumer.start();
  return async () => {
    for (const close of closers) close();
    await consumer.close(() => { taking.close(); });
    step.close();
    status.close();
  };
}

/** Where messages come from, or one sentence that says what to mend. */
function sourceOf({ service, operation, reference }: ReadingOperation, { settings, base }: SystemLink): QueueSource | string {
  if (driverOf(service.protocol) !== queueDriver) return `${reference} speaks ${service.protocol}, whose documents come in no messages of a queue; choose a service of queues.`;
  const problem = queueDriver.problems({ ...service, operations: { [reference]: operation } })[0];
  if (problem !== undefined) return `${reference} cannot be used: ${problem.message} Its owner has to mend it.`;
  if (!queueDriver.schemes.includes(base.scheme)) return `${settings.name} is no system of queues; those have an address that begins with amqps://.`;
  return readSource(operation, versionOf(service) ?? '0-9-1').source;
}
