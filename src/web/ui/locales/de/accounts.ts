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
  'signIn.shared': 'Mehrere Personen nutzen dieses Gerät: bei jeder Entscheidung nach der PIN fragen',
  'signIn.or': 'oder',
  'signIn.with': 'Mit {provider} anmelden',
  'signIn.problem.oidc-unavailable': 'Der Anmeldedienst antwortet nicht. Versuchen Sie es in einigen Minuten erneut oder melden Sie sich unten mit Name und Passwort an.',
  'signIn.problem.oidc-denied': 'Sie wurden nicht angemeldet: Der Anmeldedienst oder Sie selbst haben abgelehnt. Versuchen Sie es erneut oder fragen Sie, wer den Anmeldedienst betreut.',
  'signIn.problem.oidc-no-role': 'Der Anmeldedienst kennt Sie, aber keine Ihrer Gruppen hat in Waybill eine Rolle. Bitten Sie die Administration, Sie in eine Gruppe aufzunehmen.',
  'signIn.problem.oidc-expired': 'Diese Anmeldung hat zu lange gedauert oder wurde in einem anderen Fenster begonnen. Beginnen Sie von vorn.',
  'signIn.problem.oidc-failed': 'Was der Anmeldedienst geschickt hat, ließ sich nicht prüfen; darum wurde niemand angemeldet. Versuchen Sie es erneut; geschieht es wieder, sagen Sie der Administration Bescheid.',
  'signIn.problem.account-disabled': 'Ihr Konto ist in Waybill gesperrt. Bitten Sie die Administration, es freizugeben.',
};
