import type { Waybill } from '../../engine/api.ts';
import { newEventToken, tryEvents } from '../../engine/intake/event-tryout.ts';
import type { EventConfig, EventSender } from '../../engine/intake/event-intake.ts';
import { EDITOR_PATH } from '../here/editor-path.ts';
import { record } from '../here/record.ts';
import type { IntakeAdminApi } from './routes.ts';
import { messagesOf, textOf, trying } from './trying.ts';

const MOST_MESSAGES = 20;
const LONGEST = 65_536;

/** Serves what the form of an event in node asks for besides what arrives. Nothing is stored. */
export function mountEventRoutes(RED: IntakeAdminApi, waybill: Waybill, pages: () => string | undefined): void {
  if (!RED.httpAdmin || RED.auth === undefined) return;
  RED.httpAdmin.post(`${EDITOR_PATH}/intake/try-event`, RED.auth.needsPermission('waybill.write'), trying((body) => {
    const messages = messagesOf(body['messages']);
    if (messages.length > MOST_MESSAGES || messages.some((message) => message.length > LONGEST)) throw new RangeError(`Try at most ${MOST_MESSAGES} events of ${LONGEST} characters.`);
    return { tried: tryEvents(configOf(body['config']), messages) };
  }));
  RED.httpAdmin.post(`${EDITOR_PATH}/intake/event-token`, RED.auth.needsPermission('waybill.write'), (_request, response) => {
    response.set('Cache-Control', 'no-store').json(newEventToken());
  });
  RED.httpAdmin.get(`${EDITOR_PATH}/intake/event-address`, RED.auth.needsPermission('waybill.read'), (_request, response) => {
    const place = waybill.settings.publicUrl ?? pages() ?? '/waybill/';
    response.set('Cache-Control', 'no-store').json({ base: `${place.replace(/\/+$/, '')}/events/` });
  });
}

/** What the form sent, as far as an intake has it; nothing of it is trusted. */
function configOf(value: unknown): EventConfig {
  const given = record(value);
  const text = (name: string): string => textOf(given[name], LONGEST);
  const sources = Array.isArray(given['sources']) ? given['sources'].slice(0, 100).map((entry): EventSender => ({ source: String(record(entry)['source'] ?? ''), tokenHash: '' })) : [];
  return {
    types: text('types'), sources, dataschema: text('dataschema'), bySchema: given['bySchema'] === 'known' || given['bySchema'] === 'only' ? given['bySchema'] : 'off', contract: text('contract'), schema: text('schema'), maxBytes: Number(given['maxBytes']) || LONGEST,
    does: given['does'] === 'report' ? 'report' : 'open', process: 'procure-to-pay', template: '', key: text('key'), keyName: text('keyName'), uniqueScope: text('uniqueScope'),
    eventName: text('eventName'), keep: 0, keepUnit: 'days', broadcast: false,
  };
}
