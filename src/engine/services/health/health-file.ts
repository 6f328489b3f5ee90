import { readKept } from '../../support/kept-file.ts';
import type { Kept } from '../../support/kept-file.ts';
import { latencyBins } from './latency.ts';
import type { Figures } from './figures.ts';
import type { OpenCall } from './open-calls.ts';
import type { TemplateCost } from './case-costs.ts';

const FORM = 1;

/** What is kept of the figures over restarts; what the ledger took after `position` is counted again from it. */
export interface HealthContent extends Kept {
  readonly position: number;
  readonly figures: readonly Figures[];
  readonly open: readonly (readonly [string, readonly OpenCall[]])[];
  readonly costs: readonly TemplateCost[];
}

export function healthContent(parts: Omit<HealthContent, 'form'>): HealthContent {
  return { form: FORM, ...parts };
}

/** Undefined when none of this ledger, form and histogram is kept: then figures begin anew. */
export function readHealth(file: string, ledgerId: string): HealthContent | undefined {
  return readKept<HealthContent>(file, { form: FORM, ledgerId }, ({ figures }) => figures.every(({ total }) => total.bins.length === latencyBins().length));
}
