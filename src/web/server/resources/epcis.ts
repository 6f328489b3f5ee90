import type { RecordedEvent } from '../../../domain/envelope.ts';
import type { JsonObject } from '../../../domain/json.ts';
import { eventsOfType, firstAt } from '../../../engine/event-range.ts';
import { documentOf } from '../../../engine/epcis.ts';
import { hiddenInCase } from '../case-masking.ts';
import { operation } from '../operation.ts';
import { problem } from '../problems.ts';
import { anyObject, array, id, object, site, text } from '../schemas.ts';
import { inScope } from '../permissions.ts';
import { visible } from '../scope.ts';

/** Of one answer; and scans that are looked at for it. */
const MOST_EVENTS = 1_000;
const MOST_LOOKED_AT = 20_000;

/** The EPCIS event of a scan with the time at which the ledger had it; undefined when it has none. */
function epcisOf(event: RecordedEvent): JsonObject | undefined {
  if (event.type !== 'ScanRecorded') return undefined;
  const epcis = event.content?.scan?.['epcis'];
  return typeof epcis === 'object' && epcis !== null && !Array.isArray(epcis) ? { ...(epcis as JsonObject), recordTime: event.recordedAt } : undefined;
}

export const getCaseEpcis = operation<{ caseId: string }>({
  id: 'getCaseEpcis', method: 'get', path: '/cases/{caseId}/epcis', tag: 'Cases', access: 'cases.read',
  summary: 'The EPCIS events of a case, as an EPCISDocument',
  description: 'One for each scan of the case, first and repeated, that was taken in with *EPCIS event* on. Valid by the EPCIS 2.0 JSON Schema.',
  params: { caseId: id },
  success: { status: 200, description: 'An EPCISDocument.', schema: anyObject },
  handle: async ({ params, ledger, services }, caller) => {
    const row = visible(caller, await ledger().getCase(params.caseId));
    const events = (await ledger().readStream(row.case_id)).map(epcisOf).filter((event) => event !== undefined);
    const hidden = await hiddenInCase(services, ledger(), caller, row.case_id, false);
    return { status: 200, json: documentOf(events.filter((event) => hidden?.holds(event) !== true), services.waybill.clock.iso()) };
  },
});

interface RangeQuery { readonly from?: string; readonly to?: string; readonly site?: string; readonly cursor?: string }

function instant(name: string, given: string): string {
  const at = Date.parse(given);
  if (Number.isNaN(at)) throw problem('request-invalid', `${name} is no time; write it like 2026-03-01T08:00:00Z.`);
  return new Date(at).toISOString();
}

export const listEpcis = operation<object, RangeQuery>({
  id: 'listEpcis', method: 'get', path: '/epcis', tag: 'Events', access: 'cases.read',
  summary: 'EPCIS events that were recorded from a time up to another',
  description: 'In the order of the ledger, by the time at which it had them. A page may hold fewer events than fit, even none, and still have a next one. Events of cases of which something in them is hidden from the caller are left out.',
  query: { from: text(40, 'ISO 8601; the beginning by default.'), to: text(40, 'ISO 8601; now by default.'), site, cursor: text(32, '`next` of the page before.') },
  success: { status: 200, description: 'A page of EPCIS events.', schema: object({ items: array(anyObject), next: { type: 'string' } }, ['next']) },
  handle: async ({ query, ledger, services }, caller) => {
    if (query.cursor !== undefined && !/^\d{1,15}$/.test(query.cursor)) throw problem('cursor-invalid');
    const first = query.cursor !== undefined ? Number(query.cursor) : query.from === undefined ? 1 : await firstAt(ledger(), instant('from', query.from));
    const last = await firstAt(ledger(), query.to === undefined ? services.waybill.clock.iso() : instant('to', query.to)) - 1;
    const items: JsonObject[] = [];
    let looked = 0;
    for await (const event of eventsOfType(ledger(), 'ScanRecorded', first, last)) {
      const epcis = inScope(caller.identity.sites, event.site) && (query.site === undefined || query.site === event.site) ? epcisOf(event) : undefined;
      if (epcis !== undefined) {
        const hidden = await hiddenInCase(services, ledger(), caller, event.streamId, false);
        if (hidden?.holds(epcis) !== true) items.push(epcis);
      }
      looked += 1;
      if ((items.length >= MOST_EVENTS || looked >= MOST_LOOKED_AT) && event.position < last) return { status: 200, json: { items, next: String(event.position + 1) } };
    }
    return { status: 200, json: { items } };
  },
});

export const epcisResource = [getCaseEpcis, listEpcis];
