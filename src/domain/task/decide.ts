import type { Decision } from '../decision.ts';
import type { CaseState } from '../case/state.ts';
import type { TaskCommand } from './commands.ts';
import { decideCreateTask } from './create-task.ts';
import { decideAccumulateAmount, decideReleaseAmount, decideRequestReversal } from './decide-amount.ts';
import { decideDecideAutomatically, decideDecideTask } from './decide-task.ts';
import { decideExpireTask, decideRecallDecision, decideReleaseDecision, decideRemindTask, decideVoidTask, decideWithdrawTask } from './end-task.ts';
import { decideAnswerInfo, decideClaimTask, decideCommentTask, decideOpenTask, decideReassignTask, decideReleaseTask, decideRequestInfo } from './work-task.ts';

export function decideTaskCommand(state: CaseState, command: TaskCommand): Decision {
  switch (command.type) {
    case 'CreateTask': return decideCreateTask(state, command);
    case 'OpenTask': return decideOpenTask(state, command);
    case 'ClaimTask': return decideClaimTask(state, command);
    case 'ReleaseTask': return decideReleaseTask(state, command);
    case 'DecideTask': return decideDecideTask(state, command);
    case 'DecideAutomatically': return decideDecideAutomatically(state, command);
    case 'ExpireTask': return decideExpireTask(state, command);
    case 'VoidTask': return decideVoidTask(state, command);
    case 'RecallDecision': return decideRecallDecision(state, command);
    case 'ReleaseDecision': return decideReleaseDecision(state, command);
    case 'ReassignTask': return decideReassignTask(state, command);
    case 'RequestInfo': return decideRequestInfo(state, command);
    case 'AnswerInfo': return decideAnswerInfo(state, command);
    case 'CommentTask': return decideCommentTask(state, command);
    case 'RemindTask': return decideRemindTask(state, command);
    case 'WithdrawTask': return decideWithdrawTask(state, command);
    case 'RequestReversal': return decideRequestReversal(state, command);
    case 'AccumulateAmount': return decideAccumulateAmount(state, command);
    case 'ReleaseAmount': return decideReleaseAmount(state, command);
  }
}
