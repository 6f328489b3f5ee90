import { EventIntake, type EventIntakeOptions, type EventIntakePort, type NamedContract, type SchemaPolicy } from '../../intake/events/index.ts';
import type { Json } from '../../domain/json.ts';
import { contractId } from '../../governance/contract/contract-files.ts';
import type { OpenCaseInput, StepHandle, Waybill } from '../api.ts';
import { EVENT_NAME } from '../events/event-problem.ts';
import { contractByUri } from '../mapping/canonical.ts';
import { contractFaults, contractOf, compileContract } from '../patterns/contract.ts';
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
  /** Whether the data of an event is judged by the contract whose URI it names. */
  readonly bySchema: SchemaPolicy;
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

const SCHEMA_POLICIES: readonly SchemaPolicy[] = ['off', 'known', 'only'];

/** By the contract itself: where the catalogue brings another one under the same URI, that one is compiled. */
const compiled = new WeakMap<object, NamedContract>();

function contractAt(uri: string): NamedContract | undefined {
  const found = contractByUri(uri);
  if (found === undefined) return undefined;
  let named = compiled.get(found);
  if (named === undefined) {
    const id = contractId(found);
    const validate = compileContract(id, JSON.stringify(found.schema));
    compiled.set(found, named = { id, faults: (data) => contractFaults(validate, data) });
  }
  return named;
}

/** The options of an intake with this configuration. Throws with a sentence when it cannot be configured so. */
export function eventOptions(config: EventConfig, site: string): EventIntakeOptions {
  if (config.does === 'report' && config.eventName !== '' && !EVENT_NAME.test(config.eventName)) {
    throw new RangeError('The event is reported under no usable name; give letters, digits, dots, dashes and underscores, or leave it blank for the type of the event.');
  }
  if (!SCHEMA_POLICIES.includes(config.bySchema)) throw new RangeError(`The node knows no way "${String(config.bySchema)}" to go by the schema that an event names; choose not, where it is known, or known schemas only.`);
  const validate = contractOf(config.contract, config.schema);
  return {
    types: list(config.types), sources: config.sources.map(({ source }) => source), dataschema: config.dataschema.trim(), bySchema: config.bySchema, contractAt, key: config.key.trim(), keyName: config.keyName.trim(),
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
