import assert from 'node:assert/strict';

import type { CaseCommand, CaseEvent, EventData, EventType } from '../../../src/domain/index.ts';
import { members } from './hostile-case.ts';
import { BranchesObserver } from './branches-observer.ts';
import type { Turn } from './hostile-case.ts';

/** What a task was asked for and what became of it, told from the events alone. */
interface TaskFacts {
  readonly runId: string; role: string; alsoRole?: string | undefined; readonly unknownOperatorRole: string; readonly quorum: number; readonly all: boolean; readonly level: number; readonly sequence: number;
  readonly requesters: readonly string[]; readonly requesterUnknown: boolean; readonly amount: string | undefined; dueAt: string | undefined; pausedDueAt: string | undefined;
  assignee: string | undefined; held: string | undefined; heldFor: string | undefined; outcome: string | undefined;
  /** Who says that work is done decides nothing: segregation of duties does not apply. */
  readonly decides: boolean; readonly photos: number;
  ended: boolean; readonly deciders: Set<string>; approvals: { person: string; behalf: string | undefined; asUnknownOperatorRole: boolean }[];
}
interface EffectFacts {
  readonly key: string; readonly recovery: string; readonly run: string; readonly generation: number;
  openCall: string | undefined; unknown: boolean; happened: boolean;
}

const afterClose: ReadonlySet<EventType> = new Set<EventType>(['ScanRecorded', 'CommandRefused', 'TokenLate', 'NodeFailed', 'ExceptionResolved', 'QuantityReleased', 'ReversalRequested', 'AmountReleased', 'TaskNotified', 'ExceptionAssigned', 'ExceptionReleased', 'Reclassified', 'Merged', 'Unmerged', 'Linked', 'ExceptionNoted', 'PhotoAttached', 'PhotoErased']);

/**
 * Watches a case from outside: keeps books of its own from the events, and fails on the first turn that breaks
 * what must always hold. It never looks at how the deciders come to their answers.
 */
export class Observer {
  #events = 0;
  #closed = false;
  readonly #issued = new Set<string>();
  readonly #voidReason = new Map<string, string>();
  readonly #entered = new Set<string>();
  readonly #completed = new Set<string>();
  readonly #branches = new BranchesObserver();
  readonly #tasks = new Map<string, TaskFacts>();
  /** Runs whose end is known: nothing is asked about them any more. */
  readonly #runOutcome = new Set<string>();
  readonly #reversed = new Set<string>();
  readonly #effects = new Map<string, EffectFacts>();
  readonly #operators = new Set<string>();
  #operatorUnknown = false;
  /** Photos by task. */
  readonly #photos = new Map<string, number>();
  readonly #photoTasks = new Map<string, string>();
  /** Open exceptions with the run that they are about, and whether they hold it. */
  readonly #open = new Set<string>();
  readonly #resolved = new Set<string>();
  readonly #mergedInto = new Map<string, string>();

  see(turn: Turn): void {
    this.#refusals(turn);
    for (const event of turn.recorded) this.#event(event, turn);
    this.#standing(turn);
  }

  /** A refusal is recorded first, with its code; an accepted command records none (PROTOCOL §5). */
  #refusals({ command, decision }: Turn): void {
    const refusals = decision.events.filter((e) => e.type === 'CommandRefused');
    if (decision.kind === 'accepted') return assert.deepEqual(refusals, []);
    assert.deepEqual(decision.events[0]?.data, { command: command.type, code: decision.code });
    assert.equal(refusals.length, 1);
  }

  #event(event: CaseEvent, turn: Turn): void {
    this.#events += 1;
    if (this.#closed) {
      assert.ok(afterClose.has(event.type), `${event.type} after the close`);
      if (event.type === 'ExceptionResolved') assert.deepEqual([event.data.tokens, ['retry', 'continue'].includes(event.data.outcome)], [[], false]);
    }
    this.#branches.see(event);
    this.#tokens(event);
    this.#decisions(event, turn);
    this.#calls(event);
    this.#exceptions(event);
    this.#attachments(event);
    if (event.type === 'CaseClosed') this.#closed = true;
  }

  #issue(tokenId: string): void {
    assert.ok(!this.#issued.has(tokenId), `token ${tokenId} issued twice`);
    this.#issued.add(tokenId);
  }

  /** Tokens: entered at most once, only when issued and not void; a step completes at most once. */
  #tokens(event: CaseEvent): void {
    switch (event.type) {
      case 'StepCompleted':
        assert.ok(!this.#completed.has(event.data.runId) && !this.#branches.voided.has(event.data.runId), `run ${event.data.runId} completed twice`);
        this.#completed.add(event.data.runId);
        for (const token of event.data.tokens) this.#issue(token.tokenId);
        break;
      case 'ExceptionResolved':
        for (const token of event.data.tokens) {
          assert.ok(!this.#entered.has(token.replaces) && !this.#voidReason.has(token.replaces), `token ${token.replaces} replaced, but it was not live`);
          this.#voidReason.set(token.replaces, `replaced by ${token.tokenId}`);
          this.#issue(token.tokenId);
        }
        break;
      case 'StepEntered':
        assert.equal(event.tokenId, event.data.runId);
        assert.ok(this.#issued.has(event.data.runId), `token ${event.data.runId} entered, but was never issued`);
        assert.ok(!this.#voidReason.has(event.data.runId), `void token ${event.data.runId} entered`);
        assert.ok(!this.#entered.has(event.data.runId), `token ${event.data.runId} entered twice`);
        this.#entered.add(event.data.runId);
        break;
      case 'TokenRerouted':
        assert.ok(!this.#entered.has(event.data.tokenId) && !this.#voidReason.has(event.data.tokenId), `token ${event.data.tokenId} rerouted, but it was not live`);
        this.#voidReason.set(event.data.tokenId, 'rerouted');
        for (const token of event.data.tokens) this.#issue(token.tokenId);
        break;
      case 'TokenReplayed': if (event.data.by !== undefined) this.#operators.add(event.data.by); break;
      case 'TokenVoided': this.#voidReason.set(event.data.tokenId, event.data.reason); break;
      case 'CaseClosed': for (const id of event.data.cancelledTokens) this.#voidReason.set(id, 'cancelled by the close'); break;
      default: break;
    }
  }

  /** No second decision, none by who touched the case, none without the role (PROTOCOL §4, §8). */
  #decisions(event: CaseEvent, { command }: Turn): void {
    switch (event.type) {
      case 'CaseOpened':
        for (const operator of event.data.operators) this.#operators.add(operator);
        if (event.data.operatorUnknown) this.#operatorUnknown = true;
        break;
      case 'ScanRecorded':
        if (event.data.operator !== undefined) this.#operators.add(event.data.operator);
        if (event.data.operatorUnknown) this.#operatorUnknown = true;
        break;
      case 'TaskCreated': {
        const { runId, role, unknownOperatorRole, quorum, kind, photos, level, sequence = 1 } = event.data;
        const decides = (kind ?? 'approval') === 'approval';
        assert.ok(!decides || !this.#runOutcome.has(runId), 'an approval for a run that has its end');
        for (const task of this.#tasks.values()) {
          assert.ok(task.runId !== runId || task.ended || task.decides !== decides || (task.level !== level && (!decides || task.sequence === sequence)), 'two open tasks of one level, or of two askings');
        }
        this.#tasks.set(event.data.taskId, {
          runId, role, unknownOperatorRole, quorum, level, sequence, decides, photos: kind === 'evidence' ? photos ?? 1 : 0, all: event.data.quorumOf === 'all', requesters: event.data.requesters ?? [], requesterUnknown: event.data.requesterUnknown ?? false,
          amount: event.data.amount, dueAt: event.data.dueAt, pausedDueAt: undefined, assignee: event.data.assignee, held: undefined, heldFor: undefined, outcome: undefined, ended: false, deciders: new Set(), approvals: [],
        });
        break;
      }
      case 'TaskExpired':
        this.#finished(event.data.taskId, 'expired');
        break;
      case 'TaskVoided':
        this.#end(event.data.taskId);
        // What was held when its task was voided never stood.
        this.#task(event.data.taskId).outcome = undefined;
        break;
      case 'TaskWithdrawn': this.#finished(event.data.taskId, 'withdrawn'); break;
      case 'Decided':
        if (event.data.taskId === undefined) this.#outcome(event.data.runId);
        else if (command.type === 'DecideTask') this.#decided(event.data.taskId, event.data, command);
        else {
          // The policy rejects, it never approves; a decision that was made in time stands.
          assert.deepEqual([command.type, event.data.outcome, this.#task(event.data.taskId).held], ['EscalateLadder', 'rejected', undefined]);
          this.#finished(event.data.taskId, 'rejected');
        }
        break;
      case 'DecisionRecalled': {
        const task = this.#task(event.data.taskId);
        assert.ok(task.held !== undefined && task.outcome === event.data.outcome, 'recalled what was not held');
        for (const person of [task.held, task.heldFor]) if (person !== undefined) task.deciders.delete(person);
        task.approvals = task.approvals.filter((each) => each.person !== task.held);
        task.held = task.outcome = undefined;
        break;
      }
      case 'DecisionReleased': {
        const task = this.#task(event.data.taskId);
        assert.ok(task.all || task.outcome === event.data.outcome, 'another outcome than what was held');
        if (event.data.outcome === 'approved') this.#enough(task);
        this.#finished(event.data.taskId, event.data.outcome);
        break;
      }
      case 'Escalated':
        // A rung that raises the level lets another role decide beside the task's own.
        if (event.data.action === 'raise' && event.data.taskId !== undefined) this.#task(event.data.taskId).alsoRole = event.data.role;
        break;
      case 'Reassigned': {
        const task = this.#task(event.data.taskId);
        if (event.data.toRole !== undefined) task.role = event.data.toRole;
        task.assignee = event.data.toRole === undefined ? event.data.toPerson : undefined;
        assert.ok(task.assignee === undefined || !this.#partOf(task).includes(task.assignee), 'given to who touched the case');
        break;
      }
      case 'InfoRequested': {
        const task = this.#task(event.data.taskId);
        [task.pausedDueAt, task.dueAt] = [task.dueAt, undefined];
        break;
      }
      case 'InfoAnswered': {
        const task = this.#task(event.data.taskId);
        assert.equal(event.data.dueAt !== undefined, task.pausedDueAt !== undefined, 'a deadline comes back as it was, or not at all');
        [task.dueAt, task.pausedDueAt] = [event.data.dueAt, undefined];
        this.#operators.add(event.data.by);
        break;
      }
      case 'ReversalRequested': {
        const task = this.#task(event.data.taskId);
        assert.ok(task.outcome === 'approved' && (this.#completed.has(task.runId) || this.#closed), 'reversed what was not approved and done');
        assert.ok(!this.#reversed.has(task.runId), 'reversed twice');
        this.#reversed.add(task.runId);
        break;
      }
      default: break;
    }
  }

  #task(taskId: string): TaskFacts {
    const task = this.#tasks.get(taskId);
    assert.ok(task !== undefined, `task ${taskId} was never created`);
    return task;
  }

  #end(taskId: string): void {
    const task = this.#task(taskId);
    assert.ok(!task.ended, `task ${taskId} ended twice`);
    task.ended = true;
  }

  #outcome(runId: string): void {
    assert.ok(!this.#runOutcome.has(runId), `run ${runId} was decided twice`);
    this.#runOutcome.add(runId);
  }

  #partOf(task: TaskFacts): readonly string[] {
    return [...this.#operators, ...task.requesters];
  }

  #decided(taskId: string, data: EventData['Decided'], command: CaseCommand & { type: 'DecideTask' }): void {
    const task = this.#task(taskId);
    assert.ok(!task.ended && task.held === undefined, `a decision on task ${taskId} after its end`);
    assert.ok(task.dueAt === undefined || command.at <= task.dueAt, `a decision on task ${taskId} after its deadline`);
    const persons = data.onBehalfOf === undefined ? [data.decider] : [data.decider, data.onBehalfOf];
    for (const person of persons) {
      assert.ok(!task.deciders.has(person), `${person} decided twice`);
      assert.ok(!task.decides || !this.#partOf(task).includes(person), `${person} touched the case and decided`);
      this.#otherLevels(task, person);
      task.deciders.add(person);
    }
    const roles = command.onBehalfOf?.roles ?? command.roles;
    const unknown = task.decides && (this.#operatorUnknown || task.requesterUnknown);
    assert.ok(roles.includes(unknown ? task.unknownOperatorRole : task.role) || (!unknown && task.alsoRole !== undefined && roles.includes(task.alsoRole)), `${data.decider} decided without the role`);
    assert.ok(!task.decides || task.assignee === undefined || persons.includes(task.assignee), `${data.decider} decided what was given to somebody else`);
    assert.ok(data.decision !== 'approve' || (this.#photos.get(taskId) ?? 0) >= task.photos, 'done without the photos that were asked for');
    if (data.decision === 'approve') {
      assert.ok(task.amount === undefined || command.limit === undefined || Number(task.amount) <= Number(command.limit.amount), 'approved above the limit');
      task.approvals.push({ person: data.decider, behalf: data.onBehalfOf, asUnknownOperatorRole: this.#operatorUnknown });
    }
    if (data.outcome === undefined) return;
    if (data.outcome === 'approved') this.#enough(task);
    else assert.equal(data.outcome, data.decision === 'reject' ? 'rejected' : 'rework');
    if (data.heldUntil === undefined) return this.#finished(taskId, data.outcome);
    [task.held, task.heldFor, task.outcome] = [data.decider, data.onBehalfOf, data.outcome];
  }

  /** Nobody decides two levels of one asking, in person or through a delegate. */
  #otherLevels(task: TaskFacts, person: string): void {
    for (const other of this.#tasks.values()) {
      if (other === task || !task.decides || !other.decides || other.runId !== task.runId || other.sequence !== task.sequence || (other.ended && other.outcome === undefined)) continue;
      assert.ok(!other.deciders.has(person), `${person} decided two levels`);
    }
  }

  /** One task has its outcome; what is no approval ends the whole run. */
  #finished(taskId: string, outcome: string): void {
    const task = this.#task(taskId);
    this.#end(taskId);
    task.outcome = outcome;
    if (outcome !== 'approved' && task.decides) this.#outcome(task.runId);
  }

  /** The quorum is never short of people who have no part in the case. */
  #enough(task: TaskFacts): void {
    const standing = !task.decides ? task.approvals : task.approvals.filter((a) =>
      [a.person, ...(a.behalf === undefined ? [] : [a.behalf])].every((person) => !this.#operators.has(person)) && (!this.#operatorUnknown || a.asUnknownOperatorRole));
    assert.ok(standing.length >= task.quorum, `approved by ${standing.length} of ${task.quorum}`);
    if (!task.all || !task.decides || [...this.#tasks.values()].some((each) => each.role === 'buyer')) return;
    const spoke = new Set([...this.#partOf(task), ...standing.flatMap((each) => [each.person, each.behalf])]);
    const elsewhere = [...this.#tasks.values()].filter((other) => other !== task && other.runId === task.runId).flatMap((other) => [...other.deciders]);
    for (const member of members) assert.ok(spoke.has(member) || elsewhere.includes(member) || (task.assignee ?? member) !== member, `${member} was not asked, and all were to be`);
  }

  #begun(runId: string): boolean {
    return (this.#entered.has(runId) || this.#branches.undoRuns.has(runId)) && !this.#branches.voided.has(runId);
  }

  /** Resolved once, until it is opened again; groups of merged ones are one level deep. */
  #exceptions(event: CaseEvent): void {
    switch (event.type) {
      case 'ExceptionRaised':
        this.#open.add(event.data.exceptionId);
        this.#resolved.delete(event.data.exceptionId);
        this.#mergedInto.delete(event.data.exceptionId);
        break;
      case 'ExceptionResolved':
        assert.ok(this.#open.delete(event.data.exceptionId), `exception ${event.data.exceptionId} resolved, but it was not open`);
        this.#resolved.add(event.data.exceptionId);
        break;
      case 'Reopened':
        assert.ok(this.#resolved.delete(event.data.exceptionId), 'opened again, but it was not resolved');
        assert.ok(event.data.runId === undefined || (this.#begun(event.data.runId) && !this.#completed.has(event.data.runId)), 'holds a step that is not at work');
        this.#open.add(event.data.exceptionId);
        this.#mergedInto.delete(event.data.exceptionId);
        break;
      case 'Merged': {
        const { exceptionId, into } = event.data;
        assert.ok(exceptionId !== into && this.#open.has(exceptionId) && !this.#mergedInto.has(exceptionId) && !this.#mergedInto.has(into), 'merged in a chain or a circle');
        for (const [other, main] of this.#mergedInto) assert.ok(main !== exceptionId || !this.#open.has(other), 'merged although others are merged into it');
        this.#mergedInto.set(exceptionId, into);
        break;
      }
      case 'Unmerged':
        assert.ok(this.#mergedInto.delete(event.data.exceptionId));
        break;
      default: break;
    }
  }

  #attachments(event: CaseEvent): void {
    if (event.type === 'PhotoAttached' && event.data.subject.kind === 'task') {
      const { attachmentId, subject } = event.data;
      assert.ok(!this.#task(subject.id).ended, 'a photo on a task that has ended');
      this.#photoTasks.set(attachmentId, subject.id);
      this.#photos.set(subject.id, (this.#photos.get(subject.id) ?? 0) + 1);
    }
    const task = event.type === 'PhotoErased' ? this.#photoTasks.get(event.data.attachmentId) : undefined;
    if (task !== undefined) this.#photos.set(task, (this.#photos.get(task) ?? 0) - 1);
  }

  /** One call at a time, one key for ever, an unknown outcome never guessed (PROTOCOL §3). */
  #calls(event: CaseEvent): void {
    switch (event.type) {
      case 'EffectIntended': {
        const { effectId, idempotencyKey, recovery, runId, generation } = event.data;
        assert.ok(!this.#effects.has(effectId), `effect ${effectId} intended twice`);
        for (const other of this.#effects.values()) {
          assert.ok(other.run !== runId || other.generation < generation, 'the generation was not raised');
          assert.ok(other.run !== runId || !(other.openCall !== undefined || other.unknown || other.happened), 'a new generation of what may have happened');
        }
        this.#effects.set(effectId, { key: idempotencyKey, recovery, run: runId, generation, openCall: undefined, unknown: false, happened: false });
        break;
      }
      case 'CallStarted': {
        const effect = this.#effect(event.data.effectId);
        assert.equal(effect.openCall, undefined, 'two calls under way');
        assert.ok(!effect.happened, 'called again after it happened');
        for (const other of this.#effects.values()) assert.ok(other.run !== effect.run || other.generation <= effect.generation, 'called again although a later generation has taken its place');
        assert.ok(!effect.unknown || effect.recovery === 'same-key' || effect.recovery === 'safe', 'an unknown outcome was guessed');
        effect.openCall = event.data.callId;
        break;
      }
      case 'CallEnded': {
        const effect = this.#effect(event.data.effectId);
        assert.equal(effect.openCall, event.data.callId);
        effect.openCall = undefined;
        if (event.data.outcome !== 'transient') effect.unknown = event.data.outcome === 'unknown';
        if (event.data.outcome === 'success') effect.happened = true;
        break;
      }
      case 'OutcomeResolved': {
        const effect = this.#effect(event.data.effectId);
        assert.ok(effect.unknown, 'resolved what was not unknown');
        effect.unknown = false;
        effect.happened = event.data.outcome === 'happened';
        break;
      }
      case 'CaseClosed':
        for (const [id, effect] of this.#effects) assert.ok(effect.openCall === undefined && !effect.unknown, `closed over effect ${id}`);
        break;
      default: break;
    }
  }

  #effect(effectId: string): EffectFacts {
    const effect = this.#effects.get(effectId);
    assert.ok(effect !== undefined, `effect ${effectId} was never intended`);
    return effect;
  }

  /** The state agrees with the books: no token is lost, closed stays closed, keys never change, versions count events. */
  #standing({ after }: Turn): void {
    assert.equal(after.version, this.#events);
    assert.equal(after.status === 'closed', this.#closed);
    assert.deepEqual(Object.keys(after.tokens).sort(), [...this.#issued].sort());
    for (const token of Object.values(after.tokens)) {
      const expected = this.#entered.has(token.tokenId) ? 'consumed' : this.#voidReason.has(token.tokenId) ? 'void' : 'live';
      assert.equal(token.state, expected, `token ${token.tokenId}`);
      assert.ok(expected !== 'live' || !this.#closed, `token ${token.tokenId} lives on in a closed case`);
    }
    for (const run of Object.values(after.runs)) {
      const open = run.state !== 'completed' && run.state !== 'void';
      assert.ok(!open || (!this.#closed && !this.#completed.has(run.runId)), `run ${run.runId} is open, but has ended`);
    }
    assert.deepEqual(Object.values(after.exceptions).filter((e) => e.status === 'open').map((e) => e.exceptionId).sort(), [...this.#open].sort());
    for (const effect of Object.values(after.effects)) {
      const facts = this.#effect(effect.effectId);
      assert.equal(effect.idempotencyKey, facts.key);
      assert.equal(effect.openCallId, facts.openCall);
      assert.equal(effect.dueAt !== undefined, effect.state === 'waiting', 'a timer without a wait, or a wait without a timer');
    }
    for (const task of Object.values(after.tasks)) assert.ok(task.status !== 'open' || (!this.#closed && !this.#completed.has(task.runId)), `task ${task.taskId} outlives its step`);
  }
}
