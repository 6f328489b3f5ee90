import type { en } from './en/index.ts';
import { locale, regional, type Language } from './language.ts';
import type { Text, Translation } from './texts.ts';

export { chooseLanguage, languages, locale, type Language } from './language.ts';
export { formatDay, formatInstant, formatOwn, formatRelative, formatSpan, formatTime, formatWhole } from './times.ts';
export type { Text } from './texts.ts';
export type TextKey = keyof typeof en;
/** What every locale brings. */
export type Messages = Readonly<Record<TextKey, Text>>;

/** Only the chosen language is loaded. The types hold every one to English's keys. */
const loaders: Readonly<Record<Language, () => Promise<Messages>>> = {
  en: async () => (await import('./en/index.ts')).en,
  de: async (): Promise<Translation<typeof en>> => (await import('./de/index.ts')).de,
};

let messages: Messages | undefined;
const plural = new Intl.PluralRules(locale);

/** Loads the language's texts; before it is done, `t` has nothing to say. */
export async function loadTexts(): Promise<void> {
  messages = await loaders[locale]();
  document.documentElement.lang = locale;
}

function texts(): Messages {
  if (messages === undefined) throw new Error('The texts are not loaded yet: await loadTexts() first.');
  return messages;
}

export function hasText(key: string): key is TextKey {
  return Object.hasOwn(texts(), key);
}

/** The text of a key, filled in. */
export function t(key: TextKey, values: Readonly<Record<string, string | number>> = {}): string {
  const entry = texts()[key];
  const text = typeof entry === 'string' ? entry : entry[plural.select(Number(values['n'] ?? 0)) === 'one' ? 'one' : 'other'];
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => (Object.hasOwn(values, name) ? shown(values[name]!) : whole));
}

function shown(value: string | number): string {
  return typeof value === 'number' ? numbers.format(value) : value;
}

const numbers = new Intl.NumberFormat(regional);

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
