import { accessNote } from './accounts/access-note.ts';
import type { AccessRecord } from '../../engine/api.ts';
import { isTooOften } from './refusal-rate.ts';
import type { Services } from './operation.ts';

/**
 * Records an access event in the ledger. While the engine cannot write, sign-ins go on (people must be
 * able to see what is wrong): what happened to an account is then kept beside the accounts until it can,
 * and refusals go to the process's log. Refusals of one kind are thinned out per address, else a flood of
 * them would fill the ledger.
 */
export async function recordAccess(services: Services, record: AccessRecord): Promise<void> {
  if (record.kind === 'refused' && isTooOften(`${record.remoteAddress ?? ''} ${record.reason ?? ''}`, Date.now())) return;
  if (record.kind === 'command-refused' && isTooOften(`${record.userId ?? ''} ${record.command ?? ''} ${record.reason ?? ''}`, Date.now())) return;
  try {
    if (services.waybill.state !== 'ready') throw new Error(services.waybill.reason ?? 'the engine is not ready');
    await services.waybill.recordAccess(record);
  } catch (error) {
    const what = `${record.kind} ${record.reason ?? record.authMethod ?? ''}`.trimEnd();
    services.log(`access not recorded in the ledger yet (${(error as Error).message}): ${what} ${record.userId ?? 'unknown account'}`);
    if (record.kind !== 'refused' && record.kind !== 'command-refused' && record.userId !== undefined) await keep(services, what, record.userId);
  }
}

/** A full disk must not keep people out. */
async function keep(services: Services, what: string, userId: string): Promise<void> {
  await services.accounts.addNote(accessNote(what, userId, userId)).catch((error: unknown) => {
    services.log(`access not kept either (${(error as Error).message}): ${what} ${userId}`);
  });
}
