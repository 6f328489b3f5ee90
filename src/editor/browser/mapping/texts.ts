import { textsOf } from '../texts.ts';

/** Texts of the mapping form; they stand in the catalogue of the plugin of all forms. */
export const text = (key: string, values?: Readonly<Record<string, string | number>>): string => textsOf('forms')(`mapping.${key}`, values);

/** The two languages in which the rules themselves speak. */
export const language = (): 'en' | 'de' => RED.i18n.lang().startsWith('de') ? 'de' : 'en';
