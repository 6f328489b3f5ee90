import { deviceStore } from '../state/device-store.ts';

/** Every language that there is, under its own name. */
export const languages = { en: 'English', de: 'Deutsch' } as const;
export type Language = keyof typeof languages;

function isLanguage(value: string | null | undefined): value is Language {
  return value !== null && value !== undefined && Object.hasOwn(languages, value);
}

/** What the person chose on this device, else the browser's first language that there is, else English. */
function chosen(): Language {
  const kept = deviceStore.read('language');
  if (isLanguage(kept)) return kept;
  return navigator.languages.map((tag) => tag.split('-')[0]).find(isLanguage) ?? 'en';
}

export const locale: Language = chosen();

/** Keeps the choice on this device and starts the pages anew in that language. */
export function chooseLanguage(language: Language): void {
  deviceStore.write('language', language);
  if (language !== locale) location.reload();
}

/** For numbers and dates: the region of the reader, where it fits the language. */
export const regional: string = navigator.languages.find((tag) => tag.split('-')[0] === locale) ?? locale;
