import { ask } from '../intake/server.ts';
import { textsOf } from '../texts.ts';
import { fieldsOf, sampleOf } from './schema-view.ts';
import type { Schema } from './schema-view.ts';

interface Operation { readonly name: string; readonly title: string; readonly effect: 'reads' | 'writes'; readonly request?: Schema | boolean; readonly answer?: Schema | boolean; readonly recovery: string }
interface Service {
  readonly reference: string; readonly title: string; readonly description?: string; readonly system: string; readonly status: 'published' | 'deprecated' | 'retired'; readonly sunset?: string;
  readonly operations: readonly Operation[];
}

const text = textsOf('call');

/** Lists from which service and operation of a system are chosen; what is chosen stands in the two inputs. */
export class ServiceChoice {
  readonly #service = $('#node-input-chosenService');
  readonly #operation = $('#node-input-chosenOperation');
  readonly #document = $('#waybill-call-document');
  readonly #problem = $('#waybill-call-services');
  readonly #kind: () => string | undefined;
  #services: readonly Service[] | undefined;

  /** @param kind of the chosen system; undefined where none is */
  constructor(kind: () => string | undefined) {
    this.#kind = kind;
    this.#service.on('change', () => {
      $('#node-input-service').val(String(this.#service.val() ?? '')).trigger('change');
      this.#listOperations();
    });
    this.#operation.on('change', () => {
      $('#node-input-operation').val(String(this.#operation.val() ?? '')).trigger('change');
      this.#showDocument();
    });
    this.#listServices();
    ask<{ readonly services: readonly Service[] }>('services', { method: 'GET' }).then(({ services }) => {
      this.#services = services;
      this.update();
    }, () => { this.#problem.text(text('choose.silent')); });
  }

  /** After another system was chosen. */
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
    const kind = this.#kind();
    const chosen = String($('#node-input-service').val() ?? '');
    const fitting = (this.#services ?? []).filter(({ system }) => system === kind).sort((a, b) => a.reference.localeCompare(b.reference, undefined, { numeric: true }));
    this.#service.empty().append($('<option>').val('').text(text('choose.service')), ...fitting.filter(({ status, reference }) => status !== 'retired' || reference === chosen).map((service) => $('<option>').val(service.reference).text(`${service.reference} – ${labelOf(service)}`)));
    if (chosen !== '' && !fitting.some(({ reference }) => reference === chosen)) this.#service.append($('<option>').val(chosen).text(this.#services === undefined ? chosen : text('choose.gone', { reference: chosen })));
    this.#service.val(chosen);
    this.#problem.text(this.#services !== undefined && kind !== undefined && fitting.length === 0 ? text('choose.none', { kind }) : '');
  }

  #chosen(): Service | undefined {
    return this.#services?.find(({ reference }) => reference === $('#node-input-service').val());
  }

  #listOperations(): void {
    const chosen = String($('#node-input-operation').val() ?? '');
    const service = this.#chosen();
    const operations = service?.operations ?? [];
    this.#operation.empty().append($('<option>').val('').text(text('choose.operation')), ...operations.map(({ name, title, effect }) => $('<option>').val(name).text(`${name} – ${title} (${text(`choose.${effect}`)})`)));
    if (chosen !== '' && !operations.some(({ name }) => name === chosen)) this.#operation.append($('<option>').val(chosen).text(service === undefined ? chosen : text('choose.goneOperation', { operation: chosen })));
    this.#operation.val(chosen);
    this.#showDocument();
  }

  #showDocument(): void {
    const operation = this.#chosen()?.operations.find(({ name }) => name === $('#node-input-operation').val());
    $('.waybill-call-document').toggle(operation !== undefined);
    this.#document.empty();
    if (operation === undefined) return;
    const { request } = operation;
    if (request === undefined || typeof request === 'boolean') {
      this.#document.append($('<div class="waybill-hint">').text(text(request === undefined || request ? 'choose.anything' : 'choose.nothing')));
      return;
    }
    const list = $('<ul class="waybill-call-fields">').append(fieldsOf(request).map(({ path, type, required, title }) => $('<li>').css('padding-left', `${(path.split('.').length - 1) * 14}px`).append(
      $('<code>').text(path.split('.').at(-1) ?? path), $('<span>').text(` ${type}`), ...(required ? [$('<strong>').text(` ${text('choose.required')}`)] : []), ...(title === '' ? [] : [$('<span class="waybill-hint">').text(` ${title}`)]),
    )));
    const sample = JSON.stringify(sampleOf(request), null, 2);
    this.#document.append(list, $('<details class="waybill-own">').append($('<summary>').text(text('choose.sample')), $('<pre class="waybill-call-sample">').text(sample)));
  }
}

function labelOf({ title, status, sunset }: Service): string {
  if (status === 'retired') return text('choose.retired', { title });
  if (status === 'deprecated') return sunset === undefined ? text('choose.deprecatedOpen', { title }) : text('choose.deprecated', { title, sunset });
  return title;
}
