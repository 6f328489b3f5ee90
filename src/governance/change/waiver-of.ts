import type { WaiverScope } from '../../domain/change/index.ts';
import type { Waiver } from '../catalogue/site-catalogue.ts';

/** A request as a waiver answers it. */
export interface WaivedChange { readonly changeId: string; readonly site: string; readonly family: string; readonly reason: string }
/** What its owners have decided. */
export interface WaiverTerms { readonly rule: string; readonly scope: WaiverScope; readonly expiresAt: string }

/** The waiver that a decision makes, for the owners of the family to sign: named after the request, so that it can be made again. */
export function waiverOf(change: WaivedChange, terms: WaiverTerms, grantedAt: string): Waiver {
  const { rule, scope, expiresAt } = terms;
  return { id: change.changeId, rule, sites: [change.site], scope, reason: change.reason, grantedAt, expiresAt, changeId: change.changeId, family: change.family };
}
