import type { Texts } from '../texts.ts';
import type { Finding, FindingsAnswer } from './answers.ts';
import { dim, plain } from './parts.ts';
import { refusing } from './store.ts';
import { nameOf, reveal } from './workspace.ts';

interface Refusal {
  readonly message?: unknown;
  readonly remote?: { readonly findings?: readonly Finding[]; readonly truncated?: boolean };
}

interface Notification {
  close(): void;
}

/** Findings that one notification names. */
const MOST = 4;

let open: Notification | undefined;

/**
 * Says in words what the gate has refused. Node-RED's own message shows the raw answer, and goes after five seconds; this
 * one stays until somebody has seen to it, leads to the nodes, and makes way for the next deploy.
 */
export function watchRefusals(text: Texts, show: (answer: FindingsAnswer) => void, openFindings: () => void): void {
  $(document).on('ajaxError', (_event, xhr: { readonly status: number; readonly responseJSON?: unknown }, request: { readonly url?: string; readonly type?: string }) => {
    if (xhr.status !== 422 || request.type !== 'POST' || !/(^|\/)flows$/.test(request.url ?? '')) {
      return;
    }
    const refusal = (typeof xhr.responseJSON === 'object' && xhr.responseJSON !== null ? xhr.responseJSON : {}) as Refusal;
    const findings = refusal.remote?.findings ?? [];
    show({ findings, refused: true, at: new Date().toISOString(), ...(refusal.remote?.truncated === true ? { truncated: true } : {}) });
    closeRefusal();
    open = notice(text, refusing(findings), typeof refusal.message === 'string' ? refusal.message : '', openFindings);
    dropRawMessage();
  });
  RED.events.on('deploy', closeRefusal);
}

/** Puts the notice away: a deploy went through, or a form that it would cover is opened. */
export function closeRefusal(): void {
  open?.close();
  open = undefined;
}

function notice(text: Texts, errors: readonly Finding[], message: string, openFindings: () => void): Notification {
  const box = $('<div class="waybill-gov-notice">');
  $('<b>').text(text('refused.title', { count: errors.length })).appendTo(box);
  if (errors.length === 0) {
    $('<p>').text(message).appendTo(box);
  }
  const list = $('<ol>').appendTo(box);
  for (const [i, finding] of errors.slice(0, MOST).entries()) {
    const row = $('<li>').appendTo(list);
    const { node } = finding;
    if (node !== undefined) {
      plain(row, nameOf(node), `refused ${i}`, () => { reveal(node.id); });
      row.append(document.createTextNode(': '));
    }
    row.append(document.createTextNode(finding.message));
    dim(row, finding.mend);
  }
  if (errors.length > MOST) {
    $('<p>').text(text('refused.more', { count: errors.length - MOST })).appendTo(box);
  }
  const made: Notification = RED.notify(box as never, {
    type: 'error',
    fixed: true,
    buttons: [
      { text: text('refused.close'), click: () => { made.close(); } },
      { text: text('refused.open'), class: 'primary', click: () => { made.close(); openFindings(); } },
    ],
  } as never) as never;
  return made;
}

/** Node-RED's own message is the same in raw JSON: it is put away once it is there. */
function dropRawMessage(): void {
  setTimeout(() => {
    $('.red-ui-notification').filter((_index, element) => $(element).find('.waybill-gov-notice').length === 0 && /"(findings|remote)"|waybill-refused/.test($(element).text())).each((_index, element) => {
      $(element).stop(true).hide();
      (element as unknown as Notification).close();
    });
  }, 0);
}
