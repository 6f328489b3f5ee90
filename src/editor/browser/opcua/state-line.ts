import { keepAsking } from '../keep-asking.ts';
import { askOwn, askState } from './answers.ts';
import type { Live, Verdict } from './answers.ts';
import { day, grouped, problemText, text } from './texts.ts';
import { facts } from '../cards/parts.ts';

/** Shows where the deployed endpoint stands: connected or why not, counters, the last problem. Asks again until it is closed. */
export class StateLine {
  readonly #line = $('<div class="waybill-live" role="status">');
  readonly #refused: (url: string, verdict: Verdict) => void;
  readonly close: () => void;

  /** @param refused the server shows a certificate that is not trusted */
  constructor(target: JQuery, nodeId: string, refused: (url: string, verdict: Verdict) => void) {
    this.#refused = refused;
    target.append(this.#line);
    this.close = keepAsking(() => askState(nodeId), (live) => { this.#show(live); }, () => { this.#line.text(text('state.silent')); });
  }

  #show({ running, state, counters, lastProblem, clockSkewMs, now, url, verdict }: Live): void {
    if (!running || state === undefined) {
      this.#line.text(text('state.notDeployed'));
      return;
    }
    this.#line.empty().append($('<span>').addClass(`waybill-dot waybill-dot-${state.kind}`), $('<span>').text([
      state.kind === 'connected' ? text('state.connected') : state.reason ?? text(`state.${state.kind}`),
      ...(counters === undefined || counters.connects === 0 ? [] : [text('state.counted', { connects: counters.connects, resumed: counters.resumed, lost: counters.lost })]),
      ...(clockSkewMs === undefined || Math.abs(clockSkewMs) < 2_000 ? [] : [text(clockSkewMs > 0 ? 'state.ahead' : 'state.behind', { seconds: Math.round(Math.abs(clockSkewMs) / 1_000) })]),
    ].join(' · ')));
    if (lastProblem !== undefined && state.kind === 'connected') $('<div class="waybill-hint">').text(text('state.problem', { at: new Date(lastProblem.at).toLocaleString(), reason: lastProblem.reason, ago: Math.round((now - lastProblem.at) / 1_000) })).appendTo(this.#line);
    if (url !== undefined && verdict !== undefined) this.#refused(url, verdict);
  }
}

/** Shows our own certificate, to download for whoever looks after the server. */
export function showOwnCertificate(target: JQuery): void {
  const details = $('<details class="waybill-own">').append($('<summary>').text(text('own.title')), $('<div class="waybill-hint">').text(text('own.hint'))).appendTo(target);
  let asked = false;
  details.on('toggle', () => {
    if (asked) return;
    asked = true;
    askOwn().then(({ applicationUri, certificate, next }) => {
      details.append(
        facts([
          [text('trust.uri'), applicationUri], [text('trust.valid'), text('trust.fromTo', { from: day(certificate.validFrom), to: day(certificate.validTo) })],
          [text('trust.thumbprint'), $('<code>').text(grouped(certificate.thumbprint))],
          ...(next === undefined ? [] : [[text('own.next'), text('own.nextFrom', { day: day(next.from) })] as const]),
        ]),
        $('<div class="waybill-line waybill-try-buttons">').append(download('own.download', ''), ...(next === undefined ? [] : [download('own.downloadNext', '?next')])),
      );
    }, (error: unknown) => { details.append($('<div class="waybill-wrong" role="alert">').text(problemText(error))); });
  });
}

/** By a request of the page, for it carries the sign-in of the editor, which a link would not. */
function download(key: string, query: string): JQuery {
  const problem = $('<span class="waybill-wrong" role="alert">');
  const act = $('<button type="button" class="red-ui-button red-ui-button-small">').text(text(key)).on('click', () => {
    $.ajax({
      url: `waybill-editor/opcua/own-certificate.der${query}`, xhrFields: { responseType: 'blob' }, dataType: 'binary', processData: false,
      success: (blob: Blob) => {
        const link = document.createElement('a');
        link.href = URL.createObjectURL(blob);
        link.download = query === '' ? 'waybill-opcua.der' : 'waybill-opcua-next.der';
        link.click();
        window.setTimeout(() => { URL.revokeObjectURL(link.href); }, 10_000);
      },
      error: () => { problem.text(text('problem.silent')); },
    });
  });
  return $('<span class="waybill-line">').append(act, problem);
}
