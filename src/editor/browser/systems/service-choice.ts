import { textsOf } from '../texts.ts';
import { askServices } from './known-services.ts';
import { fieldsOf, sampleOf } from './schema-view.ts';
import type { Schema } from './schema-view.ts';

export interface Operation { readonly name: string; readonly title: string; readonly address?: string; /** As what its documents are announced. */ readonly media?: readonly string[]; readonly effect: 'reads' | 'writes'; readonly request?: Schema | boolean; readonly answer?: Schema | boolean; readonly recovery: string }
export interface ListedService {
  readonly reference: string; readonly title: string; readonly description?: string; readonly system: string; readonly offered?: boolean; /** Brings documents as they are: `answer` is the contract of one. */ readonly documents?: boolean; readonly status: 'published' | 'deprecated' | 'retired'; readonly sunset?: string;
  /** Not called at the moment. */
  readonly stopped?: { readonly reason: string; readonly until?: string };
  readonly operations: readonly Operation[];
}

const text = textsOf('call');

/** What a form says of the services that may be chosen in it. */
export interface ServiceChoiceForm {
  /** Beginning of the ids of its elements: `<prefix>-services`, `<prefix>-document`. */
  readonly prefix: string;
  /** Which services there are to choose from; undefined while that is not known. */
  readonly fits: () => ((service: ListedService) => boolean) | undefined;
  /** What is said when there is none. */
  readonly none: () => string;
  /** Which operations; all when it says nothing. */
  readonly effect?: Operation['effect'];
  /** After another operation was chosen. */
  readonly chosen?: (operation: Operation | undefined, service: ListedService | undefined) => void;
}

/** Lists from which service and operation are chosen; what is chosen stands in the two inputs. */
export class ServiceChoice {
  readonly #service = $('#node-input-chosenService');
  readonly #operation = $('#node-input-chosenOperation');
  readonly #document;
  readonly #problem;
  readonly #form: ServiceChoiceForm;
  #services: readonly ListedService[] | undefined;
  #none = false;

  constructor(form: ServiceChoiceForm) {
    this.#form = form;
    this.#document = $(`#${form.prefix}-document`);
    this.#problem = $(`#${form.prefix}-services`);
    this.#service.on('change', () => {
      $('#node-input-service').val(String(this.#service.val() ?? '')).trigger('change');
      this.#listOperations();
    });
    this.#operation.on('change', () => {
      $('#node-input-operation').val(String(this.#operation.val() ?? '')).trigger('change');
      this.#showDocument();
    });
    this.#listServices();
    askServices().then((services) => {
      this.#services = services;
      this.update();
    }, () => { this.#problem.text(text('choose.silent')); });
  }

  /** After other services fit. */
  update(): void {
    this.#listServices();
    this.#listOperations();
  }

  /** What the chosen operation takes or answers, where its contract says. */
  schema(side: 'request' | 'answer'): { readonly title: string; readonly schema: object } | undefined {
    const operation = this.#chosen()?.operations.find(({ name }) => name === $('#node-input-operation').val());
    const schema = operation?.[side];
    return operation === undefined || schema === undefined || typeof schema === 'boolean' ? undefined : { title: `${operation.title} (${operation.name})`, schema };
  }

  #listServices(): void {
    const fits = this.#form.fits();
    const chosen = String($('#node-input-service').val() ?? '');
    const fitting = (this.#services ?? []).filter((service) => fits?.(service) === true).sort((a, b) => a.reference.localeCompare(b.reference, undefined, { numeric: true }));
    this.#service.empty().append($('<option>').val('').text(text('choose.service')), ...fitting.filter(({ status, reference }) => status !== 'retired' || reference === chosen).map((service) => $('<option>').val(service.reference).text(`${service.reference} – ${labelOf(service)}`)));
    if (chosen !== '' && !fitting.some(({ reference }) => reference === chosen)) this.#service.append($('<option>').val(chosen).text(this.#services === undefined ? chosen : text('choose.gone', { reference: chosen })));
    this.#service.val(chosen);
    this.#none = this.#services !== undefined && fits !== undefined && fitting.length === 0;
    this.#tellState();
  }

  /** That there is none to choose, or that the chosen one is stopped. */
  #tellState(): void {
    const stopped = this.#chosen()?.stopped;
    if (stopped === undefined) {
      this.#problem.text(this.#none ? this.#form.none() : '');
      return;
    }
    const { reason, until } = stopped;
    this.#problem.text(until === undefined ? text('choose.stoppedWhy', { reason }) : text('choose.stoppedUntil', { reason, until: new Date(until).toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' }) }));
  }

  #chosen(): ListedService | undefined {
    return this.#services?.find(({ reference }) => reference === $('#node-input-service').val());
  }

  #listOperations(): void {
    const chosen = String($('#node-input-operation').val() ?? '');
    const service = this.#chosen();
    const operations = (service?.operations ?? []).filter(({ effect, name }) => this.#form.effect === undefined || effect === this.#form.effect || name === chosen);
    this.#operation.empty().append($('<option>').val('').text(text('choose.operation')), ...operations.map(({ name, title, effect }) => $('<option>').val(name).text(`${name} – ${title} (${text(`choose.${effect}`)})`)));
    if (chosen !== '' && !operations.some(({ name }) => name === chosen)) this.#operation.append($('<option>').val(chosen).text(service === undefined ? chosen : text('choose.goneOperation', { operation: chosen })));
    this.#operation.val(chosen);
    this.#tellState();
    this.#showDocument();
  }

  #showDocument(): void {
    const operation = this.#chosen()?.operations.find(({ name }) => name === $('#node-input-operation').val());
    $(`.${this.#form.prefix}-document`).toggle(operation !== undefined);
    this.#form.chosen?.(operation, this.#chosen());
    this.#document.empty();
    if (operation === undefined) return;
    const documents = this.#chosen()?.documents === true;
    const request = documents ? operation.answer : operation.request;
    if (request === undefined || typeof request === 'boolean') {
      this.#document.append($('<div class="waybill-hint">').text(text(request === false ? 'choose.nothing' : documents ? 'choose.anyDocument' : 'choose.anything')));
      return;
    }
    const list = $('<ul class="waybill-call-fields">').append(fieldsOf(request).map(({ path, type, required, title }) => $('<li>').css('padding-left', `${(path.split('.').length - 1) * 14}px`).append(
      $('<code>').text(path.split('.').at(-1) ?? path), $('<span>').text(` ${type}`), ...(required ? [$('<strong>').text(` ${text('choose.required')}`)] : []), ...(title === '' ? [] : [$('<span class="waybill-hint">').text(` ${title}`)]),
    )));
    const sample = JSON.stringify(sampleOf(request), null, 2);
    this.#document.append(list, $('<details class="waybill-own">').append($('<summary>').text(text('choose.sample')), $('<pre class="waybill-call-sample">').text(sample)));
  }
}

function labelOf({ title: named, status, sunset, stopped }: ListedService): string {
  const title = stopped === undefined ? named : text('choose.stopped', { title: named });
  if (status === 'retired') return text('choose.retired', { title });
  if (status === 'deprecated') return sunset === undefined ? text('choose.deprecatedOpen', { title }) : text('choose.deprecated', { title, sunset });
  return title;
}
