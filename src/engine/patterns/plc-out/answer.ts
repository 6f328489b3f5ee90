import type { Json, JsonObject } from '../../../domain/index.ts';
import { judgeAnswer, judgeError, judgeStatus, refusedAnswer } from '../../../intake/opcua/index.ts';
import type { StepContext } from '../../step-context.ts';
import type { Attempt } from '../effect-run.ts';
import type { PlcLink, PlcOutConfig } from './config.ts';

const LONGEST_COMMENT = 1_000;

const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** The alarm of a case as a *plc in* node put it into the facts, with what is to be said to it; undefined when there is none. */
export async function alarmOf(step: StepContext, { alarm, comment, commentType }: Pick<PlcOutConfig, 'alarm' | 'comment' | 'commentType'>): Promise<{ readonly [name: string]: Json } | undefined> {
  const found: unknown = await step.evaluate(alarm || 'plc', 'facts');
  const condition = isObject(found) ? found['condition'] : undefined;
  if (!isObject(found) || !isObject(condition) || textOf(condition['id']) === '' || !/^([0-9a-f]{2})+$/i.test(textOf(found['eventId']))) return undefined;
  const said: unknown = comment ? await step.evaluate(comment, commentType || 'str') : `Waybill case ${step.state.caseId}`;
  return {
    condition: textOf(condition['id']), branch: textOf(condition['branch']), eventId: textOf(found['eventId']), name: textOf(condition['name']),
    comment: (typeof said === 'string' ? said : JSON.stringify(said) ?? '').slice(0, LONGEST_COMMENT),
  };
}

/** One attempt. An alarm that somebody else has answered already is one that is answered. */
export async function answerAlarm(link: PlcLink, what: 'acknowledge' | 'confirm', request: JsonObject): Promise<Attempt> {
  const body = request['body'] as JsonObject;
  let status: string;
  try {
    status = await link.answer({ what, condition: textOf(body['condition']), branch: textOf(body['branch']), eventId: textOf(body['eventId']), comment: textOf(body['comment']) });
  } catch (error) {
    const { message, ...judged } = judgeError(error, false);
    return { ...judged, answered: judged.outcome === 'permanent', error: message };
  }
  const judged = judgeAnswer(status);
  if (judged === 'done') return { outcome: 'success', answered: true, response: { body: { status, condition: body['condition'] ?? null } } };
  const error = refusedAnswer(textOf(body['name']) || textOf(body['condition']), what, status);
  const { outcome, hopeless } = judgeStatus(status);
  // a newer notification is heard of soon; what is not known for certain is asked once more
  return {
    outcome: judged === 'refused' && outcome !== 'success' && hopeless !== true ? 'permanent' : 'transient', errorClass: status, answered: true, error, response: { body: { error } },
    ...(hopeless === undefined ? {} : { hopeless }),
  };
}
