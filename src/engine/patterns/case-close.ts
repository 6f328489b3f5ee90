import type { Condition } from '../../ledger/port.ts';
import type { StepPattern } from '../api.ts';
import { asText } from './typed.ts';

/** Config of a `case close` node. */
export interface CaseCloseConfig { readonly outcome: string; readonly outcomeType: string; readonly cancelOpen: boolean }

/** Outcomes after which nothing of what the case reserved was used. */
const unused = new Set(['rejected', 'expired', 'cancelled', 'refused']);

/** Closes the case; with live work left it is refused unless that is cancelled by name (PROTOCOL §2.8). */
export function caseClosePattern(config: CaseCloseConfig): StepPattern {
  return {
    async run(step) {
      const outcome = asText(await step.evaluate(config.outcome ?? 'done', config.outcomeType ?? 'str')) || 'done';
      const left = Object.values(step.state.tokens).some((t) => t.state === 'live') ||
        Object.values(step.state.runs).some((r) => r.runId !== step.runId && r.state !== 'completed' && r.state !== 'void');
      if (left && config.cancelOpen !== true) {
        await step.raise({
          class: 'closed-case', severity: 'medium', queue: 'engineer', code: 'open-work-left',
          message: `The case was to be closed as "${outcome}" while other work of it is still open. Let it finish and retry, or cancel the case.`,
        });
        return;
      }
      let conditions: readonly Condition[] = [];
      await step.commit(async (state) => {
        const released = unused.has(outcome) ? await step.releaseHolds(state) : { commands: [], conditions: [] };
        conditions = released.conditions;
        return [...released.commands, { type: 'CloseCase', outcome, runId: step.runId, cancelOpen: config.cancelOpen === true, releaseClaims: unused.has(outcome), at: step.now() }];
      }, { conditions: () => conditions });
    },
  };
}
