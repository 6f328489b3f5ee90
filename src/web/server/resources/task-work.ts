import type { TaskDetail } from '../../../engine/api.ts';
import type { TaskRow } from '../../../ledger/port.ts';
import type { Caller } from '../auth/authenticate.ts';
import { accepted, operation, type ApiRequest, type Services } from '../operation.ts';
import { worksWithin } from '../permissions.ts';
import { problem, WebError } from '../problems.ts';
import { array, choice, id, object, text } from '../schemas.ts';
import { recordRefusedCommand } from '../refused-commands.ts';
import { visible } from '../scope.ts';
import { seesByRole, taskScopeOf } from '../task-scope.ts';
import { remoteAddress } from './session.ts';

interface TaskParams { readonly taskId: string }
type Request<Body> = ApiRequest<TaskParams, object, Body>;

/** What people write: as long as a comment of a decision. */
const words = text(2000);

/** A token speaks for a person only as far as its scopes go; who answers or withdraws needs no role, but the scope. */
function mayWrite(caller: Caller): boolean {
  return caller.scopes === undefined || caller.scopes.includes('decide');
}

/** A question to nobody would hold the deadline for ever. @throws WebError `not-found` */
async function requirePerson({ accounts }: Pick<Services, 'accounts'>, caller: Caller, userId: string): Promise<void> {
  const user = await accounts.getUser(userId);
  if (user === undefined || user.disabled || !worksWithin(caller.identity.sites, user)) throw problem('not-found', 'There is no such person, or not in your sites.');
}

type TaskRequest = Pick<Request<unknown>, 'params' | 'ledger' | 'services'>;

/** What the case says of the task. @throws WebError `not-found` */
async function detailFor(row: TaskRow, services: Services, caller: Caller): Promise<TaskDetail> {
  const detail = await services.waybill.taskDetail(row.task_id, caller.identity);
  if (detail === undefined || !(seesByRole(caller, row) || detail.takesPart || detail.mayDecide || detail.mayWithdraw || detail.delegators.length > 0 || (await taskScopeOf(caller, services)).sees(row))) throw problem('not-found');
  return detail;
}

/** The task, when the caller holds its role, oversees the site, stands in for somebody, or took part in the case; else there is none. */
export async function taskFor({ params, ledger, services }: TaskRequest, caller: Caller): Promise<TaskRow> {
  const row = visible(caller, await ledger().getTask(params.taskId));
  // Its case is read only for those who do not see it by their role.
  if (!seesByRole(caller, row)) await detailFor(row, services, caller);
  return row;
}

/** The task as {@link taskFor} finds it, and what its case says of it. */
export async function taskWithDetail({ params, ledger, services }: TaskRequest, caller: Caller): Promise<{ readonly row: TaskRow; readonly detail: TaskDetail }> {
  const row = visible(caller, await ledger().getTask(params.taskId));
  return { row, detail: await detailFor(row, services, caller) };
}

/** A command about one task that is answered with nothing but that it was done. */
function work<Body>(definition: {
  readonly id: string; readonly path: string; readonly summary: string; readonly description?: string; readonly access: 'tasks.decide' | 'signed-in'; readonly body?: Parameters<typeof object>;
  readonly act: (request: Request<Body>, caller: Caller, common: { readonly taskId: string; readonly by: Caller['identity']; readonly commandKey?: string }) => Promise<Parameters<typeof accepted>[0]>;
}) {
  const { path, body, act, ...rest } = definition;
  return operation<TaskParams, object, Body>({
    ...rest, method: 'post', path: `/tasks/{taskId}/${path}`, tag: 'Tasks', command: true, params: { taskId: id }, ...(body === undefined ? {} : { body: object(...body) }),
    success: { status: 204, description: 'It is in the ledger.' },
    handle: async (request, caller) => {
      if (!mayWrite(caller)) throw problem('scope-missing');
      const row = await taskFor(request, caller);
      accepted(await act(request, caller, { taskId: row.task_id, by: caller.identity, ...(request.commandKey === undefined ? {} : { commandKey: request.commandKey }) }));
      return { status: 204 };
    },
  });
}

const reassignTask = work<{ readonly toRole?: string; readonly toPerson?: string; readonly reason: string }>({
  id: 'reassignTask', path: 'reassignment', access: 'tasks.decide', summary: 'Give a task to a person or a role',
  description: 'To a person who holds its role, by whoever decides it; to another role by the role for unknown operators (by default site-manager). Never to who took part in the case. `toPerson` is an account id.',
  body: [{ toRole: text(64), toPerson: id, reason: words }, ['toRole', 'toPerson']],
  act: ({ services, body: { toRole, toPerson, reason } }, _caller, common) => services.waybill.reassignTask({ ...common, reason, ...(toRole === undefined ? {} : { toRole }), ...(toPerson === undefined ? {} : { toPerson }) }),
});

const askQuestion = work<{ readonly question: string; readonly to?: string }>({
  id: 'askAboutTask', path: 'question', access: 'tasks.decide', summary: 'Ask who wanted it',
  description: 'By whoever decides the task. Its deadline stands still until the answer. `to` is an account id; without it, whoever took part in the case answers.',
  body: [{ question: words, to: id }, ['to']],
  act: async ({ services, body: { question, to } }, caller, common) => {
    if (to !== undefined) await requirePerson(services, caller, to);
    return services.waybill.requestInfo({ ...common, question, ...(to === undefined ? {} : { to }) });
  },
});

const answerQuestion = work<{ readonly answer: string }>({
  id: 'answerAboutTask', path: 'answer', access: 'signed-in', summary: 'Answer the question',
  description: 'By who was asked, or took part in the case, or holds the role for unknown operators. Who answers has taken part from then on. The time that was left of the deadline runs on.',
  body: [{ answer: words }],
  act: ({ services, body: { answer } }, _caller, common) => services.waybill.answerInfo({ ...common, answer }),
});

const commentTask = work<{ readonly comment: string }>({
  id: 'commentTask', path: 'comment', access: 'signed-in', summary: 'Comment on a task',
  body: [{ comment: words }],
  act: ({ services, body: { comment } }, _caller, common) => services.waybill.commentTask({ ...common, comment }),
});

const withdrawTask = work<{ readonly reason: string }>({
  id: 'withdrawTask', path: 'withdrawal', access: 'signed-in', summary: 'Take back what was asked for',
  description: 'By who took part in the case, or holds the role for unknown operators. All open levels end; the case leaves by the output *rejected*.',
  body: [{ reason: words }],
  act: ({ services, body: { reason } }, _caller, common) => services.waybill.withdrawTask({ ...common, reason }),
});

const recallDecision = work<undefined>({
  id: 'recallDecision', path: 'recall', access: 'tasks.decide', summary: 'Recall one\'s own held decision',
  description: 'Until `heldUntil` of the task; the task is open again.',
  act: ({ services }, _caller, common) => services.waybill.recallDecision(common),
});

const reverseTask = operation<TaskParams, object, { readonly reason: string }>({
  id: 'reverseTask', method: 'post', path: '/tasks/{taskId}/reversal', tag: 'Tasks', access: 'tasks.decide', command: true, summary: 'Undo what an approval led to, by a case of its own',
  description: 'Once for each approval, after the case has acted on it. A flow has to take reversals of the step; without one the answer says what to add. Who asks has taken part in the new case, and so does not approve it.',
  params: { taskId: id }, body: object({ reason: words }),
  success: { status: 201, description: 'The case that reverses it.', schema: object({ reversalCaseId: { type: 'string' } }) },
  handle: async (request, caller) => {
    const row = await taskFor(request, caller);
    const { reversalCaseId } = accepted(await request.services.waybill.requestReversal({
      taskId: row.task_id, by: caller.identity, reason: request.body.reason, ...(request.commandKey === undefined ? {} : { commandKey: request.commandKey }),
    }));
    return { status: 201, json: { reversalCaseId } };
  },
});

/** Most tasks of one bulk decision. */
const MOST_TASKS = 100;

interface BulkBody { readonly decision: 'approve' | 'reject'; readonly comment?: string; readonly tasks: readonly { readonly taskId: string; readonly factsHash: string }[] }
interface BulkItem { readonly taskId: string; readonly ok: boolean; readonly taskStatus?: string; readonly code?: string; readonly message?: string }

/** One task of several; what stops it is told with it and does not stop the others. */
async function decideOne(request: ApiRequest<object, object, BulkBody>, caller: Caller, { taskId, factsHash }: BulkBody['tasks'][number]): Promise<BulkItem> {
  const { body, commandKey, services, ledger } = request;
  try {
    await taskFor({ params: { taskId }, ledger, services }, caller);
    const outcome = await services.waybill.decideTask({
      taskId, factsHash, by: caller.identity, decision: body.decision, bulk: true,
      ...(body.comment === undefined ? {} : { comment: body.comment }), ...(commandKey === undefined ? {} : { commandKey: `${commandKey}:${taskId}` }),
    });
    return outcome.ok ? { taskId, ok: true, taskStatus: outcome.taskStatus } : { taskId, ok: false, code: outcome.code, message: outcome.message };
  } catch (error) {
    if (!(error instanceof WebError)) throw error;
    await recordRefusedCommand(services, caller, 'decideTasks', error, remoteAddress(request.raw));
    return { taskId, ok: false, code: error.code, message: error.message };
  }
}

const decideTasks = operation<object, object, BulkBody>({
  id: 'decideTasks', method: 'post', path: '/tasks/decisions', tag: 'Tasks', access: 'tasks.decide', command: true, summary: 'Decide several tasks with one comment',
  description: 'Only tasks whose policy allows it (`bulk`). Each is decided by itself, is told by itself, and has an Idempotency-Key of its own, made from the request\'s.',
  body: object({
    decision: choice('approve', 'reject'), comment: words,
    tasks: { ...array(object({ taskId: id, factsHash: text(256) })), minItems: 1, maxItems: MOST_TASKS },
  }, ['comment']),
  success: {
    status: 200, description: 'What became of each.',
    schema: object({ items: array(object({ taskId: { type: 'string' }, ok: { type: 'boolean' }, taskStatus: { type: 'string' }, code: { type: 'string' }, message: { type: 'string' } }, ['taskStatus', 'code', 'message'])) }),
  },
  handle: async (request, caller) => {
    const items: BulkItem[] = [];
    const seen = new Set<string>();
    for (const task of request.body.tasks) {
      if (seen.has(task.taskId)) continue;
      seen.add(task.taskId);
      items.push(await decideOne(request, caller, task));
    }
    return { status: 200, json: { items } };
  },
});

/** `decisions` stands before `{taskId}/…`, so that it is not taken for a task. */
export const taskWorkResource = [decideTasks, reassignTask, askQuestion, answerQuestion, commentTask, withdrawTask, recallDecision, reverseTask];
