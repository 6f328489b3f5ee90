import type { AnyEvent, CaseState } from '../domain/index.ts';
import type { CaseProgress } from './api.ts';

/** What a dock should be told after a commit, or undefined. */
export function progressOf(state: CaseState, event: AnyEvent): CaseProgress | undefined {
  const base = { caseId: state.caseId, title: state.title ?? state.caseId, origin: state.origin };
  switch (event.type) {
    case 'CaseOpened': return { ...base, kind: 'recorded' };
    case 'ScanRecorded': return event.data.repeat === 'first' ? undefined : { ...base, kind: 'repeat', ...(state.outcome === undefined ? {} : { outcome: state.outcome }) };
    case 'TaskCreated': return { ...base, kind: 'awaiting-approval' };
    case 'Decided':
      if (event.data.mode === 'auto' || event.data.outcome === undefined || event.data.heldUntil !== undefined) return undefined;
      return { ...base, kind: event.data.outcome === 'approved' ? 'approved' : 'rejected' };
    case 'DecisionReleased': return { ...base, kind: event.data.outcome === 'approved' ? 'approved' : 'rejected' };
    case 'TaskWithdrawn': return { ...base, kind: 'rejected' };
    case 'TaskExpired': return { ...base, kind: 'expired' };
    case 'RetryScheduled':
    case 'DeadLettered': return { ...base, kind: 'erp-waiting' };
    case 'ExceptionRaised': return { ...base, kind: 'exception', severity: event.data.severity, ...(event.content === undefined ? {} : { message: event.content.message }) };
    case 'CaseClosed': return { ...base, kind: 'closed', outcome: event.data.outcome };
    default: return undefined;
  }
}
