import type { Address, CaseCommand, CaseState, Json, JsonObject, RecordedEvent } from '../domain/index.ts';
import type { ExceptionClass, Priority, ResolutionCode, Severity } from '../domain/events.ts';
import type { Guard } from '../domain/guard.ts';
import type { Condition } from '../ledger/port.ts';
import type { Execution } from './case-executor.ts';
import type { Telling } from './notify/telling.ts';
import type { Circuits } from './circuits.ts';
import type { Limits } from './services/limits.ts';
import type { ControlNumbers } from './services/numbers.ts';
import type { ServiceSource } from './services/source.ts';
import type { ServiceStops } from './services/stops.ts';
import type { TokenPolicy } from './token-policy.ts';
import type { Directory } from './directory/directory.ts';
import type { Operator } from './operators.ts';
import type { Clock } from './support/clock.ts';
import type { WorkCalendar } from './work-calendar.ts';

/** What a pattern raises; the engine adds the case, run and address. */
export interface RaisedException {
  readonly class: ExceptionClass; readonly severity: Severity; readonly queue: string;
  /** Stable code, for example `call-rejected`. */
  readonly code: string;
  /** One sentence for the person who works the exception. */
  readonly message: string;
  readonly detail?: JsonObject; readonly effectId?: string; readonly system?: string;
  /** By severity when absent. */
  readonly priority?: Priority;
  /** Class that the node declares, with the only codes by which it may be resolved. */
  readonly category?: string; readonly resolutions?: readonly ResolutionCode[];
  readonly amount?: string; readonly currency?: string; readonly dueAt?: string; readonly calendar?: string;
}

/** One message for one output port; `message` undefined sends on what came in. */
export interface StepOutput {
  readonly port: number; readonly message?: object;
  /** What leaves here begins a branch of a fork: its name, and how many branches there are. */
  readonly fork?: { readonly branch: string; readonly of: number };
}

/** Commands of a step, made from the state as it is when they are decided. */
export type StepCommands = readonly CaseCommand[] | ((state: CaseState) => readonly CaseCommand[] | Promise<readonly CaseCommand[]>);

/** `conditions` is asked after the commands were made. */
export interface CommitOptions { readonly conditions?: (state: CaseState) => readonly Condition[] }
/** `joins`: the fork that ends with this step. */
export interface CompleteOptions extends CommitOptions { readonly joins?: string }

/** What a pattern works with while it runs on one case. */
export interface StepContext {
  readonly caseId: string;
  readonly runId: string;
  readonly address: Address;
  /** State after the last commit of this context. */
  readonly state: CaseState;
  /** The case document as it is now. */
  readonly document: JsonObject;
  /** The message that came in: a copy made from its durable form. */
  message(): Record<string, unknown>;
  /** The same in its durable form. */
  encodedMessage(): string;
  /** Value of a typed input (`str`, `num`, `msg`, `facts`, `jsonata`, …) for this message and document. */
  evaluate(value: string, type: string): Promise<unknown>;
  /** Decides and commits; throws StepRefused when the domain refuses. */
  commit(commands: StepCommands, options?: CommitOptions): Promise<Execution & { kind: 'accepted' }>;
  /** Commits the rest, completes the step with one token per wire, then sends. Raises `not-wired` when a port leads nowhere. */
  complete(outputs: readonly StepOutput[], also?: StepCommands, options?: CompleteOptions): Promise<void>;
  /** Keys of further addresses at which this step works: those that it has in other versions of its template. */
  otherAddresses(): readonly string[];
  /** Step ids by which the step at an address is known: its own, and those of other versions. */
  idsAt(address: Address): readonly string[];
  /** True when an output port leads somewhere. */
  isWired(port: number): boolean;
  /** Raises an exception that holds this step until somebody resolves it. */
  raise(exception: RaisedException, also?: readonly CaseCommand[]): Promise<void>;
  /** Outcome of the newest resolved exception about this run, if one was resolved. */
  resolvedException(code?: string): { readonly outcome: 'retry' | 'continue' | 'cancel' | 'acknowledged' } | undefined;
  /** Command that records `value` at a dot path of the document. */
  factsCommand(state: CaseState, path: string, value: Json): CaseCommand;
  /** The milestones that this step requires, each with the hash of the facts it covers as they are in `state`. */
  guards(state: CaseState): readonly Guard[];
  /** Hash of the facts at these paths, as they are in `state`. */
  hashFacts(state: CaseState, covers: readonly string[]): string;
  /**
   * Reserves a quantity over all cases: the commands, their condition, and how it stands. What an earlier run of this
   * case held under the key is given back first. Undefined when a number is no decimal.
   */
  reservation(state: CaseState, input: { readonly scope: string; readonly key: string; readonly quantity: unknown; readonly limit: unknown }): Promise<
    { readonly commands: readonly CaseCommand[]; readonly condition: Condition; readonly total: string; readonly limit: string; readonly overBy: string } | undefined>;
  /** Commands that give back what this case holds, with their conditions. */
  releaseHolds(state: CaseState): Promise<{ readonly commands: readonly CaseCommand[]; readonly conditions: readonly Condition[] }>;
  /** Mails and who people are; undefined where nothing is told. */
  readonly telling: Telling | undefined;
  /** The circuits of the systems, shared by all flows. */
  readonly circuits: Circuits;
  /** The services that the site may call. */
  readonly services: ServiceSource;
  /** Pace and quotas of services, shared by all flows. */
  readonly limits: Limits;
  /** Control numbers, counted in the ledger. */
  readonly numbers: ControlNumbers;
  /** Services that are stopped at the moment. */
  readonly stops: ServiceStops;
  /** Has the step called again now. */
  again(): void;
  /** Policy of the retry node whose wire leads straight to this step, if one does. */
  policyAbove(): TokenPolicy | undefined;
  readonly ledgerId: string;
  newId(): string;
  /** Now, ISO 8601 UTC. */
  now(): string;
  /** Time for what a step waits for itself, such as an answer; what must outlive it is a timer in the ledger. */
  readonly clock: Clock;
  /** Time zone of the case's site (IANA). */
  timeZone(): string;
  /** The directory of a config node, else that of the accounts. */
  directory(nodeId: string): Directory;
  /** Ties a badge or account name in the facts to a person, as an operator's (PROTOCOL §4). */
  whoIs(name: string | undefined): Promise<Operator>;
  /**
   * Adds an amount to the sum over all cases under a key: the commands, their condition, and the sum with it. What this run
   * added before is replaced. What was added under the scopes of `also` counts as well.
   */
  accumulation(state: CaseState, input: { readonly scope: string; readonly also: readonly string[]; readonly key: string; readonly amount: string; readonly currency: string; readonly days: number }): Promise<
    { readonly commands: readonly CaseCommand[]; readonly conditions: readonly Condition[]; readonly total: string }>;
  /** All events of the case, with what people wrote. */
  history(): Promise<readonly RecordedEvent[]>;
  /** The calendar of a config node; undefined when it is not there or cannot be used. */
  calendar(nodeId: string): WorkCalendar | undefined;
  /** Until when deadlines are put off after a standstill, ISO 8601; in the past as a rule. */
  graceUntil(): string;
  /** Keyed hash of an event's key at the case's site. */
  eventKeyHash(name: string, key: string): string;
  /** A timer of this run will call `run` again at its time; tells the scheduler to look. */
  wakeAt(iso: string): void;
  count(name: string): void;
}

/** The domain refused what a pattern asked for: the run has moved on, or the case is closed. */
export class StepRefused extends Error {
  override readonly name = 'StepRefused';
  readonly code: string;
  constructor(code: string) {
    super(`the engine refused: ${code}`);
    this.code = code;
  }
}
