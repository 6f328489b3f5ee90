import { trust, withdraw } from './answers.ts';
import type { Verdict } from './answers.ts';
import { button, day, grouped, problemText, text } from './texts.ts';
import { facts } from '../cards/parts.ts';

/** Shows the certificate of a server and what does not fit about it, with a button to trust it or to withdraw the trust. */
export class TrustPanel {
  readonly #target: JQuery;
  readonly #changed: (verdict: Verdict | undefined) => void;
  #shown = '';

  /** @param changed a person trusted it, or no longer does */
  constructor(target: JQuery, changed: (verdict: Verdict | undefined) => void = () => undefined) {
    this.#target = target;
    this.#changed = changed;
  }

  clear(): void {
    this.#shown = '';
    this.#target.empty();
  }

  /** @param url the address that the trust is for */
  show(url: string, verdict: Verdict): void {
    const news = JSON.stringify([url, verdict]);
    if (news === this.#shown) return;
    this.#shown = news;
    const { certificate, because, trusted, problems } = verdict;
    const problem = $('<div class="waybill-wrong" role="alert">');
    const act = trusted ? undefined : button(problems.length === 0 ? 'trust.trust' : 'trust.trustAnyway', () => { this.#trust(url, verdict, problem); }, problems.length === 0 ? 'primary' : '');
    const panel = $('<section class="waybill-certificate">').addClass(trusted ? 'waybill-certificate-trusted' : 'waybill-certificate-refused').attr('aria-label', text('trust.certificate'));
    panel.append(
      $('<div class="waybill-certificate-head">').append(
        $('<i aria-hidden="true">').addClass(`fa ${trusted ? 'fa-check-circle' : 'fa-exclamation-triangle'}`),
        $('<strong>').text(text(`trust.because.${because}`)),
      ),
      $('<div class="waybill-hint">').text(text(`trust.hint.${because}`, { address: verdict.address, day: verdict.trustedAt === undefined ? '' : day(verdict.trustedAt) })),
    );
    if (problems.length > 0) panel.append($('<ul class="waybill-certificate-problems">').append(problems.map((each) => $('<li>').text(this.#problemText(each, verdict)))));
    panel.append(facts([
      [text('trust.subject'), certificate.subject], [text('trust.issuer'), certificate.selfSigned ? text('trust.selfSigned') : certificate.issuer],
      [text('trust.valid'), text('trust.fromTo', { from: day(certificate.validFrom), to: day(certificate.validTo) })],
      [text('trust.hosts'), certificate.hostNames.join(', ') || text('trust.none')], [text('trust.uri'), certificate.applicationUri || text('trust.none')],
      [text('trust.key'), `${certificate.keyType} ${certificate.keyBits || ''}`.trim()],
      [text('trust.thumbprint'), $('<code>').text(grouped(certificate.thumbprint))],
    ]));
    const buttons = $('<div class="waybill-line waybill-try-buttons">');
    if (act !== undefined) buttons.append(act);
    if (verdict.trustedAt !== undefined) buttons.append(button('trust.withdraw', () => { this.#withdraw(url, verdict, problem); }));
    this.#target.empty().append(panel.append(buttons, problem));
  }

  #problemText(problem: string, { certificate, address }: Verdict): string {
    return text(`trust.problem.${problem}`, {
      from: day(certificate.validFrom), to: day(certificate.validTo), bits: certificate.keyBits, host: address.replace(/:\d+$/, ''), hosts: certificate.hostNames.join(', ') || text('trust.none'),
    });
  }

  #trust(url: string, verdict: Verdict, problem: JQuery): void {
    this.#busy(true);
    trust(url, verdict.certificate.thumbprint, verdict.problems).then(({ verdict: now }) => {
      this.show(url, now);
      this.#changed(now);
    }, (error: unknown) => {
      this.#busy(false);
      problem.text(problemText(error));
    });
  }

  #withdraw(url: string, verdict: Verdict, problem: JQuery): void {
    this.#busy(true);
    withdraw(url, verdict.certificate.thumbprint).then(() => {
      const { trustedAt: _was, ...rest } = verdict;
      this.show(url, { ...rest, trusted: false, because: 'unknown' });
      this.#changed(undefined);
    }, (error: unknown) => {
      this.#busy(false);
      problem.text(problemText(error));
    });
  }

  #busy(busy: boolean): void {
    this.#target.find('button').prop('disabled', busy);
  }
}
