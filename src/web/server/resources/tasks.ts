import type { Ledger, TaskRow } from '../../../ledger/port.ts';
import type { Caller } from '../auth/authenticate.ts';
import { directory } from '../names.ts';
import { accepted, operation, type ApiRequest } from '../operation.ts';
import { problem } from '../problems.ts';
import { taskView } from '../rows.ts';
import { choice, id, object, pageOf, pageQuery, schemas, site, text, type PageQuery } from '../schemas.ts';
import { pageRequest, scopedPage, visible } from '../scope.ts';

type TaskListQuery = PageQuery & { readonly status?: TaskRow['status']; readonly caseId?: string; readonly site?: string };
interface TaskParams { readonly taskId: string }
interface DecisionBody { readonly decision: 'approve' | 'reject'; readonly comment?: string; readonly factsHash: string }

/** People see the tasks of their roles; some see all of their sites. */
function seesRole(caller: Caller, role: string): boolean {
  return caller.permissions.has('tasks.read-all') || caller.identity.roles.includes(role);
}

function mayDecide(caller: Caller, task: TaskRow): boolean {
  return task.status === 'open' && caller.permissions.has('tasks.decide') && caller.identity.roles.includes(task.role);
}

/** When nobody knows who scanned, another role than the task's own decides (PROTOCOL §4). */
async function decidesForUnknownOperator(ledger: Ledger, caller: Caller, task: TaskRow): Promise<boolean> {
  if (task.status !== 'open' || !caller.permissions.has('tasks.decide')) return false;
  const events = await ledger.readStream(task.case_id);
  return events.some((event) => event.type === 'TaskCreated' && event.data.taskId === task.task_id && caller.identity.roles.includes(event.data.unknownOperatorRole))
    && events.some((event) => (event.type === 'CaseOpened' || event.type === 'ScanRecorded') && event.data.operatorUnknown);
}

async function visibleTask({ params, ledger }: Pick<ApiRequest<TaskParams, object, unknown>, 'params' | 'ledger'>, caller: Caller): Promise<TaskRow> {
  const task = visible(caller, await ledger().getTask(params.taskId));
  if (!seesRole(caller, task.role)) throw problem('not-found');
  return task;
}

export const listTasks = operation<object, TaskListQuery>({
  id: 'listTasks', method: 'get', path: '/tasks', tag: 'Tasks', access: 'tasks.read',
  summary: 'Tasks of the caller, open ones by default',
  description: 'Tasks of the caller\'s roles and sites; roles that oversee a site see all of its tasks.',
  query: {
    ...pageQuery, site, caseId: id,
    status: { ...choice('open', 'approved', 'rejected', 'expired', 'voided'), default: 'open' },
  },
  success: { status: 200, description: 'A page of tasks.', schema: pageOf(schemas.task) },
  handle: async ({ query, ledger, services }, caller) => {
    const filter = {
      ...(query.status === undefined ? {} : { status: query.status }), ...(query.caseId === undefined ? {} : { caseId: query.caseId }),
      ...(caller.permissions.has('tasks.read-all') ? {} : { roles: caller.identity.roles }),
    };
    const page = await scopedPage(caller, query.site, (sites) => ledger().listTasks({ ...filter, ...sites }, pageRequest(query)));
    const nameOf = await directory(services);
    const me = services.waybill.pseudonym(caller.identity.userId);
    const items = page.items.map((row) => taskView(row, nameOf, me, mayDecide(caller, row)));
    return { status: 200, json: { items, ...(page.next === undefined ? {} : { next: page.next }) } };
  },
});

export const getTask = operation<TaskParams>({
  id: 'getTask', method: 'get', path: '/tasks/{taskId}', tag: 'Tasks', access: 'tasks.read', summary: 'A task',
  params: { taskId: id },
  success: { status: 200, description: 'The task.', schema: schemas.task },
  handle: async (request, caller) => {
    const task = await visibleTask(request, caller);
    const nameOf = await directory(request.services);
    const decides = mayDecide(caller, task) || await decidesForUnknownOperator(request.ledger(), caller, task);
    return { status: 200, json: taskView(task, nameOf, request.services.waybill.pseudonym(caller.identity.userId), decides) };
  },
});

export const decideTask = operation<TaskParams, object, DecisionBody>({
  id: 'decideTask', method: 'post', path: '/tasks/{taskId}/decision', tag: 'Tasks', access: 'tasks.decide', command: true,
  summary: 'Approve or reject',
  description: 'Names the hash of the facts that the person saw. When they have changed, the task was decided, claimed by somebody else or is overdue, the answer is a conflict that says which. Refusals are in the ledger.',
  params: { taskId: id },
  body: object({ decision: choice('approve', 'reject'), comment: text(2000), factsHash: text(256) }, ['comment']),
  success: {
    status: 200, description: 'The decision is in the ledger.',
    schema: object({ taskStatus: { type: 'string' }, approvals: { type: 'integer' }, quorum: { type: 'integer' } }),
  },
  handle: async (request, caller) => {
    const task = await visibleTask(request, caller);
    const { body, commandKey, services } = request;
    const outcome = accepted(await services.waybill.decideTask({
      taskId: task.task_id, by: caller.identity, decision: body.decision, factsHash: body.factsHash,
      ...(body.comment === undefined ? {} : { comment: body.comment }), ...(commandKey === undefined ? {} : { commandKey }),
    }));
    return { status: 200, json: { taskStatus: outcome.taskStatus, approvals: outcome.approvals, quorum: outcome.quorum } };
  },
});

function claimOperation(release: boolean) {
  return operation<TaskParams>({
    id: release ? 'releaseTask' : 'claimTask', method: 'post', path: `/tasks/{taskId}/${release ? 'release' : 'claim'}`, tag: 'Tasks',
    access: 'tasks.decide', command: true,
    summary: release ? 'Give a claimed task back' : 'Claim a task, so that nobody else decides it meanwhile',
    params: { taskId: id },
    success: { status: 204, description: 'Done.' },
    handle: async (request, caller) => {
      const task = await visibleTask(request, caller);
      accepted(await request.services.waybill.claimTask({ taskId: task.task_id, by: caller.identity, release }));
      return { status: 204 };
    },
  });
}

export const openTask = operation<TaskParams>({
  id: 'openTask', method: 'post', path: '/tasks/{taskId}/open', tag: 'Tasks', access: 'tasks.decide', command: true,
  summary: 'Record that the caller looks at the task',
  description: 'Once per person; what approval latency is measured from.',
  params: { taskId: id },
  success: { status: 204, description: 'Recorded.' },
  handle: async (request, caller) => {
    const task = await visibleTask(request, caller);
    accepted(await request.services.waybill.openTask({ taskId: task.task_id, by: caller.identity }));
    return { status: 204 };
  },
});

export const tasksResource = [listTasks, getTask, decideTask, claimOperation(false), claimOperation(true), openTask];
