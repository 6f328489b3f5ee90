import type { Json, JsonObject } from '../../domain/json.ts';
import { contractFaults, faultText } from '../services/contracts.ts';
import { hashJson } from '../support/hashing.ts';
import type { StepPattern } from '../api.ts';
import type { StepContext } from '../step-context.ts';
import { asText, ConfigError } from './typed.ts';

/** Config of a `service out` node. */
export interface ServiceOutConfig {
  /** `refusal`: the caller is told no, as problem details. */
  readonly says: 'answer' | 'refusal';
  readonly httpStatus: number | string;
  readonly body: string; readonly bodyType: string;
  /** Of a refusal: a stable word, and one sentence that says what to do. */
  readonly code: string; readonly detail: string; readonly detailType: string;
}

const isCode = (text: string): boolean => /^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(text);

/** Gives the request that opened the case its answer, in the commit of the step: the caller has it after that, and the same one whenever it asks again. */
export function serviceOutPattern(config: ServiceOutConfig): StepPattern {
  const refuses = config.says === 'refusal';
  const status = Number(config.httpStatus);
  const fits = Number.isInteger(status) && (refuses ? status >= 400 && status <= 599 : status >= 200 && status <= 299 && status !== 202);
  if (!fits) throw new ConfigError(refuses ? 'A refusal has a status from 400 to 599; choose one, and deploy.' : 'An answer has a status from 200 to 299 and not 202, which says that the answer is still to come; choose one, and deploy.');
  if (refuses && !isCode(config.code)) throw new ConfigError('A refusal has a code of small letters, digits and dashes by which callers know it, such as out-of-stock; write one, and deploy.');

  async function bodyOf(step: StepContext): Promise<Json> {
    if (refuses) {
      const detail = asText(await step.evaluate(config.detail ?? '', config.detailType ?? 'str'));
      return { type: `urn:waybill:problem:${config.code}`, title: config.code.replaceAll('-', ' ').replace(/^./, (first) => first.toUpperCase()), status, detail, code: config.code };
    }
    const value = config.body === '' && config.bodyType !== 'str' ? null : await step.evaluate(config.body || 'payload', config.bodyType || 'msg');
    return value === undefined ? null : JSON.parse(JSON.stringify(value)) as Json;
  }

  /** What of the answer breaks the contract that its caller relies on. */
  function misfit(step: StepContext, { service, operation }: JsonObject, body: Json): string | undefined {
    if (refuses) return undefined;
    const contract = step.services.service(String(service))?.definition.operations[String(operation)]?.answer;
    const faults = contractFaults(contract, contract === false ? null : body, `the answer of ${String(operation)}`);
    return faults.length === 0 ? undefined : faultText(faults);
  }

  return {
    async run(step) {
      const { origin, answer } = step.state;
      if (answer?.runId === step.runId) return step.complete([{ port: 0 }]);
      if (typeof origin?.['service'] !== 'string' || typeof origin['operation'] !== 'string') {
        await step.raise({ class: 'node-error', severity: 'medium', queue: 'engineer', code: 'no-request', message: 'There is nobody to answer: the case was not opened by a service in. Lead only such cases here, deploy, and retry; or continue without an answer.' });
        return;
      }
      if (answer !== undefined) {
        await step.raise({ class: 'node-error', severity: 'low', queue: 'engineer', code: 'answered-already', message: 'The caller has its answer already, and it stands. Let every way of the case meet one service out only; continue, and the case goes on without a second answer.' });
        return;
      }
      const body = await bodyOf(step);
      const wrong = misfit(step, origin, body);
      if (wrong !== undefined) {
        await step.raise({ class: 'validation', severity: 'high', queue: 'engineer', code: 'answer-misfit', message: `The answer breaks the contract of ${origin['operation']}: ${wrong}. The caller has not been told anything; mend the flow, deploy, and retry.` });
        return;
      }
      await step.complete([{ port: 0 }], [{ type: 'AnswerService', runId: step.runId, status, refusal: refuses, body, bodyHash: hashJson(body) }]);
    },
  };
}
