import { addressKey, heldGathering, isOpenRun, ripeness } from '../domain/index.ts';
import type { Address, CaseState } from '../domain/index.ts';
import type { RaiseException } from '../domain/case/commands.ts';
import { isLasting, LedgerError } from '../ledger/port.ts';
import type { StepRow } from '../ledger/port.ts';
import { raiseOrphan } from './orphan.ts';
import { StepRefused } from './step-context.ts';
import { StepRun } from './step-run.ts';
import type { StepServices } from './step-run.ts';
import type { RegisteredStep } from './step-registry.ts';
import { MessageError } from './support/message-codec.ts';
import { once } from './support/reporting.ts';
import type { EngineTuning } from './settings.ts';
import { systemActor } from './site-log.ts';
import { uuidv7 } from './support/ids.ts';

/** A run that is held by an open exception or waits for a task or a timer has nothing to do now. */
export function canRun(state: CaseState, runId: string): boolean {
  return state.status === 'open' && isOpenRun(state.runs[runId])
    && !Object.values(state.exceptions).some((e) => e.status === 'open' && e.runId === runId);
}

/** A run that waits for people or for a time was not at work when the process ended. */
function waitsForOthers(state: CaseState, runId: string): boolean {
  const gathering = heldGathering(state, runId);
  // A gathering that all have come to goes on, whatever timer it has as well.
  if (gathering !== undefined) return ripeness(gathering) === undefined;
  return Object.values(state.timers).some((t) => t.runId === runId)
    || Object.values(state.tasks).some((t) => t.runId === runId && t.status === 'open')
    || (state.waits[runId] !== undefined && state.waits[runId].signalId === undefined)
    || Object.values(state.effects).some((e) => e.runId === runId && e.state === 'dead');
}

/** A run belongs to the type of node that entered it: another one at its address, with other guards, must not go on with it. */
export function isOfType(state: CaseState, runId: string, step: RegisteredStep): boolean {
  return state.runs[runId]?.nodeType === step.node.type;
}

/** Refusals after which there is nothing left to do for this run. */
const movedOn: ReadonlySet<string> = new Set(['case-closed', 'case-absent', 'run-not-open', 'run-unknown', 'duplicate-command']);

/** Runs the patterns of governed steps: after entry, after a wait, after a restart; never twice at once for one run. */
export class StepRunner {
  readonly #services: StepServices;
  readonly #tuning: EngineTuning;
  readonly #running = new Map<string, { again: boolean }>();
  #resumeAbove: string | undefined;
  #resuming = false;
  #closed = false;
  previousUnclean = false;

  constructor(services: StepServices, tuning: EngineTuning) {
    this.#services = services;
    this.#tuning = tuning;
  }

  get active(): number {
    return this.#running.size;
  }

  /** Starts the run, or has it run once more when it is running. */
  start(caseId: string, runId: string): void {
    const running = this.#running.get(runId);
    if (running !== undefined) {
      running.again = true;
      return;
    }
    if (this.#closed) return;
    const slot = { again: false };
    this.#running.set(runId, slot);
    void this.#loop(caseId, runId, slot);
  }

  async #loop(caseId: string, runId: string, slot: { again: boolean }): Promise<void> {
    try {
      do {
        slot.again = false;
        await this.#once(caseId, runId);
      } while (slot.again && !this.#closed);
    } finally {
      // In the same turn as the look at `again`: a start that comes later finds no run and begins one.
      this.#running.delete(runId);
    }
    this.#services.delivery.feed();
    this.resumeMore();
  }

  async #once(caseId: string, runId: string): Promise<void> {
    let address: Address | undefined;
    try {
      const found = await this.#ready(caseId, runId);
      if (found === undefined) return;
      const { state } = found;
      address = found.address;
      const step = this.#services.registry.byAddress(addressKey(address));
      if (step?.registration.pattern === undefined || !isOfType(state, runId, step)) return await this.#orphaned(state, runId, address, step);
      await step.registration.pattern.run(new StepRun(this.#services, state, runId, address));
    } catch (error) {
      await this.#failed(caseId, runId, address, error);
    }
  }

  /** The state of a run that can go on, read while flows run: what a stopped flow lacks is not gone. */
  async #ready(caseId: string, runId: string): Promise<{ readonly state: CaseState; readonly address: Address } | undefined> {
    const { registry, executor } = this.#services;
    for (;;) {
      await registry.settled();
      const state = await executor.load(caseId);
      const run = canRun(state, runId) ? state.runs[runId] : undefined;
      if (run === undefined || registry.ended) return undefined;
      if (registry.flowsRunning) return { state, address: run.address };
    }
  }

  /** No node here goes on with the run; seen at once, also when somebody retries it before the node is back. */
  #orphaned(state: CaseState, runId: string, address: Address, step: RegisteredStep | undefined): Promise<void> {
    const other = step === undefined ? undefined : { was: state.runs[runId]?.nodeType ?? 'node', is: step.node.type };
    return this.#record(state.caseId, runId, { ...raiseOrphan(addressKey(address), { runId }, other, this.#services.registry.unknownAt(addressKey(address))), address }, 'no node goes on with it');
  }

  async #failed(caseId: string, runId: string, address: Address | undefined, error: unknown): Promise<void> {
    if (error instanceof StepRefused) {
      this.#services.counters.add(`step_refused_${error.code.replaceAll('-', '_')}`);
      // The run has moved on without this turn; anything else would wait unseen.
      if (movedOn.has(error.code)) return;
      // Its node went while it was at work: looked at once more when flows run, and raised when the node is gone for good.
      if (error.code === 'orphan') {
        this.start(caseId, runId);
        return;
      }
    }
    if (error instanceof LedgerError && !isLasting(error)) {
      if (error.code === 'closed') return;
      // Nothing was decided; the step is tried again when the ledger takes commits.
      once('step-ledger', `A step waits for the ledger: ${error.message}`);
      setTimeout(() => this.start(caseId, runId), 1_000).unref();
      return;
    }
    const message = error instanceof Error ? error.message : String(error);
    await this.#raise(caseId, runId, address, error instanceof MessageError ? error.code : 'step-failed', message);
  }

  /** Raises an exception about a run that could go on but does not. */
  #raise(caseId: string, runId: string, address: Address | undefined, code: string, message: string): Promise<void> {
    return this.#record(caseId, runId, {
      type: 'RaiseException', exceptionId: uuidv7(), class: 'node-error', severity: 'high', queue: 'engineer', code, message, runId,
      ...(address === undefined ? {} : { address }),
    }, message);
  }

  async #record(caseId: string, runId: string, exception: RaiseException, why: string): Promise<void> {
    try {
      await this.#services.executor.execute(caseId, { actor: systemActor, commands: (state) => (canRun(state, runId) ? [exception] : []) });
    } catch (error) {
      once('step-failed', `A step failed (${why}) and the exception could not be recorded: ${String(error)}`);
      setTimeout(() => this.start(caseId, runId), 1_000).unref();
    }
  }

  /** Waits while as many steps are at work as the window holds, and `wanted` says that it makes sense. */
  async room(wanted: () => boolean): Promise<void> {
    while (this.#running.size >= this.#tuning.window && wanted() && !this.#closed) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  /** After a start: goes on with every step that could run, a page at a time. */
  resumeAll(): void {
    this.#resumeAbove = '';
    this.resumeMore();
  }

  get resuming(): boolean {
    return this.#resumeAbove !== undefined;
  }

  resumeMore(): void {
    if (this.#resuming || this.#resumeAbove === undefined || this.#closed || this.#running.size > this.#tuning.window / 2) return;
    this.#resuming = true;
    void this.#resumePage().catch((error: unknown) => {
      if (error instanceof LedgerError && error.code === 'closed') this.#closed = true;
      else once('resume', `Steps could not be resumed: ${String(error)}`);
      return 1_000;
    }).then((waitMs) => {
      this.#resuming = false;
      if (this.#resumeAbove === undefined || this.#closed) return;
      if (waitMs === undefined) setImmediate(() => this.resumeMore());
      else setTimeout(() => this.resumeMore(), waitMs).unref();
    });
  }

  async #resumePage(): Promise<undefined> {
    const limit = Math.max(8, Math.floor(this.#tuning.window / 4));
    const rows = await this.#services.ledger.stepsBefore(this.#services.executor.epoch, this.#resumeAbove ?? '', limit);
    for (const row of rows) {
      await this.#resume(row);
      this.#resumeAbove = row.run_id;
    }
    if (rows.length < limit) this.#resumeAbove = undefined;
    return undefined;
  }

  async #resume(row: StepRow): Promise<void> {
    const { case_id: caseId, run_id: runId } = row;
    // Only an epoch in which the step was at work counts against it.
    const unclean = this.previousUnclean && row.epoch === this.#services.executor.epoch - 1 ? 1 : 0;
    try {
      const result = await this.#services.executor.execute(caseId, {
        actor: systemActor,
        commands: (state) => {
          if (!canRun(state, runId) || waitsForOthers(state, runId)) return [];
          const uncleanEpochs = (state.runs[runId]?.uncleanEpochs ?? 0) + unclean;
          return uncleanEpochs >= this.#tuning.poisonEpochs
            ? [{ type: 'PoisonRun', runId, exceptionId: uuidv7(), limit: uncleanEpochs }]
            : [{ type: 'ResumeStep', runId, uncleanEpochs }];
        },
      });
      if (result.kind !== 'accepted' || !canRun(result.state, runId)) return;
      this.#services.counters.add('steps_resumed');
      this.start(caseId, runId);
    } catch (error) {
      if (error instanceof LedgerError && !isLasting(error)) throw error;
      // One case that cannot be read must not keep all others from going on.
      once('resume-one', `The step ${runId} of case ${caseId} could not be resumed: ${String(error)}`);
      this.#services.counters.add('steps_not_resumed');
    }
  }

  /** Waits until no step is at work, at most `ms`. */
  async drain(ms: number): Promise<void> {
    const until = Date.now() + ms;
    while (this.#running.size > 0 && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 20));
    this.#closed = true;
  }
}
