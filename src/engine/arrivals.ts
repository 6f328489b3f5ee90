import { addressKey, own } from '../domain/index.ts';
import type { CaseCommand, CaseState, EnterStep } from '../domain/index.ts';
import type { Guard } from '../domain/guard.ts';
import type { QuarantineInput } from './api.ts';
import { carriedBy } from './carried.ts';
import type { CaseExecutor } from './case-executor.ts';
import type { Delivery } from './delivery.ts';
import type { EngineTuning } from './settings.ts';
import type { RegisteredStep, StepRegistry } from './step-registry.ts';
import { endOf } from './token-retries.ts';
import type { TokenRetries } from './token-retries.ts';
import type { StepRunner } from './step-runner.ts';
import { systemActor } from './site-log.ts';
import { systemClock } from './support/clock.ts';
import type { Clock } from './support/clock.ts';
import type { Counters } from './support/counters.ts';
import { hashFacts } from './support/hashing.ts';
import { encodeMessage } from './support/message-codec.ts';
import { uuidv7 } from './support/ids.ts';

interface Waybill { readonly caseId: string; readonly token: string; readonly attempt: number }

/** A message that is no message of a case any more: goes to quarantine with this reason. */
export type ArrivalProblem = 'no-waybill' | 'unknown-case' | 'unknown-token' | 'forked-token';

function waybillOf(msg: Record<string, unknown>, delivery: Delivery): Waybill | undefined {
  const carried = msg['waybill'];
  if (typeof carried === 'object' && carried !== null) {
    const { caseId, token, attempt } = carried as Record<string, unknown>;
    if (typeof caseId === 'string' && typeof token === 'string' && typeof attempt === 'number' && caseId.length <= 64 && token.length <= 64) {
      return { caseId, token, attempt };
    }
  }
  // A plain node dropped it: the engine bound _msgid to the token when it sent (PROTOCOL §2.5).
  const id = msg['_msgid'];
  const delivered = typeof id === 'string' ? delivery.delivered(id) : undefined;
  return delivered === undefined ? undefined : { caseId: delivered.caseId, token: delivered.tokenId, attempt: delivered.attempt };
}

/** Takes messages that reach governed nodes: consumes the token, then starts the step. */
export class Arrivals {
  readonly #executor: CaseExecutor;
  readonly #delivery: Delivery;
  readonly #registry: StepRegistry;
  readonly #runner: StepRunner;
  readonly #retries: TokenRetries;
  readonly #counters: Counters;
  readonly #tuning: EngineTuning;
  readonly #quarantine: (input: QuarantineInput) => Promise<unknown>;
  readonly #site: string;
  readonly #clock: Clock;

  constructor(options: {
    readonly executor: CaseExecutor; readonly delivery: Delivery; readonly registry: StepRegistry; readonly runner: StepRunner; readonly retries: TokenRetries;
    readonly counters: Counters; readonly tuning: EngineTuning; readonly quarantine: (input: QuarantineInput) => Promise<unknown>; readonly site: string; readonly clock?: Clock;
  }) {
    this.#executor = options.executor;
    this.#delivery = options.delivery;
    this.#registry = options.registry;
    this.#runner = options.runner;
    this.#retries = options.retries;
    this.#counters = options.counters;
    this.#tuning = options.tuning;
    this.#quarantine = options.quarantine;
    this.#site = options.site;
    this.#clock = options.clock ?? systemClock;
  }

  /** Resolves when the ledger has it. */
  async receive(step: RegisteredStep, input: unknown): Promise<void> {
    const msg = (typeof input === 'object' && input !== null ? input : { payload: input }) as Record<string, unknown>;
    const waybill = waybillOf(msg, this.#delivery);
    if (waybill === undefined) return this.#refuse(step, msg, 'no-waybill', 'A message without a waybill reached a governed node. Open a case first, or keep msg.waybill in the nodes before.');
    let encoded: string;
    try {
      encoded = encodeMessage(msg);
    } catch (error) {
      await this.#notDurable(step, waybill, error);
      throw error;
    }
    const formerly = this.#registry.addressesOf(step.key).slice(1);
    let failed: readonly CaseCommand[] | undefined;
    const enter = (state: CaseState, tried?: EnterStep['tried']): readonly CaseCommand[] => [{
      type: 'EnterStep', tokenId: waybill.token, attempt: waybill.attempt, address: step.address, nodeType: step.node.type,
      ...(formerly.length === 0 ? {} : { formerly }),
      ...(step.registration.configHash === undefined ? {} : { paramsHash: step.registration.configHash }),
      ...(encoded === carriedBy(state, waybill.token) ? {} : { message: encoded }),
      guards: guardsOf(state, step.registration.requires),
      exceptionId: uuidv7(), hopLimit: step.registration.hopLimit ?? this.#tuning.hopLimit, wireMismatch: this.#wireMismatch(state, waybill.token, step),
      ...(tried === undefined ? {} : { tried }),
    }];
    const judged = async (state: CaseState): Promise<readonly CaseCommand[]> => {
      const sentAt = this.#delivery.flight(waybill.token)?.sentAt;
      failed = await this.#retries.arrived(state, waybill.token, waybill.attempt, sentAt, msg, encoded);
      if (failed !== undefined) return failed;
      const system = this.#retries.systemOf(state, waybill.token);
      const durationMs = Math.max(0, Math.round(this.#clock.now() - (sentAt ?? this.#clock.now())));
      return enter(state, system === undefined ? undefined : { durationMs, ...(system === '' ? {} : { system }) });
    };
    const result = await this.#executor.execute(waybill.caseId, {
      actor: systemActor, causationId: waybill.token,
      // Without any policy in the flows the message is entered in the same turn.
      commands: (state) => (this.#retries.any ? judged(state) : enter(state)),
    });
    if (failed !== undefined) {
      // The token is not entered; an answer of an attempt that was overtaken changes nothing.
      this.#counters.add('answers_failed');
      if (result.kind === 'accepted') this.#delivery.attemptFailed(result, waybill.token, endOf(failed));
    } else if (result.kind === 'accepted') {
      if (result.events.some((e) => e.type === 'StepEntered')) {
        this.#counters.add('steps_entered');
        // Started before it is counted as landed, so that the window never overflows.
        this.#runner.start(waybill.caseId, waybill.token);
      } else for (const note of result.notes) this.#counters.add(`arrivals_${note.replaceAll('-', '_')}`);
      this.#delivery.landed(waybill.token, 'answered');
      // The exception keeps the payload of the first fork; every further one is kept in quarantine (PROTOCOL §2.3).
      if (result.notes.includes('fork-again')) return this.#refuse(step, msg, 'forked-token', 'A message of a case came once more that a governed node had taken already.');
    } else if (result.kind === 'refused') {
      this.#delivery.landed(waybill.token);
      if (result.state.status === 'absent') return this.#refuse(step, msg, 'unknown-case', 'A message named a case that this ledger does not know.');
      // The exception keeps the payload of the first; every further one is kept in quarantine.
      if (!result.events.some((e) => e.type === 'ExceptionRaised')) return this.#refuse(step, msg, 'unknown-token', 'A message came with a token that the ledger never issued for its case.');
    }
  }

  /** The wire of the token leads to another governed node: somebody re-stamped the message or wired around. */
  #wireMismatch(state: CaseState, tokenId: string, step: RegisteredStep): boolean {
    const token = own(state.tokens, tokenId);
    if (token === undefined) return false;
    const source = this.#registry.byAddress(addressKey(token.from));
    const wires = source?.node.wires?.[token.port] ?? [];
    const target = wires.includes(token.target) ? token.target : wires[token.wire] ?? token.target;
    return target !== step.node.id && this.#registry.byNode(target) !== undefined;
  }

  async #notDurable(step: RegisteredStep, waybill: Waybill, error: unknown): Promise<void> {
    await this.#executor.execute(waybill.caseId, {
      actor: systemActor,
      commands: () => [{
        type: 'RaiseException', exceptionId: uuidv7(), class: 'node-error', severity: 'high', queue: 'engineer', code: 'message-not-durable',
        message: error instanceof Error ? error.message : String(error), tokenId: waybill.token, address: step.address,
      }],
    });
    this.#delivery.landed(waybill.token);
  }

  async #refuse(step: RegisteredStep, msg: Record<string, unknown>, reason: ArrivalProblem, message: string): Promise<void> {
    this.#counters.add('arrivals_quarantined');
    let text: string;
    try {
      text = encodeMessage(msg);
    } catch (error) {
      text = String(error);
    }
    await this.#quarantine({ site: this.#site, reason, message, bytes: Buffer.from(text), device: `node:${addressKey(step.address)}` });
    step.node.warn(message);
  }
}

/** `approved != counted`: both milestones, by different people. */
const DIFFERENT = /^(\S+)\s*(?:!=|≠)\s*(\S+)$/;

/** The milestones that a step requires, each with the hash of the facts it covers as they are now. */
export function guardsOf(state: CaseState, requires: readonly string[]): readonly Guard[] {
  return requires.flatMap((entry): readonly Guard[] => {
    const [, milestone, differentFrom] = DIFFERENT.exec(entry) ?? [];
    if (milestone === undefined || differentFrom === undefined) return [{ milestone: entry, factsHash: factsNow(state, entry) }];
    return [{ milestone: differentFrom, factsHash: factsNow(state, differentFrom) }, { milestone, factsHash: factsNow(state, milestone), differentFrom }];
  });
}

function factsNow(state: CaseState, milestone: string): string | undefined {
  const reached = own(state.milestones, milestone);
  return reached === undefined ? undefined : hashFacts(state.document ?? {}, reached.covers);
}
