import { decide, mergePatch } from '../domain/index.ts';
import type { Actor, AnyEvent, CaseCommand, CaseException, CaseState, JsonObject, RefusalCode, ResolutionOutcome } from '../domain/index.ts';
import { refusalText } from '../domain/refusal-texts.ts';
import type { Condition, ExceptionRow, Ledger } from '../ledger/port.ts';
import type { Outcome, PauseCaseInput, PersonIdentity, ResolveException, Waybill } from './api.ts';
import type { CaseExecutor, Execution } from './case-executor.ts';
import type { Delivery } from './delivery.ts';
import type { StepRunner } from './step-runner.ts';
import { releaseHolds } from './step-run.ts';
import type { Pseudonyms } from './support/hashing.ts';
import { hashFacts, hashJson } from './support/hashing.ts';
import { uuidv7 } from './support/ids.ts';
import { inScope, missing, notRecorded, refusal } from './people/refusals.ts';
import type { Refusal } from './people/refusals.ts';
import { systemActor } from './site-log.ts';

export { inScope, missing, notRecorded, refusal } from './people/refusals.ts';

/** Code of what is resolved because its case is cancelled through another exception. */
const caseCancelled = 'case-cancelled';

/** What people do to cases: resolve, replay. Every answer is durable before it is given. */
export class People {
  readonly #ledger: Ledger;
  readonly #executor: CaseExecutor;
  readonly #delivery: Delivery;
  readonly #runner: StepRunner;
  readonly #pseudonyms: Pseudonyms;

  constructor(options: { readonly ledger: Ledger; readonly executor: CaseExecutor; readonly delivery: Delivery; readonly runner: StepRunner; readonly pseudonyms: Pseudonyms }) {
    this.#ledger = options.ledger;
    this.#executor = options.executor;
    this.#delivery = options.delivery;
    this.#runner = options.runner;
    this.#pseudonyms = options.pseudonyms;
  }

  #actor(by: PersonIdentity, role?: string): Actor {
    return { kind: 'person', id: this.#pseudonyms.person(by.userId), ...(role === undefined ? {} : { role }) };
  }

  /** Runs the commands of a person; failures of the ledger become an answer. */
  async #execute(caseId: string, by: PersonIdentity, commands: (state: CaseState) => readonly CaseCommand[] | Promise<readonly CaseCommand[]>, options: { readonly commandKey?: string | undefined; readonly conditions?: () => readonly Condition[]; readonly role?: string } = {}): Promise<Execution | Refusal> {
    try {
      return await this.#executor.execute(caseId, {
        actor: this.#actor(by, options.role), commands,
        ...(options.commandKey === undefined ? {} : { commandKey: options.commandKey }),
        ...(options.conditions === undefined ? {} : { conditions: options.conditions }),
      });
    } catch (error) {
      return notRecorded(error);
    }
  }

  async resolveException(input: ResolveException): Promise<Outcome> {
    const row = await this.#ledger.getException(input.exceptionId);
    if (row === undefined || !inScope(input.by, row.site)) return missing('exception');
    const at = this.#executor.now();
    const successorTokenId = uuidv7();
    let conditions: readonly Condition[] = [];
    const result = await this.#execute(row.case_id, input.by, async (state) => {
      const made = await this.#resolution(state, {
        type: 'ResolveException', exceptionId: input.exceptionId, code: input.code, outcome: input.outcome, successorTokenId, at, name: input.by.name, by: this.#pseudonyms.person(input.by.userId),
        ...(input.note === undefined ? {} : { note: input.note }),
      });
      conditions = made.conditions;
      return input.outcome === 'cancel' ? made.commands : [...correction(state, input.correction, this.#pseudonyms.person(input.by.userId)), ...made.commands];
    }, { commandKey: input.commandKey, conditions: () => conditions });
    if ('kind' in result && result.kind === 'accepted') this.#goOn(result.state, result.events);
    if ('kind' in result && result.kind === 'refused') return { ...refusal(result.code), ...codesTold(result.code, result.state.exceptions[input.exceptionId]) };
    return this.#plain(result);
  }

  /** What a resolution comes to; a cancel ends everything else of the case as well. */
  async #resolution(state: CaseState, resolve: CaseCommand & { readonly type: 'ResolveException' }): Promise<{ readonly commands: readonly CaseCommand[]; readonly conditions: readonly Condition[] }> {
    if (resolve.outcome !== 'cancel' || state.status !== 'open') return { commands: [resolve], conditions: [] };
    const released = hasActed(state) ? { commands: [], conditions: [] } : await releaseHolds(this.#ledger, state);
    // What else was raised about the case has nothing left to be about.
    const others = Object.values(state.exceptions).filter((e) => e.status === 'open' && e.exceptionId !== resolve.exceptionId)
      .map((e): CaseCommand => ({ ...resolve, exceptionId: e.exceptionId, code: caseCancelled, along: 'case' }));
    const close: CaseCommand = { type: 'CloseCase', outcome: 'cancelled', cancelOpen: true, compensate: true, releaseClaims: !hasActed(state), at: resolve.at, ...(resolve.note === undefined ? {} : { note: resolve.note }) };
    return { commands: [resolve, ...others, ...released.commands, close], conditions: released.conditions };
  }

  /**
   * Resolves an exception as the main one that it is merged into was resolved. Where that outcome is not possible for it, it is
   * acknowledged when nothing hangs on it, and else worked on alone again.
   */
  async resolveAlong(row: ExceptionRow, main: ExceptionRow): Promise<void> {
    const { exception_id: exceptionId } = row;
    const successorTokenId = uuidv7();
    const attempt = async (outcome: ResolutionOutcome): Promise<boolean> => {
      let conditions: readonly Condition[] = [];
      const result = await this.#executor.execute(row.case_id, {
        actor: systemActor, causationId: main.exception_id, conditions: () => conditions,
        commands: async (state) => {
          const found = state.exceptions[exceptionId];
          if (found?.status !== 'open' || found.mergedInto?.exceptionId !== main.exception_id) return [];
          const made = await this.#resolution(state, { type: 'ResolveException', exceptionId, code: main.resolution ?? 'merged', outcome, successorTokenId, at: this.#executor.now(), along: main.exception_id });
          conditions = made.conditions;
          // Not possible: told beforehand, so that nothing is recorded as refused that nobody asked for.
          return decide(state, made.commands[0] as CaseCommand).kind === 'refused' ? [] : made.commands;
        },
      });
      if (result.kind === 'accepted') this.#goOn(result.state, result.events);
      return result.kind === 'accepted' && result.state.exceptions[exceptionId]?.status !== 'open';
    };
    // The case of the main one was cancelled for a reason of its own: that is none for these.
    const cancelled = main.resolution === caseCancelled;
    if (!cancelled && (await attempt((main.outcome ?? 'acknowledged') as ResolutionOutcome) || await attempt('acknowledged'))) return;
    await this.#executor.execute(row.case_id, { actor: systemActor, causationId: main.exception_id, commands: (state) => (
      state.exceptions[exceptionId]?.status === 'open' && state.exceptions[exceptionId].mergedInto?.exceptionId === main.exception_id ? [{ type: 'UnmergeException', exceptionId, reason: cancelled ? 'case-cancelled' : 'outcome-not-possible' }] : []) });
  }

  /** Commands of a person that set nothing going. */
  async carryOut(caseId: string, by: PersonIdentity, commands: (state: CaseState) => readonly CaseCommand[] | Promise<readonly CaseCommand[]>, commandKey: string | undefined): Promise<Outcome> {
    return this.#plain(await this.#execute(caseId, by, commands, { commandKey }));
  }

  /** After a resolution: successors are sent, the held run goes on. */
  #goOn(state: CaseState, events: readonly AnyEvent[]): void {
    for (const event of events) {
      // Whoever was asked about facts that have changed is asked anew.
      const asked = event.type === 'TaskVoided' ? state.tasks[event.data.taskId]?.runId : undefined;
      if (asked !== undefined) this.#runner.start(state.caseId, asked);
      if (event.type !== 'ExceptionResolved') continue;
      const resolved = state.exceptions[event.data.exceptionId];
      this.#delivery.offer(state, event.data.tokens.map((t) => t.tokenId));
      if (resolved?.runId !== undefined) this.#runner.start(state.caseId, resolved.runId);
    }
  }

  /** A person stops the clocks of a case's ladders, or lets them go on. */
  async pauseCase(input: PauseCaseInput, paused: boolean): Promise<Outcome> {
    const row = await this.#ledger.getCase(input.caseId);
    if (row === undefined || !inScope(input.by, row.site)) return missing('case');
    const said = { by: this.#pseudonyms.person(input.by.userId), reason: input.reason, name: input.by.name, ...(input.note === undefined ? {} : { note: input.note }) };
    return this.#plain(await this.#execute(input.caseId, input.by, () => [paused ? { type: 'PauseCase', ...said, at: this.#executor.now() } : { type: 'ResumeCase', ...said }], { commandKey: input.commandKey }));
  }

  async resolveOutcome(input: Parameters<Waybill['resolveOutcome']>[0]): Promise<Outcome> {
    const row = await this.#ledger.getCase(input.caseId);
    if (row === undefined || !inScope(input.by, row.site)) return missing('case');
    const response: JsonObject | undefined = input.response === undefined ? undefined : { body: input.response };
    const result = await this.#execute(input.caseId, input.by, (state) => {
      const open = Object.values(state.exceptions).filter((e) => e.status === 'open' && e.effectId === input.effectId);
      return [
        { type: 'ResolveOutcome', effectId: input.effectId, method: 'person', outcome: input.outcome, ...(response === undefined ? {} : { response }) },
        ...open.map((e): CaseCommand => ({ type: 'ResolveException', exceptionId: e.exceptionId, code: input.outcome, outcome: 'retry', successorTokenId: uuidv7(), at: this.#executor.now(), name: input.by.name })),
      ];
    }, { commandKey: input.commandKey });
    if ('kind' in result && result.kind === 'accepted') {
      const runId = result.state.effects[input.effectId]?.runId;
      if (runId !== undefined) this.#runner.start(input.caseId, runId);
    }
    return this.#plain(result);
  }

  #plain(result: Execution | Refusal): Outcome {
    if (!('kind' in result)) return result;
    return result.kind === 'refused' ? refusal(result.code) : { ok: true };
  }
}

/** The refusal of a resolution code names those that the class of the exception has. */
function codesTold(code: RefusalCode, exception: CaseException | undefined): { readonly message?: string; readonly members?: JsonObject } {
  const codes = exception?.resolutions ?? [];
  if (codes.length === 0 || !['resolution-undeclared', 'resolution-outcome', 'resolution-needs-note'].includes(code)) return {};
  const list = codes.map((each) => `${each.code}${each.label === '' ? '' : ` (${each.label})`}${each.outcomes.length === 0 ? '' : ` with ${each.outcomes.join(' or ')}`}`).join(', ');
  return { message: `${refusalText[code]} They are: ${list}.`, members: { codes: codes.map((each) => each.code) } };
}

/** Another system has acted for this case: what it reserved is used, also when the case is cancelled afterwards. */
function hasActed(state: CaseState): boolean {
  return Object.values(state.effects).some((e) => e.recovery !== 'safe' && e.state === 'known' && e.lastOutcome === 'success');
}

/** Facts corrected by a person; open tasks whose facts change are void (PROTOCOL §8). */
function correction(state: CaseState, patch: JsonObject | undefined, by: string): readonly CaseCommand[] {
  if (patch === undefined || Object.keys(patch).length === 0) return [];
  const before = state.document ?? {};
  const after = mergePatch(before, patch);
  const voided = Object.values(state.tasks).filter((t) => t.status === 'open' && hashFacts(after, t.covers) !== t.factsHash);
  return [
    { type: 'RecordFacts', patch, paths: Object.keys(patch), correction: true, by, beforeHash: state.documentHash, afterHash: hashJson(after) },
    ...voided.map((t): CaseCommand => ({ type: 'VoidTask', taskId: t.taskId, reason: 'facts-changed' })),
  ];
}
