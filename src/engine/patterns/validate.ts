import { mergePatch, patchAt } from '../../domain/index.ts';
import type { CaseCommand, CaseState, Json, JsonObject } from '../../domain/index.ts';
import type { Condition } from '../../ledger/port.ts';
import type { StepPattern } from '../api.ts';
import type { StepContext } from '../step-context.ts';
import { contractOf } from './contract.ts';
import { asText, ConfigError } from './typed.ts';

/** Config of a `validate` node. */
export interface ValidateConfig {
  readonly contract: string; readonly schema: string; readonly subject: string; readonly subjectType: string;
  readonly record: boolean; readonly recordAs: string; readonly milestone: string;
  readonly reserve: boolean; readonly reserveScope: string; readonly reserveKey: string; readonly reserveKeyType: string;
  readonly reserveQuantity: string; readonly reserveQuantityType: string; readonly reserveLimit: string; readonly reserveLimitType: string;
}

/** Checks a value against a contract; the second output carries the list of errors as `msg.errors`. */
export function validatePattern(config: ValidateConfig): StepPattern {
  const validate = contractOf(config.contract, config.schema);
  if (validate === undefined) throw new ConfigError(`The catalogue has no contract "${config.contract}", and this node has no schema of its own; choose a contract that there is, or write the schema, and deploy.`);
  const contract = config.contract || 'contract@1';
  const milestone = config.milestone || 'validated';
  const recordAs = config.recordAs || 'subject';

  /** Commands of a valid subject: what was checked, the facts, and the milestone over them. */
  function passed(step: StepContext, state: CaseState, facts: Json): readonly CaseCommand[] {
    const covers = config.record ? [recordAs] : [];
    const after = config.record ? { ...state, document: mergePatch(state.document ?? {}, patchAt(recordAs, facts)) } : state;
    return [
      { type: 'RecordValidation', runId: step.runId, contract, errors: [] },
      ...(config.record ? [step.factsCommand(state, recordAs, facts)] : []),
      { type: 'ReachMilestone', runId: step.runId, milestone, covers, factsHash: step.hashFacts(after, covers) },
    ];
  }

  const failed = (step: StepContext, errors: readonly Json[]): Promise<void> =>
    step.complete([{ port: 1, message: { ...step.message(), errors } }], [{ type: 'RecordValidation', runId: step.runId, contract, errors }]);

  /** Validation, reservation, facts and milestone in one commit, so that two docks cannot both be within the limit. */
  async function passReserved(step: StepContext, subject: Json): Promise<void> {
    const key = asText(await step.evaluate(config.reserveKey, config.reserveKeyType));
    const quantity = await step.evaluate(config.reserveQuantity, config.reserveQuantityType);
    const limit = await step.evaluate(config.reserveLimit, config.reserveLimitType);
    const input = { scope: config.reserveScope || 'quantity', key, quantity, limit };
    if (key === '' || await step.reservation(step.state, input) === undefined) {
      await failed(step, [{ path: '/', message: 'the key is empty, or the quantity or limit of the reservation is no decimal number', keyword: 'reserve' }]);
      return;
    }
    let conditions: readonly Condition[] = [];
    await step.complete([{ port: 0 }], async (state) => {
      const reserved = await step.reservation(state, input);
      if (reserved === undefined) throw new ConfigError('The reservation cannot be computed.');
      conditions = [reserved.condition];
      const { total, limit: limited, overBy } = reserved;
      const facts = typeof subject === 'object' && subject !== null && !Array.isArray(subject) ? subject as JsonObject : { value: subject };
      return [...reserved.commands, ...passed(step, state, { ...facts, reservation: { total, limit: limited, overBy } })];
    }, { conditions: () => conditions });
  }

  return {
    async run(step) {
      const evaluated = await step.evaluate(config.subject || 'payload', config.subjectType || 'msg');
      const subject = (evaluated === undefined ? null : JSON.parse(JSON.stringify(evaluated))) as Json;
      if (!validate(subject)) {
        await failed(step, (validate.errors ?? []).map((e): Json => ({ path: e.instancePath || '/', message: e.message ?? 'invalid', keyword: e.keyword })));
      } else if (config.reserve) await passReserved(step, subject);
      else await step.complete([{ port: 0 }], (state) => passed(step, state, subject));
    },
  };
}
