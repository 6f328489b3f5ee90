import type { AccessRecord } from '../../engine/api.ts';
import { isTooOften } from './refusal-rate.ts';
import type { Services } from './operation.ts';

/**
 * Records an access event in the ledger. While the engine cannot write, sign-ins go on (people must be
 * able to see what is wrong) and the record goes to the process's log instead, so it is never silent.
 * Refusals of one kind are thinned out per address, else a flood of them would fill the ledger.
 */
export async function recordAccess(services: Services, record: AccessRecord): Promise<void> {
  if (record.kind === 'refused' && isTooOften(`${record.remoteAddress ?? ''} ${record.reason ?? ''}`, Date.now())) return;
  try {
    if (services.waybill.state !== 'ready') throw new Error(services.waybill.reason ?? 'the engine is not ready');
    await services.waybill.recordAccess(record);
  } catch (error) {
    const who = record.userId ?? 'unknown account';
    services.log(`access not recorded in the ledger (${(error as Error).message}): ${record.kind} ${who} ${record.reason ?? record.authMethod ?? ''}`.trimEnd());
  }
}
