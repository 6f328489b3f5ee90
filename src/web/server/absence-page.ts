import express from 'express';
import { LONGEST_ABSENCE_DAYS } from '../../engine/notify/absences.ts';
import type { AbsenceOffer, AbsencePort } from '../../engine/notify/absences.ts';
import { requireSameOrigin } from './auth/same-origin.ts';
import { sendProblem, type Request, type Response } from './http.ts';
import type { Services } from './operation.ts';
import { commandProblem } from './problems.ts';
import { escapeHtml, pageLanguage, sendPage, type PageLanguage } from './server-page.ts';

const texts = {
  en: {
    title: 'I am away', lead: 'Who is to decide in your place, {name}?', who: 'In my place', how: 'For how long', day: '1 day', days: '{n} days', set: 'Set my absence', note: 'It begins now. You get a mail that confirms it; sign in to end it sooner.',
    gone: 'This link no longer works', goneText: 'Links in mails work for seven days. Use the one in a newer mail, or', signIn: 'sign in', nobody: 'Nobody else holds a role of yours here, so nobody can act in your place. Ask your administrator.',
    done: 'Your absence is set', doneText: '{name} decides in your place until {until}. A mail confirms it.', refused: 'That did not work',
  },
  de: {
    title: 'Ich bin abwesend', lead: 'Wer soll an Ihrer Stelle entscheiden, {name}?', who: 'An meiner Stelle', how: 'Wie lange', day: '1 Tag', days: '{n} Tage', set: 'Abwesenheit eintragen', note: 'Sie beginnt jetzt. Eine Mail bestätigt sie; melden Sie sich an, um sie früher zu beenden.',
    gone: 'Dieser Link gilt nicht mehr', goneText: 'Links in Mails gelten sieben Tage. Nehmen Sie den in einer neueren Mail, oder', signIn: 'melden Sie sich an', nobody: 'Niemand sonst hat hier eine Ihrer Rollen, darum kann niemand für Sie handeln. Fragen Sie Ihren Administrator.',
    done: 'Ihre Abwesenheit ist eingetragen', doneText: '{name} entscheidet bis {until} an Ihrer Stelle. Eine Mail bestätigt das.', refused: 'Das ging nicht',
  },
} as const;

const choices = [1, 2, 3, 5, 7, 10, 14, 21, LONGEST_ABSENCE_DAYS];

function filled(text: string, values: Readonly<Record<string, string | number>>): string {
  return escapeHtml(text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole)));
}

function form(offer: AbsenceOffer, language: PageLanguage): string {
  const t = texts[language];
  const people = offer.candidates.map(({ userId, name }) => `<option value="${escapeHtml(userId)}">${escapeHtml(name)}</option>`).join('');
  const days = choices.map((n) => `<option value="${n}"${n === 7 ? ' selected' : ''}>${n === 1 ? t.day : filled(t.days, { n })}</option>`).join('');
  return `<p>${filled(t.lead, { name: offer.name })}</p><form method="post">`
    + `<p><label for="to">${t.who}</label><br><select id="to" name="to" required>${people}</select></p>`
    + `<p><label for="days">${t.how}</label><br><select id="days" name="days">${days}</select></p>`
    + `<p><button type="submit">${t.set}</button></p></form><p>${t.note}</p>`;
}

function gone(request: Request, response: Response): void {
  const t = texts[pageLanguage(request)];
  sendPage(request, response, { status: 410, title: t.gone, body: `<p>${t.goneText} <a href="${escapeHtml(request.waybillBase ?? '')}/">${t.signIn}</a>.</p>` });
}

/**
 * `/waybill/absence/<token>`, from the foot of a mail: opening it shows a form and changes nothing, only its button does. The token stands
 * for the person for this one thing; what it may do is in docs/decisions/0032-absence-by-mail.md.
 */
export function createAbsenceRouter(services: () => Services, log: (message: string) => void): express.Router {
  const router = express.Router({ caseSensitive: true, strict: true });
  const serve = (handle: (request: Request, response: Response, absences: AbsencePort, services: Services) => Promise<void>) => (request: Request, response: Response): void => {
    Promise.resolve().then(async () => {
      const available = services();
      const absences = available.waybill.notifications?.absences;
      if (absences === undefined) gone(request, response);
      else await handle(request, response, absences, available);
    }).catch((error: unknown) => sendProblem(request, response, error, log));
  };
  router.get('/:token', serve(async (request, response, absences) => {
    const offer = await absences.offer(String(request.params?.['token'] ?? ''));
    if (offer === undefined) return gone(request, response);
    const language = pageLanguage(request);
    sendPage(request, response, { status: 200, title: texts[language].title, body: offer.candidates.length === 0 ? `<p>${texts[language].nobody}</p>` : form(offer, language) });
  }));
  router.post('/:token', express.urlencoded({ extended: false, limit: '4kb', parameterLimit: 10 }), serve(async (request, response, absences, available) => {
    requireSameOrigin(request, available.waybill.settings.publicUrl);
    const { to, days } = ((request as { readonly body?: unknown }).body ?? {}) as { readonly to?: unknown; readonly days?: unknown };
    const outcome = await absences.set(String(request.params?.['token'] ?? ''), { to: typeof to === 'string' ? to : '', days: typeof days === 'string' && /^\d{1,3}$/.test(days) ? Number(days) : 0 });
    const language = pageLanguage(request);
    const t = texts[language];
    if (!outcome.ok && outcome.code === 'link-invalid') return gone(request, response);
    if (!outcome.ok) {
      return sendPage(request, response, { status: commandProblem(outcome).status, title: t.refused, body: `<p>${escapeHtml(outcome.message)}</p><p><a href="${escapeHtml(request.waybillBase ?? '')}/">${t.signIn}</a></p>` });
    }
    const zone = available.waybill.settings.timeZone;
    const until = new Intl.DateTimeFormat(language === 'de' ? 'de-DE' : 'en-GB', { dateStyle: 'full', timeStyle: 'short', ...(zone === undefined ? {} : { timeZone: zone }) }).format(new Date(outcome.toTime));
    sendPage(request, response, { status: 200, title: t.done, body: `<p>${filled(t.doneText, { name: outcome.name, until })}</p>` });
  }));
  return router;
}
