import type { Json, TaskPerson } from './types.ts';

export type ChangeStatus = 'requested' | 'in-review' | 'accepted' | 'waived' | 'declined' | 'withdrawn';
export interface WaiverScope { readonly fingerprints?: readonly string[]; readonly template?: string }
export type ChangeTerms =
  | { readonly decision: 'accept'; readonly version: string }
  | { readonly decision: 'waive'; readonly rule: string; readonly scope: WaiverScope; readonly expiresAt: string }
  | { readonly decision: 'decline' };

export interface ChangeRequest {
  readonly changeId: string; readonly kind: 'change' | 'waiver'; readonly status: ChangeStatus; readonly site: string; readonly family: string; readonly template: string | null; readonly rule: string | null;
  readonly title: string; readonly requestedBy: TaskPerson; readonly requestedAt: string; readonly until: string | null; readonly quorum: number; readonly decidedAt: string | null; readonly version: string | null;
  /** End of the waiver that answered it. */
  readonly expiresAt: string | null; readonly mayDecide: boolean;
}

/** What `GET governance` says of releases. */
export interface ReleaseView { readonly site: string; readonly ring: 'test' | 'pilot' | 'all'; readonly catalogue: { readonly state: string } }

/** One line of what a proposal changes. */
export interface DifferenceLine { readonly kind: 'added' | 'removed' | 'changed'; readonly node: string; readonly property: string; readonly before: Json; readonly after: Json }
export interface ChangeWord { readonly at: string; readonly by: TaskPerson; readonly comment: string | null; readonly terms: ChangeTerms | null; readonly outcome: string | null; readonly withdrawn: boolean }
export interface ChangeRequestDetail extends ChangeRequest {
  readonly reason: string; readonly requestHash: string; readonly baseHash: string | null; readonly proposedHash: string | null; readonly scope: WaiverScope;
  readonly nodes: Json[] | null; readonly difference: readonly DifferenceLine[] | null; readonly talk: readonly ChangeWord[]; readonly mayWithdraw: boolean;
}
export interface ChangeStanding { readonly changeId: string; readonly status: ChangeStatus; readonly agreeing: number; readonly quorum: number }

export interface WaiverView {
  readonly waiverId: string; readonly status: 'active' | 'expired' | 'revoked'; readonly rule: string; readonly site: string; readonly sites: readonly string[]; readonly template: string | null;
  readonly fingerprints: readonly string[]; readonly reason: string; readonly grantedAt: string; readonly expiresAt: string; readonly changeId: string | null; readonly endedAt: string | null;
}

/** Deploys past named rules: asked for by one person, open once a second one has agreed. */
export interface BreakGlassView {
  readonly id: string; readonly rules: readonly string[]; readonly hours: number; readonly reason: string; readonly by: TaskPerson; readonly second: TaskPerson | null; readonly askedAt: string;
  readonly state: 'asked' | 'open' | 'over'; readonly until: string | null;
}
