import type { JsonObject } from '../../domain/json.ts';
import type { Ledger } from '../../ledger/port.ts';
import type { Caller } from './auth/authenticate.ts';
import { Masker, withoutMasks, type HiddenValues } from './masking.ts';
import type { Services } from './operation.ts';
import { problem } from './problems.ts';

/** What this caller may not see. */
export function maskerOf(services: Pick<Services, 'masks'>, caller: Caller): Masker {
  return new Masker(services.masks, caller.identity.roles);
}

/** What is hidden from the caller in a case, by its events; undefined when the caller sees all. */
export async function hiddenInCase(services: Pick<Services, 'masks'>, ledger: Ledger, caller: Caller, caseId: string): Promise<HiddenValues | undefined> {
  const masker = maskerOf(services, caller);
  if (!masker.active) return undefined;
  const events = await ledger.readStream(caseId);
  return masker.find(...events.flatMap((event) => [event.data, (event as { content?: object }).content]));
}

/** What the caller sent back, without the places that were hidden from them. @throws WebError `masked-value` */
export function unmasked(patch: JsonObject): JsonObject {
  const clean = withoutMasks(patch);
  if (clean === undefined) throw problem('masked-value');
  return clean;
}
