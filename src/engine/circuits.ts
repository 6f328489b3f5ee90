import type { AnyEvent, Actor } from '../domain/index.ts';
import { Circuit } from '../connectors/resilience/circuit.ts';
import type { Admission, AttemptEnd, CircuitChange, CircuitMemory, CircuitSettings, Pass } from '../connectors/resilience/circuit.ts';
import type { ChangeCircuit, Outcome } from './api.ts';
import type { CircuitRow, Ledger } from '../ledger/port.ts';
import { LedgerError } from '../ledger/port.ts';
import type { SiteLog } from './site-log.ts';
import { systemActor } from './site-log.ts';
import type { StepRegistry } from './step-registry.ts';
import { systemClock } from './support/clock.ts';
import type { Clock, ClockHandle } from './support/clock.ts';
import { once } from './support/reporting.ts';
import { within } from './support/within.ts';

/** What a node says of the traffic to a system; what it does not say is left to other nodes. */
export interface CircuitDeclaration { readonly system: string; readonly threshold?: number; readonly openMs?: number; readonly concurrency?: number }

/** A declaration, or what says at any time how it stands: what a catalogue says may change while a node runs. */
export type CircuitSource = CircuitDeclaration | (() => CircuitDeclaration);

export function declared(source: CircuitSource | undefined): CircuitDeclaration | undefined {
  return typeof source === 'function' ? source() : source;
}

/** A circuit as people see it; times ISO 8601. */
export interface CircuitView {
  readonly system: string; readonly state: 'closed' | 'open' | 'half-open'; readonly since: string | undefined; readonly until: string | undefined;
  readonly failures: number; readonly manual: boolean; readonly running: number; readonly waiting: number;
  readonly threshold: number; readonly openSeconds: number;
  /** Attempts at once. */
  readonly limit: number;
  /** One sentence for each setting that nodes do not agree on. */
  readonly conflicts: readonly string[];
}

/** Called with leave to go, on the next turn; the pass must be given back. Without one when the engine shuts down. */
type Wake = (pass: Pass | undefined) => void;

interface Entry {
  readonly circuit: Circuit;
  /** Who waits for room or for the circuit to close, by id, in order. */
  readonly waiting: Map<string, Wake>;
  readonly granted: Map<string, { readonly pass: Pass; readonly alarm: ClockHandle }>;
  settingsOf: number;
  conflicts: readonly string[];
  /** What is still to be recorded, in order. */
  recording: Promise<void>;
  version: number;
  alarm: ClockHandle | undefined;
}

const defaults: CircuitSettings = { threshold: 0, openMs: 30_000, concurrency: 32 };
/** Longest that something is held before it looks at the circuit by itself. */
const longestHoldMs = 900_000;
/** Beyond these, what waits for a circuit is woken by its own timer only. */
const mostWaiting = 10_000;
/** How long leave is kept for who was woken with it, ms. */
const grantedMs = 5_000;
/** How soon a change that the ledger could not take is recorded again, ms. */
const recordAgainMs = 1_000;
/** How long somebody who changes a circuit by hand waits for the commit. */
const confirmWithinMs = 5_000;

/** The circuits of all systems: one each, shared by all flows, remembered in the ledger (stream `circuit:<system>`). */
export class Circuits {
  readonly #entries = new Map<string, Entry>();
  readonly #ledger: Ledger;
  readonly #siteLog: SiteLog;
  readonly #registry: StepRegistry;
  readonly #clock: Clock;
  #closed = false;
  #refreshed = 0;

  constructor(options: { readonly ledger: Ledger; readonly siteLog: SiteLog; readonly registry: StepRegistry; readonly clock?: Clock }) {
    this.#ledger = options.ledger;
    this.#siteLog = options.siteLog;
    this.#registry = options.registry;
    this.#clock = options.clock ?? systemClock;
  }

  /** Before anything is sent. */
  async restore(): Promise<void> {
    for (const row of await this.#ledger.circuits()) {
      const version = (await this.#ledger.readStream(`circuit:${row.system}`)).length;
      this.#make(row.system, memoryOf(row), version);
    }
  }

  /** Asks for leave; who gets none is woken with it when there is room, or the circuit lets it through. */
  enter(system: string, id: string, wake: Wake): Admission {
    const entry = this.#entry(system);
    const granted = this.#take(entry, id);
    if (granted !== undefined) return { kind: 'pass', pass: granted };
    const admission = entry.circuit.enter(this.#clock.now());
    if (admission.kind === 'pass') entry.waiting.delete(id);
    else this.#wait(entry, id, wake);
    return admission;
  }

  /** Keeps leave for who has been woken with it and comes for it in a moment. */
  grant(system: string, id: string, pass: Pass): void {
    const entry = this.#entry(system);
    const alarm = this.#clock.setTimeout(() => {
      if (this.#take(entry, id) !== undefined) this.end(system, pass, 'lost');
    }, grantedMs);
    entry.granted.set(id, { pass, alarm });
  }
  #take(entry: Entry, id: string): Pass | undefined {
    const granted = entry.granted.get(id);
    if (granted === undefined) return undefined;
    entry.granted.delete(id);
    this.#clock.clearTimeout(granted.alarm);
    return granted.pass;
  }

  /** Gives leave back. */
  end(system: string, pass: Pass, how: AttemptEnd): void {
    const entry = this.#entry(system);
    entry.circuit.end(pass, how, this.#clock.now());
    this.#pump(entry);
  }

  isOpen(system: string): boolean {
    return system !== '' && this.#entry(system).circuit.isOpen(this.#clock.now());
  }

  /** When something that is held looks again by itself; it is woken earlier when the circuit closes. */
  heldUntil(system: string, holds: number): string {
    const { circuit } = this.#entry(system);
    const now = this.#clock.now();
    // The longer a system is down, the rarer: probes are made for all.
    const rounds = Math.min(20, Math.max(holds, circuit.memory.failures - circuit.settings.threshold, 0));
    const step = Math.min(longestHoldMs, circuit.settings.openMs * 2 ** rounds) * (0.5 + Math.random() / 2);
    return new Date(Math.max(circuit.memory.until ?? 0, Math.round(now + step))).toISOString();
  }

  /** Has `id` woken when the system can be tried; for what is held anew by its own timer. */
  wait(system: string, id: string, wake: Wake): void {
    this.#wait(this.#entry(system), id, wake);
  }
  forget(system: string, id: string): void {
    this.#entries.get(system)?.waiting.delete(id);
  }

  all(): readonly CircuitView[] {
    const named = new Set([...this.#entries.keys(), ...[...this.#registry.all()].flatMap((step) => declared(step.registration.circuit)?.system ?? [])]);
    named.delete('');
    return [...named].sort().map((system) => this.#view(system));
  }
  one(system: string): CircuitView | undefined {
    const known = this.#entries.has(system) || [...this.#registry.all()].some((step) => declared(step.registration.circuit)?.system === system);
    return known && system !== '' ? this.#view(system) : undefined;
  }

  /** A person opens or closes a circuit; durable before it is answered. */
  async change(input: Pick<ChangeCircuit, 'system' | 'state' | 'reason' | 'until'>, by: Actor): Promise<Outcome<{ readonly circuit: CircuitView }>> {
    const known = this.one(input.system);
    if (known === undefined) return { ok: false, code: 'system-unknown', message: `No node names a system "${input.system}"; see the list of circuits.`, status: 'not-found' };
    const now = this.#clock.now();
    const until = input.until === undefined ? undefined : Date.parse(input.until);
    if (until !== undefined && !(until > now)) return { ok: false, code: 'time-passed', message: 'Give a time that lies ahead, such as 2026-03-02T14:00:00Z, or none.', status: 'invalid' };
    const entry = this.#entry(input.system);
    this.#manual = { by, note: input.reason };
    const changed = input.state === 'open' ? entry.circuit.openByHand(now, until) : entry.circuit.closeByHand(now);
    this.#manual = undefined;
    if (!changed) return { ok: false, code: 'circuit-unchanged', message: `The circuit of ${input.system} is ${input.state} already.`, status: 'conflict' };
    const recorded = await within(confirmWithinMs, entry.recording);
    this.#pump(entry);
    if (!recorded) return { ok: false, code: 'ledger-unavailable', message: `The circuit of ${input.system} is ${input.state} from now on, but the ledger takes nothing at present: it is recorded as soon as it does. A restart before that forgets it.`, status: 'unavailable' };
    return { ok: true, circuit: this.#view(input.system) };
  }
  #manual: { readonly by: Actor; readonly note: string } | undefined;

  /** Settings of one system on which nodes do not agree, each with the nodes it is about. */
  conflicts(): readonly { readonly sentence: string; readonly nodeIds: readonly string[] }[] {
    return this.all().flatMap(({ system, conflicts }) => conflicts.map((sentence) => ({
      sentence, nodeIds: [...this.#registry.all()].filter((step) => declared(step.registration.circuit)?.system === system).map((step) => step.node.id),
    })));
  }

  /** What nodes say by the catalogue may be something else than before: it holds at once, and who has room now goes. */
  refresh(): void {
    this.#refreshed += 1;
    for (const [system, entry] of this.#entries) {
      this.#configure(system, entry);
      this.#pump(entry);
    }
  }

  close(): void {
    this.#closed = true;
    for (const entry of this.#entries.values()) {
      this.#clock.clearTimeout(entry.alarm);
      for (const wake of entry.waiting.values()) setImmediate(() => wake(undefined));
      entry.waiting.clear();
    }
  }

  #entry(system: string): Entry {
    const entry = this.#entries.get(system) ?? this.#make(system, { state: 'closed', since: 0, until: undefined, failures: 0, manual: false }, 0);
    if (entry.settingsOf !== this.#registry.changes + this.#refreshed) this.#configure(system, entry);
    return entry;
  }

  #make(system: string, memory: CircuitMemory, version: number): Entry {
    const entry: Entry = {
      circuit: new Circuit(defaults, memory, (change) => this.#changed(system, change)), waiting: new Map(), granted: new Map(), settingsOf: -1, conflicts: [],
      recording: Promise.resolve(), version, alarm: undefined,
    };
    this.#entries.set(system, entry);
    return entry;
  }

  /** The most careful of what the nodes say holds. */
  #configure(system: string, entry: Entry): void {
    entry.settingsOf = this.#registry.changes + this.#refreshed;
    const said = [...this.#registry.all()].filter((step) => declared(step.registration.circuit)?.system === system).map((step) => ({ name: step.node.name || step.address.stepId, ...declared(step.registration.circuit) }));
    const conflicts: string[] = [];
    const pick = (key: 'threshold' | 'openMs' | 'concurrency', what: (value: number) => string, careful: (...values: number[]) => number): number | undefined => {
      const values = said.flatMap((one) => (one[key] === undefined ? [] : [{ name: one.name, value: one[key] }]));
      const different = new Map(values.map(({ name, value }) => [value, name]));
      if (different.size > 1) {
        conflicts.push(`Nodes that use ${system} do not agree: ${[...different].map(([value, name]) => `"${name}" says ${what(value)}`).join(', ')}. The most careful holds; give them the same.`);
      }
      return values.length === 0 ? undefined : careful(...values.map(({ value }) => value));
    };
    const threshold = pick('threshold', (n) => `open after ${n} failures`, Math.min) ?? defaults.threshold;
    const openMs = pick('openMs', (n) => `open for ${n / 1_000} s`, Math.max) ?? defaults.openMs;
    const concurrency = pick('concurrency', (n) => `${n} at once`, Math.min) ?? defaults.concurrency;
    entry.conflicts = conflicts;
    entry.circuit.settings = { threshold, openMs, concurrency };
  }

  #view(system: string): CircuitView {
    const { circuit, waiting, conflicts } = this.#entry(system);
    const { state, since, until, manual } = circuit.memory;
    const iso = (ms: number | undefined): string | undefined => (ms === undefined || ms === 0 ? undefined : new Date(ms).toISOString());
    return {
      system, state, since: iso(since), until: iso(until), failures: circuit.failures, manual, running: circuit.running, waiting: waiting.size,
      threshold: circuit.settings.threshold, openSeconds: circuit.settings.openMs / 1_000, limit: circuit.settings.concurrency, conflicts,
    };
  }

  #wait(entry: Entry, id: string, wake: Wake): void {
    if (this.#closed || (entry.waiting.size >= mostWaiting && !entry.waiting.has(id))) return;
    entry.waiting.set(id, wake);
    this.#setAlarm(entry);
  }

  /** An open circuit is tried when its time has come, if anybody waits for it. */
  #setAlarm(entry: Entry): void {
    const { state, until } = entry.circuit.memory;
    if (state !== 'open' || until === undefined || entry.alarm !== undefined) return;
    entry.alarm = this.#clock.setTimeout(() => {
      entry.alarm = undefined;
      this.#pump(entry);
    }, Math.max(0, until - this.#clock.now()));
  }

  /** Wakes as many as may go. */
  #pump(entry: Entry): void {
    while (!this.#closed && entry.waiting.size > 0) {
      const admission = entry.circuit.enter(this.#clock.now());
      if (admission.kind !== 'pass') break;
      const [id, wake] = entry.waiting.entries().next().value as [string, Wake];
      entry.waiting.delete(id);
      const { pass } = admission;
      setImmediate(() => wake(pass));
    }
    if (entry.waiting.size > 0) this.#setAlarm(entry);
  }

  #changed(system: string, change: CircuitChange): void {
    const entry = this.#entries.get(system);
    if (entry === undefined) return;
    this.#clock.clearTimeout(entry.alarm);
    entry.alarm = undefined;
    const manual = this.#manual;
    const event = eventOf(system, change, manual);
    entry.recording = entry.recording.then(() => this.#record(system, entry, event, manual?.by ?? systemActor));
  }

  /** Changes are recorded in their order; while the ledger takes none, the circuit works from memory. */
  async #record(system: string, entry: Entry, event: AnyEvent, actor: Actor): Promise<void> {
    for (;;) {
      try {
        await this.#siteLog.record('circuit', event, { streamId: `circuit:${system}`, expectedVersion: entry.version, actor });
        entry.version += 1;
        return;
      } catch (error) {
        if (this.#closed || (error instanceof LedgerError && error.code === 'closed')) return;
        once('circuit', `A change of the circuit of ${system} could not be recorded and is tried again: ${String(error)}`);
        await new Promise((resolve) => { setTimeout(resolve, recordAgainMs).unref(); });
        // It may have been taken although it was not acknowledged.
        const events = await this.#ledger.readStream(`circuit:${system}`).catch(() => undefined);
        if (events !== undefined && events.length > entry.version) {
          entry.version = events.length;
          return;
        }
      }
    }
  }
}

function memoryOf(row: CircuitRow): CircuitMemory {
  return { state: row.state, since: Date.parse(row.since), until: row.until === null ? undefined : Date.parse(row.until), failures: row.failures, manual: row.manual === 1 };
}

function eventOf(system: string, change: CircuitChange, manual: { readonly by: Actor; readonly note: string } | undefined): AnyEvent {
  const note = manual === undefined ? {} : { content: { note: manual.note } };
  const by = manual === undefined ? {} : { by: manual.by.id };
  if (change.state === 'half-open') return { type: 'CircuitHalfOpened', data: { system } };
  if (change.state === 'closed') return { type: 'CircuitClosed', data: { system, reason: change.why === 'manual' ? 'manual' : 'answered', ...by }, ...note };
  const reason = change.why === 'manual' || change.why === 'probe-failed' ? change.why : 'failures';
  return {
    type: 'CircuitOpened', ...note,
    data: { system, failures: change.failures, reason, ...by, ...(change.until === undefined ? {} : { until: new Date(change.until).toISOString() }) },
  };
}
