import type { Json, JsonObject } from '../../domain/json.ts';
import type { Actions, Step } from './format.ts';
import { substitute } from './substitute.ts';
import type { Kind, Row } from './world.ts';
import { idOf } from './world.ts';

/** A request to the API as one of the people. */
export interface PersonRequest { readonly by: string; readonly method: string; readonly path: string; readonly body?: Json; readonly headers?: Readonly<Record<string, string>> }

interface Finding {
  /** The one row that a selector means. */
  row(kind: Kind, selector: Actions['decide']['task']): Row;
  /** Something remembered with `as`, or a part of it. */
  remembered(name: string): Json | undefined;
  substitute(value: Json): Json;
}

const given = (members: Readonly<Record<string, Json | undefined>>): JsonObject => Object.fromEntries(Object.entries(members).filter((entry): entry is [string, Json] => entry[1] !== undefined));
const members = (added: JsonObject | undefined, found: Finding): JsonObject => found.substitute(added ?? {}) as JsonObject;
/** A hash of facts that are not those of the task. */
const otherFacts = '0'.repeat(64);

function decision(action: Actions['decide'], found: Finding): PersonRequest {
  const task = found.row('task', action.task);
  const seen = action.seen === undefined ? task['factsHash'] : found.remembered(`${action.seen}.factsHash`);
  return {
    by: action.by, method: 'POST', path: `/tasks/${idOf('task', task)}/decision`,
    body: { ...given({ decision: action.decision, comment: action.comment, factsHash: action.staleFacts === true ? otherFacts : seen }), ...members(action.with, found) },
  };
}

function resolution(action: Actions['resolve'], found: Finding): PersonRequest {
  const row = found.row('exception', action.exception);
  const { outcome, code = 'resolved', note, correction } = action;
  return { by: action.by, method: 'POST', path: `/exceptions/${idOf('exception', row)}/resolution`, body: { ...given({ outcome, code, note, correction }), ...members(action.with, found) } };
}

function api(action: Actions['api'], found: Finding): PersonRequest {
  const rows: Record<string, Row> = {};
  for (const [name, selector] of Object.entries(action.find ?? {})) {
    const [kind, columns] = Object.entries(selector)[0] as [Kind, JsonObject];
    rows[name] = found.row(kind, columns);
  }
  const lookUp = (name: string): Json | undefined => {
    const [head = '', ...path] = name.split('.');
    return head in rows ? path.reduce<Json | undefined>((value, part) => (value as JsonObject | undefined)?.[part], rows[head]) : found.remembered(name);
  };
  const put = (value: Json): Json => substitute(value, lookUp);
  return {
    by: action.by, method: action.method.toUpperCase(), path: String(put(action.path)),
    ...(action.body === undefined ? {} : { body: put(action.body) }), ...(action.headers === undefined ? {} : { headers: action.headers }),
  };
}

/** The request that a person's action makes; undefined when the step holds none. */
export function requestOf(step: Step, found: Finding): PersonRequest | undefined {
  if (step.decide !== undefined) return decision(step.decide, found);
  if (step.claim !== undefined) return { by: step.claim.by, method: 'POST', path: `/tasks/${idOf('task', found.row('task', step.claim.task))}/claim` };
  if (step.release !== undefined) return { by: step.release.by, method: 'POST', path: `/tasks/${idOf('task', found.row('task', step.release.task))}/release` };
  if (step.resolve !== undefined) return resolution(step.resolve, found);
  if (step.settleOutcome !== undefined) {
    const { by, outcome, response, exception } = step.settleOutcome;
    const row = found.row('exception', exception);
    return { by, method: 'POST', path: `/cases/${String(row['caseId'])}/effects/${String(row['effectId'])}/outcome`, body: given({ outcome, response }) };
  }
  if (step.replay !== undefined) {
    const { by, deadLetter, request } = step.replay;
    return { by, method: 'POST', path: `/dead-letters/${idOf('deadLetter', found.row('deadLetter', deadLetter))}/replay`, body: given({ request }) };
  }
  if (step.signal !== undefined) {
    const { by, ...event } = step.signal;
    return { by, method: 'POST', path: '/events', body: event as JsonObject };
  }
  return step.api === undefined ? undefined : api(step.api, found);
}
