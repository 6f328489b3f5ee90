import { addressKey, patchAt, reserve, release, sumOf, valueAt } from '../domain/index.ts';
import type { Address, CaseCommand, CaseState, IssuedToken, Json, JsonObject, RecordedEvent, Reservation } from '../domain/index.ts';
import { LedgerError } from '../ledger/port.ts';
import type { Condition, Ledger } from '../ledger/port.ts';
import { carriedBy } from './carried.ts';
import type { Circuits } from './circuits.ts';
import { policyAbove } from './token-policy.ts';
import type { TokenPolicy } from './token-policy.ts';
import { guardsOf } from './arrivals.ts';
import type { CaseExecutor, Execution, Transaction } from './case-executor.ts';
import type { Delivery } from './delivery.ts';
import { raiseNotWired } from './not-wired.ts';
import type { Limits } from './services/limits.ts';
import type { ControlNumbers } from './services/numbers.ts';
import type { ServiceStops } from './services/stops.ts';
import type { ServiceSource } from './services/source.ts';
import { systemActor } from './site-log.ts';
import { StepRefused } from './step-context.ts';
import type { CommitOptions, CompleteOptions, RaisedException, StepCommands, StepContext, StepOutput } from './step-context.ts';
import type { StepRegistry } from './step-registry.ts';
import type { Counters } from './support/counters.ts';
import type { Clock } from './support/clock.ts';
import { hashFacts, hashJson } from './support/hashing.ts';
import type { Pseudonyms } from './support/hashing.ts';
import { decodeMessage, encodeMessage } from './support/message-codec.ts';
import { uuidv7 } from './support/ids.ts';
import { once } from './support/reporting.ts';
import { mergePatch } from '../domain/merge-patch.ts';
import { eventKeyHash } from './events/signals.ts';
import type { Telling } from './notify/telling.ts';
import type { Directory } from './directory/directory.ts';
import type { Operator, Operators } from './operators.ts';
import type { WorkCalendar } from './work-calendar.ts';

const dayMs = 86_400_000;

/** How soon a commit is tried again that the ledger could not take, ms. */
const persistAgainMs = 500;

/** A message without properties. */
const emptyMessage = '{"v":1,"p":{}}';

/** What a run needs of the engine. */
export interface StepServices {
  readonly ledger: Ledger; readonly executor: CaseExecutor; readonly delivery: Delivery; readonly registry: StepRegistry;
  readonly pseudonyms: Pseudonyms; readonly counters: Counters; readonly wakeAt: (iso: string) => void; readonly circuits: Circuits; readonly services: () => ServiceSource; readonly limits: Limits; readonly numbers: ControlNumbers; readonly stops: ServiceStops; readonly again: (caseId: string, runId: string) => void; readonly clock: Clock;
  /** Until when deadlines are put off, ms since 1970. */
  readonly graceUntil: () => number;
  readonly timeZone: (site: string) => string; readonly calendar: (nodeId: string) => WorkCalendar | undefined;
  readonly telling?: () => Telling | undefined;
  readonly directory: (nodeId: string) => Directory; readonly operators: Operators;
}

/** What cases have added under one scope and key, with the condition that it stays so until the commit. */
interface Amounts { readonly keyHash: string; readonly version: number; readonly others: Awaited<ReturnType<Ledger['accumulatedSince']>>; readonly condition: Condition }

async function commandsOf(commands: StepCommands, state: CaseState): Promise<readonly CaseCommand[]> {
  return typeof commands === 'function' ? await commands(state) : commands;
}

/** The context of one run of a pattern on one case. */
export class StepRun implements StepContext {
  readonly caseId: string;
  readonly runId: string;
  readonly address: Address;
  readonly #services: StepServices;
  #state: CaseState;

  constructor(services: StepServices, state: CaseState, runId: string, address: Address) {
    this.#services = services;
    this.#state = state;
    this.caseId = state.caseId;
    this.runId = runId;
    this.address = address;
  }

  get state(): CaseState {
    return this.#state;
  }
  get document(): JsonObject {
    return this.#state.document ?? {};
  }
  get telling(): Telling | undefined {
    return this.#services.telling?.();
  }
  get clock(): Clock {
    return this.#services.clock;
  }
  get ledgerId(): string {
    return this.#services.ledger.ledgerId;
  }
  get circuits(): Circuits {
    return this.#services.circuits;
  }
  get limits(): Limits {
    return this.#services.limits;
  }
  get numbers(): ControlNumbers {
    return this.#services.numbers;
  }
  get stops(): ServiceStops {
    return this.#services.stops;
  }
  get services(): ServiceSource {
    return this.#services.services();
  }
  again(): void {
    this.#services.again(this.caseId, this.runId);
  }
  policyAbove(): TokenPolicy | undefined {
    const node = this.#services.registry.byAddress(addressKey(this.address))?.node;
    return policyAbove(this.#services.registry, this.#state.tokens[this.runId], node?.id);
  }
  newId(): string {
    return uuidv7();
  }
  now(): string {
    return this.clock.iso();
  }
  timeZone(): string {
    return this.#services.timeZone(this.#state.site);
  }
  directory(nodeId: string): Directory {
    return this.#services.directory(nodeId);
  }
  whoIs(name: string | undefined): Promise<Operator> {
    return this.#services.operators.resolve(name);
  }
  history(): Promise<readonly RecordedEvent[]> {
    return this.#services.ledger.readStream(this.caseId);
  }
  calendar(nodeId: string): WorkCalendar | undefined {
    return this.#services.calendar(nodeId);
  }
  graceUntil(): string {
    return new Date(this.#services.graceUntil()).toISOString();
  }
  eventKeyHash(name: string, key: string): string {
    return eventKeyHash(this.#services.pseudonyms, this.#state.site, name, key);
  }
  wakeAt(iso: string): void {
    this.#services.wakeAt(iso);
  }
  count(name: string): void {
    this.#services.counters.add(name);
  }

  /** Encoded message that came in: the step's own copy, or what its token carried. */
  #encoded(): string | undefined {
    const run = this.#state.runs[this.runId];
    if (run?.message !== undefined) return run.message;
    return carriedBy(this.#state, this.runId);
  }

  encodedMessage(): string {
    return this.#encoded() ?? emptyMessage;
  }

  message(): Record<string, unknown> {
    const encoded = this.#encoded();
    return encoded === undefined ? {} : decodeMessage(encoded);
  }

  async evaluate(value: string, type: string): Promise<unknown> {
    if (type === 'str') return value;
    if (type === 'facts') return valueAt(this.document, value);
    const step = this.#services.registry.byAddress(addressKey(this.address));
    const evaluate = step?.registration.evaluate;
    if (evaluate === undefined) throw new Error(`This node cannot evaluate "${type}" values.`);
    const msg = { ...this.message(), waybill: { caseId: this.caseId, process: this.#state.process, template: this.#state.template, site: this.#state.site } };
    return evaluate(value, type, msg, this.document);
  }

  async commit(commands: StepCommands, options: CommitOptions = {}): Promise<Execution & { kind: 'accepted' }> {
    const result = await this.#persist({
      actor: systemActor, commands: (state) => commandsOf(commands, state), causationId: this.runId,
      ...(options.conditions === undefined ? {} : { conditions: options.conditions }),
    });
    if (result.kind === 'refused') throw new StepRefused(result.code);
    if (result.kind !== 'accepted') throw new StepRefused(result.kind);
    this.#state = result.state;
    return result;
  }

  /** What a step has found out is not thrown away because the ledger takes no commits for a while; deciding it again does no harm. */
  async #persist(transaction: Transaction): Promise<Execution> {
    for (;;) {
      try {
        return await this.#services.executor.execute(this.caseId, transaction);
      } catch (error) {
        const passing = error instanceof LedgerError && (error.code === 'unavailable' || error.code === 'queue-full');
        if (!passing || this.#services.ledger.health().state === 'closed') throw error;
        once('step-ledger', `A step waits for the ledger: ${error.message}`);
        await new Promise((resolve) => { setTimeout(resolve, persistAgainMs).unref(); });
      }
    }
  }

  async complete(outputs: readonly StepOutput[], also: StepCommands = [], options: CompleteOptions = {}): Promise<void> {
    const { registry } = this.#services;
    if (!registry.flowsRunning) {
      // What another system has answered is durable at once: a stop of the flows may last, and the process may end in it.
      const ends = (await commandsOf(also, this.#state)).filter((command) => command.type === 'EndCall');
      if (ends.length > 0) await this.commit(ends);
    }
    await registry.settled();
    const step = registry.byAddress(addressKey(this.address));
    // A node of another type has other outputs; what it does not take over is raised as an orphan.
    if (step === undefined || step.node.type !== this.#state.runs[this.runId]?.nodeType) throw new StepRefused('orphan');
    const tokens: IssuedToken[] = [];
    const messages: { [port: string]: string } = {};
    for (const output of outputs) {
      const targets = step.node.wires?.[output.port] ?? [];
      if (targets.length === 0) {
        // The end of a call is kept: what was answered must not be in doubt because nothing follows it.
        await this.commit(async (state) => [
          ...(await commandsOf(also, state)).filter((command) => command.type === 'EndCall'),
          raiseNotWired(this.address, output.port, step.registration.node.name, { runId: this.runId }),
        ]);
        return;
      }
      messages[String(output.port)] = output.message === undefined ? this.#encoded() ?? emptyMessage : encodeMessage(output.message);
      const { fork } = output;
      targets.forEach((target, wire) => tokens.push({ tokenId: uuidv7(), port: output.port, wire, target, ...(fork === undefined ? {} : { fork: { forkId: this.runId, ...fork } }) }));
    }
    const result = await this.commit(async (state) => [
      ...await commandsOf(also, state),
      { type: 'CompleteStep', runId: this.runId, tokens, messages, ...(options.joins === undefined ? {} : { joins: options.joins }) },
    ], options);
    this.#services.delivery.offer(result.state, tokens.map((t) => t.tokenId));
  }

  async raise(exception: RaisedException, also: readonly CaseCommand[] = []): Promise<void> {
    await this.commit([...also, { type: 'RaiseException', exceptionId: uuidv7(), runId: this.runId, address: this.address, ...exception }]);
  }

  resolvedException(code?: string): { readonly outcome: 'retry' | 'continue' | 'cancel' | 'acknowledged' } | undefined {
    let found: { readonly outcome: 'retry' | 'continue' | 'cancel' | 'acknowledged' } | undefined;
    for (const e of Object.values(this.#state.exceptions)) {
      if (e.runId === this.runId && e.status === 'resolved' && e.outcome !== undefined && (code === undefined || e.code === code)) found = { outcome: e.outcome };
    }
    return found;
  }

  factsCommand(state: CaseState, path: string, value: Json): CaseCommand {
    const document = state.document ?? {};
    const patch = patchAt(path, value);
    return {
      type: 'RecordFacts', runId: this.runId, address: this.address, patch, paths: [path], correction: false,
      beforeHash: state.documentHash, afterHash: hashJson(mergePatch(document, patch)),
    };
  }

  guards(state: CaseState): ReturnType<StepContext['guards']> {
    return guardsOf(state, this.#services.registry.byAddress(addressKey(this.address))?.registration.requires ?? []);
  }

  hashFacts(state: CaseState, covers: readonly string[]): string {
    return hashFacts(state.document ?? {}, covers);
  }

  readonly reservation: StepContext['reservation'] = async (state, input) => {
    const keyHash = this.#services.pseudonyms.reservation(input.scope, input.key);
    const row = await this.#services.ledger.getReservation(input.scope, keyHash);
    const version = row?.version ?? 0;
    let current: Reservation = { total: row?.total ?? '0', version };
    const commands: CaseCommand[] = [];
    for (const hold of Object.values(state.holds)) {
      if (hold.scope !== input.scope || hold.keyHash !== keyHash) continue;
      current = release(current, hold.quantity);
      commands.push({ type: 'ReleaseQuantity', claimId: hold.claimId, total: current.total, reservationVersion: current.version });
    }
    const next = reserve(current, input.quantity, input.limit);
    if (next === undefined) return undefined;
    commands.push({
      type: 'ReserveQuantity', runId: this.runId, claimId: this.runId, scope: input.scope, keyHash, quantity: next.quantity, total: next.total,
      limit: next.limit, overBy: next.overBy, reservationVersion: next.version,
    });
    return { commands, condition: { kind: 'version', scope: input.scope, keyHash, version }, total: next.total, limit: next.limit, overBy: next.overBy };
  };

  readonly accumulation: StepContext['accumulation'] = async (state, { scope, also, key, amount, currency, days }) => {
    const at = this.now();
    const since = new Date(this.clock.now() - days * dayMs).toISOString();
    const read = (of: string): Promise<Amounts> => this.#amounts(of, key, since);
    const { keyHash, version, others: here, condition } = await read(scope);
    const elsewhere = await Promise.all(also.map(read));
    const others = [here, ...elsewhere.map((each) => each.others)].flat();
    const total = sumOf([...others.filter((each) => each.claim_id !== this.runId).map((each) => each.amount), amount]);
    const before = state.amounts[this.runId];
    const same = before !== undefined && before.scope === scope && before.keyHash === keyHash && before.amount === amount && before.currency === currency;
    const add: CaseCommand = { type: 'AccumulateAmount', runId: this.runId, claimId: this.runId, scope, keyHash, amount, currency, at: before?.at ?? at, total, reservationVersion: version + 1 };
    return {
      commands: same ? [] : [...(before === undefined ? [] : [{ type: 'ReleaseAmount', claimId: this.runId } satisfies CaseCommand]), add],
      conditions: [condition, ...elsewhere.map((each) => each.condition)], total,
    };
  };

  async #amounts(scope: string, key: string, since: string): Promise<Amounts> {
    const keyHash = this.#services.pseudonyms.reservation(scope, key);
    // The version first: what is added while the amounts are read is noticed by the commit.
    const version = (await this.#services.ledger.getReservation(scope, keyHash))?.version ?? 0;
    return { keyHash, version, others: await this.#services.ledger.accumulatedSince(scope, keyHash, since), condition: { kind: 'version', scope, keyHash, version } };
  }

  otherAddresses(): readonly string[] {
    const own = addressKey(this.address);
    return this.#services.registry.addressesAt(own).filter((address) => address !== own);
  }
  idsAt(address: Address): readonly string[] {
    return this.#services.registry.idsAt(address);
  }

  isWired(port: number): boolean {
    const step = this.#services.registry.byAddress(addressKey(this.address));
    return (step?.node.wires?.[port] ?? []).length > 0;
  }

  async releaseHolds(state: CaseState): Promise<{ readonly commands: readonly CaseCommand[]; readonly conditions: readonly Condition[] }> {
    return releaseHolds(this.#services.ledger, state);
  }
}

/** Gives back every quantity that a case holds, each against the version of its reservation. */
export async function releaseHolds(ledger: Ledger, state: CaseState): Promise<{ readonly commands: readonly CaseCommand[]; readonly conditions: readonly Condition[] }> {
  const commands: CaseCommand[] = [];
  const conditions: Condition[] = [];
  const seen = new Map<string, { total: string; version: number }>();
  for (const hold of Object.values(state.holds)) {
    const id = `${hold.scope}\0${hold.keyHash}`;
    let current = seen.get(id);
    if (current === undefined) {
      const row = await ledger.getReservation(hold.scope, hold.keyHash);
      current = { total: row?.total ?? '0', version: row?.version ?? 0 };
      conditions.push({ kind: 'version', scope: hold.scope, keyHash: hold.keyHash, version: current.version });
    }
    const next = release(current, hold.quantity);
    seen.set(id, next);
    commands.push({ type: 'ReleaseQuantity', claimId: hold.claimId, total: next.total, reservationVersion: next.version });
  }
  return { commands, conditions };
}

