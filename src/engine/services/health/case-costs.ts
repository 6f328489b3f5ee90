import { isPaidFor, withAmount, withAmounts } from '../../../domain/service/index.ts';
import type { Amounts, ServiceCost } from '../../../domain/service/index.ts';
import type { AnyEvent } from '../../../domain/index.ts';

export type CostOf = (service: string) => ServiceCost | undefined;

/** What a case did to another system, as far as its cost goes. */
export interface PaidEffect { readonly service: string; readonly lastOutcome?: string }

/** What the calls of a case cost, by the definitions as they are now. */
export function costOfCase(effects: Iterable<PaidEffect>, costOf: CostOf): Amounts {
  let sum: Amounts = {};
  for (const { service, lastOutcome } of effects) {
    const cost = isPaidFor(lastOutcome) ? costOf(service) : undefined;
    if (cost !== undefined) sum = withAmount(sum, cost);
  }
  return sum;
}

/** The effects of a case from its events. */
export function paidEffects(events: readonly AnyEvent[]): readonly PaidEffect[] {
  const effects = new Map<string, { service: string; lastOutcome?: string }>();
  for (const event of events) {
    if (event.type === 'EffectIntended') effects.set(event.data.effectId, { service: event.data.service });
    else if (event.type === 'CallEnded') Object.assign(effects.get(event.data.effectId) ?? {}, { lastOutcome: event.data.outcome });
    else if (event.type === 'OutcomeResolved') Object.assign(effects.get(event.data.effectId) ?? {}, { lastOutcome: event.data.outcome === 'happened' ? 'success' : 'not-happened' });
  }
  return [...effects.values()];
}

/** What the closed cases of one template cost in one month of UTC. */
export interface TemplateCost { readonly month: string; readonly template: string; closed: number; amounts: Amounts }

const MOST_MONTHS = 3;
const MOST_TEMPLATES = 200;

/** Closed cases and their cost by month and template; three months are kept. */
export class CaseCosts {
  #of: TemplateCost[] = [];

  closed(template: string, amounts: Amounts, at: string): void {
    const month = at.slice(0, 7);
    let entry = this.#of.find((each) => each.month === month && each.template === template);
    if (entry === undefined) {
      if (this.#of.filter((each) => each.month === month).length >= MOST_TEMPLATES) return;
      this.#of.push(entry = { month, template, closed: 0, amounts: {} });
      const months = [...new Set(this.#of.map((each) => each.month))].sort().slice(-MOST_MONTHS);
      this.#of = this.#of.filter((each) => months.includes(each.month));
    }
    entry.closed += 1;
    if (Object.keys(amounts).length > 0) entry.amounts = withAmounts(entry.amounts, amounts);
  }

  all(): readonly TemplateCost[] {
    return this.#of;
  }

  restore(of: readonly TemplateCost[]): void {
    this.#of = of.map((each) => ({ ...each }));
  }
}
