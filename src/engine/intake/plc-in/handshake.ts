import { randomUUID } from 'node:crypto';
import { tagProblems } from '../../../domain/plc/tag.ts';
import { NODE_ID } from '../../../domain/plc/write.ts';
import { HandshakeIntake, type HandshakeTags, type Telegram } from '../../../intake/opcua/index.ts';
import { tagProblemText } from './values.ts';
import type { PlcAround, PlcInNodeConfig, PlcMode, PlcRunning } from './mode.ts';

/** Telegrams of a controller that waits for its acknowledgement. */
export const handshakeMode: PlcMode = { counted: ['telegram', 'telegrams'], problem, start };

const NAMED = [['sequence', 'sequence'], ['handlingUnit', 'handling unit'], ['position', 'position'], ['acknowledge', 'acknowledge']] as const;

function problem(config: PlcInNodeConfig): string | undefined {
  const missing = NAMED.find(([property]) => !NODE_ID.test(config[property]));
  if (missing !== undefined) return `The ${missing[1]} tag of the handshake is no node id; open the node and choose it.`;
  if (config.acknowledge === config.sequence) return 'The sequence number would be acknowledged in its own tag; choose the tag that the controller waits for.';
  const [tag] = tagProblems(config.tags);
  return tag === undefined ? undefined : tagProblemText(tag);
}

export function handshakeTags({ sequence, handlingUnit, position, acknowledge, tags }: PlcInNodeConfig): HandshakeTags {
  return { sequence, handlingUnit, position, acknowledge, facts: Object.fromEntries(tags.map(({ name, nodeId }) => [name, nodeId])) };
}

function start({ config, waybill, link, samples, port, opening, onOutcome, onProblems, log }: PlcAround): PlcRunning {
  const intake = new HandshakeIntake(port, {
    ...opening, connection: link.connection, tags: handshakeTags(config), largest: config.largest, publishingMs: config.publishingMs,
    newKey: () => randomUUID(), clock: () => waybill.clock.now(),
    onTelegram: (telegram) => { show(telegram, waybill.clock.now()); },
    onOutcome, onProblems, log,
  });
  const show = ({ sequence, handlingUnit, position, facts, unusable, at }: Telegram, now: number): void => {
    for (const [name, value] of Object.entries({ sequence, handlingUnit, position, ...facts })) samples.value(name, value, true, at ?? now);
    for (const name of unusable) samples.value(name, undefined, false, at ?? now);
  };
  return {
    problems: () => intake.problems,
    standing: () => intake.problems.length > 0,
    counters: () => {
      const { lastAt, ...outcomes } = intake.outcomes;
      return { ...intake.counters, ...outcomes, ...(lastAt === undefined ? {} : { lastAt }) };
    },
    lastProblem: () => intake.lastProblem,
    close: () => intake.close(),
  };
}
