import { en } from './en/index.ts';

/** A text, or its plural forms. */
export type Text = string | { readonly one: string; readonly other: string };
export type TextKey = keyof typeof en;
/** What every locale file has to bring. */
export type Messages = Readonly<Record<TextKey, Text>>;

const locales: Readonly<Record<string, Messages>> = { en };

/** The browser's first language that we have, else English. */
function chosen(): string {
  const languages = navigator.languages.map((tag) => tag.split('-')[0]!);
  return languages.find((language) => Object.hasOwn(locales, language)) ?? 'en';
}

export const locale: string = chosen();
/** For numbers and dates: the region of the reader, where it fits the language. */
const regional = navigator.languages.find((tag) => tag.split('-')[0] === locale) ?? locale;

const messages = locales[locale]!;
const plural = new Intl.PluralRules(locale);

export function hasText(key: string): key is TextKey {
  return Object.hasOwn(messages, key);
}

/** The text of a key, filled in. */
export function t(key: TextKey, values: Readonly<Record<string, string | number>> = {}): string {
  const entry = messages[key];
  const text = typeof entry === 'string' ? entry : entry[plural.select(Number(values['n'] ?? 0)) === 'one' ? 'one' : 'other'];
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => (Object.hasOwn(values, name) ? shown(values[name]!) : whole));
}

function shown(value: string | number): string {
  return typeof value === 'number' ? numbers.format(value) : value;
}

const numbers = new Intl.NumberFormat(regional);
const times = new Intl.DateTimeFormat(regional, { hour: '2-digit', minute: '2-digit' });
const days = new Intl.DateTimeFormat(regional, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });
const whole = new Intl.DateTimeFormat(regional, { dateStyle: 'full', timeStyle: 'long' });
const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'short' });

/** A decimal with the reader's separators; the digits stay as they are, never through a float. */
export function formatDecimal(text: string): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
  if (match === null) return text;
  const integer = numbers.format(BigInt(match[2]!));
  const point = numbers.formatToParts(1.5).find((part) => part.type === 'decimal')?.value ?? '.';
  return `${match[1] === '' ? '' : '−'}${integer}${match[3] === undefined ? '' : point + match[3]}`;
}

export function formatNumber(value: number): string {
  return numbers.format(value);
}

/** Time of today, else with the day. */
export function formatTime(iso: string, now: number): string {
  const date = new Date(iso);
  return date.toDateString() === new Date(now).toDateString() ? times.format(date) : days.format(date);
}

export function formatWhole(iso: string): string {
  return whole.format(new Date(iso));
}

const steps: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [['day', 86_400_000], ['hour', 3_600_000], ['minute', 60_000]];

/** `in 3 hr`, `5 min ago`. */
export function formatRelative(iso: string, now: number): string {
  const distance = Date.parse(iso) - now;
  const [unit, size] = steps.find(([, each]) => Math.abs(distance) >= each) ?? ['minute', 60_000];
  return relative.format(Math.trunc(distance / size), unit);
}
