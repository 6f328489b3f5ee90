import type { Purpose } from './settings.ts';

export type Language = 'en' | 'de';

/** What people are told, in their language. `{name}` is filled in. */
interface Texts {
  readonly heading: { readonly [P in Purpose | 'work' | 'evidence' | 'approved' | 'rejected']: string };
  readonly lead: { readonly [P in Purpose | 'work' | 'evidence']: string };
  readonly open: string; readonly openInbox: string; readonly openCase: string; readonly due: string; readonly role: string; readonly site: string; readonly queue: string; readonly severity: string;
  readonly many: string; readonly manyLead: string; readonly andMore: string;
  readonly why: string; readonly whyNode: string; readonly away: string; readonly preferences: string; readonly noReply: string;
  readonly awaySet: string; readonly awayLead: string; readonly awayTo: string; readonly awayUntil: string; readonly awayNotMe: string;
}

const en: Texts = {
  heading: {
    created: 'Please decide', work: 'There is work for you', evidence: 'Photos are needed', reminder: 'Still waiting for you', escalated: 'Escalated to you', reassigned: 'Handed to you',
    question: 'A question about your case', answer: 'Your question was answered', decided: 'Decided', approved: 'Approved', rejected: 'Rejected', expired: 'Nobody decided in time', exception: 'An exception needs somebody',
  },
  lead: {
    created: 'Somebody who holds your role has to decide this.', work: 'Say in the inbox when it is done.', evidence: 'Take the photos with your phone and attach them to the task.',
    reminder: 'Nobody has decided this yet.', escalated: 'It was not done in time, so it comes to you.', reassigned: 'This task was handed on, and now it is with you.',
    question: 'Somebody who is to decide needs to know more. The decision waits for your answer.', answer: 'The decision goes on.', decided: 'What you asked for has been decided.',
    expired: 'The time to decide has passed.', exception: 'A case stands still until somebody says how it goes on.',
  },
  open: 'Open the task', openInbox: 'Open the inbox', openCase: 'Open the case', due: 'Due', role: 'Role', site: 'Site', queue: 'Queue', severity: 'Severity',
  many: '{n} things wait for you', manyLead: 'They came in close together, so this is one mail about all of them.', andMore: 'and {n} more in the inbox',
  why: 'You get this because you hold the role "{role}" at {site}.', whyNode: 'A flow at {site} sent you this.', away: 'I am away', preferences: 'Choose what you are told', noReply: 'Opening a link decides nothing; answers to this mail are not read.',
  awaySet: 'Your absence is set', awayLead: 'Somebody used the link in a mail of yours to set an absence. Until then this person decides in your place:', awayTo: 'In your place', awayUntil: 'Until', awayNotMe: 'That was not me: sign in and end it',
};

const de: Texts = {
  heading: {
    created: 'Bitte entscheiden', work: 'Es gibt Arbeit für Sie', evidence: 'Fotos werden gebraucht', reminder: 'Wartet noch auf Sie', escalated: 'An Sie eskaliert', reassigned: 'An Sie übergeben',
    question: 'Eine Frage zu Ihrem Vorgang', answer: 'Ihre Frage wurde beantwortet', decided: 'Entschieden', approved: 'Genehmigt', rejected: 'Abgelehnt', expired: 'Niemand hat rechtzeitig entschieden', exception: 'Eine Ausnahme braucht jemanden',
  },
  lead: {
    created: 'Jemand mit Ihrer Rolle muss das entscheiden.', work: 'Sagen Sie im Eingang, wenn es erledigt ist.', evidence: 'Machen Sie die Fotos mit dem Telefon und hängen Sie sie an die Aufgabe.',
    reminder: 'Das hat noch niemand entschieden.', escalated: 'Es wurde nicht rechtzeitig erledigt und kommt darum zu Ihnen.', reassigned: 'Diese Aufgabe wurde weitergegeben und liegt jetzt bei Ihnen.',
    question: 'Wer entscheiden soll, muss mehr wissen. Die Entscheidung wartet auf Ihre Antwort.', answer: 'Die Entscheidung geht weiter.', decided: 'Ihre Anfrage wurde entschieden.',
    expired: 'Die Zeit für die Entscheidung ist vorbei.', exception: 'Ein Vorgang steht, bis jemand sagt, wie es weitergeht.',
  },
  open: 'Aufgabe öffnen', openInbox: 'Eingang öffnen', openCase: 'Vorgang öffnen', due: 'Fällig', role: 'Rolle', site: 'Standort', queue: 'Warteschlange', severity: 'Schwere',
  many: '{n} Dinge warten auf Sie', manyLead: 'Sie kamen kurz nacheinander, darum eine Mail über alle.', andMore: 'und {n} weitere im Eingang',
  why: 'Sie bekommen das, weil Sie am Standort {site} die Rolle „{role}“ haben.', whyNode: 'Ein Ablauf am Standort {site} hat Ihnen das geschickt.', away: 'Ich bin abwesend', preferences: 'Wählen, worüber Sie benachrichtigt werden', noReply: 'Einen Link zu öffnen entscheidet nichts; Antworten auf diese Mail liest niemand.',
  awaySet: 'Ihre Abwesenheit ist eingetragen', awayLead: 'Mit dem Link in einer Mail an Sie wurde eine Abwesenheit eingetragen. So lange entscheidet an Ihrer Stelle:', awayTo: 'An Ihrer Stelle', awayUntil: 'Bis', awayNotMe: 'Das war ich nicht: anmelden und beenden',
};

const all: { readonly [L in Language]: Texts } = { en, de };

export function textsIn(language: Language): Texts {
  return all[language];
}

export function fill(text: string, values: { readonly [name: string]: string | number }): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** A moment as people at the site read it. */
export function moment(iso: string, language: Language, timeZone: string): string {
  const at = Date.parse(iso);
  if (Number.isNaN(at)) return iso;
  return new Intl.DateTimeFormat(language === 'de' ? 'de-DE' : 'en-GB', { dateStyle: 'full', timeStyle: 'short', timeZone }).format(at);
}
