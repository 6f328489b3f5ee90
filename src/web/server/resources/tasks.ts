import type { TaskStanding } from '../../../engine/people/task-reach.ts';
import type { Ledger, TaskCount, TaskRow } from '../../../ledger/port.ts';
import type { Caller } from '../auth/authenticate.ts';
import { hiddenInCase, maskerOf } from '../case-masking.ts';
import { masksAnything } from '../../../engine/services/exchange-veil.ts';
import { directory } from '../names.ts';
import { accepted, operation, type Services } from '../operation.ts';
import { taskView } from '../rows.ts';
import { taskDetailView } from '../task-detail-view.ts';
import { taskScopeOf } from '../task-scope.ts';
import { taskFor, taskWithDetail } from './task-work.ts';
import { problem } from '../problems.ts';
import { array, choice, id, nullable, object, pageOf, pageQuery, schemas, site, text, time, type PageQuery } from '../schemas.ts';
import { MAX_MASKED_READS, pageRequest, scopedPage, searchedPage, searchWords } from '../scope.ts';

type TaskListQuery = PageQuery & {
  readonly status?: TaskRow['status']; readonly sort?: 'urgency' | 'newest'; readonly q?: string; readonly role?: string; readonly caseId?: string; readonly site?: string;
};
interface TaskParams { readonly taskId: string }
interface DecisionBody { readonly decision: 'approve' | 'reject' | 'rework'; readonly onBehalfOf?: string; readonly comment?: string; readonly factsHash: string }

/** When nobody knows who scanned, another role than the task's own decides (PROTOCOL §4). */
async function decidesForUnknownOperator(ledger: Ledger, caller: Caller, task: TaskRow): Promise<boolean> {
  if (task.status !== 'open' || !caller.permissions.has('tasks.decide')) return false;
  const events = await ledger.readStream(task.case_id);
  return events.some((event) => event.type === 'TaskCreated' && event.data.taskId === task.task_id && caller.identity.roles.includes(event.data.unknownOperatorRole))
    && events.some((event) => (event.type === 'CaseOpened' || event.type === 'ScanRecorded') && event.data.operatorUnknown);
}

type TaskShown = ReturnType<typeof taskView> & { readonly delegators: TaskStanding['delegators']; readonly masked?: readonly string[] };

/** Who decides sees what the task declares; for others hidden facts are taken out. */
async function withoutHidden(view: TaskShown, services: Services, ledger: Ledger, caller: Caller): Promise<TaskShown> {
  const hidden = view.mayDecide ? undefined : await hiddenInCase(services, ledger, caller, view.caseId, masksAnything(services.waybill.services));
  if (hidden === undefined) return view;
  return { ...view, title: hidden.text(view.title), question: hidden.text(view.question), shown: hidden.json(view.shown), masked: hidden.pointers };
}

/** Nobody finds a task by what they may not see in it. */
async function isFoundBy(view: TaskShown, words: readonly string[], services: Services, ledger: Ledger, caller: Caller): Promise<boolean> {
  if (words.length === 0) return true;
  const hidden = await hiddenInCase(services, ledger, caller, view.caseId);
  const keys = (await ledger.caseKeys(view.caseId)).map(({ value }) => value);
  const text = [view.title, view.question, ...keys].map((each) => (view.mayDecide ? each : hidden?.text(each) ?? each)).join(' ').toLowerCase();
  return words.every((word) => text.includes(word.toLowerCase()));
}

export const listTasks = operation<object, TaskListQuery>({
  id: 'listTasks', method: 'get', path: '/tasks', tag: 'Tasks', access: 'tasks.read',
  summary: 'Tasks of the caller, open ones by default',
  description: 'Tasks of the caller\'s roles, of those for whom the caller stands in, and those given to the caller, at the caller\'s sites; roles that oversee a site see all of its tasks.',
  query: {
    ...pageQuery, site, caseId: id,
    status: { ...choice('open', 'approved', 'rejected', 'rework', 'withdrawn', 'expired', 'voided'), default: 'open' },
    sort: { ...choice('urgency', 'newest'), description: '`urgency`, the default of open tasks: soonest deadline first, those without one last, then oldest first. Others come newest first.' },
    q: text(200, 'Words that all stand in title, question or business keys, in upper or lower case.'), role: text(128, 'Only tasks of this role.'),
  },
  success: { status: 200, description: 'A page of tasks.', schema: pageOf(schemas.task) },
  handle: async ({ query, ledger, services }, caller) => {
    const scope = await taskScopeOf(caller, services);
    const filter = {
      ...(query.status === undefined ? {} : { status: query.status }), ...(query.caseId === undefined ? {} : { caseId: query.caseId }),
      ...scope.filter, ...(query.role === undefined ? {} : { role: query.role }), sort: query.sort ?? (query.status === 'open' ? 'urgency' as const : 'newest' as const),
      words: searchWords(query.q),
    };
    const nameOf = await directory(services);
    const me = services.waybill.pseudonym(caller.identity.userId);
    const { active } = maskerOf(services, caller);
    const page = await scopedPage(caller, query.site, (sites) => searchedPage(pageRequest(query), async (each) => {
      const { items, ...more } = await ledger().listTasks({ ...filter, ...sites }, each);
      const views = await Promise.all(items.filter((row) => scope.sees(row)).map(async (row) => await withoutHidden({ ...taskView(row, nameOf, me, scope.mayDecide(row)), delegators: scope.forWhom(row) }, services, ledger(), caller)));
      // Here, so that an empty page with a next one does not tell what was found.
      const found = active ? await Promise.all(views.map((view) => isFoundBy(view, filter.words, services, ledger(), caller))) : undefined;
      return { items: found === undefined ? views : views.filter((_view, index) => found[index]), ...more };
    }, active ? MAX_MASKED_READS : undefined));
    return { status: 200, json: page };
  },
});

/** Open tasks that are counted. */
const COUNT_LIMIT = 100_000;
/** How long counts are good for, ms: many pages ask at once after a change. */
const FRESH_MS = 1_000;
const counted = new WeakMap<Ledger, { readonly at: number; readonly counts: Promise<readonly TaskCount[]> }>();

function countTasks(ledger: Ledger, now: string): Promise<readonly TaskCount[]> {
  const known = counted.get(ledger);
  if (known !== undefined && performance.now() - known.at < FRESH_MS) return known.counts;
  const counts = ledger.countTasks(now, COUNT_LIMIT);
  counted.set(ledger, { at: performance.now(), counts });
  return counts;
}

function summed(counts: readonly TaskCount[], by: 'role' | 'site'): object[] {
  const sums = new Map<string, number>();
  for (const count of counts) sums.set(count[by], (sums.get(count[by]) ?? 0) + count.open);
  return [...sums].map(([name, n]) => ({ [by]: name, n }));
}

const whole = { type: 'integer', minimum: 0 } as const;

export const summarizeTasks = operation({
  id: 'summarizeTasks', method: 'get', path: '/tasks/summary', tag: 'Tasks', access: 'tasks.read',
  summary: 'Counts of the caller\'s open tasks',
  description: 'Of the tasks that the list has. At most a second old. `countedUpTo` is null, or how many of the most urgent open tasks of the whole ledger were counted.',
  success: {
    status: 200, description: 'The counts.',
    schema: object({
      open: whole, overdue: whole, dueWithinHour: whole, roles: array(object({ role: { type: 'string' }, n: whole })),
      sites: array(object({ site: { type: 'string' }, n: whole })), countedUpTo: nullable(whole),
    }),
  },
  handle: async ({ ledger, services }, caller) => {
    const all = await countTasks(ledger(), services.waybill.clock.iso());
    const scope = await taskScopeOf(caller, services);
    const mine = all.filter((count) => scope.counts(count));
    const sum = (name: 'open' | 'overdue' | 'dueWithinHour'): number => mine.reduce((total, count) => total + count[name], 0);
    const complete = all.reduce((total, count) => total + count.open, 0) < COUNT_LIMIT;
    return {
      status: 200,
      json: { open: sum('open'), overdue: sum('overdue'), dueWithinHour: sum('dueWithinHour'), roles: summed(mine, 'role'), sites: summed(mine, 'site'), countedUpTo: complete ? null : COUNT_LIMIT },
    };
  },
});

export const getTask = operation<TaskParams>({
  id: 'getTask', method: 'get', path: '/tasks/{taskId}', tag: 'Tasks', access: 'signed-in', summary: 'A task',
  description: 'To who holds its role, oversees the site, stands in for somebody, or took part in the case, who may be asked about it; without a role that reads tasks, to who is asked about it or has answered.',
  params: { taskId: id },
  success: { status: 200, description: 'The task, with why it is asked, its levels, and what the caller may do.', schema: schemas.task },
  handle: async (request, caller) => {
    const { row: task, detail } = await taskWithDetail(request, caller);
    const me = request.services.waybill.pseudonym(caller.identity.userId);
    // Who is asked about a task reads it, even without a role that reads tasks, and goes on reading what came of the answer.
    const asked = detail.mayAnswer || detail.conversation.some(({ kind, person }) => kind === 'answer' && person === me);
    if (!caller.permissions.has('tasks.read') && !(asked && (caller.scopes === undefined || caller.scopes.includes('read')))) throw problem('not-allowed');
    const nameOf = await directory(request.services);
    const scope = await taskScopeOf(caller, request.services);
    const decides = scope.mayDecide(task) || (detail.mayDecide && caller.permissions.has('tasks.decide')) || await decidesForUnknownOperator(request.ledger(), caller, task);
    const view = await withoutHidden({ ...taskView(task, nameOf, me, decides), delegators: scope.forWhom(task) }, request.services, request.ledger(), caller);
    // Facts that are hidden stand in the reasons, too.
    return { status: 200, json: { ...view, detail: taskDetailView(detail, nameOf, me, (view.masked?.length ?? 0) > 0) } };
  },
});

export const decideTask = operation<TaskParams, object, DecisionBody>({
  id: 'decideTask', method: 'post', path: '/tasks/{taskId}/decision', tag: 'Tasks', access: 'tasks.decide', command: true,
  summary: 'Approve, reject, or return for rework',
  description: 'Names the hash of the facts that the person saw. When they have changed, the task was decided, claimed by somebody else or is overdue, the answer is a conflict that says which. Refusals are in the ledger.',
  params: { taskId: id },
  body: object({
    decision: choice('approve', 'reject', 'rework'), comment: text(2000), factsHash: text(256),
    onBehalfOf: { ...id, description: 'Account id of the person for whom the caller decides; when absent, and the caller does not hold the role, the only one there is.' },
  }, ['comment', 'onBehalfOf']),
  success: {
    status: 200, description: 'The decision is in the ledger.',
    schema: object({ taskStatus: { type: 'string' }, approvals: { type: 'integer' }, quorum: { type: 'integer' }, heldUntil: time }, ['heldUntil']),
  },
  handle: async (request, caller) => {
    const task = await taskFor(request, caller);
    const { body, commandKey, services } = request;
    const outcome = accepted(await services.waybill.decideTask({
      taskId: task.task_id, by: caller.identity, decision: body.decision, factsHash: body.factsHash,
      ...(body.comment === undefined ? {} : { comment: body.comment }), ...(body.onBehalfOf === undefined ? {} : { onBehalfOf: body.onBehalfOf }), ...(commandKey === undefined ? {} : { commandKey }),
    }));
    return { status: 200, json: { taskStatus: outcome.taskStatus, approvals: outcome.approvals, quorum: outcome.quorum, ...(outcome.heldUntil === undefined ? {} : { heldUntil: outcome.heldUntil }) } };
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
      const task = await taskFor(request, caller);
      accepted(await request.services.waybill.claimTask({ taskId: task.task_id, by: caller.identity, release }));
      return { status: 204 };
    },
  });
}

export const openTask = operation<TaskParams>({
  id: 'openTask', method: 'post', pin: 'skip', path: '/tasks/{taskId}/open', tag: 'Tasks', access: 'tasks.decide', command: true,
  summary: 'Record that the caller looks at the task',
  description: 'Once per person; what approval latency is measured from.',
  params: { taskId: id },
  success: { status: 204, description: 'Recorded.' },
  handle: async (request, caller) => {
    const task = await taskFor(request, caller);
    accepted(await request.services.waybill.openTask({ taskId: task.task_id, by: caller.identity }));
    return { status: 204 };
  },
});

export const tasksResource = [listTasks, summarizeTasks, getTask, decideTask, claimOperation(false), claimOperation(true), openTask];
