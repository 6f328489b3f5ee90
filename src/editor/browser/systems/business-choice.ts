import { ask } from '../intake/server.ts';
import type { Texts } from '../texts.ts';

interface Ready { readonly contract: string }
interface Offered { readonly name: string; readonly title: string; readonly business?: { readonly as: string; readonly takes?: Ready; readonly gives?: Ready }; readonly idempotency?: { readonly in: string; readonly name: string; readonly maxLength?: number }; readonly effect: 'reads' | 'writes' }
interface Service { readonly reference: string; readonly title: string; readonly system: string; readonly status: 'published' | 'deprecated' | 'retired'; readonly operations: readonly Offered[] }
interface Known { readonly services: readonly Service[]; readonly business: Readonly<Record<string, { readonly nodes: readonly string[] }>> }

/** Lists from which a business operation and the service that offers it at the chosen system are taken. */
export class BusinessChoice {
  readonly #node: string;
  readonly #text: Texts;
  readonly #business = $('#node-input-business');
  readonly #service = $('#node-input-service');
  readonly #said = $('#waybill-business-said');
  #chosen: { business: string; service: string };
  #known: Known | undefined;

  constructor(node: 'erp' | 'wms', text: Texts, { business, service }: { readonly business: string; readonly service: string }) {
    this.#node = node;
    this.#text = text;
    this.#chosen = { business, service };
    this.#business.on('change', () => {
      const chosen = String(this.#business.val() ?? '');
      // Node-RED says it once when the form opens, too.
      if (chosen === this.#chosen.business) return;
      this.#chosen = { business: chosen, service: '' };
      this.#listServices();
    });
    this.#service.on('change', () => {
      this.#chosen.service = String(this.#service.val() ?? '');
      this.#show();
    });
    this.update();
    ask<Known>('services', { method: 'GET' }).then((known) => {
      this.#known = known;
      this.update();
    }, () => { this.#said.text(text('choose.silent')); });
  }

  /** After another system was chosen. */
  update(): void {
    const names = Object.entries(this.#known?.business ?? {}).filter(([, { nodes }]) => nodes.includes(this.#node)).map(([name]) => name);
    const all = this.#chosen.business === '' || names.includes(this.#chosen.business) ? names : [this.#chosen.business, ...names];
    this.#business.empty().append($('<option>').val('').text(this.#text('choose.business')), ...all.map((name) => $('<option>').val(name).text(this.#text(`business.${name}`)))).val(this.#chosen.business);
    this.#listServices();
  }

  #offers(): readonly { readonly service: Service; readonly operation: Offered }[] {
    // the editor answers null or undefined where there is no such node
    const kind = RED.nodes.node(String($('#node-input-systemNode').val() ?? ''))?.['kind'];
    return (this.#known?.services ?? []).filter(({ system, status, reference }) => system === kind && (status !== 'retired' || reference === this.#chosen.service))
      .flatMap((service) => service.operations.filter(({ business }) => business?.as === this.#chosen.business).map((operation) => ({ service, operation })))
      .sort((a, b) => b.service.reference.localeCompare(a.service.reference, undefined, { numeric: true }));
  }

  #listServices(): void {
    const offers = this.#offers();
    const [first] = offers;
    // One that offers it is what is meant; what was saved stays as it is.
    if (this.#chosen.service === '' && first !== undefined && offers.every(({ service }) => service.reference.split('@')[0] === first.service.reference.split('@')[0])) this.#chosen.service = first.service.reference;
    const { service } = this.#chosen;
    this.#service.empty().append($('<option>').val('').text(this.#text('choose.service')), ...offers.map((each) => $('<option>').val(each.service.reference).text(`${each.service.reference} – ${each.service.title}`)));
    if (service !== '' && !offers.some((each) => each.service.reference === service)) this.#service.append($('<option>').val(service).text(this.#known === undefined ? service : this.#text('choose.gone', { reference: service })));
    this.#service.val(service);
    this.#show();
  }

  #show(): void {
    if (this.#known === undefined || this.#chosen.business === '') {
      this.#said.text('');
      return;
    }
    const offers = this.#offers();
    const found = offers.find(({ service }) => service.reference === this.#chosen.service);
    if (found === undefined) {
      this.#said.text(offers.length === 0 ? this.#text('choose.none') : '');
      return;
    }
    const { operation } = found;
    $('#node-input-operation').val(operation.name).trigger('change');
    const { business, idempotency, effect } = operation;
    const key = idempotency === undefined ? this.#text(effect === 'reads' ? 'choose.reads' : 'choose.noKey') : this.#text(idempotency.maxLength === undefined ? 'choose.key' : 'choose.keyLength', { name: idempotency.name.replace(/^\//, ''), length: idempotency.maxLength ?? 0 });
    this.#said.text([operation.title, business?.takes === undefined ? this.#text('choose.takesOwn') : this.#text('choose.takes', { contract: business.takes.contract }), business?.gives === undefined ? this.#text('choose.givesOwn') : this.#text('choose.gives', { contract: business.gives.contract }), key].join(' · '));
  }
}
