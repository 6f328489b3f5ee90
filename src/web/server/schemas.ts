import type { Schema } from './operation.ts';

/** Building blocks of the API's JSON Schemas (2020-12). `format` is annotation only; patterns check. */

export const id: Schema = { type: 'string', pattern: '^[A-Za-z0-9._:-]{1,128}$' };
export const time: Schema = { type: 'string', format: 'date-time', description: 'ISO 8601, UTC with milliseconds.' };
export const text = (maxLength: number, description?: string): Schema => ({
  type: 'string', minLength: 1, maxLength, ...(description === undefined ? {} : { description }),
});
export const choice = (...values: string[]): Schema => ({ type: 'string', enum: values });
export const nullable = (schema: Schema): Schema => ({ anyOf: [schema, { type: 'null' }] });
export const flag: Schema = { type: 'boolean' };
export const anyObject: Schema = { type: 'object' };
export const anyJson: Schema = { description: 'Any JSON.' };

/** A closed object: `required` are all properties but those named optional. */
export function object(properties: Readonly<Record<string, Schema>>, optional: readonly string[] = []): Schema {
  return {
    type: 'object', properties, additionalProperties: false,
    required: Object.keys(properties).filter((name) => !optional.includes(name)),
  };
}

export const array = (items: Schema): Schema => ({ type: 'array', items });

/** A page of a list. `next` is absent on the last page. */
export function pageOf(items: Schema): Schema {
  return object({ items: array(items), next: { type: 'string', description: 'Cursor of the next page.' } }, ['next']);
}

/** Largest page. */
export const MAX_LIMIT = 200;
export const DEFAULT_LIMIT = 50;

/** Query parameters of every list. */
export const pageQuery: Readonly<Record<string, Schema>> = {
  limit: { type: 'integer', minimum: 1, maximum: MAX_LIMIT, default: DEFAULT_LIMIT, description: 'Most items to answer with. A page may hold fewer and still have a next one.' },
  cursor: { type: 'string', minLength: 1, maxLength: 1024, description: '`next` of the page before.' },
};

export interface PageQuery { readonly limit: number; readonly cursor?: string }

export const site: Schema = { type: 'string', minLength: 1, maxLength: 128, description: 'Only this site; it must be among the sites of the caller.' };

const businessKey = object({ type: { type: 'string' }, value: { type: 'string' } });

const masked: Schema = { type: 'array', items: { type: 'string' }, description: 'JSON pointers of facts that the caller\'s roles do not let them see; their values are •••.' };

const escalatesAt: Schema = { ...nullable(time), description: 'When the next rung of its ladder is due, or of that of its case; null when none is, or time stands still.' };
const rung: Schema = { ...nullable({ type: 'integer' }), description: 'Number of that rung, from 1.' };
export const personSchema = object({ id: { type: 'string' }, name: { type: 'string' }, me: { type: 'boolean' } }, ['name']);

const may: Schema = { type: 'boolean' };
/** What `GET tasks/{taskId}` says beyond a row of a list. */
const taskDetail: Schema = {
  ...object({
    why: { ...nullable(anyObject), description: 'Row of the matrix, the conditions that held (`because`), the amount in the base currency, as it was, the rate, and the sum over cases (`total`).' },
    sequence: { type: 'integer', description: 'Which asking this is: after facts have changed all levels are asked anew.' }, round: { type: 'integer' }, policyVersion: nullable({ type: 'string' }),
    holdSeconds: { type: 'integer', description: 'How long a decision may be recalled.' },
    levels: array(object({
      level: { type: 'integer' }, role: { type: 'string' }, status: { type: 'string', description: 'As of tasks; `waiting`: not asked yet; `held`: decided, may be recalled.' }, taskId: nullable({ type: 'string' }),
      quorum: { type: 'integer' }, quorumOf: choice('count', 'all'), dueAt: nullable(time), assignee: nullable(personSchema),
      decisions: array(object({ by: personSchema, onBehalfOf: personSchema, decision: choice('approve', 'reject', 'rework'), at: time }, ['onBehalfOf'])),
      eligible: { ...nullable({ type: 'integer' }), description: 'How many hold the role and may decide it.' }, left: { ...nullable({ type: 'integer' }), description: 'How many of them have not yet.' },
    })),
    requesters: array(personSchema),
    question: nullable(object({ by: personSchema, to: nullable(personSchema), askedAt: time, text: nullable({ type: 'string' }) })),
    conversation: array(object({ kind: choice('question', 'answer', 'comment', 'reassigned'), by: personSchema, at: time, text: nullable({ type: 'string' }) })),
    mayNot: { ...nullable({ type: 'string' }), description: 'Refusal code, when the caller may not decide it.' },
    mayRework: may, mayRecall: may, mayReassign: may, mayReassignToRole: may, mayAsk: may, mayAnswer: may, mayWithdraw: may, mayReverse: may,
    delegators: { ...array(object({ userId: { type: 'string' }, name: { type: 'string' } })), description: 'For whom the caller may decide it.' },
    reversedBy: { ...nullable({ type: 'string' }), description: 'Case that reverses the approval.' },
  }),
};

export const schemas = {
  businessKey,
  case: object({
    caseId: id, status: choice('open', 'closed'), outcome: nullable({ type: 'string' }), process: { type: 'string' }, template: { type: 'string' },
    site: { type: 'string' }, title: { type: 'string' }, openedAt: time, closedAt: nullable(time), version: { type: 'integer' }, test: { type: 'boolean' },
    rootCaseId: id, parentCaseId: nullable(id), keys: array(businessKey), masked,
  }, ['masked']),
  event: object({
    eventId: { type: 'string' }, position: { type: 'integer' }, version: { type: 'integer' }, type: { type: 'string' }, typeVersion: { type: 'integer' },
    occurredAt: time, recordedAt: time,
    actor: object({
      kind: choice('person', 'system', 'device', 'model'), id: { type: 'string' }, role: { type: 'string' }, onBehalfOf: { type: 'string' },
      name: { type: 'string', description: 'Name of a person, while the ledger or the accounts know it.' },
    }, ['role', 'onBehalfOf', 'name']),
    address: { type: 'string', description: '`instance/stepId` of the governed step.' }, tokenId: { type: 'string' }, attempt: { type: 'integer' },
    reasonCode: { type: 'string' }, command: { type: 'string' }, causationId: { type: 'string' }, correlationId: { type: 'string' }, epoch: { type: 'integer' },
    data: anyObject, content: anyObject,
    personal: { ...anyObject, description: 'For callers who may read personal content; others get the comment of a decision only.' },
    erased: { type: 'boolean', description: 'True when content was erased by retention.' },
  }, ['position', 'address', 'tokenId', 'attempt', 'reasonCode', 'command', 'causationId', 'correlationId', 'content', 'personal']),
  task: object({
    taskId: id, caseId: id, runId: { type: 'string' }, address: { type: 'string' }, site: { type: 'string' }, process: { type: 'string' }, role: { type: 'string' },
    status: choice('open', 'approved', 'rejected', 'rework', 'withdrawn', 'expired', 'voided'), quorum: { type: 'integer' }, approvals: { type: 'integer' },
    kind: { ...choice('approval', 'work', 'evidence'), description: '`evidence`: attach `photos` photos at least, then approve (done), or reject with a comment (not possible).' },
    photos: nullable({ type: 'integer' }),
    createdAt: time, dueAt: nullable(time), decidedAt: nullable(time),
    alsoRole: { ...nullable({ type: 'string' }), description: 'Role that decides as well, since escalation raised the level.' }, escalatesAt, rung,
    level: { type: 'integer' }, matrixRow: nullable({ type: 'string' }),
    heldUntil: { ...nullable(time), description: 'The last word is held and may be recalled until then.' },
    bulk: { type: 'boolean', description: 'May be decided together with others.' },
    asksInfo: { type: 'boolean', description: 'A question is with the requester; the deadline stands still.' },
    assignee: nullable(personSchema), claimedBy: nullable(personSchema),
    title: { type: 'string' }, question: { type: 'string' },
    shown: { ...anyObject, description: 'The facts that the decision covers, as they are shown to the person.' },
    factsHash: { type: 'string', description: 'Send it back with the decision; when the facts have changed since, the decision is refused.' },
    mayDecide: { type: 'boolean', description: 'The caller, or somebody for whom they stand in, carries a role that decides it. The engine also checks segregation of duties.' },
    delegators: { ...array(object({ userId: id, name: { type: 'string' } })), description: 'For whom the caller has the task; nobody when they have it of their own.' },
    masked,
    detail: taskDetail,
  }, ['masked', 'detail']),
  exception: object({
    exceptionId: id, caseId: id, class: { type: 'string' }, severity: { type: 'string' }, queue: { type: 'string' }, status: choice('open', 'resolved'),
    runId: nullable({ type: 'string' }), tokenId: nullable({ type: 'string' }), effectId: nullable({ type: 'string' }), address: nullable({ type: 'string' }),
    system: nullable({ type: 'string' }), code: { type: 'string' }, message: { type: 'string' }, site: { type: 'string' },
    escalatesAt, rung,
    raisedAt: time, resolvedAt: nullable(time), resolution: nullable({ type: 'string' }), outcome: nullable({ type: 'string' }),
    assignee: nullable(personSchema),
    category: nullable({ type: 'string', description: 'Class that the node declares.' }),
    priority: { type: 'integer', minimum: 1, maximum: 5, description: 'With ageing: one step more urgent a day, and 1 when it is due.' },
    basePriority: { type: 'integer', minimum: 1, maximum: 5, description: 'Without ageing.' },
    amount: nullable({ type: 'string' }), currency: nullable({ type: 'string' }), dueAt: nullable(time),
    resolutions: nullable({ ...array(object({ code: { type: 'string' }, label: { type: 'string' }, reason: { type: 'boolean' }, outcomes: array({ type: 'string' }) })), description: 'Codes by which it may be resolved; null: any.' }),
    mergedInto: nullable({ ...id, description: 'Main exception with which it is resolved.' }), masked,
  }, ['masked']),
  photo: object({
    attachmentId: id, sha256: { type: 'string' }, bytes: { type: 'integer' }, mime: { type: 'string' }, caption: nullable({ type: 'string' }), at: time,
    by: object({ id: { type: 'string' }, name: { type: 'string' } }, ['name']), erased: { type: 'boolean', description: 'Its file was deleted for good.' },
  }),
  deadLetter: object({
    deadLetterId: id, kind: { ...choice('effect', 'token'), description: '`effect`: a call that gave up. `token`: a message that did not get through to the next governed node; `operation` is the class of its last error.' },
    caseId: id, runId: { type: 'string' }, effectId: nullable({ type: 'string' }), tokenId: nullable({ type: 'string' }), address: { type: 'string' }, system: { type: 'string' },
    operation: { type: 'string' }, site: { type: 'string' }, reason: { type: 'string' }, calls: { type: 'integer' }, deadAt: time,
    status: choice('open', 'replayed', 'cancelled'), masked,
  }, ['masked']),
  reported: object({
    eventId: id, name: { type: 'string' }, key: { type: 'string' }, site: { type: 'string' }, receivedAt: time, expiresAt: time, broadcast: { type: 'boolean' },
    status: choice('kept', 'taken', 'expired'), taken: { type: 'integer', description: 'How many cases have taken it.' }, caseId: nullable(id),
  }),
  quarantined: object({
    quarantineId: id, reason: { type: 'string' }, message: { type: 'string' }, receivedAt: time, site: { type: 'string' }, deviceId: nullable({ type: 'string' }),
    topic: nullable({ type: 'string' }), bytes: { type: 'integer' }, sha256: { type: 'string' },
    head: { type: 'string', description: 'The first bytes as received, in base64.' }, status: choice('held', 'admitted', 'discarded'),
    caseId: nullable(id), kind: { ...choice('message', 'file', 'queue'), description: 'What it is: the message of a device, a file, a message of a queue.' },
    covered: { type: 'boolean', description: 'Its bytes are not shown to the caller: the service masks some of what stands in them.' },
  }, ['covered']),
} as const satisfies Readonly<Record<string, Schema>>;

/** Names under which the document lists the shared schemas. */
export const componentSchemas: Readonly<Record<string, Schema>> = {
  Case: schemas.case, Event: schemas.event, Task: schemas.task, Exception: schemas.exception, Photo: schemas.photo, DeadLetter: schemas.deadLetter,
  Quarantined: schemas.quarantined, ReportedEvent: schemas.reported,
  Problem: {
    type: 'object', description: 'RFC 9457 problem details.',
    properties: {
      type: { type: 'string' }, title: { type: 'string' }, status: { type: 'integer' }, detail: { type: 'string' }, instance: { type: 'string' },
      code: { type: 'string', description: 'Stable code.' },
      errors: array(object({ path: { type: 'string' }, message: { type: 'string' } })),
    },
    required: ['type', 'title', 'status', 'detail', 'instance', 'code'],
  },
};
