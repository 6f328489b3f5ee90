import { nextOf } from '../../domain/escalation/ladder.ts';
import { addressKey } from '../../domain/index.ts';
import type { AnyEvent, CaseCommand, CaseState } from '../../domain/index.ts';
import type { CaseExecutor, Execution } from '../case-executor.ts';
import type { LadderView } from '../api.ts';
import { systemActor } from '../site-log.ts';
import type { StepRegistry } from '../step-registry.ts';
import type { StepRunner } from '../step-runner.ts';
import type { Counters } from '../support/counters.ts';
import { uuidv7 } from '../support/ids.ts';
import type { WorkCalendar } from '../work-calendar.ts';
import { ladderCommands } from './follow.ts';

/** Rungs that one look at a ladder may reach, at most. */
const mostAtOnce = 50;

/** The ladders of a case for the case page. */
export function laddersOf(state: CaseState): readonly LadderView[] {
  return Object.values(state.ladders).flatMap((ladder) => {
    const next = nextOf(ladder);
    const role = ladder.rungs[ladder.next]?.role;
    return next === undefined ? [] : [{
      ladderId: ladder.ladderId, subject: ladder.subject, address: ladder.address, rung: next.rung, rungs: ladder.rungs.length, action: next.action, escalatesAt: ladder.paused === undefined ? next.dueAt : null,
      ...(ladder.until === undefined ? {} : { until: ladder.until }), ...(role === undefined ? {} : { role }), ...(ladder.paused === undefined ? {} : { paused: ladder.paused.reason }),
    }];
  });
}

/**
 * Ladders as the engine runs them. What starts, pauses and resumes them follows from other events of the case in the same commit
 * ({@link follow}), so that no end of the process can leave a task without its ladder; a rung and what it changes are one commit as well.
 */
export class Ladders {
  readonly #executor: CaseExecutor;
  readonly #runner: StepRunner;
  readonly #registry: StepRegistry;
  readonly #counters: Counters;
  readonly #calendar: (nodeId: string) => WorkCalendar | undefined;
  readonly #graceUntil: () => number;

  constructor(options: {
    readonly executor: CaseExecutor; readonly runner: StepRunner; readonly registry: StepRegistry; readonly counters: Counters;
    readonly calendar: (nodeId: string) => WorkCalendar | undefined; readonly graceUntil: () => number;
  }) {
    this.#executor = options.executor;
    this.#runner = options.runner;
    this.#registry = options.registry;
    this.#counters = options.counters;
    this.#calendar = options.calendar;
    this.#graceUntil = options.graceUntil;
  }

  /** See {@link ladderCommands}. */
  follow(state: CaseState, events: readonly AnyEvent[], at: string): readonly CaseCommand[] {
    return ladderCommands(state, events, at, { calendar: this.#calendar, newId: uuidv7, idsAt: (address) => this.#registry.idsAt(address) });
  }

  /** A rung's time has come: this one, and what else is overdue on the ladder, each in a commit of its own. */
  async fire(caseId: string, ladderId: string): Promise<void> {
    for (let i = 0; i < mostAtOnce; i += 1) {
      const exceptionId = uuidv7();
      const result = await this.#executor.execute(caseId, {
        actor: systemActor,
        commands: (state) => {
          const next = nextOf(state.ladders[ladderId] ?? { rungs: [], next: 0 });
          return next === undefined ? [] : [{ type: 'EscalateLadder', ladderId, rung: next.rung, at: this.#executor.now(), graceUntil: new Date(this.#graceUntil()).toISOString(), exceptionId }];
        },
      });
      if (result.kind !== 'accepted' || result.events.length === 0) return;
      this.#reached(result);
    }
  }

  #reached(result: Execution & { kind: 'accepted' }): void {
    this.#counters.add('rungs_reached');
    const { state, events } = result;
    for (const event of events) {
      // The step whose task the policy has rejected goes on.
      if (event.type === 'Decided') this.#runner.start(state.caseId, event.data.runId);
    }
    this.#tell(state, events);
  }

  /** Output 2 of the node that armed it: a plain message without waybill, about one rung. */
  #tell(state: CaseState, events: readonly AnyEvent[]): void {
    const told = events.filter((event) => event.type === 'Escalated');
    const [first] = told;
    if (first?.address === undefined || first.data.coalesced === true) return;
    const { ladderId, rung, action, role, dueAt, next } = first.data;
    const node = this.#registry.byAddress(addressKey(first.address))?.node;
    const ids = (name: 'taskId' | 'exceptionId'): readonly string[] => told.flatMap((event) => event.data[name] ?? []);
    node?.send([null, {
      topic: action,
      payload: {
        caseId: state.caseId, title: state.title ?? state.caseId, site: state.site, process: state.process, ladderId, rung, action, dueAt, taskIds: ids('taskId'), exceptionIds: ids('exceptionId'),
        ...(role === undefined ? {} : { role }), ...(next === undefined ? {} : { next }),
      },
    }]);
  }
}
