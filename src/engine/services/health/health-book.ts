import { governanceProcess } from '../../../domain/index.ts';
import type { AnyEvent, CaseState } from '../../../domain/index.ts';
import { isPaidFor } from '../../../domain/service/index.ts';
import type { Ledger } from '../../../ledger/port.ts';
import type { Clock } from '../../support/clock.ts';
import { KeptFile } from '../../support/kept-file.ts';
import { once } from '../../support/reporting.ts';
import { addCost, countCall, countOther, newFigures } from './figures.ts';
import type { Figures } from './figures.ts';
import { CaseCosts, costOfCase, paidEffects } from './case-costs.ts';
import type { CostOf, PaidEffect, TemplateCost } from './case-costs.ts';
import { healthContent, readHealth } from './health-file.ts';
import { OpenCalls } from './open-calls.ts';

/** Services at systems that are counted; who comes later takes the place of whom nobody has called for longest. */
const MOST_ROWS = 200;
/** Events that are counted again after a crash; older ones are left out. */
const MOST_BEHIND = 100_000;
const READ_AT_ONCE = 1_000;

/** Of an effect what the figures need. */
interface Called { readonly service: string; readonly system: string; readonly operation: string }
/** A closed case as its costs need it. */
interface Ended { readonly template: string; readonly process: string; readonly effects: () => Iterable<PaidEffect> }
interface Seen { readonly caseId: string; readonly at: string; readonly called: (effectId: string) => Called | undefined; readonly ended: () => Ended }

export function healthKey(service: string, system: string): string {
  return JSON.stringify([service, system]);
}

/**
 * Counts what becomes of calls of other systems, from committed events: success, times, retries, dead letters, unknown outcomes,
 * cost. Kept in a file of the home with the position up to which the ledger is in it, so that nothing is written with a call and
 * nothing is forgotten by a restart.
 */
export class HealthBook {
  readonly #file: string;
  readonly #ledger: Ledger;
  readonly #clock: Clock;
  readonly #costOf: CostOf;
  readonly #figures = new Map<string, Figures>();
  readonly #open = new OpenCalls();
  readonly #costs = new CaseCosts();
  #position = 0;
  #behind = false;
  #held: (() => void)[] = [];
  readonly #kept: KeptFile;

  constructor(options: { readonly file: string; readonly ledger: Ledger; readonly clock: Clock; readonly costOf: CostOf }) {
    this.#file = options.file;
    this.#ledger = options.ledger;
    this.#clock = options.clock;
    this.#costOf = options.costOf;
    this.#kept = new KeptFile({
      file: options.file,
      content: () => (this.#behind ? undefined : healthContent({ ledgerId: this.#ledger.ledgerId, position: this.#position, figures: this.figures(), open: this.#open.all(), costs: this.#costs.all() })),
      unwritten: (why) => `The figures of services could not be written (${why}); until they can, a restart counts them from the ledger.`,
    });
  }

  /** Reads what was kept, and counts what the ledger took since in the background: what is committed meanwhile waits for that. */
  start(): void {
    const { lastPosition } = this.#ledger.health();
    const kept = readHealth(this.#file, this.#ledger.ledgerId);
    for (const figures of kept?.figures ?? []) this.#figures.set(healthKey(figures.service, figures.system), figures);
    this.#open.restore(kept?.open ?? []);
    this.#costs.restore(kept?.costs ?? []);
    this.#position = lastPosition;
    this.#kept.start();
    const from = Math.max(kept?.position ?? 0, lastPosition - MOST_BEHIND) + 1;
    if (from > lastPosition) return;
    this.#behind = true;
    this.#catchUp(from, lastPosition).catch((error: unknown) => once('service-health', `What was called before this start could not be counted from the ledger: ${String(error)}`)).finally(() => {
      this.#behind = false;
      const held = this.#held;
      this.#held = [];
      for (const count of held) count();
    });
  }

  /** One event that was committed; says nothing to whoever committed it. */
  see(state: CaseState, event: AnyEvent, position: number): void {
    if (!isCounted(event)) return;
    const at = this.#clock.iso();
    const seen: Seen = {
      caseId: state.caseId, at, called: (effectId) => state.effects[effectId],
      ended: () => ({ template: state.template, process: state.process, effects: () => Object.values(state.effects) }),
    };
    if (this.#behind) this.#held.push(() => this.#count(event, seen));
    else this.#count(event, seen);
    if (position > this.#position) this.#position = position;
  }

  get behind(): boolean {
    return this.#behind;
  }
  figures(): readonly Figures[] {
    return [...this.#figures.values()];
  }
  one(service: string, system: string): Figures | undefined {
    return this.#figures.get(healthKey(service, system));
  }
  /** Calls that wait for somebody, by the key of their row. */
  open(): ReturnType<OpenCalls['counts']> {
    return this.#open.counts();
  }
  templateCosts(): readonly TemplateCost[] {
    return this.#costs.all();
  }

  async close(): Promise<void> {
    await this.#kept.close();
  }

  #row({ service, system }: Called, at: string): Figures {
    const key = healthKey(service, system);
    let row = this.#figures.get(key);
    if (row !== undefined) return row;
    if (this.#figures.size >= MOST_ROWS) {
      const [oldest] = [...this.#figures].reduce((a, b) => (b[1].lastAt < a[1].lastAt ? b : a));
      this.#figures.delete(oldest);
    }
    this.#figures.set(key, row = newFigures(service, system, at));
    return row;
  }

  #count(event: AnyEvent, { caseId, at, called, ended }: Seen): void {
    this.#kept.changed();
    if (event.type === 'CaseClosed') {
      this.#open.closed(caseId);
      const { template, process, effects } = ended();
      if (process !== governanceProcess) this.#costs.closed(template, costOfCase(effects(), this.#costOf), at);
      return;
    }
    if (event.type !== 'CallEnded' && event.type !== 'RetryScheduled' && event.type !== 'DeadLettered' && event.type !== 'Replayed' && event.type !== 'OutcomeResolved') return;
    const { effectId } = event.data;
    const effect = called(effectId);
    if (effect === undefined) return;
    const row = this.#row(effect, at);
    const key = healthKey(effect.service, effect.system);
    const now = Date.parse(at);
    switch (event.type) {
      case 'CallEnded': {
        const { callId, outcome, durationMs, errorClass, httpStatus } = event.data;
        countCall(row, { outcome, durationMs, now, failure: { caseId, effectId, callId, operation: effect.operation, errorClass: errorClass ?? null, httpStatus: httpStatus ?? null } });
        this.#open.mark(caseId, effectId, key, outcome === 'unknown' ? { unknown: true } : isPaidFor(outcome) ? { unknown: false } : {});
        if (isPaidFor(outcome)) this.#pay(row, effect.service);
        return;
      }
      case 'RetryScheduled':
        // What only waits for room is no retry.
        if (event.data.reason === undefined) countOther(row, 'retries', now);
        return;
      case 'DeadLettered':
        countOther(row, 'deadLetters', now);
        return this.#open.mark(caseId, effectId, key, { dead: true });
      case 'Replayed': return this.#open.mark(caseId, effectId, key, { dead: false });
      case 'OutcomeResolved':
        this.#open.mark(caseId, effectId, key, { unknown: false });
        if (event.data.outcome === 'happened') this.#pay(row, effect.service);
    }
  }

  #pay(row: Figures, service: string): void {
    const cost = this.#costOf(service);
    if (cost !== undefined) addCost(row, cost);
  }

  async #catchUp(from: number, to: number): Promise<void> {
    const cases = new Map<string, Promise<{ readonly called: ReadonlyMap<string, Called>; readonly ended: Ended }>>();
    for (let next = from; next <= to;) {
      const events = await this.#ledger.readAll(next, Math.min(READ_AT_ONCE, to - next + 1));
      for (const event of events) {
        if (!isCounted(event)) continue;
        let about = cases.get(event.streamId);
        if (about === undefined) {
          if (cases.size > READ_AT_ONCE) cases.clear();
          cases.set(event.streamId, about = this.#caseOf(event.streamId));
        }
        const { called, ended } = await about;
        this.#count(event, { caseId: event.streamId, at: event.recordedAt, called: (effectId) => called.get(effectId), ended: () => ended });
      }
      const last = events.at(-1);
      if (last === undefined) return;
      next = (last.position ?? to) + 1;
    }
  }

  async #caseOf(caseId: string): Promise<{ readonly called: ReadonlyMap<string, Called>; readonly ended: Ended }> {
    const events = await this.#ledger.readStream(caseId);
    const called = new Map<string, Called>();
    let [template, process] = ['', ''];
    for (const event of events) {
      if (event.type === 'CaseOpened') ({ template, process } = event.data);
      if (event.type === 'EffectIntended') called.set(event.data.effectId, event.data);
    }
    return { called, ended: { template, process, effects: () => paidEffects(events) } };
  }
}

const counted = new Set<AnyEvent['type']>(['CallEnded', 'RetryScheduled', 'DeadLettered', 'Replayed', 'OutcomeResolved', 'CaseClosed']);

function isCounted({ type }: AnyEvent): boolean {
  return counted.has(type);
}
