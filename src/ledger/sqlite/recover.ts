import type { Actor } from '../../domain/envelope.ts';
import { LedgerError } from '../port.ts';
import { openSqliteLedger } from './open.ts';

/** Stream of what concerns the ledger itself. */
export const ledgerStream = 'ledger';

export interface RecoverOptions {
  readonly home: string;
  readonly actor: Actor;
  readonly site: string;
  readonly now: () => number;
  readonly newId: () => string;
}

export interface Recovered {
  readonly knownSize: number;
  readonly foundSize: number;
  readonly incarnation: number;
  readonly origin: string;
  readonly verifierKey: string;
}

/**
 * Opens a new incarnation of a ledger that is behind a checkpoint it is known to have issued (a restored backup), and records it,
 * so that the engine reconciles effects when it starts (PROTOCOL §6).
 * @returns undefined when the ledger is not behind
 * @throws LedgerError as opening does
 */
export async function recoverLedger(options: RecoverOptions): Promise<Recovered | undefined> {
  const ledger = await openSqliteLedger({ home: options.home, site: options.site, now: options.now, recover: true });
  try {
    const { recovered } = ledger;
    if (recovered === undefined) return undefined;
    const expectedVersion = (await ledger.readStream(ledgerStream)).length;
    const { epoch } = await ledger.lastEpoch();
    const result = await ledger.append({
      streamId: ledgerStream, expectedVersion,
      events: [{
        type: 'LedgerRecovered', data: recovered, eventId: options.newId(), streamId: ledgerStream, version: expectedVersion + 1, site: options.site, epoch,
        occurredAt: new Date(options.now()).toISOString(), clockSource: 'server', actor: options.actor, command: 'RecoverLedger',
      }],
    });
    if (!result.ok) throw new LedgerError('unavailable', `The recovery could not be recorded: ${result.reason}.`);
    await ledger.seal();
    return { ...recovered, origin: ledger.origin, verifierKey: ledger.verifierKey };
  } finally {
    await ledger.close();
  }
}
