import { readFileSync } from 'node:fs';
import { writeWhole } from '../../support/write-whole.ts';
import { latencyBins } from './latency.ts';
import type { Figures } from './figures.ts';
import type { OpenCall } from './open-calls.ts';
import type { TemplateCost } from './case-costs.ts';

const FORM = 1;

/** What is kept of the figures over restarts; what the ledger took after `position` is counted again from it. */
export interface HealthContent {
  readonly form: typeof FORM;
  readonly ledgerId: string;
  readonly position: number;
  readonly figures: readonly Figures[];
  readonly open: readonly (readonly [string, readonly OpenCall[]])[];
  readonly costs: readonly TemplateCost[];
}

export function healthContent(parts: Omit<HealthContent, 'form'>): HealthContent {
  return { form: FORM, ...parts };
}

/** Undefined when there is none, it cannot be read, or it is of another ledger or form: then figures begin anew. */
export function readHealth(file: string, ledgerId: string): HealthContent | undefined {
  try {
    const content = JSON.parse(readFileSync(file, 'utf8')) as HealthContent;
    const fits = content.form === FORM && content.ledgerId === ledgerId && content.figures.every(({ total }) => total.bins.length === latencyBins().length);
    return fits ? content : undefined;
  } catch {
    return undefined;
  }
}

export function writeHealth(file: string, content: HealthContent): Promise<void> {
  return writeWhole(file, JSON.stringify(content));
}
