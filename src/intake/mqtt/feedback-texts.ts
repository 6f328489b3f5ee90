/** What a scanner is told, in the languages of those who hold it: short, a ring scanner shows about 40 characters. */
export const FEEDBACK_LANGUAGES = ['en', 'de'] as const;
export type FeedbackLanguage = (typeof FEEDBACK_LANGUAGES)[number];

/** `good`: recorded. `bad`: not recorded, or recorded before. `wait`: not recorded yet; do not scan again. */
export type FeedbackKind = 'good' | 'bad' | 'wait';

type Texts = Readonly<Record<'recorded' | 'reversed' | 'known' | 'wait' | 'unreadable' | 'damaged' | 'again' | 'foreign' | 'signIn' | 'wrongPlace' | 'tooLarge' | 'unknownPack', string>>;

const TEXTS: Readonly<Record<FeedbackLanguage, Texts>> = {
  en: {
    recorded: 'Recorded', reversed: 'Reversal recorded', known: 'Already scanned', wait: 'Please wait', unreadable: 'Cannot be read: show it to the shift lead',
    damaged: 'Label damaged: take another one', again: 'Scan again', foreign: 'Not a GS1 label', signIn: 'Sign in first', wrongPlace: 'Scanner is set up for another site', tooLarge: 'Message too large', unknownPack: 'Package unknown: show it to the shift lead',
  },
  de: {
    recorded: 'Erfasst', reversed: 'Storno erfasst', known: 'Schon gescannt', wait: 'Bitte warten', unreadable: 'Nicht lesbar: der Schichtleitung zeigen',
    damaged: 'Etikett beschädigt: ein anderes nehmen', again: 'Nochmals scannen', foreign: 'Kein GS1-Etikett', signIn: 'Bitte erst anmelden', wrongPlace: 'Scanner gehört zu anderem Standort', tooLarge: 'Nachricht zu groß', unknownPack: 'Gebinde unbekannt: der Schichtleitung zeigen',
  },
};

/** Reasons of quarantine that the person with the scanner can do something about. */
const BY_REASON: Readonly<Record<string, keyof Texts>> = {
  'bad-check-digit': 'damaged', 'truncated': 'again', 'missing-code': 'again', 'empty-payload': 'again', 'not-gs1': 'foreign', 'unknown-ai': 'damaged', 'bad-character': 'damaged',
  'operator-missing': 'signIn', 'unknown-site': 'wrongPlace', 'topic-outside-pattern': 'wrongPlace', 'payload-too-large': 'tooLarge', 'unknown-pack': 'unknownPack',
};

export function feedbackText(language: FeedbackLanguage, told: 'recorded' | 'reversed' | 'known' | 'wait' | { readonly reason: string }): string {
  const texts = TEXTS[language];
  return typeof told === 'string' ? texts[told] : texts[BY_REASON[told.reason] ?? 'unreadable'];
}
