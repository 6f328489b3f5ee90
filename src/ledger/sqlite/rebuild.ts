import { resolve } from 'node:path';
import { ledgerErrorOf, openWriter } from './database.ts';
import { ledgerFiles } from './files.ts';
import { holdLedger } from './lock.ts';
import { renewProjections } from './project-all.ts';
import { ShadowProjections } from './shadow.ts';
import type { ProjectionDifference } from './shadow.ts';

export interface RebuildReport {
  readonly events: number;
  /** What was wrong in the projections before; empty when they were what the events say. */
  readonly differences: readonly ProjectionDifference[];
  readonly replaced: boolean;
}

/**
 * Makes the projections anew from the events and puts them in place when they differ. The ledger must not be open anywhere.
 * @throws LedgerError `held`, `path`, `corrupt`, `unavailable`
 */
export function rebuild(where: { readonly home: string } | { readonly path: string }): RebuildReport {
  const path = resolve(ledgerFiles(where).database);
  const lock = holdLedger(path);
  let shadow: ShadowProjections | undefined;
  try {
    const db = openWriter(path);
    try {
      renewProjections(db);
    } finally {
      db.close();
    }
    shadow = new ShadowProjections(path);
    shadow.build();
    const differences = shadow.differences();
    if (differences.length > 0) shadow.replace();
    return { events: shadow.events, differences, replaced: differences.length > 0 };
  } catch (error) {
    throw ledgerErrorOf(error);
  } finally {
    shadow?.close();
    lock.release();
  }
}
