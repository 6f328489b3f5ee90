import type { Decision } from '../decision.ts';
import type { CaseState } from './state.ts';
import type { CaseCommand } from './commands.ts';
import { decideCloseCase, decideOpenCase, decideRecordFacts, decideRecordScan, decideReleaseQuantity, decideReserveQuantity } from './decide-case.ts';
import { decideEnterStep, decidePoisonToken, decideRecordNodeFailure, decideResendToken } from '../token/decide-token.ts';
import { decideCompleteStep, decidePoisonRun, decideReachMilestone, decideRecordAudit, decideRecordDecision, decideRecordValidation, decideResumeStep } from '../step/decide-step.ts';
import { decideAnswerService } from '../answer/decide-answer.ts';
import { decideCancelTimer, decideScheduleTimer } from '../timer/decide-timer.ts';
import { decideEscalation } from '../escalation/decide-escalation.ts';
import { isRejectedBy } from '../escalation/decide-rung.ts';
import { refused } from '../decision.ts';
import { decideAwaitEvent, decideCorrelateEvent, decideEndWait } from '../wait/decide-wait.ts';
import { decideTaskCommand } from '../task/decide.ts';
import { decideDeadLetter, decideEndCall, decideIntendEffect, decideReplayEffect, decideResolveOutcome, decideScheduleRetry, decideStartCall } from '../effect/decide-effect.ts';
import { decideRecordNotice } from '../notice/decide-notice.ts';
import { decideFailAttempt, decideHoldToken, decideReplayToken } from '../retry/decide-retry.ts';
import { decideArriveBranch, decideEndGathering, endedInstead } from '../fork/decide-fork.ts';
import { decideCompensateCase, decideRegisterCompensation } from '../compensation/decide-compensation.ts';
import { withAftermath } from './aftermath.ts';
import { decideRaiseException, decideResolveException } from '../exception/decide-exception.ts';
import { decideAssignException, decideNoteException, decideReclassifyException, decideReleaseException, decideReopenException } from '../exception/decide-exception-work.ts';
import { decideLinkException, decideMergeException, decideUnmergeException } from '../exception/decide-like-exceptions.ts';
import { decideAttachPhoto, decideErasePhoto } from '../attachment/decide-attachment.ts';

/** `decide(state, command) → events` of a case. Pure. */
export function decide(state: CaseState, command: CaseCommand): Decision {
  return withAftermath(state, endedInstead(state, command) ?? decideCommand(state, command));
}

function decideCommand(state: CaseState, command: CaseCommand): Decision {
  // A decision after the time of a rung that rejects is too late, whether its timer has fired or not (PROTOCOL §7).
  if (command.type === 'DecideTask' && isRejectedBy(state, command.taskId, command.at, command.graceUntil)) return refused(command.type, 'task-overdue');
  switch (command.type) {
    case 'OpenCase': return decideOpenCase(state, command);
    case 'RecordScan': return decideRecordScan(state, command);
    case 'RecordFacts': return decideRecordFacts(state, command);
    case 'ReserveQuantity': return decideReserveQuantity(state, command);
    case 'ReleaseQuantity': return decideReleaseQuantity(state, command);
    case 'CloseCase': return decideCloseCase(state, command);
    case 'EnterStep': return decideEnterStep(state, command);
    case 'ResendToken': return decideResendToken(state, command);
    case 'PoisonToken': return decidePoisonToken(state, command);
    case 'RecordNodeFailure': return decideRecordNodeFailure(state, command);
    case 'CompleteStep': return decideCompleteStep(state, command);
    case 'ResumeStep': return decideResumeStep(state, command);
    case 'PoisonRun': return decidePoisonRun(state, command);
    case 'ReachMilestone': return decideReachMilestone(state, command);
    case 'RecordValidation': return decideRecordValidation(state, command);
    case 'RecordDecision': return decideRecordDecision(state, command);
    case 'AnswerService': return decideAnswerService(state, command);
    case 'RecordAudit': return decideRecordAudit(state, command);
    case 'ScheduleTimer': return decideScheduleTimer(state, command);
    case 'CancelTimer': return decideCancelTimer(state, command);
    case 'AwaitEvent': return decideAwaitEvent(state, command);
    case 'CorrelateEvent': return decideCorrelateEvent(state, command);
    case 'EndWait': return decideEndWait(state, command);
    case 'ArmEscalation':
    case 'StartLadder':
    case 'EscalateLadder':
    case 'PauseLadder':
    case 'ResumeLadder':
    case 'PauseCase':
    case 'ResumeCase': return decideEscalation(state, command);
    case 'RecordNotice': return decideRecordNotice(state, command);
    case 'IntendEffect': return decideIntendEffect(state, command);
    case 'StartCall': return decideStartCall(state, command);
    case 'EndCall': return decideEndCall(state, command);
    case 'ScheduleRetry': return decideScheduleRetry(state, command);
    case 'DeadLetter': return decideDeadLetter(state, command);
    case 'ReplayEffect': return decideReplayEffect(state, command);
    case 'ResolveOutcome': return decideResolveOutcome(state, command);
    case 'RaiseException': return decideRaiseException(state, command);
    case 'FailAttempt': return decideFailAttempt(state, command);
    case 'HoldToken': return decideHoldToken(state, command);
    case 'ReplayToken': return decideReplayToken(state, command);
    case 'ResolveException': return decideResolveException(state, command);
    case 'AssignException': return decideAssignException(state, command);
    case 'ReleaseException': return decideReleaseException(state, command);
    case 'ReclassifyException': return decideReclassifyException(state, command);
    case 'MergeException': return decideMergeException(state, command);
    case 'UnmergeException': return decideUnmergeException(state, command);
    case 'LinkException': return decideLinkException(state, command);
    case 'ReopenException': return decideReopenException(state, command);
    case 'NoteException': return decideNoteException(state, command);
    case 'AttachPhoto': return decideAttachPhoto(state, command);
    case 'ErasePhoto': return decideErasePhoto(state, command);
    case 'ArriveBranch': return decideArriveBranch(state, command);
    case 'EndGathering': return decideEndGathering(state, command);
    case 'RegisterCompensation': return decideRegisterCompensation(state, command);
    case 'CompensateCase': return decideCompensateCase(state, command);
    default: return decideTaskCommand(state, command);
  }
}
