import type { CaseCommand, Effect } from '../../domain/index.ts';
import type { AttemptEnd, Pass } from '../../connectors/resilience/circuit.ts';
import type { StepContext } from '../step-context.ts';

/** The circuit of a call's system as one turn of the step goes through it. */
export class CallGate {
  readonly #step: StepContext;
  readonly #system: string;
  readonly #maxElapsedMs: number;
  #pass: Pass | undefined;

  constructor(step: StepContext, system: string, maxElapsedMs: number) {
    this.#step = step;
    this.#system = system;
    this.#maxElapsedMs = maxElapsedMs;
  }

  /** Its timer while nothing may leave before the first call. */
  get #timerId(): string {
    return `circuit:${this.#step.runId}`;
  }

  /** True while the first call waits for the circuit: its time has not come, and the circuit has not closed either. */
  get waits(): boolean {
    const timer = this.#step.state.timers[this.#timerId];
    return timer !== undefined && timer.dueAt > this.#step.now() && this.#step.circuits.isOpen(this.#system);
  }

  /** Ends the wait before the first call, with the commit that makes it. */
  get opened(): readonly CaseCommand[] {
    return this.#step.state.timers[this.#timerId] === undefined ? [] : [{ type: 'CancelTimer', timerId: this.#timerId }];
  }

  /** Leave for a call; waits for room. False when nothing may leave: what comes then is in the ledger. */
  async enter(effect: Effect | undefined): Promise<boolean> {
    if (this.#pass !== undefined) return true;
    const { circuits, runId } = this.#step;
    let open = false;
    const room = Promise.withResolvers<Pass | undefined>();
    const admission = circuits.enter(this.#system, runId, (pass) => {
      if (!open) return room.resolve(pass);
      if (pass === undefined) return;
      circuits.grant(this.#system, runId, pass);
      this.#step.again();
    });
    if (admission.kind === 'open') {
      open = true;
      await this.#putOff(effect);
      return false;
    }
    this.#pass = admission.kind === 'pass' ? admission.pass : await room.promise;
    return this.#pass !== undefined;
  }

  /** Gives leave back with what the call says of the system. */
  end(how: AttemptEnd): void {
    if (this.#pass === undefined) return;
    this.#step.circuits.end(this.#system, this.#pass, how);
    this.#pass = undefined;
  }

  /** No call is counted; the maximum time holds all the same. */
  async #putOff(effect: Effect | undefined): Promise<void> {
    const step = this.#step;
    const dueAt = step.circuits.heldUntil(this.#system, 0);
    if (effect === undefined) {
      await step.commit([{ type: 'ScheduleTimer', timerId: this.#timerId, runId: step.runId, purpose: 'circuit-open', dueAt, destructive: false }]);
      return;
    }
    if (step.clock.now() - Date.parse(effect.roundStartedAt) > this.#maxElapsedMs && effect.lastOutcome !== 'unknown') {
      step.circuits.forget(this.#system, step.runId);
      await step.commit([{ type: 'DeadLetter', effectId: effect.effectId, deadLetterId: step.newId(), reason: 'circuit-open' }]);
      return;
    }
    await step.commit([{ type: 'ScheduleRetry', effectId: effect.effectId, callId: step.newId(), dueAt, reason: 'circuit-open' }]);
  }
}
