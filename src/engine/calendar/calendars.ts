import type { CalendarDefinition } from '../../domain/calendar/index.ts';
import { addWorkingTime, calendarProblem, nextWorking, workingTimeBetween } from '../../domain/calendar/index.ts';
import type { Json } from '../../domain/json.ts';
import { hashJson } from '../support/hashing.ts';
import { unitMs } from '../work-calendar.ts';
import type { WorkCalendar } from '../work-calendar.ts';
import { definitionOf, placeOfHolidays } from './calendar-config.ts';
import type { CalendarConfig } from './calendar-config.ts';
import { holidayPlaces, holidaysOf, isHolidayPlace, loadHolidays } from './holidays.ts';
import type { HolidayPlaces } from './holidays.ts';
import { previewCalendar } from './preview.ts';
import type { CalendarPreview } from './preview.ts';
import type { CalendarPort } from '../api.ts';

/** A calendar of the running flows. What it says needs no disk and no wait: a deadline costs some microseconds. */
export class Calendar implements WorkCalendar {
  readonly definition: CalendarDefinition;
  readonly label: string;

  constructor(definition: CalendarDefinition) {
    this.definition = definition;
    this.label = `${definition.id}@${definition.version}`;
  }

  /** @throws CalendarError when the calendar does not have so much working time */
  due(fromIso: string, { value, unit, working }: Parameters<WorkCalendar['due']>[1]): { readonly dueAt: string; readonly calendar?: string } {
    const ms = Math.round(value * (working && unit === 'days' ? this.definition.hoursPerDay * unitMs.hours : unitMs[unit]));
    if (!working) return { dueAt: new Date(Date.parse(fromIso) + ms).toISOString() };
    return { dueAt: this.add(fromIso, ms), calendar: this.label };
  }
  add(fromIso: string, ms: number): string {
    return addWorkingTime(this.definition, fromIso, ms);
  }
  between(fromIso: string, toIso: string): number {
    return workingTimeBetween(this.definition, fromIso, toIso);
  }
  nextOpening(fromIso: string): string | undefined {
    return nextWorking(this.definition, fromIso);
  }
}

/** What became of a calendar node: usable, or one sentence that says what to mend. */
export interface PlacedCalendar {
  /** Settles when it is known whether the calendar can be used; undefined when it can. */
  readonly problem: Promise<string | undefined>;
  /** Takes it away again. */
  readonly forget: () => void;
}

/** Where the language of holiday names is not given, they are in English; no deadline depends on it. */
const language = 'en';

/** The calendar nodes of the running flows, by node. */
export class Calendars implements CalendarPort {
  readonly #timeZone: () => string;
  readonly #now: () => string;
  readonly #calendars = new Map<string, { readonly name: string; calendar: Calendar | undefined }>();
  readonly #pending = new Set<Promise<unknown>>();

  constructor(options: { readonly timeZone: () => string; readonly now: () => string }) {
    this.#timeZone = options.timeZone;
    this.#now = options.now;
  }

  /** Undefined when there is no such calendar, or it cannot be used. */
  get(nodeId: string): Calendar | undefined {
    return this.#calendars.get(nodeId)?.calendar;
  }

  /** By what people called its node, for what stands outside of flows. */
  byName(name: string): Calendar | undefined {
    for (const each of this.#calendars.values()) if (each.name === name && each.calendar !== undefined) return each.calendar;
    return undefined;
  }
  names(): readonly string[] {
    return [...new Set([...this.#calendars.values()].filter(({ calendar }) => calendar !== undefined).map(({ name }) => name))].sort();
  }

  set(nodeId: string, config: CalendarConfig): PlacedCalendar {
    const own: { readonly name: string; calendar: Calendar | undefined } = { name: config.name.trim() || nodeId, calendar: undefined };
    this.#calendars.set(nodeId, own);
    const forget = (): void => { if (this.#calendars.get(nodeId) === own) this.#calendars.delete(nodeId); };
    const finish = (): string | undefined => {
      const { definition, problem } = this.describe(nodeId, config);
      if (problem === undefined) own.calendar = new Calendar(definition);
      return problem;
    };
    if (placeOfHolidays(config) === undefined) return { problem: Promise.resolve(finish()), forget };
    const work = loadHolidays().then(finish).catch((error: unknown) => `The public holidays cannot be worked out (${String(error)}); choose another place, or install the package again.`);
    this.#pending.add(work);
    void work.then(() => this.#pending.delete(work));
    return { problem: work, forget };
  }

  /** Whether calendars still wait for the rules of holidays. Flows go on when they have them. */
  get pending(): boolean {
    return this.#pending.size > 0;
  }
  async ready(): Promise<void> {
    await Promise.all(this.#pending);
  }

  async preview(config: CalendarConfig, spoken: string = language): Promise<CalendarPreview> {
    const place = placeOfHolidays(config);
    if (place !== undefined) await loadHolidays();
    return previewCalendar(this.describe('preview', config, spoken).definition, place === undefined || isHolidayPlace(place) ? undefined : place, this.#now());
  }
  async places(language: string, country: string, state: string): Promise<HolidayPlaces> {
    await loadHolidays();
    return holidayPlaces(language, country, state);
  }

  /** The calendar of a configuration, and what is wrong with it. Rules of holidays must be loaded when it names a country. */
  describe(nodeId: string, config: CalendarConfig, spoken: string = language): { readonly definition: CalendarDefinition; readonly problem: string | undefined } {
    const place = placeOfHolidays(config);
    const known = place === undefined || isHolidayPlace(place);
    const given = { id: nameOf(config, nodeId), timeZone: this.#timeZone(), holidays: place !== undefined && known ? holidaysOf(place, spoken) : () => [], version: '' };
    const plain = definitionOf(config, given);
    const definition = { ...plain, version: versionOf(plain, this.#now()) };
    return { definition, problem: known ? calendarProblem(definition, this.#now()) : `There are no public holidays for ${[config.country, config.state, config.region].filter((part) => part !== '').join(' / ')}; choose country, state and region again.` };
  }
}

/** Name for the ledger: what people called it, as far as an event can carry it, else the node's id. */
function nameOf(config: CalendarConfig, nodeId: string): string {
  const name = config.name.trim().replace(/[^\p{L}\p{N}._-]+/gu, '-').slice(0, 48);
  return name === '' ? nodeId : name;
}

/** Years of holidays that a version stands for: what is near is what deadlines fall into. */
const versionYears = [-1, 0, 1, 2];

/** Changes with everything that a deadline depends on, the holidays of the near years included. */
function versionOf(definition: CalendarDefinition, now: string): string {
  const { timeZone, weekly, closures, openings, hoursPerDay } = definition;
  const year = Number(now.slice(0, 4));
  const holidays = versionYears.flatMap((offset) => definition.holidays(year + offset).map(({ from, to = from, start = '', end = '' }) => [from, to, start, end]));
  return hashJson(JSON.parse(JSON.stringify({ timeZone, weekly, closures, openings, hoursPerDay, holidays })) as Json).slice(0, 10);
}
