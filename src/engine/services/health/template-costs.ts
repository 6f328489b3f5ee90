import { amountsFor } from '../../../domain/service/index.ts';
import type { Amounts } from '../../../domain/service/index.ts';
import type { TemplateCost } from './case-costs.ts';

/** What the closed cases of a template cost in a month of UTC (`2026-11`). */
export interface TemplateCostRow { readonly month: string; readonly template: string; readonly closed: number; readonly amounts: Amounts; readonly perCase: Amounts }

/** Those that cost anything, the newest month first. */
export function amountsOfTemplates(costs: readonly TemplateCost[]): readonly TemplateCostRow[] {
  return costs.filter(({ amounts }) => Object.keys(amounts).length > 0)
    .map(({ month, template, closed, amounts }) => ({ month, template, closed, amounts, perCase: amountsFor(amounts, closed) }))
    .sort((a, b) => b.month.localeCompare(a.month) || a.template.localeCompare(b.template));
}
