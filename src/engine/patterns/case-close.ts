import type { Condition } from '../../ledger/port.ts';
import type { StepPattern } from '../api.ts';
import type { StepContext } from '../step-context.ts';
import { asText } from './typed.ts';

/** Config of a `case close` node. */
export interface CaseCloseConfig { readonly outcome: string; readonly outcomeType: string; readonly cancelOpen: boolean;
  /** Whether registered undos run first. `auto`: when other work is cancelled, or nothing of the case was used. */
  readonly compensate?: 'auto' | 'always' | 'never';
}

/** Outcomes after which nothing of what the case reserved was used. */
const unused = new Set(['rejected', 'expired', 'cancelled', 'refused']);

/** Closes the case; with live work left it is refused unless that is cancelled by name (PROTOCOL §2.8). */
export function caseClosePattern(config: CaseCloseConfig): StepPattern {
  return {
    async run(step) {
      const outcome = asText(await step.evaluate(config.outcome ?? 'done', config.outcomeType ?? 'str')) || 'done';
      const left = Object.values(step.state.tokens).some((t) => t.state === 'live') ||
        Object.values(step.state.runs).some((r) => r.runId !== step.runId && r.state !== 'completed' && r.state !== 'void');
      if (step.state.runs[step.runId]?.compensation !== undefined) return insideUndo(step);
      if (left && config.cancelOpen !== true) {
        await step.raise({
          class: 'closed-case', severity: 'medium', queue: 'engineer', code: 'open-work-left',
          message: `The case was to be closed as "${outcome}" while other work of it is still open. Let it finish and retry, or cancel the case.`,
        });
        return;
      }
      const undoes = config.compensate === 'always' || (config.compensate !== 'never' && (left || unused.has(outcome)));
      let conditions: readonly Condition[] = [];
      await step.commit(async (state) => {
        const released = unused.has(outcome) ? await step.releaseHolds(state) : { commands: [], conditions: [] };
        conditions = released.conditions;
        return [...released.commands, { type: 'CloseCase', outcome, runId: step.runId, cancelOpen: config.cancelOpen === true, compensate: undoes, releaseClaims: unused.has(outcome), at: step.now() }];
      }, { conditions: () => conditions });
    },
  };
}

/** The case closes by itself after its last undo. */
function insideUndo(step: StepContext): Promise<void> {
  return step.raise({
    class: 'node-error', severity: 'high', queue: 'engineer', code: 'close-in-undo',
    message: 'An undo path leads to a case close, but the case closes by itself after its last undo. End the path with a compensate node that is set to "done", deploy, and retry; or continue without this undo.',
  });
}
