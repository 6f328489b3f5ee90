import type { CaseCommand, Effect, Json, JsonObject } from '../../../domain/index.ts';
import type { StepPattern } from '../../api.ts';
import type { StepContext } from '../../step-context.ts';
import { effectPattern } from '../effect-run.ts';
import { reached } from '../milestone.ts';
import { positive } from '../typed.ts';
import { alarmOf, answerAlarm } from './answer.ts';
import { checkPlcOut, isAnswer } from './config.ts';
import type { PlcLink, PlcOutConfig, PlcSource } from './config.ts';
import { askTags, operate, refusedValues } from './operate.ts';
import type { Operation, PlcValues, RefusedValue } from './operate.ts';

const output = { done: 0, refused: 1 } as const;
/** Codes of the exceptions that hold a step here. */
const codes = { values: 'value-refused', controller: 'call-rejected', alarm: 'no-alarm' } as const;

/** A request as the ledger keeps it; `body` is what a person may edit before a replay. */
interface StoredRequest extends JsonObject { readonly action: string; readonly target: readonly string[]; readonly body: PlcValues }

const recoveries = { 'read-back': 'query', 'again': 'same-key', 'person': 'none' } as const;

/**
 * Gives values to a controller, or calls one of its methods: intention first, then conditions, values and a look whether
 * they are there (PROTOCOL §3). A value that is not allowed never leaves. @throws ConfigError
 */
export function plcOutPattern(config: PlcOutConfig, source: PlcSource, system: string): StepPattern {
  checkPlcOut(config);
  const readBackMs = positive(config.readBackSeconds, 3) * 1_000;
  // To acknowledge an alarm twice is the same as once (OPC UA Part 9 §5.7.3).
  const recovery = isAnswer(config.action) ? 'same-key' : recoveries[config.recovery] ?? (config.action === 'call' ? 'none' : 'query');
  const what = isAnswer(config.action) ? 'alarm' : config.action === 'call' ? config.methodId.replace(/^.*[=.]/, '') : config.writes.map(({ name }) => name).join(', ');
  const operationName = `${config.action} ${what}`.slice(0, 120);

  function operationOf(step: StepContext, link: PlcLink, effect: Effect, request: JsonObject): Operation {
    return { config, link, values: (request as StoredRequest).body, clock: step.clock, readBackMs, interlockMs: positive(config.interlockSeconds, 300) * 1_000, effect };
  }

  async function valuesOf(step: StepContext): Promise<PlcValues> {
    const values: { [name: string]: Json } = {};
    for (const { name, value, valueType } of config.writes) {
      // The key of this effect is known only when it is intended.
      const worked = valueType === 'key' ? '(key)' : await step.evaluate(value, valueType || 'str');
      if (worked === undefined || worked === null) continue;
      values[name] = typeof worked === 'number' && !Number.isFinite(worked) ? String(worked) : JSON.parse(JSON.stringify(worked)) as Json;
    }
    return values;
  }

  /** Values that are not allowed end here, before anything is intended. */
  async function request(step: StepContext): Promise<StoredRequest | undefined> {
    if (isAnswer(config.action)) return alarmRequest(step, config.action);
    const body = await valuesOf(step);
    const refused = refusedValues(config, body);
    if (refused.length > 0) {
      await refuseValues(step, refused);
      return undefined;
    }
    return { action: config.action, target: config.action === 'call' ? [config.objectId, config.methodId] : config.writes.map(({ nodeId }) => nodeId), body };
  }

  async function alarmRequest(step: StepContext, action: 'acknowledge' | 'confirm'): Promise<StoredRequest | undefined> {
    const body = await alarmOf(step, config);
    if (body !== undefined) return { action, target: [String(body['condition'])], body };
    if (step.isWired(output.refused)) {
      await step.complete([{ port: output.refused, message: { ...step.message(), payload: { error: 'no-alarm' } } }]);
      return undefined;
    }
    await step.raise({
      class: 'call-rejected', severity: 'high', queue: 'integration', code: codes.alarm, system,
      message: `The case has no alarm at "${config.alarm || 'plc'}": nothing is told ${system}. Correct the facts or where this step looks for it, or cancel the case.`,
    });
    return undefined;
  }

  async function refuseValues(step: StepContext, refused: readonly RefusedValue[]): Promise<void> {
    const list = refused.map((each): JsonObject => ({ ...each }));
    if (step.isWired(output.refused)) return step.complete([{ port: output.refused, message: { ...step.message(), payload: { refused: list } } }]);
    await step.raise({
      class: 'call-rejected', severity: 'high', queue: 'integration', code: codes.values, system, detail: { refused: list },
      message: `Nothing was given to ${system}. ${refused.map(({ message }) => message).join(' ')} Correct the facts and go on, or cancel the case.`,
    });
  }

  async function succeed(step: StepContext, response: JsonObject, before: readonly CaseCommand[]): Promise<void> {
    const body = response['body'] ?? null;
    await step.complete([{ port: output.done, message: { ...step.message(), payload: body } }], (state) => [
      ...before, ...(config.recordAs ? [step.factsCommand(state, config.recordAs, body)] : []),
      ...reached(step, state, config.milestone),
    ]);
  }

  async function reject(step: StepContext, effect: Effect, response: JsonObject, before: readonly CaseCommand[]): Promise<void> {
    const body = response['body'] as { readonly error?: Json; readonly refused?: readonly RefusedValue[] } | undefined;
    if (step.isWired(output.refused)) return step.complete([{ port: output.refused, message: { ...step.message(), payload: (body ?? response) as Json } }], before);
    const why = body?.refused?.map(({ message }) => message).join(' ') ?? (typeof body?.error === 'string' ? body.error : '');
    await step.raise({
      class: 'call-rejected', severity: 'high', queue: 'integration', code: codes.controller, effectId: effect.effectId, system, detail: { response },
      message: `${system} was not given "${effect.operation}" for good. ${why} Correct the case or the controller and retry, or cancel the case.`.replaceAll(/\s+/g, ' '),
    }, before);
  }

  return effectPattern({
    system, service: '', operation: operationName, recovery, timeoutMs: Math.max(1_000, readBackMs), rejectedCode: codes.controller,
    policy: {
      maxAttempts: Math.round(positive(config.maxAttempts, 20)), maxElapsedMs: positive(config.maxMinutes, 60) * 60_000,
      baseDelayMs: positive(config.baseDelaySeconds, 1) * 1_000, maxDelayMs: positive(config.maxDelaySeconds, 30) * 1_000,
    },
    request, succeed, reject,
    attempt: (step, effect, stored) => {
      const link = source();
      if ('problem' in link) return Promise.resolve({ outcome: 'transient', errorClass: 'no-endpoint', answered: false, error: link.problem });
      return isAnswer(config.action) ? answerAlarm(link, config.action, stored) : operate(operationOf(step, link, effect, stored));
    },
    ask: (step, effect, stored) => {
      const link = source();
      return 'problem' in link ? Promise.resolve({ asked: { kind: 'silent' }, answered: false }) : askTags(operationOf(step, link, effect, stored));
    },
    unknownMessage: (effect) => `It is not known whether "${effect.operation}" happened at ${system}: the connection broke in the middle. Look at the controller, then say whether it happened.`,
  });
}
