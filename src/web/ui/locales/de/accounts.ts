import type { accounts as english } from '../en/accounts.ts';
import type { Translation } from '../texts.ts';

/** Anmeldung und Konten, auf Deutsch. */
export const accounts: Translation<typeof english> = {
  'signIn.title': 'Anmelden',
  'signIn.name': 'Name',
  'signIn.password': 'Passwort',
  'signIn.show': 'Passwort anzeigen',
  'signIn.submit': 'Anmelden',
  'signIn.sending': 'Anmeldung läuft…',
  'signIn.failed': 'Name oder Passwort ist falsch.',
  'signIn.wait': 'Zu viele Versuche. Versuchen Sie es in {seconds} s erneut.',
  'signIn.offline': 'Der Server antwortet nicht. Prüfen Sie die Verbindung und versuchen Sie es erneut.',
  'signIn.help': 'Kein Konto? Die Administration legt mit „waybill user add“ eines an.',
  'signIn.lead': 'Entscheiden Sie, was auf Sie wartet, und sehen Sie, was mit jedem Vorgang geschehen ist.',
};
