import { addressKey } from '../../domain/index.ts';
import type { AnyEvent, CaseCommand, CaseState, Task } from '../../domain/index.ts';
import type { Ledger, TaskRow } from '../../ledger/port.ts';
import type { Outcome, PersonIdentity } from '../api.ts';
import type { CaseExecutor, Execution } from '../case-executor.ts';
import type { Directory } from '../directory/directory.ts';
import type { StepRegistry } from '../step-registry.ts';
import type { StepRunner } from '../step-runner.ts';
import { systemActor } from '../site-log.ts';
import { hashFacts } from '../support/hashing.ts';
import type { Pseudonyms } from '../support/hashing.ts';
import { uuidv7 } from '../support/ids.ts';
import type { WorkCalendar } from '../work-calendar.ts';
import { ActingPeople, roleOf } from './acting.ts';
import type { ActingPerson } from './acting.ts';
import { inScope, missing, notRecorded, refusal } from './refusals.ts';
import type { Refusal } from './refusals.ts';
import { detailOf } from './task-detail.ts';
import type { TaskDetail, TaskPort } from './task-port.ts';
import { taskReachOf } from './task-reach.ts';
import type { TaskReach } from './task-reach.ts';

export interface TaskWorkOptions {
  readonly ledger: Ledger; readonly executor: CaseExecutor; readonly runner: StepRunner; readonly registry: StepRegistry; readonly pseudonyms: Pseudonyms;
  /** Until when deadlines are put off, ms since 1970. */
  readonly graceUntil: () => number;
  readonly directory: (nodeId?: string) => Directory;
  readonly calendar: (nodeId: string) => WorkCalendar | undefined;
}

/** Open tasks that are looked at again when people come or go. */
const mostLookedAt = 1_000;

type Make = (state: CaseState, acting: ActingPerson, task: Task) => CaseCommand | Promise<CaseCommand>;

/** What people do with tasks, and what the time does to them. */
export class TaskWork implements Omit<TaskPort, 'requestReversal'> {
  readonly #o: TaskWorkOptions;
  readonly acting: ActingPeople;

  constructor(options: TaskWorkOptions) {
    this.#o = options;
    this.acting = new ActingPeople(options.pseudonyms, (address) => {
      const nodeId = options.registry.byAddress(addressKey(address))?.registration.directory ?? '';
      return { directory: options.directory(nodeId), named: nodeId !== '' };
    });
  }

  /** Runs one command of a person on a task of their sites. */
  async #command(input: { readonly taskId: string; readonly by: PersonIdentity; readonly commandKey?: string | undefined; readonly onBehalfOf?: string }, make: Make): Promise<{ readonly row: TaskRow; readonly result: Execution } | Refusal> {
    const { taskId, by } = input;
    const row = await this.#o.ledger.getTask(taskId);
    if (row === undefined || !inScope(by, row.site)) return missing('task');
    const state = await this.#o.executor.settled(row.case_id);
    const known = state.tasks[taskId];
    if (known === undefined) return missing('task');
    const request = { by, at: this.#o.executor.now(), ...(input.onBehalfOf === undefined ? {} : { onBehalfOf: input.onBehalfOf }) };
    const first = await this.acting.of({ ...request, state, task: known });
    try {
      const result = await this.#o.executor.execute(row.case_id, {
        actor: { kind: 'person', id: first.person, role: roleOf(state, known), ...(first.onBehalfOf === undefined ? {} : { onBehalfOf: first.onBehalfOf.person }) },
        commands: async (now) => {
          const task = now.tasks[taskId] ?? known;
          // Who acts for whom was told in the actor already; what else the directory says is judged by the case as it is now.
          const acting = now === state ? first : { ...await this.acting.of({ ...request, state: now, task }), ...(first.onBehalfOf === undefined ? {} : { onBehalfOf: first.onBehalfOf }) };
          return [await make(now, acting, task)];
        },
        ...(input.commandKey === undefined ? {} : { commandKey: input.commandKey }),
      });
      this.#goOn(row.case_id, result);
      return { row, result };
    } catch (error) {
      return notRecorded(error);
    }
  }

  /** Steps whose tasks have changed look what is next. */
  #goOn(caseId: string, result: Execution): void {
    if (result.kind !== 'accepted' && result.kind !== 'refused') return;
    const runs = new Set(result.events.flatMap((event) => result.state.tasks[taskIn(event) ?? '']?.runId ?? []));
    for (const runId of runs) this.#o.runner.start(caseId, runId);
  }

  async #plain(input: { readonly taskId: string; readonly by: PersonIdentity; readonly commandKey?: string | undefined }, make: Make): Promise<Outcome> {
    const done = await this.#command(input, make);
    if ('ok' in done) return done;
    return done.result.kind === 'refused' ? refusal(done.result.code) : { ok: true };
  }

  #graceUntil(): string {
    return new Date(this.#o.graceUntil()).toISOString();
  }

  readonly decideTask: TaskPort['decideTask'] = async (input) => {
    const graceUntil = this.#graceUntil();
    const done = await this.#command(input, (state, acting, task) => {
      const at = this.#o.executor.now();
      return {
        type: 'DecideTask', graceUntil, taskId: input.taskId, decision: input.decision, name: input.by.name, ...acting,
        ...(input.comment === undefined || input.comment === '' ? {} : { comment: input.comment }),
        channel: input.by.channel, authMethod: input.by.authMethod, factsHash: input.factsHash, currentFactsHash: hashFacts(state.document ?? {}, task.covers), at,
        ...(input.bulk === true ? { bulk: true } : {}),
        ...(task.holdSeconds > 0 ? { heldUntil: new Date(Date.parse(at) + task.holdSeconds * 1_000).toISOString() } : {}),
      };
    });
    if ('ok' in done) return done;
    const { row, result } = done;
    if (result.kind === 'reserved') throw new Error('a decision reserves nothing');
    if (result.kind === 'refused') return refusal(result.code);
    const state = result.kind === 'duplicate-command' ? await this.#o.executor.load(row.case_id) : result.state;
    const task = state.tasks[input.taskId];
    return { ok: true, taskStatus: task?.status ?? 'open', approvals: task?.approvers.length ?? 0, quorum: task?.quorum ?? 1, ...(task?.held === undefined ? {} : { heldUntil: task.held.until }) };
  };

  readonly claimTask = (input: Parameters<TaskPort['claimTask']>[0]): Promise<Outcome> => this.#plain(input, (_state, acting) => (input.release
    ? { type: 'ReleaseTask', taskId: input.taskId, person: acting.person }
    : { type: 'ClaimTask', taskId: input.taskId, ...acting }));

  readonly openTask: TaskPort['openTask'] = (input) => this.#plain(input, (_state, acting) => ({ type: 'OpenTask', taskId: input.taskId, person: acting.person }));

  readonly reassignTask: TaskPort['reassignTask'] = (input) => this.#plain(input, async (state, acting, task) => {
    const directory = this.acting.directory(task);
    const { toRole, toPerson } = input;
    return {
      type: 'ReassignTask', taskId: input.taskId, ...acting, reason: input.reason, at: this.#o.executor.now(), graceUntil: this.#graceUntil(), name: input.by.name,
      ...(toRole === undefined ? {} : { toRole: { role: toRole, held: (await directory.unheld([toRole], state.site)).length === 0 } }),
      ...(toPerson === undefined ? {} : { toPerson: { person: this.#o.pseudonyms.person(toPerson), holdsRole: await directory.holds(toPerson, roleOf(state, task), state.site) } }),
    };
  });

  readonly requestInfo: TaskPort['requestInfo'] = (input) => this.#plain(input, (_state, acting) => ({
    type: 'RequestInfo', taskId: input.taskId, ...acting, infoId: uuidv7(), question: input.question, at: this.#o.executor.now(), graceUntil: this.#graceUntil(),
    ...(input.to === undefined ? {} : { to: this.#o.pseudonyms.person(input.to) }),
  }));

  /** The time that was left when the question was put, from now on: in working time where the deadline was. */
  #resumed(task: Task, at: string): { readonly dueAt?: string; readonly remindAt?: string } {
    const { info } = task;
    if (info === undefined) return {};
    const nodeId = this.#o.registry.byAddress(addressKey(task.address))?.registration.calendar ?? '';
    const calendar = task.calendar === undefined || nodeId === '' ? undefined : this.#o.calendar(nodeId);
    const shift = (iso: string): string => {
      if (calendar !== undefined) return calendar.add(at, Math.max(0, calendar.between(info.askedAt, iso)));
      return new Date(Date.parse(at) + Math.max(0, Date.parse(iso) - Date.parse(info.askedAt))).toISOString();
    };
    return { ...(info.pausedDueAt === undefined ? {} : { dueAt: shift(info.pausedDueAt) }), ...(info.pausedRemindAt === undefined ? {} : { remindAt: shift(info.pausedRemindAt) }) };
  }

  readonly answerInfo: TaskPort['answerInfo'] = (input) => this.#plain(input, (_state, { person, roles }, task) => {
    const at = this.#o.executor.now();
    return { type: 'AnswerInfo', taskId: input.taskId, person, roles, answer: input.answer, at, ...this.#resumed(task, at) };
  });

  readonly commentTask: TaskPort['commentTask'] = (input) => this.#plain(input, (_state, { person }) => ({ type: 'CommentTask', taskId: input.taskId, person, name: input.by.name, comment: input.comment }));

  readonly withdrawTask: TaskPort['withdrawTask'] = (input) => this.#plain(input, (_state, { person, roles }) => ({ type: 'WithdrawTask', taskId: input.taskId, person, roles, reason: input.reason }));

  readonly recallDecision: TaskPort['recallDecision'] = (input) => this.#plain(input, (_state, { person }) => ({ type: 'RecallDecision', taskId: input.taskId, person, at: this.#o.executor.now() }));

  taskReach(by: PersonIdentity): Promise<TaskReach> {
    return taskReachOf(by, this.#o.executor.now(), this.#o);
  }

  async taskDetail(taskId: string, by: PersonIdentity): Promise<TaskDetail | undefined> {
    const row = await this.#o.ledger.getTask(taskId);
    if (row === undefined || !inScope(by, row.site)) return undefined;
    const state = await this.#o.executor.settled(row.case_id);
    const task = state.tasks[taskId];
    if (task === undefined) return undefined;
    const at = this.#o.executor.now();
    const acting = await this.acting.of({ by, state, task, at });
    return detailOf({
      state, task, acting, at, directory: this.acting.directory(task), events: await this.#o.ledger.readStream(row.case_id),
      delegators: (await this.acting.delegators({ by, state, task, at })).map(({ member }) => ({ userId: member.userId, name: member.name })),
      reversible: [...this.#o.registry.all()].some((step) => step.registration.reversal?.of.includes(task.address.stepId) === true),
    });
  }

  /** A task's deadline has come; decided by the time of the command. */
  async expire(caseId: string, taskId: string): Promise<void> {
    await this.#system(caseId, () => ({ type: 'ExpireTask', taskId, at: this.#o.executor.now() }));
  }
  async remind(caseId: string, taskId: string): Promise<void> {
    await this.#system(caseId, () => ({ type: 'RemindTask', taskId, at: this.#o.executor.now() }));
  }
  /** The time for a recall is over. */
  async release(caseId: string, taskId: string): Promise<void> {
    await this.#system(caseId, (state) => ({
      type: 'ReleaseDecision', taskId, at: this.#o.executor.now(), currentFactsHash: hashFacts(state.document ?? {}, state.tasks[taskId]?.covers ?? []),
    }));
  }
  async #system(caseId: string, make: (state: CaseState) => CaseCommand): Promise<void> {
    this.#goOn(caseId, await this.#o.executor.execute(caseId, { actor: systemActor, commands: (state) => [make(state)] }));
  }

  /** People came or went: steps whose quorum depends on who there is look again. */
  async peopleChanged(): Promise<void> {
    let cursor: string | undefined;
    for (let seen = 0; seen < mostLookedAt;) {
      const page = await this.#o.ledger.listTasks({ status: 'open' }, { limit: 200, ...(cursor === undefined ? {} : { cursor }) });
      for (const row of page.items) {
        const state = await this.#o.executor.settled(row.case_id);
        const named = (this.#o.registry.byAddress(row.address)?.registration.directory ?? '') !== '';
        if (named || state.tasks[row.task_id]?.quorumOf === 'all') this.#o.runner.start(row.case_id, row.run_id);
      }
      seen += page.items.length;
      cursor = page.next;
      if (cursor === undefined) return;
    }
  }
}

/** After these a step has nothing else to do than before. */
const ofNoConsequence: ReadonlySet<AnyEvent['type']> = new Set(['TaskOpened', 'TaskClaimed', 'TaskReleased', 'TaskCommented', 'TaskReminded', 'InfoRequested']);

function taskIn(event: AnyEvent): string | undefined {
  if (ofNoConsequence.has(event.type)) return undefined;
  const { taskId } = event.data as { readonly taskId?: unknown };
  return typeof taskId === 'string' ? taskId : undefined;
}
