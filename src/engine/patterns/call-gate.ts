import type { CaseCommand, Effect } from '../../domain/index.ts';
import type { AttemptEnd, Pass } from '../../connectors/resilience/circuit.ts';
import type { StepContext } from '../step-context.ts';

/** Why a call waits that no circuit holds. */
const paced = 'rate-limited';
/** Why a call waits whose service is stopped. */
const stopped = 'service-stopped';
/** A wait that is shorter is not worth a commit, ms. */
const notWorthATimerMs = 250;

/** Pace and circuit of a call's system as one turn of the step goes through them. */
export class CallGate {
  readonly #step: StepContext;
  readonly #system: string;
  readonly #service: string;
  readonly #maxElapsedMs: number;
  readonly #admit: ((id: string, now: number) => number) | undefined;
  #pass: Pass | undefined;

  /** @param admit when the call may go, ms since 1970; not after now: at once, and it counts */
  constructor(step: StepContext, { system, service }: { readonly system: string; readonly service: string }, maxElapsedMs: number, admit?: (id: string, now: number) => number) {
    this.#step = step;
    this.#system = system;
    this.#service = service;
    this.#maxElapsedMs = maxElapsedMs;
    this.#admit = admit;
  }

  /** Its timer while nothing may leave before the first call. */
  get #timerId(): string {
    return `circuit:${this.#step.runId}`;
  }

  /** True while the first call waits: its time has not come, and no circuit has closed either that it waits for. */
  get waits(): boolean {
    const timer = this.#step.state.timers[this.#timerId];
    if (timer === undefined || timer.dueAt <= this.#step.now()) return false;
    return timer.purpose === paced || (timer.purpose === stopped ? this.#step.stops.of(this.#service) !== undefined : this.#step.circuits.isOpen(this.#system));
  }

  /** Ends the wait before the first call, with the commit that makes it. */
  get opened(): readonly CaseCommand[] {
    return this.#step.state.timers[this.#timerId] === undefined ? [] : [{ type: 'CancelTimer', timerId: this.#timerId }];
  }

  /** Leave for a call; waits for room. False when nothing may leave: what comes then is in the ledger. */
  async enter(effect: Effect | undefined): Promise<boolean> {
    if (this.#pass !== undefined) return true;
    if (!await this.#runs(effect)) return false;
    if (!await this.#pacedOf(effect)) return false;
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
      await this.#putOff(effect, circuits.heldUntil(this.#system, 0), 'circuit-open');
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

  /** A stopped service is waited for, durably, however long: nobody has failed. */
  async #runs(effect: Effect | undefined): Promise<boolean> {
    const { stops, runId } = this.#step;
    const stop = stops.of(this.#service);
    if (stop === undefined) return true;
    stops.wait(this.#service, runId, () => this.#step.again());
    await this.#putOff(effect, stops.heldUntil(stop), stopped);
    return false;
  }

  /** Waits for its place in the pace of the service: a moment here, longer as a timer in the ledger. An open circuit takes no place. */
  async #pacedOf(effect: Effect | undefined): Promise<boolean> {
    const { clock, runId, circuits } = this.#step;
    if (this.#admit === undefined || circuits.isOpen(this.#system)) return true;
    for (;;) {
      const now = clock.now();
      const at = this.#admit(runId, now);
      if (at <= now) return true;
      if (at - now > notWorthATimerMs) {
        await this.#putOff(effect, new Date(at).toISOString(), paced);
        return false;
      }
      await new Promise<void>((resolve) => { clock.setTimeout(resolve, at - now); });
    }
  }

  /** No call is counted; the maximum time holds all the same. */
  async #putOff(effect: Effect | undefined, dueAt: string, reason: 'circuit-open' | typeof paced | typeof stopped): Promise<void> {
    const step = this.#step;
    if (effect === undefined) {
      await step.commit([{ type: 'ScheduleTimer', timerId: this.#timerId, runId: step.runId, purpose: reason, dueAt, destructive: false }]);
      return;
    }
    if (reason !== stopped && step.clock.now() - Date.parse(effect.roundStartedAt) > this.#maxElapsedMs && effect.lastOutcome !== 'unknown') {
      step.circuits.forget(this.#system, step.runId);
      await step.commit([{ type: 'DeadLetter', effectId: effect.effectId, deadLetterId: step.newId(), reason }]);
      return;
    }
    await step.commit([{ type: 'ScheduleRetry', effectId: effect.effectId, callId: step.newId(), dueAt, reason }]);
  }
}
