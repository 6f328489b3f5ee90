import type { OperationEntry, Overview, SetEntry } from './answers.ts';
import { text } from './texts.ts';

export type Entry = { readonly kind: 'set'; readonly set: SetEntry } | { readonly kind: 'operation'; readonly operation: OperationEntry };

const MOST = 200;
let lists = 0;

/** The entity sets, actions and functions of a service as a list with a search (WAI-ARIA 1.2, listbox); long lists are shown as far as they can be read. */
export class Picker {
  readonly element: JQuery;
  readonly #entries: readonly { readonly entry: Entry; readonly name: string; readonly label: string }[];
  readonly #search: JQuery;
  readonly #which: JQuery;
  readonly #list: JQuery;
  readonly #said = $('<div class="waybill-hint" aria-live="polite">');
  readonly #pick: (entry: Entry) => void;
  readonly #id = `waybill-odata-list-${++lists}`;
  #shown: readonly Entry[] = [];
  #at = -1;

  constructor({ sets, operations }: Overview, pick: (entry: Entry) => void) {
    this.#pick = pick;
    this.#entries = [
      ...sets.map((set) => ({ entry: { kind: 'set', set } as const, name: set.name, label: set.label })),
      ...operations.map((operation) => ({ entry: { kind: 'operation', operation } as const, name: operation.name, label: operation.label })),
    ];
    this.#search = $('<input type="text" spellcheck="false">').attr({ 'placeholder': text('search'), 'aria-label': text('search'), 'aria-controls': this.#id });
    this.#which = $('<select>').attr('aria-label', text('whichName')).append((['all', 'set', 'operation'] as const).map((value) => $('<option>').val(value).text(text(`which.${value}`))));
    this.#list = $('<ul class="waybill-odata-list" role="listbox" tabindex="0">').attr({ 'id': this.#id, 'aria-label': text('entries') });
    this.element = $('<div>').append($('<div class="waybill-odata-find">').append(this.#search, this.#which), this.#list, this.#said);
    this.#search.on('input', () => { this.#draw(); }).on('keydown', (event) => {
      if (event.key === 'Enter') event.preventDefault();
      if (event.key === 'ArrowDown' || event.key === 'Enter') this.#list.trigger('focus');
      if (event.key === 'ArrowDown') event.preventDefault();
    });
    this.#which.on('change', () => { this.#draw(); });
    this.#list.on('keydown', (event) => { this.#key(event); }).on('focus', () => { if (this.#at < 0) this.#go(0); });
    this.#draw();
  }

  #draw(): void {
    const wanted = String(this.#search.val() ?? '').trim().toLowerCase();
    const which = String(this.#which.val());
    const found = this.#entries.filter(({ entry, name, label }) => (which === 'all' || entry.kind === which) && (wanted === '' || name.toLowerCase().includes(wanted) || label.toLowerCase().includes(wanted)));
    this.#shown = found.slice(0, MOST).map(({ entry }) => entry);
    this.#at = -1;
    this.#list.removeAttr('aria-activedescendant').empty().append(found.slice(0, MOST).map(({ entry, name, label }, index) => $('<li role="option" aria-selected="false">').attr('id', `${this.#id}-${index}`).append(
      $('<i class="fa fa-fw" aria-hidden="true">').addClass(entry.kind === 'set' ? 'fa-table' : entry.operation.kind === 'action' ? 'fa-bolt' : 'fa-question'), document.createTextNode(` ${entry.kind === 'set' ? name : name.slice(name.lastIndexOf('.') + 1)}`),
      ...(label === name || (entry.kind === 'operation' && name.endsWith(`.${label}`)) ? [] : [$('<span>').text(label)]), ...(entry.kind === 'operation' && entry.operation.entitySet !== undefined ? [$('<span>').text(text('boundTo', { set: entry.operation.entitySet }))] : []),
    ).on('click', () => {
      this.#list.trigger('focus');
      this.#go(index);
    })));
    this.#said.text(found.length === 0 ? text('notFound') : found.length > MOST ? text('more', { count: MOST, all: found.length }) : text('count', { count: found.length }));
  }

  #go(index: number): void {
    const entry = this.#shown[index];
    if (entry === undefined || index === this.#at) return;
    this.#list.children().attr('aria-selected', 'false');
    this.#at = index;
    this.#list.attr('aria-activedescendant', `${this.#id}-${index}`).children().eq(index).attr('aria-selected', 'true')[0]?.scrollIntoView({ block: 'nearest' });
    this.#pick(entry);
  }

  #key(event: JQuery.TriggeredEvent): void {
    const to = { ArrowDown: Math.min(this.#at + 1, this.#shown.length - 1), ArrowUp: Math.max(this.#at - 1, 0), Home: 0, End: this.#shown.length - 1 }[String(event.key)];
    if (to === undefined) return;
    event.preventDefault();
    this.#go(to);
  }
}
