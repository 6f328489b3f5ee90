import { EventIntake, type EventIntakeOptions, type EventIntakePort } from '../../intake/events/index.ts';
import type { Json } from '../../domain/json.ts';
import type { OpenCaseInput, StepHandle, Waybill } from '../api.ts';
import { EVENT_NAME } from '../events/event-problem.ts';
import { contractFaults, contractOf } from '../patterns/contract.ts';
import { list } from '../patterns/typed.ts';
import { hashJson } from '../support/hashing.ts';
import { unitMs } from '../work-calendar.ts';
import { intakePort } from './intake-node.ts';

/** Who may send, and by which token over HTTP. */
export interface EventSender {
  /** A source as a whole, or its beginning with a `*`. */
  readonly source: string;
  /** SHA-256 of the token, base64url; the token itself is with the sender alone. '' over MQTT. */
  readonly tokenHash: string;
}

/** What an `event in` node says of the events, however they come. */
export interface EventConfig {
  readonly types: string;
  readonly sources: readonly EventSender[];
  readonly dataschema: string;
  readonly contract: string;
  readonly schema: string;
  readonly maxBytes: number;
  readonly does: 'open' | 'report';
  readonly process: string;
  readonly template: string;
  readonly key: string;
  readonly keyName: string;
  readonly uniqueScope: string;
  readonly eventName: string;
  readonly keep: number;
  readonly keepUnit: 'minutes' | 'hours' | 'days';
  readonly broadcast: boolean;
}

/** The options of an intake with this configuration. Throws with a sentence when it cannot be configured so. */
export function eventOptions(config: EventConfig, site: string): EventIntakeOptions {
  if (config.does === 'report' && config.eventName !== '' && !EVENT_NAME.test(config.eventName)) {
    throw new RangeError('The event is reported under no usable name; give letters, digits, dots, dashes and underscores, or leave it blank for the type of the event.');
  }
  const validate = contractOf(config.contract, config.schema);
  return {
    types: list(config.types), sources: config.sources.map(({ source }) => source), dataschema: config.dataschema.trim(), key: config.key.trim(), keyName: config.keyName.trim(),
    ...(validate === undefined ? {} : { contract: (data: Json) => contractFaults(validate, data) }),
    process: config.process, template: config.template, site, uniqueScope: config.does === 'open' ? config.uniqueScope.trim() : '', does: config.does, eventName: config.eventName.trim(),
  };
}

/** An intake of events that works on the engine. */
export function openEventIntake(waybill: Waybill, step: StepHandle | undefined, config: EventConfig, options: EventIntakeOptions): EventIntake {
  const { nodes } = waybill;
  const port: EventIntakePort = {
    ...intakePort(nodes),
    openCase: (opening) => {
      if (step === undefined) throw new Error('this intake opens no cases');
      return nodes.openCase({ step, ...opening } satisfies OpenCaseInput);
    },
    reportEvent: async ({ name, key, data, id, source }) => {
      const result = await waybill.reportEvent({
        site: options.site, name, key, data, id: `ce:${hashJson(id)}`, keepMs: Number(config.keep) * unitMs[config.keepUnit], broadcast: config.broadcast, by: { device: source.slice(0, 128) },
      });
      if (result.ok) return { kind: 'reported', taken: result.taken, repeated: result.repeated };
      // while the engine takes nothing in, the event is not refused but waits
      if (result.status === 'unavailable') throw new Error(result.message);
      return { kind: 'refused', message: result.message };
    },
  };
  return new EventIntake(port, options);
}
