import type { Texts } from '../texts.ts';
import { send, silenceInWords } from './answers.ts';
import type { Finding } from './answers.ts';
import { paragraph } from './parts.ts';
import type { State } from './store.ts';
import { openTray } from './trays.ts';
import { contentOf } from './workspace.ts';
import type { Container } from './workspace.ts';

/** A waiver lasts this long unless something else is asked for. */
const DAYS = 90;

/** Process families that a request may go to. */
export function familiesOf({ templates }: Pick<State, 'templates'>): readonly string[] {
  return [...new Set((templates?.templates ?? []).map(({ id }) => id.split('/')[0] ?? ''))].sort();
}

/** Asks for a waiver of one finding; whose owners decide is asked where no template says it. */
export function askForWaiver(text: Texts, finding: Finding, families: readonly string[], done: () => void): void {
  const { template, message, mend, rule, fingerprint } = finding;
  request(text, {
    title: text('request.waiverTitle'),
    about: [message, mend],
    until: true,
    families: template === undefined ? families : [],
    body: ({ reason, until, family }) => ({ kind: 'waiver', rule, fingerprints: [fingerprint], title: message, reason, ...(until === '' ? {} : { until }), ...(template === undefined ? { family } : { template }) }),
  }, done);
}

/** Asks for another content of a template: what stands in the workspace now is what is proposed. */
export function askForChange(text: Texts, container: Container, drifted: boolean, done: () => void): void {
  request(text, {
    title: text('request.changeTitle', { name: container.name }),
    about: [text(drifted ? 'request.changeWith' : 'request.changeWithout')],
    until: false,
    families: [],
    body: ({ reason }) => ({
      kind: 'change', template: `${container.template}@${container.version}`, title: container.name, reason,
      nodes: contentOf(container),
    }),
  }, done);
}

interface Request {
  readonly title: string;
  readonly about: readonly string[];
  readonly until: boolean;
  /** To choose from; empty: it is known. */
  readonly families: readonly string[];
  readonly body: (said: { readonly reason: string; readonly until: string; readonly family: string }) => object;
}

function request(text: Texts, { title, about, until, families, body }: Request, done: () => void): void {
  let reason = $();
  let day = $();
  let family = $();
  // The same request, sent twice because an answer was lost, is one.
  const commandKey = `${Date.now().toString(36)}${Math.random().toString(36).slice(2)}`;
  let wrong = $();
  openTray(text, {
    title,
    save: text('request.send'),
    build: (into) => {
      for (const said of about) {
        paragraph(into, said);
      }
      const field = $('<div class="waybill-gov-field">').css('margin-top', '14px').appendTo(into);
      $('<label for="waybill-request-reason">').text(text('request.reason')).appendTo(field);
      reason = $('<textarea id="waybill-request-reason" maxlength="2000">').attr('placeholder', text('request.reasonHint')).appendTo(field);
      if (until) {
        const dayField = $('<div class="waybill-gov-field">').appendTo(into);
        $('<label for="waybill-request-until">').text(text('request.until')).appendTo(dayField);
        day = $('<input type="date" id="waybill-request-until">').val(new Date(Date.now() + DAYS * 86_400_000).toISOString().slice(0, 10)).appendTo(dayField);
        $('<p class="waybill-gov-hint">').text(text('request.untilHint')).appendTo(dayField);
      }
      if (families.length > 0) {
        const familyField = $('<div class="waybill-gov-field">').appendTo(into);
        $('<label for="waybill-request-family">').text(text('request.family')).appendTo(familyField);
        family = $('<select id="waybill-request-family">').appendTo(familyField);
        for (const each of families) {
          $('<option>').val(each).text(each).appendTo(family);
        }
      }
      wrong = $('<p class="waybill-gov-wrong" role="alert">').appendTo(into);
      paragraph(into, text('request.what'), true);
    },
    onSave: async () => {
      const said = String(reason.val() ?? '').trim();
      reason.toggleClass('input-error', said === '');
      if (said === '') {
        wrong.text(text('request.noReason'));
        reason.trigger('focus');
        return false;
      }
      const asked = await send<{ readonly id: string }>('changes', { ...body({ reason: said, until: String(day.val() ?? ''), family: String(family.val() ?? '') }), commandKey });
      if ('silence' in asked) {
        wrong.text(silenceInWords(asked, text));
        return false;
      }
      RED.notify(text('request.sent'), 'success');
      done();
      return true;
    },
  });
}
