import { askDiscovery } from './answers.ts';
import type { Discovered, FormEndpoint, Offer } from './answers.ts';
import type { TrustPanel } from './trust-panel.ts';
import { button, problemText, text } from './texts.ts';

export interface DiscoveryOptions {
  readonly endpoint: () => FormEndpoint;
  /** A person chose an offer. */
  readonly take: (offer: { readonly securityMode: string; readonly securityPolicy: string; readonly signIns: readonly string[] }) => void;
  readonly takeUrl: (url: string) => void;
  readonly trust: TrustPanel;
}

/** Asks the server at the address of the form what it offers; one click on an offer fills the form. */
export class DiscoveryPanel {
  readonly #options: DiscoveryOptions;
  readonly #result = $('<div class="waybill-discovery" aria-live="polite">');
  readonly #button: JQuery;
  #asked = 0;

  /** @param input field of the address; the button stands beside it, where nothing that is said below moves it away under the mouse */
  constructor(input: JQuery, target: JQuery, options: DiscoveryOptions) {
    this.#options = options;
    this.#button = button('discover.search', () => { this.search(); });
    input.wrap('<div class="waybill-line waybill-tag-field">').after(this.#button);
    target.append(this.#result);
  }

  search(): void {
    const endpoint = this.#options.endpoint();
    const asked = ++this.#asked;
    this.#button.prop('disabled', true);
    this.#result.empty().append($('<div class="waybill-hint">').text(text('discover.asking', { url: endpoint.url })));
    askDiscovery(endpoint).then((found) => { if (asked === this.#asked) this.#show(endpoint, found); }, (error: unknown) => {
      if (asked === this.#asked) this.#result.empty().append($('<div class="waybill-wrong" role="alert">').text(problemText(error)));
    }).finally(() => { this.#button.prop('disabled', false); });
  }

  #show(endpoint: FormEndpoint, { server, verdict, url }: Discovered): void {
    this.#result.empty().append($('<div class="waybill-good">').text(server.name || server.applicationUri || url), $('<div class="waybill-hint">').text([server.applicationUri, server.productUri].filter((each) => each !== '').join(' · ')));
    if (server.otherAddresses.length > 0) $('<div class="waybill-hint">').text(text('discover.calls', { names: server.otherAddresses.join(', '), url })).appendTo(this.#result);
    if (server.offers.length === 0) $('<div class="waybill-wrong">').text(text('discover.nothing')).appendTo(this.#result);
    else {
      const list = $('<ul class="waybill-offers">').attr('aria-label', text('discover.offers')).appendTo(this.#result);
      const chosen = server.offers.find((offer) => offer.securityMode === endpoint.securityMode && offer.securityPolicy === endpoint.securityPolicy);
      list.append(server.offers.map((offer) => this.#row(offer, offer === chosen, list)));
    }
    const others = server.others.flatMap(({ name, urls }) => urls.slice(0, 1).map((each) => ({ name, url: each })));
    if (others.length > 0) {
      $('<div class="waybill-hint">').text(text('discover.others')).appendTo(this.#result);
      $('<ul class="waybill-offers">').append(others.map((other) => $('<li>').append($('<button type="button" class="waybill-offer">').append($('<strong>').text(other.name), $('<span>').text(other.url)).on('click', () => {
        this.#options.takeUrl(other.url);
        this.search();
      })))).appendTo(this.#result);
    }
    if (verdict === undefined) this.#options.trust.clear();
    else this.#options.trust.show(url, verdict);
  }

  #row(offer: Offer, chosen: boolean, list: JQuery): JQuery {
    const { securityMode, securityPolicy, signIns, unusable } = offer;
    const row = $('<button type="button" class="waybill-offer">').attr('aria-pressed', String(chosen)).prop('disabled', unusable !== undefined).append(
      $('<strong>').text(text(`option.securityMode.${securityMode}`)),
      $('<span>').text(unusable === undefined ? [securityPolicy === 'None' ? '' : securityPolicy, signIns.map((each) => text(`discover.signIn.${each}`)).join(', ')].filter((each) => each !== '').join(' · ') : text(`discover.unusable.${unusable}`, { policy: securityPolicy })),
    );
    row.on('click', () => {
      list.find('.waybill-offer').attr('aria-pressed', 'false');
      row.attr('aria-pressed', 'true');
      this.#options.take(offer);
    });
    return $('<li>').append(row);
  }
}
