export type { Change, ChangeKind, ChangeOutcome, ChangeStatus, ChangeTerms, ChangeVote, WaiverScope } from './change.ts';
export { decidingRoles, evolveChange, isOver, outcomeOf, ownerRole, termsKey } from './change.ts';
export type { BringAnswer, ChangeSpeaker, DecideChange, OwnersAnswer, RequestChange } from './decide-change.ts';
export { answerChange, bringAnswer, commentChange, decideChange, isWithinAsked, longestWaiverMs, mostFingerprints, requestChange, withdrawChange } from './decide-change.ts';
export type { KnownWaiver, SignedWaiver } from './waiver.ts';
export { followWaiver, waiverNoticeMs } from './waiver.ts';
