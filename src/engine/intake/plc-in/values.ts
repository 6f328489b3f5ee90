import { randomUUID } from 'node:crypto';
import { addressKey } from '../../../domain/envelope.ts';
import type { JsonObject } from '../../../domain/json.ts';
import { tagProblems, type TagProblem } from '../../../domain/plc/tag.ts';
import { triggerProblems } from '../../../domain/plc/trigger.ts';
import { PlcIntake, readMemory, type PlcEventOptions } from '../../../intake/opcua/index.ts';
import { KeptRunning } from './kept.ts';
import type { PlcAround, PlcInNodeConfig, PlcMode } from './mode.ts';

/** Values that are watched; triggers decide which of them are events. */
export const valuesMode: PlcMode = { counted: ['event', 'events'], problem, start: (around) => new RunningValues(around) };

function problem({ tags, triggers, keyTag }: PlcInNodeConfig): string | undefined {
  if (tags.length === 0) return 'No tag is watched; open the node and add one.';
  const [tag] = tagProblems(tags);
  if (tag !== undefined) return tagProblemText(tag);
  if (triggers.length === 0) return 'No event is set: nothing would become a case; open the node and add one.';
  const [trigger] = triggerProblems(triggers, tags.map(({ name }) => name));
  if (trigger !== undefined) return `Event ${triggers[trigger.trigger]?.name || trigger.trigger + 1} cannot be used (${trigger.code}); open the node, it says what to mend.`;
  if (keyTag !== '' && !tags.some(({ name }) => name === keyTag)) return `The key is the tag "${keyTag}", which is not watched; choose one of the tags.`;
  return undefined;
}

/** @param what is meant by the row: `Tag` */
export function tagProblemText({ code, row }: TagProblem): string {
  return `Tag ${row + 1} cannot be used (${code}); open the node, it says what to mend.`;
}

/** What a configuration says of cases. */
export function eventOptions(config: PlcInNodeConfig, opening: PlcAround['opening']): PlcEventOptions {
  return { ...opening, keyTag: config.keyTag, keyType: config.keyType, title: config.title };
}

class RunningValues extends KeptRunning<PlcIntake> {
  problems(): readonly string[] {
    const { unwatched = [], problems = [] } = this.intake ?? {};
    return [...new Set([...unwatched, ...problems])];
  }

  readonly standing = (): boolean => (this.intake?.unwatched.length ?? 0) > 0;

  counters(): Readonly<Record<string, number>> & { readonly lastAt?: number } {
    const intake = this.intake;
    if (intake === undefined) return {};
    const { lastAt, ...counted } = intake.counters;
    return { ...counted, ...intake.read, notifications: intake.watched.notifications, ...(lastAt === undefined ? {} : { lastAt }) };
  }

  protected begin(kept: JsonObject | undefined): PlcIntake {
    const memory = readMemory(kept);
    const { config, waybill, link, samples, port, opening, step, onOutcome, onProblems, log } = this.around;
    return new PlcIntake(port, {
      ...eventOptions(config, opening), connection: link.connection, address: addressKey(step.address),
      tags: config.tags, triggers: config.triggers, publishingMs: config.publishingMs,
      outageMs: config.outageSeconds > 0 ? config.outageSeconds * 1_000 : link.outageMs,
      newKey: () => randomUUID(), clock: () => waybill.clock.now(),
      ...(memory === undefined ? {} : { memory }),
      onReading: ({ tag, value, good, at }) => { samples.value(tag, value, good, at); },
      onOutcome, onProblems, log,
    });
  }
}
