import type { RecordedEvent } from '../../domain/envelope.ts';
import type { Json, JsonObject } from '../../domain/json.ts';
import { ExchangeVeil } from '../../engine/services/exchange-veil.ts';
import type { Ledger } from '../../ledger/port.ts';
import type { Caller } from './auth/authenticate.ts';
import { MASK, Masker, withoutMasks, type HiddenValues } from './masking.ts';
import type { Services } from './operation.ts';
import { problem } from './problems.ts';

/** What this caller may not see. */
export function maskerOf(services: Pick<Services, 'masks'>, caller: Caller): Masker {
  return new Masker(services.masks, caller.identity.roles);
}

/**
 * What is hidden from the caller in these events of a case, and in other parts of it: facts by their roles, and what services mask of
 * requests and answers from who may not read what is personal. Undefined when the caller sees all.
 */
export function hiddenIn(services: Pick<Services, 'masks' | 'waybill'>, caller: Caller, events: readonly RecordedEvent[], ...others: readonly unknown[]): HiddenValues | undefined {
  const masker = maskerOf(services, caller);
  const veil = seesExchanges(caller) ? undefined : ExchangeVeil.of(events, services.waybill.services);
  if (!masker.active && veil === undefined) return undefined;
  const hidden = masker.find(...others, ...events.flatMap((event) => [event.data, (event as { content?: object }).content]));
  return veil === undefined ? hidden : hidden.with(veil);
}

function seesExchanges(caller: Caller): boolean {
  return caller.permissions.has('personal.read');
}

/**
 * What is hidden from the caller in a case; undefined when the caller sees all.
 * @param exchanges false where nothing of a call is shown: then only facts count, and a case without masked ones is not read
 */
export async function hiddenInCase(services: Pick<Services, 'masks' | 'waybill'>, ledger: Ledger, caller: Caller, caseId: string, exchanges = true): Promise<HiddenValues | undefined> {
  const masker = maskerOf(services, caller);
  if (!masker.active && (!exchanges || seesExchanges(caller))) return undefined;
  const events = await ledger.readStream(caseId);
  return exchanges ? hiddenIn(services, caller, events) : masker.find(...events.flatMap((event) => [event.data, (event as { content?: object }).content]));
}

/** A body that was sent back, as an edit of what is stored: masked members stay as they are there; undefined when all of it is masked. @throws WebError `masked-value` */
export function editedBody(body: Json | undefined): Json | undefined {
  return body === undefined || body === MASK ? undefined : unmasked({ body })['body'] ?? null;
}

/** What the caller sent back, without the places that were hidden from them. @throws WebError `masked-value` */
export function unmasked(patch: JsonObject): JsonObject {
  const clean = withoutMasks(patch);
  if (clean === undefined) throw problem('masked-value');
  return clean;
}
