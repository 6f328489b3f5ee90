import type { RequestHandler } from 'express';
import type { Waybill } from '../../engine/api.ts';
import type { CalendarConfig } from '../../engine/calendar/calendar-config.ts';
import { answering } from './answering.ts';
import { EDITOR_PATH } from './editor-path.ts';

/** What these endpoints need of Node-RED's admin app; its JSON bodies are parsed there. */
interface AdminRoutes {
  get(path: string, ...handlers: RequestHandler[]): unknown;
  post(path: string, ...handlers: RequestHandler[]): unknown;
}

/** Longer lists of a calendar than its form takes are none of ours. */
const mostRows = 2_000;

/** What the forms of calendar, directory and whatever names a role ask for, for whoever may read flows. */
export function mountPeopleRoutes(admin: AdminRoutes, mayRead: RequestHandler, waybill: Waybill): void {
  admin.get(`${EDITOR_PATH}/holidays`, mayRead, answering('not-available', ({ query }) => waybill.calendars.places(language(query['language']), text(query['country']), text(query['state']))));
  admin.post(`${EDITOR_PATH}/calendar`, mayRead, answering('not-available', ({ body }) => waybill.calendars.preview(configOf(body), language((body as { readonly language?: unknown } | undefined)?.language).slice(0, 2))));
  admin.get(`${EDITOR_PATH}/roles`, mayRead, answering('not-available', async ({ query }) => {
    const directory = waybill.directory(text(query['directory']));
    return { roles: await directory.roles(), people: (await directory.people()).length, problem: directory.problem };
  }));
}

function text(value: unknown): string {
  return typeof value === 'string' && value.length <= 128 ? value : '';
}

/** A language that this Node.js can sort by. */
function language(value: unknown): string {
  const asked = text(value);
  return /^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/.test(asked) ? asked : 'en';
}

/** What the form sent, as far as a calendar has it; nothing of it is trusted. */
function configOf(body: unknown): CalendarConfig {
  const given = (typeof body === 'object' && body !== null ? body : {}) as Readonly<Record<string, unknown>>;
  const rows = (name: string): readonly object[] => (Array.isArray(given[name]) ? given[name].slice(0, mostRows).filter((row): row is object => typeof row === 'object' && row !== null) : []);
  const weekly = given['weekly'];
  return {
    name: text(given['name']), timeZone: text(given['timeZone']), country: text(given['country']), state: text(given['state']), region: text(given['region']),
    bankHolidays: given['bankHolidays'] === true, closures: rows('closures'), openings: rows('openings'), weekly: typeof weekly === 'object' && weekly !== null ? weekly : {}, hoursPerDay: Number(given['hoursPerDay']),
  };
}
