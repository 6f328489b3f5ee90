import type { AnyEvent } from '../envelope.ts';
import { scopeData } from './change.ts';
import type { WaiverScope } from './change.ts';

/** A signed waiver of the catalogue as it is taken over into the ledger. */
export interface SignedWaiver {
  readonly id: string;
  readonly rule: string;
  readonly sites: readonly string[];
  readonly scope: WaiverScope;
  readonly reason: string;
  readonly grantedAt: string;
  readonly expiresAt: string;
  readonly changeId?: string;
}

/** What the ledger knows of a waiver. */
export interface KnownWaiver { readonly id: string; readonly rule: string; readonly expiresAt: string; readonly status: 'active' | 'expired' | 'revoked' }

/** How long before its end a waiver becomes a task. */
export const waiverNoticeMs = 7 * 86_400_000;

/** What has to be recorded about one waiver so that the ledger agrees with the catalogue now. `signed`: absent when the catalogue does not have it any more. */
export function followWaiver(known: KnownWaiver | undefined, signed: SignedWaiver | undefined, at: string): readonly AnyEvent[] {
  const granted = signed !== undefined && (known?.status === 'active' ? signed.expiresAt !== known.expiresAt : signed.expiresAt > at);
  const events: AnyEvent[] = [];
  if (granted) {
    const { id, reason, scope, ...data } = signed;
    events.push({
      type: 'WaiverGranted', content: { reason },
      data: {
        waiverId: id, rule: data.rule, sites: data.sites, grantedAt: data.grantedAt, expiresAt: data.expiresAt, ...(data.changeId === undefined ? {} : { changeId: data.changeId }),
        ...scopeData(scope),
      },
    });
  }
  const current = granted ? { id: signed.id, rule: signed.rule, expiresAt: signed.expiresAt, status: 'active' as const } : known;
  if (current === undefined || current.status !== 'active') return events;
  if (current.expiresAt <= at) events.push({ type: 'WaiverExpired', data: { waiverId: current.id, rule: current.rule, expiresAt: current.expiresAt } });
  else if (signed === undefined) events.push({ type: 'WaiverRevoked', data: { waiverId: current.id, rule: current.rule } });
  return events;
}
