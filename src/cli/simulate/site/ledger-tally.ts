import { existingLedger } from '../../ledger/options.ts';
import { countIntake } from '../../../ledger/sqlite/intake-counts.ts';
import type { LedgerTally } from './tally.ts';

/** What the ledger of a home folder says about these sites. @throws LedgerError */
export function tallyOfLedger(home: string | undefined, sites: readonly string[]): LedgerTally {
  const counts = countIntake(existingLedger(home));
  const of = (bySite: Readonly<Record<string, number>>): number => sites.reduce((sum, site) => sum + (bySite[site] ?? 0), 0);
  const quarantined: Record<string, number> = {};
  // a message for a site that is not here lies in the quarantine of the one that is
  for (const reasons of Object.values(counts.quarantined)) for (const [reason, count] of Object.entries(reasons)) quarantined[reason] = (quarantined[reason] ?? 0) + count;
  return { at: new Date().toISOString(), opened: of(counts.opened), closed: of(counts.closed), repeat: counts.repeats, quarantined, events: counts.events };
}
