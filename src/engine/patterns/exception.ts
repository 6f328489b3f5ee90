import type { JsonObject, Priority, PriorityRule, ResolutionCode, ResolutionOutcome, Severity } from '../../domain/index.ts';
import { parseDecimal, priorityByRules, priorityRulesProblem } from '../../domain/index.ts';
import type { StepPattern } from '../api.ts';
import type { StepContext } from '../step-context.ts';
import { dueAfter } from './due.ts';
import { asText, ConfigError, positive } from './typed.ts';

/** Config of an `exception` node, version 2; what is absent is as in version 1. */
export interface ExceptionConfig {
  readonly severity: Severity; readonly queue: string; readonly code: string;
  readonly message: string; readonly messageType: string; readonly place: string; readonly placeType: string;
  /** Class of the exception, for counting and for its resolution codes. */
  readonly category?: string;
  readonly amount?: string; readonly amountType?: string; readonly currency?: string; readonly currencyType?: string;
  readonly priorityBy?: 'severity' | 'rules' | 'expression';
  readonly priorityRules?: readonly PriorityRule[]; readonly priorityExpression?: string;
  /** 0 is no deadline. */
  readonly due?: number | string; readonly dueUnit?: 'minutes' | 'hours' | 'days'; readonly dueWorking?: boolean; readonly calendar?: string;
  readonly resolutions?: readonly ResolutionCode[];
}

const outcomes: readonly ResolutionOutcome[] = ['retry', 'continue', 'cancel', 'acknowledged'];
/** Codes of one class: they stand in a leaf, which has a limit. */
const maxCodes = 50;

/** What is wrong with the resolution codes, in one sentence. */
function resolutionsProblem(codes: readonly ResolutionCode[]): string | undefined {
  if (codes.length > maxCodes) return `There are ${codes.length} resolution codes; keep at most ${maxCodes}.`;
  const seen = new Set<string>();
  for (const [index, each] of codes.entries()) {
    const line = `Resolution code ${index + 1}`;
    if (!/^[a-z0-9-]{2,40}$/.test(each.code)) return `${line} ("${each.code}") is no code; use 2 to 40 small letters, digits and hyphens, such as relabelled.`;
    if (seen.has(each.code)) return `The resolution code "${each.code}" stands twice; leave one of them out.`;
    seen.add(each.code);
    const wrong = each.outcomes.find((outcome) => !outcomes.includes(outcome));
    if (wrong !== undefined) return `${line} ("${each.code}") allows "${wrong}"; choose among retry, continue, cancel and acknowledged.`;
    // The node holds its step, so what is only acknowledged would stay for ever.
    if (each.outcomes.length > 0 && each.outcomes.every((outcome) => outcome === 'acknowledged')) return `${line} ("${each.code}") allows nothing that lets the case go on; allow retry, continue or cancel.`;
  }
  return undefined;
}

function readable(codes: readonly ResolutionCode[]): readonly ResolutionCode[] {
  return codes.map(({ code, label, reason, outcomes: allowed }) => ({ code, label: (label ?? '').slice(0, 80), reason: reason === true, outcomes: allowed ?? [] }));
}

/** How the exception of this run was resolved the last time, for what stands behind the node: the code that a person chose. */
async function resolutionOf(step: StepContext, code: string): Promise<JsonObject> {
  const own = new Set(Object.values(step.state.exceptions).filter((each) => each.runId === step.runId && each.code === code).map(({ exceptionId }) => exceptionId));
  for (const event of (await step.history()).toReversed()) {
    if (event.type === 'ExceptionResolved' && own.has(event.data.exceptionId)) return { code: event.data.code, outcome: event.data.outcome };
  }
  return {};
}

/** Raises a business exception and waits; resolved with retry or continue, the case goes on at output 1. */
export function exceptionPattern(config: ExceptionConfig): StepPattern {
  const resolutions = readable(config.resolutions ?? []);
  const rules = config.priorityRules ?? [];
  const problem = resolutionsProblem(resolutions) ?? (config.priorityBy === 'rules' ? priorityRulesProblem(rules) : undefined);
  if (problem !== undefined) throw new ConfigError(problem);
  if (config.dueWorking === true && positive(config.due, 0) > 0 && !config.calendar) throw new ConfigError('A deadline in working time needs a calendar; choose one, or count all time, and deploy.');

  /** The amount, and what is wrong with it: a bad one keeps nobody from seeing the exception. */
  async function amountOf(step: StepContext): Promise<{ readonly amount?: string; readonly currency?: string; readonly problem?: string }> {
    if (!config.amount) return {};
    const text = asText(await step.evaluate(config.amount, config.amountType ?? 'facts'));
    const amount = parseDecimal(text);
    if (amount === undefined) return { problem: `"${text.slice(0, 40)}" is no amount; correct the facts to a number such as 1250.00.` };
    const currency = asText(await step.evaluate(config.currency ?? '', config.currencyType ?? 'str'));
    if (!/^[A-Z]{3}$/.test(currency)) return { amount: amount.toFixed(), problem: `"${currency.slice(0, 10)}" is no currency; use a code of three letters such as EUR.` };
    return { amount: amount.toFixed(), currency };
  }

  async function priorityOf(step: StepContext, amount: string | undefined): Promise<Priority | undefined> {
    if (config.priorityBy === 'rules') {
      const ageHours = (Date.parse(step.now()) - Date.parse(step.state.openedAt)) / 3_600_000;
      return priorityByRules(rules, { document: step.document, amount, ageHours });
    }
    if (config.priorityBy !== 'expression' || !config.priorityExpression) return undefined;
    const value = Number(await step.evaluate(config.priorityExpression, 'jsonata'));
    return value === 1 || value === 2 || value === 3 || value === 4 || value === 5 ? value : undefined;
  }

  return {
    async run(step) {
      const code = config.code || 'business';
      if (step.resolvedException(code) !== undefined) {
        await step.complete([{ port: 0, message: { ...step.message(), resolution: await resolutionOf(step, code) } }]);
        return;
      }
      const place = config.place ? asText(await step.evaluate(config.place, config.placeType ?? 'str')) : '';
      const { amount, currency, problem: amountProblem } = await amountOf(step);
      const priority = await priorityOf(step, amount);
      const length = positive(config.due, 0);
      const due = length > 0 ? dueAfter(step, step.now(), { value: length, unit: config.dueUnit ?? 'hours', working: config.dueWorking === true }, config.calendar) : {};
      const detail: JsonObject = { ...(place === '' ? {} : { place }), ...(amountProblem === undefined ? {} : { amountProblem }) };
      await step.raise({
        class: 'business', severity: config.severity ?? 'medium', queue: config.queue || 'clerk', code,
        message: asText(await step.evaluate(config.message ?? '', config.messageType ?? 'str')) || code, detail,
        ...(config.category ? { category: config.category } : {}), ...(amount === undefined ? {} : { amount }), ...(currency === undefined ? {} : { currency }),
        ...(priority === undefined ? {} : { priority }), ...due, ...(resolutions.length === 0 ? {} : { resolutions }),
      });
    },
  };
}
