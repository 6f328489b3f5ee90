import { decide, mergePatch, own } from '../domain/index.ts';
import type { Actor, CaseCommand, CaseState, Json, JsonObject } from '../domain/index.ts';
import type { DeadLetterRow, Ledger } from '../ledger/port.ts';
import type { DiscardDeadLetter, Outcome, ReplayDeadLetter } from './api.ts';
import { guardsOf } from './arrivals.ts';
import { carriedBy } from './carried.ts';
import type { CaseExecutor } from './case-executor.ts';
import type { Circuits } from './circuits.ts';
import type { Delivery } from './delivery.ts';
import { stepsBehind } from './path/flow-graph.ts';
import type { FlowReader } from './path/flow-graph.ts';
import { inScope, missing, notRecorded, refusal } from './people.ts';
import type { People } from './people.ts';
import type { StepRegistry } from './step-registry.ts';
import type { StepRunner } from './step-runner.ts';
import type { Pseudonyms } from './support/hashing.ts';
import { hashJson } from './support/hashing.ts';
import { uuidv7 } from './support/ids.ts';
import { decodeMessage, encodeMessage, MessageError } from './support/message-codec.ts';

/** How one dead letter is to be sent again. */
export interface ReplayOrder {
  /** Pseudonym of the person who asked for it. */
  readonly person: string;
  /** Takes the place of the request's body, or of `msg.payload`. */
  readonly edit?: Json;
  /** While the circuit of the system is open: `wait` for it, or be refused. */
  readonly whenOpen: 'wait' | 'refuse';
  readonly batchId?: string;
  readonly commandKey?: string;
}

/** What a replay would come to. */
export type ReplayPreview =
  | { readonly would: 'replay' }
  /** It would wait until the circuit lets it through. */
  | { readonly would: 'wait' }
  | { readonly would: 'be-refused'; readonly code: string; readonly message: string };

/** Sends dead letters again, of calls and of messages; says beforehand what would come of it. */
export class Replays {
  readonly #ledger: Ledger;
  readonly #executor: CaseExecutor;
  readonly #delivery: Delivery;
  readonly #runner: StepRunner;
  readonly #registry: StepRegistry;
  readonly #circuits: Circuits;
  readonly #people: People;
  readonly #pseudonyms: Pseudonyms;
  readonly #readFlow: () => FlowReader;

  constructor(options: {
    readonly ledger: Ledger; readonly executor: CaseExecutor; readonly delivery: Delivery; readonly runner: StepRunner; readonly registry: StepRegistry;
    readonly circuits: Circuits; readonly people: People; readonly pseudonyms: Pseudonyms; readonly readFlow: () => FlowReader;
  }) {
    this.#ledger = options.ledger;
    this.#executor = options.executor;
    this.#delivery = options.delivery;
    this.#runner = options.runner;
    this.#registry = options.registry;
    this.#circuits = options.circuits;
    this.#people = options.people;
    this.#pseudonyms = options.pseudonyms;
    this.#readFlow = options.readFlow;
  }

  /** One replay that a person asks for. */
  async one(input: ReplayDeadLetter): Promise<Outcome> {
    const row = await this.#ledger.getDeadLetter(input.deadLetterId);
    if (row === undefined || !inScope(input.by, row.site)) return missing('dead-letter');
    return this.replay(row, {
      person: this.#pseudonyms.person(input.by.userId), whenOpen: input.whenOpen ?? 'wait',
      ...(input.request === undefined ? {} : { edit: input.request }), ...(input.commandKey === undefined ? {} : { commandKey: input.commandKey }),
    });
  }

  async replay(row: DeadLetterRow, order: ReplayOrder): Promise<Outcome> {
    const actor: Actor = { kind: 'person', id: order.person };
    try {
      const result = await this.#executor.execute(row.case_id, {
        actor, commands: (state) => this.#commands(state, row, order), ...(order.commandKey === undefined ? {} : { commandKey: order.commandKey }),
      });
      if (result.kind === 'refused') return refusal(result.code);
      if (result.kind === 'accepted') {
        if (row.token_id === null) this.#runner.start(row.case_id, row.run_id);
        else this.#delivery.offer(result.state, [row.token_id]);
      }
      return { ok: true };
    } catch (error) {
      if (error instanceof MessageError) return { ok: false, code: 'message-not-durable', message: error.message, status: 'invalid' };
      return notRecorded(error);
    }
  }

  /** Decides without recording anything. */
  async preview(row: DeadLetterRow, order: ReplayOrder): Promise<ReplayPreview> {
    const state = await this.#executor.settled(row.case_id);
    if (state.status === 'closed') {
      const { code, message } = refusal('case-closed');
      return { would: 'be-refused', code, message };
    }
    try {
      const [command] = this.#commands(state, row, order);
      const decision = command === undefined ? undefined : decide(state, command);
      if (decision?.kind === 'refused') {
        const { code, message } = refusal(decision.code);
        return { would: 'be-refused', code, message };
      }
    } catch (error) {
      if (!(error instanceof MessageError)) throw error;
      return { would: 'be-refused', code: 'message-not-durable', message: error.message };
    }
    return { would: this.#circuits.isOpen(row.system) ? 'wait' : 'replay' };
  }

  #commands(state: CaseState, row: DeadLetterRow, order: ReplayOrder): readonly CaseCommand[] {
    const circuitOpen = order.whenOpen === 'refuse' && this.#circuits.isOpen(row.system) ? { circuitOpen: true } : {};
    const batch = order.batchId === undefined ? {} : { batchId: order.batchId };
    if (row.token_id !== null) return this.#tokenCommands(state, row, row.token_id, order, { ...circuitOpen, ...batch });
    const effect = own(state.effects, row.effect_id ?? '');
    const request: JsonObject | undefined = order.edit === undefined ? undefined : mergePatch(effect?.request ?? {}, { body: order.edit });
    return [{
      type: 'ReplayEffect', deadLetterId: row.dead_letter_id, person: order.person, guards: this.#guards(state, [row.address]), at: this.#executor.now(),
      ...(request === undefined ? {} : { request }), requestHash: request === undefined ? effect?.requestHash ?? '' : hashJson(request), ...circuitOpen, ...batch,
    }];
  }

  #tokenCommands(state: CaseState, row: DeadLetterRow, tokenId: string, order: ReplayOrder, more: { readonly circuitOpen?: boolean; readonly batchId?: string }): readonly CaseCommand[] {
    const carried = carriedBy(state, tokenId);
    const message = order.edit === undefined || carried === undefined ? undefined : encodeMessage({ ...decodeMessage(carried), payload: order.edit });
    const next = stepsBehind([own(state.tokens, tokenId)?.target ?? ''], this.#registry, this.#readFlow()).map((step) => step.key);
    return [
      { type: 'ReplayToken', deadLetterId: row.dead_letter_id, tokenId, person: order.person, guards: this.#guards(state, [row.address, ...next]), ...(message === undefined ? {} : { message }), ...more },
      { type: 'ResendToken', tokenId, uncleanEpochs: 0 },
    ];
  }

  /** What the steps at these addresses require, with the facts as they are now. */
  #guards(state: CaseState, addresses: readonly string[]): ReturnType<typeof guardsOf> {
    return guardsOf(state, [...new Set(addresses.flatMap((address) => this.#registry.byAddress(address)?.registration.requires ?? []))]);
  }

  /** Nothing more is to come of it: the case is cancelled, as by an exception about the dead letter, with all that follows from that. */
  async discard(input: DiscardDeadLetter): Promise<Outcome> {
    const row = await this.#ledger.getDeadLetter(input.deadLetterId);
    if (row === undefined || !inScope(input.by, row.site)) return missing('dead-letter');
    if (row.status !== 'open') return refusal(row.token_id === null ? 'effect-not-replayable' : 'token-not-replayable');
    const exceptionId = uuidv7();
    try {
      const result = await this.#executor.execute(row.case_id, {
        actor: { kind: 'person', id: this.#pseudonyms.person(input.by.userId) },
        commands: (state) => {
          // What may have happened there must not be forgotten by a cancel.
          if (own(state.effects, row.effect_id ?? '')?.lastOutcome === 'unknown') return [];
          return [{
            type: 'RaiseException', exceptionId, class: 'dead-letter', severity: 'medium', queue: 'integration', code: `dead-letter:${row.dead_letter_id}`, system: row.system,
            message: `A dead letter is discarded, and the case with it: ${input.reason}`,
            ...(row.token_id === null ? { runId: row.run_id, ...(row.effect_id === null ? {} : { effectId: row.effect_id }) } : { tokenId: row.token_id }),
          }];
        },
      });
      if (result.kind === 'refused') return refusal(result.code);
      if (result.kind === 'accepted' && result.events.length === 0 && !result.notes.includes('raised')) return refusal('effect-open');
      const raised = result.kind !== 'accepted' ? undefined : Object.values(result.state.exceptions).find((e) => e.status === 'open' && e.code === `dead-letter:${row.dead_letter_id}`);
      return await this.#people.resolveException({
        exceptionId: raised?.exceptionId ?? exceptionId, outcome: 'cancel', code: 'dead-letter-discarded', note: input.reason, by: input.by,
        ...(input.commandKey === undefined ? {} : { commandKey: input.commandKey }),
      });
    } catch (error) {
      return notRecorded(error);
    }
  }
}
