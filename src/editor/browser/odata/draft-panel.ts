import { button, tool } from '../cards/parts.ts';
import { askDraft } from './answers.ts';
import type { ChosenOperation, Drafted, SignIn } from './answers.ts';
import { cell } from './operation-panel.ts';
import { problemText, text } from './texts.ts';

/** What of the metadata a draft is made of. */
export interface DraftSource { readonly token: string; readonly path: string; readonly preset: string; readonly system: string; readonly authentication: SignIn }

/** The operations that were chosen, and the service that is drafted of them, for central IT to sign. */
export class DraftPanel {
  readonly element = $('<section>').attr('aria-label', text('draft.title'));
  readonly #source: () => DraftSource | undefined;
  readonly #chosen: ChosenOperation[] = [];
  readonly #list = $('<ul class="waybill-odata-chosen">');
  readonly #said = $('<div aria-live="polite">');
  readonly #id = $('<input type="text" spellcheck="false" placeholder="erp/purchasing">');
  readonly #title = $('<input type="text">');
  readonly #owner = $('<input type="text">');

  constructor(source: () => DraftSource | undefined) {
    this.#source = source;
    this.element.append(
      $('<h4 class="waybill-section">').text(text('draft.title')), this.#list,
      $('<div class="waybill-odata-head">').append(cell(text('draft.id'), this.#id), cell(text('draft.name'), this.#title), cell(text('draft.owner'), this.#owner)),
      $('<div class="waybill-odata-row" style="margin-top: 8px">').append($('<button type="button" class="red-ui-button primary">').text(text('draft.make')).on('click', () => { this.#draft(); })), this.#said,
    );
    this.#draw();
  }

  /** Undefined when it stands in the list now; else why not. */
  add(chosen: ChosenOperation): string | undefined {
    if (this.#chosen.some(({ name }) => name === chosen.name)) return text('nameTaken', { name: chosen.name });
    this.#chosen.push(chosen);
    this.#draw();
    return undefined;
  }

  /** Other metadata: what was chosen of the ones before means nothing. */
  clear(): void {
    this.#chosen.length = 0;
    this.#draw();
  }

  #draw(): void {
    this.#said.empty();
    this.#list.empty().append(this.#chosen.length === 0 ? $('<li class="waybill-hint">').text(text('draft.none')) : this.#chosen.map((each) => $('<li>').append($('<strong>').text(each.name), $('<code>').text(JSON.stringify(each.binding)), tool('fa-trash', text('draft.remove', { name: each.name }), () => {
      this.#chosen.splice(this.#chosen.indexOf(each), 1);
      this.#draw();
    }))));
  }

  #draft(): void {
    const source = this.#source();
    if (source === undefined) {
      this.#said.empty().append($('<div class="waybill-wrong" role="alert">').text(text('draft.noMetadata')));
      return;
    }
    const value = (input: JQuery): string => String(input.val() ?? '').trim();
    askDraft({
      ...source, id: value(this.#id), title: value(this.#title), owner: value(this.#owner),
      operations: Object.fromEntries(this.#chosen.map(({ name, binding }) => [name, binding])), keys: Object.fromEntries(this.#chosen.filter(({ key }) => key !== '').map(({ name, key }) => [name, key])),
    }).then((drafted) => { this.#show(value(this.#id), drafted); }, (error: unknown) => { this.#said.empty().append($('<div class="waybill-wrong" role="alert">').text(problemText(error))); });
  }

  #show(id: string, { definition, notes, problems }: Drafted): void {
    const json = `${JSON.stringify(definition, null, 1)}\n`;
    const copied = $('<span class="waybill-unit" role="status">');
    const list = (items: readonly string[], name: string): JQuery[] => (items.length === 0 ? [] : [$('<h5>').text(name), $('<ul class="waybill-odata-notes">').append(items.map((each) => $('<li>').text(each)))]);
    this.#said.empty().append(
      $('<div class="waybill-good" role="status">').text(text('draft.made', { id, size: Math.ceil(json.length / 1_024) })),
      $('<div class="waybill-odata-row">').append(button('fa-download', text('draft.download'), () => { download(`${id.replace('/', '-')}.json`, json); }), button('fa-clipboard', text('draft.copy'), () => {
        navigator.clipboard.writeText(json).then(() => { copied.text(text('draft.copied')); }, () => { copied.text(text('draft.notCopied')); });
      }), copied),
      $('<div class="waybill-hint">').append(document.createTextNode(`${text('draft.next')} `), $('<code>').text(`services/${id}/service.json`), document.createTextNode('; '), $('<code>').text(`waybill service lint services/${id}`), document.createTextNode('; '), $('<code>').text(`waybill catalogue publish services/${id}`)),
      ...list(problems, text('draft.problems')), ...list(notes, text('draft.notes')),
      $('<details class="waybill-own">').append($('<summary>').text(text('draft.show')), $('<pre tabindex="0">').text(json)),
    );
  }
}

function download(name: string, content: string): void {
  const url = URL.createObjectURL(new Blob([content], { type: 'application/json' }));
  $('<a>').attr({ href: url, download: name })[0]?.click();
  setTimeout(() => { URL.revokeObjectURL(url); }, 1_000);
}
