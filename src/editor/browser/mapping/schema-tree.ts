import type { SchemaField } from '../../../governance/gate/rules/mapping.ts';
import { text } from './texts.ts';

export interface SchemaTreeOptions {
  readonly label: string;
  /** What is said where there is no schema. */
  readonly none: string;
  /** Stands beside the search. */
  readonly beside?: JQuery;
  /** Fills the end of a line; called again by {@link SchemaTree.refresh}. */
  readonly mark: (field: SchemaField, line: JQuery) => void;
  /** A line has the focus. */
  readonly onFocus: (field: SchemaField) => void;
  /** Enter, or a double click. */
  readonly onOpen: (field: SchemaField) => void;
  /** Which fields are shown besides what the search finds; undefined: all. */
  readonly filter?: () => ((field: SchemaField) => boolean) | undefined;
}

interface Line { readonly field: SchemaField; readonly item: HTMLElement; readonly line: JQuery; readonly end: JQuery }

const ICONS: Readonly<Record<string, string>> = { object: 'fa-cube', array: 'fa-list-ol', boolean: 'fa-check-square-o', number: 'fa-hashtag', integer: 'fa-hashtag' };
const MOST_FOUND = 200;
const MOST_DEPTH = 8;

const childrenOf = (field: SchemaField): readonly SchemaField[] => field.entry === undefined ? field.members : field.entry.members.length === 0 ? [field.entry] : field.entry.members;

/** `array of string`, `decimal 15.3`, in the words of the form. */
export function typeText(field: SchemaField): string {
  const types = field.types.filter((type) => type !== 'null');
  if (field.decimal !== undefined) return field.decimal.digits >= 30 ? text('type.anyDecimal') : text('type.decimal', { digits: field.decimal.digits, places: field.decimal.places });
  if (field.format === 'date' || field.format === 'date-time') return text(`type.${field.format}`);
  return types.length === 0 ? text('type.any') : types.map((type) => text(`type.${type}`)).join(' / ');
}

/** A schema as a tree (WAI-ARIA 1.2, tree) with a search. A branch is drawn when it is opened, so that a schema may be long, or lead back into itself. */
export class SchemaTree {
  readonly element: JQuery;
  readonly #options: SchemaTreeOptions;
  readonly #search: JQuery;
  readonly #tree: HTMLElement;
  readonly #lines = new Map<HTMLElement, Line>();
  readonly #open = new Set<string>();
  #root: SchemaField | undefined;
  #focused = '';

  constructor(options: SchemaTreeOptions) {
    this.#options = options;
    this.#search = $('<input type="search" class="waybill-map-search" spellcheck="false">').attr({ 'placeholder': text('tree.search'), 'aria-label': `${text('tree.search')} (${options.label})` });
    this.#tree = $('<ul class="waybill-tree" role="tree">').attr('aria-label', options.label)[0]!;
    this.element = $('<div class="waybill-map-tree">').append($('<div class="waybill-map-find">').append(this.#search, ...(options.beside === undefined ? [] : [options.beside])), this.#tree);
    this.#search.on('input', () => { this.draw(); }).on('keydown', (event) => {
      if (event.key === 'Enter') event.preventDefault();
      const [first] = this.#lines.values();
      if (event.key === 'ArrowDown' && first !== undefined) {
        event.preventDefault();
        this.#focus(first);
      }
    });
    this.#tree.addEventListener('keydown', (event) => { this.#key(event); });
  }

  show(root: SchemaField | undefined): void {
    this.#root = root;
    this.#focused = '';
    this.#open.clear();
    // lists of the first level hold most of what is looked for
    for (const member of root?.members ?? []) if (childrenOf(member).length > 0 && (root?.members.length ?? 0) < 40) this.#open.add(member.pointer);
    this.draw();
  }

  /** Which place has the focus, '' for none. */
  get focused(): string {
    return this.#focused;
  }

  draw(): void {
    this.#lines.clear();
    this.#tree.replaceChildren();
    const root = this.#root;
    const fields = root === undefined ? [] : childrenOf(root);
    if (fields.length === 0) {
      this.#note(this.#options.none);
      return;
    }
    const words = String(this.#search.val() ?? '').trim().toLowerCase().split(/\s+/).filter((word) => word !== '');
    const filter = this.#options.filter?.();
    if (words.length === 0 && filter === undefined) this.#fill(this.#tree, fields, 0);
    else this.#drawFound(fields, (field) => (filter?.(field) ?? true) && words.every((word) => field.pointer.toLowerCase().includes(word) || (field.description ?? '').toLowerCase().includes(word)));
    const first = this.#lineOf(this.#focused)?.item ?? this.#tree.querySelector<HTMLElement>('[role=treeitem]');
    if (first !== null) {
      first.tabIndex = 0;
      if (this.#focused !== '') first.setAttribute('aria-selected', 'true');
    }
  }

  /** Draws the ends of all lines again. */
  refresh(): void {
    for (const { field, end } of this.#lines.values()) this.#options.mark(field, end.empty());
  }

  /** Opens the way to a place and selects it, without taking the focus of the keyboard. */
  reveal(pointer: string): void {
    const parts = pointer.split('/').slice(1);
    parts.forEach((_part, index) => { this.#open.add(`/${parts.slice(0, index).join('/')}`); });
    this.#search.val('');
    this.#focused = pointer;
    this.draw();
    this.#lineOf(pointer)?.line[0]?.scrollIntoView({ block: 'nearest' });
  }

  #note(said: string): void {
    $('<li class="waybill-hint" role="none">').text(said).appendTo(this.#tree);
  }

  #lineOf(pointer: string): Line | undefined {
    return [...this.#lines.values()].find(({ field }) => field.pointer === pointer);
  }

  #fill(group: HTMLElement, fields: readonly SchemaField[], depth: number): void {
    group.append(...fields.map((field) => this.#item(field, depth, field.name === '*' ? text('tree.entry') : field.name, childrenOf(field).length > 0)));
  }

  #drawFound(fields: readonly SchemaField[], fits: (field: SchemaField) => boolean): void {
    const found: SchemaField[] = [];
    const visit = (field: SchemaField, depth: number): void => {
      if (found.length > MOST_FOUND) return;
      if (fits(field)) found.push(field);
      if (depth < MOST_DEPTH) for (const below of childrenOf(field)) visit(below, depth + 1);
    };
    for (const field of fields) visit(field, 0);
    this.#tree.append(...found.slice(0, MOST_FOUND).map((field) => this.#item(field, 0, field.pointer.slice(1).replaceAll('/*', '[]'), false)));
    if (found.length === 0) this.#note(text('tree.nothing'));
    if (found.length > MOST_FOUND) this.#note(text('tree.more', { count: MOST_FOUND }));
  }

  #item(field: SchemaField, depth: number, name: string, hasChildren: boolean): HTMLElement {
    const chevron = $('<i class="waybill-tree-chevron fa fa-fw" aria-hidden="true">').toggleClass('fa-angle-right', hasChildren);
    const end = $('<span class="waybill-map-end">');
    const kind = field.types.find((type) => type !== 'null') ?? 'string';
    const line = $('<div class="waybill-tree-line">').append(
      chevron, $('<i class="fa fa-fw" aria-hidden="true">').addClass(ICONS[kind] ?? 'fa-font'),
      $('<span class="waybill-tree-name">').text(name).attr('title', [field.pointer, field.description ?? ''].join('\n')),
      ...(field.required ? [$('<span class="waybill-map-required">').attr({ 'title': text('tree.required'), 'aria-label': text('tree.required') }).text('*')] : []),
      $('<span class="waybill-tree-type">').text(typeText(field)), end,
    ).css('padding-left', `${4 + depth * 14}px`);
    const open = hasChildren && this.#open.has(field.pointer);
    const item = $('<li role="treeitem" tabindex="-1" aria-selected="false">').attr({ 'aria-level': depth + 1, 'data-pointer': field.pointer, ...(hasChildren ? { 'aria-expanded': String(open) } : {}) }).append(line)[0]!;
    const made: Line = { field, item, line, end };
    this.#lines.set(item, made);
    this.#options.mark(field, end);
    line.on('click', (event) => {
      if (event.target === chevron[0] && hasChildren) this.#toggle(made);
      else this.#focus(made);
    }).on('dblclick', () => { this.#options.onOpen(field); });
    if (open) this.#expand(made);
    return item;
  }

  #focus(line: Line): void {
    for (const item of this.#tree.querySelectorAll<HTMLElement>('[role=treeitem][tabindex="0"], [aria-selected="true"]')) {
      item.tabIndex = -1;
      item.setAttribute('aria-selected', 'false');
    }
    line.item.tabIndex = 0;
    line.item.setAttribute('aria-selected', 'true');
    line.item.focus({ preventScroll: true });
    line.line[0]?.scrollIntoView({ block: 'nearest' });
    this.#focused = line.field.pointer;
    this.#options.onFocus(line.field);
  }

  #toggle(line: Line): void {
    if (line.item.getAttribute('aria-expanded') === 'true') {
      line.item.setAttribute('aria-expanded', 'false');
      this.#open.delete(line.field.pointer);
      line.item.querySelector(':scope > [role=group]')?.remove();
    } else this.#expand(line);
  }

  #expand(line: Line): void {
    if (!line.item.hasAttribute('aria-expanded')) return;
    line.item.setAttribute('aria-expanded', 'true');
    this.#open.add(line.field.pointer);
    if (line.item.querySelector(':scope > [role=group]') !== null) return;
    const group = $('<ul role="group">').appendTo(line.item)[0]!;
    this.#fill(group, childrenOf(line.field), Number(line.item.getAttribute('aria-level')));
  }

  #key(event: KeyboardEvent): void {
    const line = this.#lines.get((event.target as HTMLElement).closest<HTMLElement>('[role=treeitem]')!);
    if (line === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    const shown = [...this.#tree.querySelectorAll<HTMLElement>('[role=treeitem]')];
    const at = shown.indexOf(line.item);
    const go = (item: HTMLElement | undefined): void => {
      const next = item === undefined ? undefined : this.#lines.get(item);
      if (next !== undefined) this.#focus(next);
    };
    const expanded = line.item.getAttribute('aria-expanded');
    switch (event.key) {
      case 'ArrowDown': go(shown[at + 1]); break;
      case 'ArrowUp': go(shown[at - 1]); break;
      case 'Home': go(shown[0]); break;
      case 'End': go(shown.at(-1)); break;
      case 'ArrowRight': if (expanded === 'false') this.#expand(line); else if (expanded === 'true') go(shown[at + 1]); break;
      case 'ArrowLeft': if (expanded === 'true') this.#toggle(line); else go(line.item.parentElement?.closest<HTMLElement>('[role=treeitem]') ?? undefined); break;
      case 'Enter': this.#options.onOpen(line.field); break;
      case ' ': this.#toggle(line); break;
      default: if (event.key.length !== 1) return; go([...shown.slice(at + 1), ...shown.slice(0, at + 1)].find((item) => this.#lines.get(item)!.field.name.toLowerCase().startsWith(event.key.toLowerCase())));
    }
    event.preventDefault();
    event.stopPropagation();
  }
}
