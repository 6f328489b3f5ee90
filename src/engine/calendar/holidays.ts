import type { Closure } from '../../domain/calendar/index.ts';

/** Where public holidays are taken from: a country, a state of it, a region of that. */
export interface HolidayPlace {
  readonly country: string;
  readonly state: string;
  readonly region: string;
  /** Bank holidays close as well. */
  readonly bank: boolean;
}

/** A code with the name that people know it by. */
export interface Named { readonly code: string; readonly name: string }

/** What the lists of a form offer. */
export interface HolidayPlaces { readonly countries: readonly Named[]; readonly states: readonly Named[]; readonly regions: readonly Named[] }

type Library = typeof import('date-holidays').default;

let loading: Promise<Library> | undefined;
let loaded: Library | undefined;

/** Loads the rules of all countries, once: they are large, and many sites keep a list of their own. */
export async function loadHolidays(): Promise<void> {
  loading ??= import('date-holidays').then((module) => (loaded = module.default), (error: unknown) => {
    loading = undefined;
    throw error;
  });
  await loading;
}

function library(): Library {
  if (loaded === undefined) throw new Error('the rules of public holidays are not loaded');
  return loaded;
}

/** Countries by name, then of one its states, of one of these its regions. Needs {@link loadHolidays}. */
export function holidayPlaces(language: string, country: string, state: string): HolidayPlaces {
  const all = new (library())();
  const spoken = new Intl.DisplayNames([language, 'en'], { type: 'region' });
  const countries = Object.keys(all.getCountries('en')).map((code) => ({ code, name: spoken.of(code) ?? code }));
  return {
    countries: sorted(countries, language),
    states: country === '' ? [] : named(all.getStates(country, language), language),
    regions: country === '' || state === '' ? [] : named(all.getRegions(country, state, language), language),
  };
}

function named(names: Readonly<Record<string, string>> | undefined, language: string): readonly Named[] {
  return sorted(Object.entries(names ?? {}).map(([code, name]) => ({ code, name })), language);
}

function sorted(list: readonly Named[], language: string): readonly Named[] {
  return [...list].sort((a, b) => a.name.localeCompare(b.name, language));
}

/** Whether the rules know the place; a place that is unknown would silently have the holidays of the whole country. */
export function isHolidayPlace({ country, state, region }: HolidayPlace): boolean {
  const all = new (library())();
  const has = (names: Readonly<Record<string, string>> | undefined, code: string): boolean => code === '' || Object.hasOwn(names ?? {}, code);
  return Object.hasOwn(all.getCountries('en'), country) && has(all.getStates(country, 'en'), state) && (region === '' || (state !== '' && has(all.getRegions(country, state, 'en'), region)));
}

/** Holidays of a place by year, as closures. Needs {@link loadHolidays}. */
export function holidaysOf(place: HolidayPlace, language: string): (year: number) => readonly Closure[] {
  const { country, state, region } = place;
  const rules = new (library())(country, state, region, { languages: [language, 'en'], types: place.bank ? ['public', 'bank'] : ['public'] });
  return (year) => rules.getHolidays(year).map(closureOf);
}

const hour = 3_600_000;

/** `date` is on the clock of the place: `2026-12-24 14:00:00`, with an offset where a day begins at sunset. Length is taken in whole days, or to midnight. */
function closureOf(holiday: { readonly date: string; readonly start: Date; readonly end: Date; readonly name: string }): Closure {
  const from = holiday.date.slice(0, 10);
  const start = holiday.date.slice(11, 16);
  const lengthHours = (holiday.end.getTime() - holiday.start.getTime()) / hour;
  if (start !== '00:00' && lengthHours < 24) return { from, start, end: '24:00', name: holiday.name };
  const days = Math.max(1, Math.round(lengthHours / 24));
  return { from, to: new Date(Date.parse(`${from}T12:00Z`) + (days - 1) * 24 * hour).toISOString().slice(0, 10), name: holiday.name };
}
