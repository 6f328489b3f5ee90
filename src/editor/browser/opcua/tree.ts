import type { ReadValue, TreeNode } from './answers.ts';
import { problemText, text } from './texts.ts';

/** What the tree asks and tells. */
export interface TreeOptions {
  readonly children: (nodeId: string) => Promise<{ readonly nodes: readonly TreeNode[]; readonly more: boolean }>;
  /** A row has the focus. */
  readonly onFocus: (node: TreeNode, way: readonly TreeNode[]) => void;
  /** Enter or a double click. */
  readonly onOpen: (node: TreeNode, way: readonly TreeNode[]) => void;
}

const ICONS = { object: 'fa-cube', variable: 'fa-tag', method: 'fa-cog' } as const;
const ROOT = 'i=85';

interface Row { readonly node: TreeNode; readonly way: readonly TreeNode[]; readonly item: HTMLElement; readonly line: HTMLElement; group?: HTMLElement; loading?: Promise<void> }

/** The tags of a server as a tree whose branches are fetched when they are opened (WAI-ARIA 1.2, tree). */
export class TagTree {
  readonly #options: TreeOptions;
  readonly #tree: HTMLElement;
  readonly #rows = new Map<HTMLElement, Row>();
  #typed = '';
  #typedAt = 0;

  constructor(target: JQuery, options: TreeOptions) {
    this.#options = options;
    this.#tree = $('<ul class="waybill-tree" role="tree">').attr('aria-label', text('browse.tags')).appendTo(target)[0]!;
    this.#tree.addEventListener('keydown', (event) => { this.#key(event); });
  }

  async load(): Promise<void> {
    this.#rows.clear();
    await this.#fill(this.#tree, ROOT, []);
    const first = this.#tree.querySelector<HTMLElement>('[role=treeitem]');
    if (first !== null) first.tabIndex = 0;
  }

  /** Opens the branches on the way to a node and puts the focus there. */
  async reveal(way: readonly string[]): Promise<void> {
    let group = this.#tree;
    for (const [at, nodeId] of way.slice(1).entries()) {
      const row = [...this.#rows.values()].find(({ item, node }) => node.nodeId === nodeId && item.parentElement === group);
      if (row === undefined) return;
      if (at === way.length - 2) {
        this.#focus(row);
        return;
      }
      await this.#expand(row);
      if (row.group === undefined) return;
      group = row.group;
    }
  }

  /** Variables whose rows can be seen now. */
  visibleVariables(most: number): readonly string[] {
    const box = this.#tree.getBoundingClientRect();
    return [...this.#rows.values()].filter(({ node, line }) => {
      if (node.kind !== 'variable' || node.access?.read === false) return false;
      const { top, bottom, height } = line.getBoundingClientRect();
      return height > 0 && bottom >= box.top && top <= box.bottom;
    }).slice(0, most).map(({ node }) => node.nodeId);
  }

  showValues(values: readonly ReadValue[]): void {
    const byId = new Map(values.map((value) => [value.nodeId, value]));
    for (const { node, line } of this.#rows.values()) {
      const value = byId.get(node.nodeId);
      if (value === undefined) continue;
      const cell = line.querySelector('.waybill-tree-value')!;
      const good = value.status === 'Good';
      const shown = good ? value.text : value.status;
      if (cell.textContent !== shown) cell.textContent = shown;
      cell.classList.toggle('waybill-tree-bad', !good);
    }
  }

  async #fill(group: HTMLElement, nodeId: string, way: readonly TreeNode[]): Promise<void> {
    group.replaceChildren(this.#note(text('browse.loading')));
    try {
      const { nodes, more } = await this.#options.children(nodeId);
      group.replaceChildren(...nodes.map((node) => this.#row(node, way)));
      if (nodes.length === 0) group.append(this.#note(text('browse.empty')));
      if (more) group.append(this.#note(text('browse.more', { count: nodes.length })));
    } catch (error) {
      group.replaceChildren();
      throw error;
    }
  }

  #note(said: string): HTMLElement {
    return $('<li class="waybill-hint" role="none">').text(said)[0]!;
  }

  #row(node: TreeNode, way: readonly TreeNode[]): HTMLElement {
    const chevron = $('<i class="waybill-tree-chevron fa fa-fw" aria-hidden="true">').toggleClass('fa-angle-right', node.hasChildren);
    const line = $('<div class="waybill-tree-line">').toggleClass('waybill-tree-property', node.property).append(
      chevron, $(`<i class="fa fa-fw ${ICONS[node.kind]}" aria-hidden="true">`), $('<span class="waybill-tree-name">').text(node.name).attr('title', node.name),
      ...(node.dataType === undefined ? [] : [$('<span class="waybill-tree-type">').text(node.dataType)]),
      ...(node.access?.write === true ? [$('<i class="fa fa-pencil waybill-tree-flag">').attr({ 'title': text('browse.writable'), 'aria-label': text('browse.writable') })] : []),
      ...(node.events === true ? [$('<i class="fa fa-bell-o waybill-tree-flag">').attr({ 'title': text('browse.tellsEvents'), 'aria-label': text('browse.tellsEvents') })] : []),
      $('<span class="waybill-tree-value">'),
    )[0]!;
    const item = $('<li role="treeitem" tabindex="-1" aria-selected="false">').attr({ 'aria-level': way.length + 1, ...(node.hasChildren ? { 'aria-expanded': 'false' } : {}) }).append(line)[0]!;
    line.style.paddingLeft = `${4 + way.length * 14}px`;
    const row: Row = { node, way, item, line };
    this.#rows.set(item, row);
    line.addEventListener('click', (event) => {
      this.#focus(row);
      if (node.hasChildren && (event.target === chevron[0] || node.kind === 'object')) this.#toggle(row);
    });
    line.addEventListener('dblclick', () => { this.#options.onOpen(node, way); });
    return item;
  }

  #focus(row: Row): void {
    for (const item of this.#tree.querySelectorAll<HTMLElement>('[role=treeitem][tabindex="0"]')) {
      item.tabIndex = -1;
      item.setAttribute('aria-selected', 'false');
    }
    row.item.tabIndex = 0;
    row.item.setAttribute('aria-selected', 'true');
    row.item.focus({ preventScroll: true });
    row.line.scrollIntoView({ block: 'nearest' });
    this.#options.onFocus(row.node, row.way);
  }

  #toggle(row: Row): void {
    if (row.item.getAttribute('aria-expanded') === 'true') this.#collapse(row);
    else void this.#expand(row);
  }

  #collapse(row: Row): void {
    row.item.setAttribute('aria-expanded', 'false');
    if (row.group !== undefined) row.group.hidden = true;
  }

  async #expand(row: Row): Promise<void> {
    if (!row.node.hasChildren) return;
    row.item.setAttribute('aria-expanded', 'true');
    if (row.group !== undefined) {
      row.group.hidden = false;
      await row.loading;
      return;
    }
    const group = $('<ul role="group">').appendTo(row.item)[0]!;
    row.group = group;
    row.loading = this.#fill(group, row.node.nodeId, [...row.way, row.node]).catch((error: unknown) => {
      // asked again when it is opened the next time
      delete row.group;
      group.replaceChildren($('<li class="waybill-wrong" role="none">').text(problemText(error))[0]!);
      row.item.setAttribute('aria-expanded', 'false');
      window.setTimeout(() => { group.remove(); }, 6_000);
    });
    await row.loading;
  }

  #key(event: KeyboardEvent): void {
    const row = this.#rows.get((event.target as HTMLElement).closest<HTMLElement>('[role=treeitem]')!);
    if (row === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    const shown = [...this.#tree.querySelectorAll<HTMLElement>('[role=treeitem]')].filter((item) => item.getClientRects().length > 0);
    const at = shown.indexOf(row.item);
    const go = (item: HTMLElement | undefined): void => {
      const next = item === undefined ? undefined : this.#rows.get(item);
      if (next !== undefined) this.#focus(next);
    };
    const expanded = row.item.getAttribute('aria-expanded');
    switch (event.key) {
      case 'ArrowDown': go(shown[at + 1]); break;
      case 'ArrowUp': go(shown[at - 1]); break;
      case 'Home': go(shown[0]); break;
      case 'End': go(shown.at(-1)); break;
      case 'ArrowRight': if (expanded === 'false') void this.#expand(row); else if (expanded === 'true') go(shown[at + 1]); break;
      case 'ArrowLeft': if (expanded === 'true') this.#collapse(row); else go(row.item.parentElement?.closest<HTMLElement>('[role=treeitem]') ?? undefined); break;
      case 'Enter': this.#options.onOpen(row.node, row.way); break;
      case ' ': this.#toggle(row); break;
      default: if (event.key.length !== 1) return; go(this.#byLetters(event.key, shown, at));
    }
    event.preventDefault();
    event.stopPropagation();
  }

  /** The next row whose name begins with what was typed within a second. */
  #byLetters(key: string, shown: readonly HTMLElement[], at: number): HTMLElement | undefined {
    const now = Date.now();
    this.#typed = now - this.#typedAt > 1_000 ? key : this.#typed + key;
    this.#typedAt = now;
    const from = this.#typed.length === 1 ? at + 1 : at;
    return [...shown.slice(from), ...shown.slice(0, from)].find((item) => this.#rows.get(item)!.node.name.toLowerCase().startsWith(this.#typed.toLowerCase()));
  }
}
