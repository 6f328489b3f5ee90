import type { CaseState } from '../case/state.ts';
import { accepted, nothing, refused } from '../decision.ts';
import type { Decision } from '../decision.ts';
import { own } from '../own.ts';
import { isOpenRun } from '../step/decide-step.ts';
import type { AnswerService } from './commands.ts';

/** The first answer stands: its caller may have it already. */
export function decideAnswerService(state: CaseState, command: AnswerService): Decision {
  const run = own(state.runs, command.runId);
  if (!isOpenRun(run)) return refused(command.type, 'run-not-open');
  if (state.answer !== undefined) return state.answer.runId === command.runId ? nothing('answered') : refused(command.type, 'answered-already');
  return accepted({
    type: 'ServiceAnswered', address: run.address,
    data: { bodyHash: command.bodyHash, refusal: command.refusal, runId: command.runId, status: command.status },
    content: { body: command.body },
  });
}
