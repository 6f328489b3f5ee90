import type { AnyEvent } from '../envelope.ts';
import { OWNER_PREFIX } from '../directory/role.ts';

/** `change`: another content for a template. `waiver`: one rule of the gate does not hold for a time. */
export type ChangeKind = 'change' | 'waiver';
export type ChangeOutcome = 'accepted' | 'waived' | 'declined';
/** `in-review`: an owner has spoken. A change that is over stays over; who needs more asks anew. */
export type ChangeStatus = 'requested' | 'in-review' | ChangeOutcome | 'withdrawn';

/** What a waiver covers: findings by fingerprint, and a template as `family/name`. */
export interface WaiverScope { readonly fingerprints?: readonly string[]; readonly template?: string }

/** What an owner says. Votes with the same terms count together. */
export type ChangeTerms =
  /** `version`: the version of the template that has, or will have, the change. */
  | { readonly decision: 'accept'; readonly version: string }
  | { readonly decision: 'waive'; readonly rule: string; readonly scope: WaiverScope; readonly expiresAt: string }
  | { readonly decision: 'decline' };

export interface ChangeVote { readonly by: string; readonly terms: ChangeTerms }

/** A change request as the rules know it. Persons are pseudonyms, times ISO 8601 UTC with milliseconds. */
export interface Change {
  readonly changeId: string;
  readonly kind: ChangeKind;
  readonly status: ChangeStatus;
  readonly site: string;
  readonly family: string;
  /** `family/name@version` that it is about. */
  readonly template?: string;
  /** Content hashes: of that version, and of what is proposed. */
  readonly baseHash?: string;
  readonly proposedHash?: string;
  readonly rule?: string;
  readonly scope: WaiverScope;
  /** How long the waiver is asked for. */
  readonly until?: string;
  readonly requester: string;
  /** Owners who have to agree. */
  readonly quorum: number;
  /** Of what was shown: a decision names it. */
  readonly requestHash: string;
  /** The last word of each owner. */
  readonly votes: readonly ChangeVote[];
  /** Terms of the outcome. */
  readonly terms?: ChangeTerms;
}

/** A scope as events have it. */
export function scopeData({ fingerprints, template }: WaiverScope): { readonly fingerprints?: readonly string[]; readonly ofTemplate?: string } {
  return { ...(fingerprints === undefined ? {} : { fingerprints }), ...(template === undefined ? {} : { ofTemplate: template }) };
}

export function isOver(change: Change): boolean {
  return change.status !== 'requested' && change.status !== 'in-review';
}

/** Terms as text: what has to be the same for votes to count together. Lists count as sets. */
export function termsKey(terms: ChangeTerms): string {
  if (terms.decision === 'accept') return `accept ${terms.version}`;
  if (terms.decision === 'decline') return 'decline';
  return JSON.stringify(['waive', terms.rule, [...new Set(terms.scope.fingerprints ?? [])].sort(), terms.scope.template ?? '', terms.expiresAt]);
}

export const outcomeOf = { accept: 'accepted', waive: 'waived', decline: 'declined' } as const satisfies Record<ChangeTerms['decision'], ChangeOutcome>;

/** Roles that decide changes of a family: its owners, and central architects. */
export function decidingRoles(family: string): readonly string[] {
  return [ownerRole(family), 'central-architect'];
}

export function ownerRole(family: string): string {
  return `${OWNER_PREFIX}${family}`;
}

export function evolveChange(state: Change | undefined, event: AnyEvent & { readonly site: string }): Change | undefined {
  switch (event.type) {
    case 'ChangeRequested': {
      const { by, fingerprints, ofTemplate, ...data } = event.data;
      return {
        ...data, status: 'requested', site: event.site, requester: by, votes: [],
        scope: { ...(fingerprints === undefined ? {} : { fingerprints }), ...(ofTemplate === undefined ? {} : { template: ofTemplate }) },
      };
    }
    case 'ChangeCommented':
      return state === undefined || isOver(state) || !event.data.owner ? state : { ...state, status: 'in-review' };
    case 'ChangeDecided': {
      if (state === undefined) return state;
      const { by, terms, outcome } = event.data;
      const votes = [...state.votes.filter((vote) => vote.by !== by), { by, terms }];
      return { ...state, votes, status: outcome ?? 'in-review', ...(outcome === undefined ? {} : { terms }) };
    }
    case 'ChangeWithdrawn': return state === undefined ? state : { ...state, status: 'withdrawn' };
    default: return state;
  }
}
