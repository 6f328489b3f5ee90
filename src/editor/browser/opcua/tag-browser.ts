import { AnswerError, askChildren, askDetail, askSearch, askValues } from './answers.ts';
import type { Found, FormEndpoint, NodeDetail, ReadValue, TreeNode } from './answers.ts';
import { TagTree } from './tree.ts';
import { TrustPanel } from './trust-panel.ts';
import { button, problemText, text } from './texts.ts';
import { facts } from '../cards/parts.ts';

/** A tag, object or method that a person took. */
export interface PickedNode {
  readonly nodeId: string;
  readonly name: string;
  readonly kind: TreeNode['kind'];
  /** Names from the top to it. */
  readonly path: readonly string[];
  /** The object that a method belongs to. */
  readonly parentId: string;
  readonly dataType: string;
  readonly detail: NodeDetail;
}

export interface TagBrowserOptions {
  /** The endpoint as the form has it; undefined where none is chosen. */
  readonly endpoint: () => FormEndpoint | undefined;
  /** What may be taken; all may be looked at. */
  readonly kinds: readonly TreeNode['kind'][];
  readonly pick: (picked: PickedNode) => void;
  /** Further conditions, with a sentence that says what is wrong. */
  readonly refuse?: (detail: NodeDetail) => string | undefined;
}

const VALUES_EVERY_MS = 1_500;
const MOST_VALUES = 50;
const SEARCH_AFTER_MS = 400;

/** The tags of a server: a tree with values as they are now, a search, what is known of one, and a button to take it. */
export class TagBrowser {
  readonly #options: TagBrowserOptions;
  readonly #box: JQuery;
  readonly #search = $('<input type="text" class="waybill-browser-search" spellcheck="false">').attr({ 'placeholder': text('browse.search'), 'aria-label': text('browse.search') });
  readonly #found = $('<div class="waybill-found" aria-live="polite">');
  readonly #problem = $('<div class="waybill-wrong" role="alert">');
  readonly #trust = $('<div>');
  readonly #treeBox = $('<div>');
  readonly #detail = $('<div class="waybill-tag" aria-live="polite">');
  #tree: TagTree | undefined;
  #focused = '';
  /** Whose value is shown in the detail. */
  #shown = '';
  #unit = '';
  #value = $('<span>');
  #at = $('<span>');
  #timer: number | undefined;
  #searchTimer: number | undefined;
  #searches = 0;
  #closed = false;

  constructor(target: JQuery, options: TagBrowserOptions) {
    this.#options = options;
    this.#box = $('<section class="waybill-browser">').attr('aria-label', text('browse.title')).appendTo(target);
    this.#box.append(
      $('<div class="waybill-line">').append(this.#search, button('browse.again', () => { this.load(); })),
      this.#problem, this.#trust, this.#found, $('<div class="waybill-browser-panes">').append(this.#treeBox, this.#detail),
    );
    this.#search.on('input', () => {
      window.clearTimeout(this.#searchTimer);
      this.#searchTimer = window.setTimeout(() => { this.#find(); }, SEARCH_AFTER_MS);
    }).on('keydown', (event) => {
      if (event.key === 'Enter') event.preventDefault();
    });
    this.load();
  }

  close(): void {
    this.#closed = true;
    window.clearTimeout(this.#timer);
    window.clearTimeout(this.#searchTimer);
    this.#box.remove();
  }

  /** Asks the server anew, with the endpoint as the form has it now. */
  load(): void {
    window.clearTimeout(this.#timer);
    this.#treeBox.empty();
    this.#detail.empty();
    this.#problem.text('');
    this.#trust.empty();
    this.#focused = '';
    this.#shown = '';
    const endpoint = this.#options.endpoint();
    if (endpoint === undefined) {
      this.#problem.text(text('browse.noEndpoint'));
      return;
    }
    const tree = new TagTree(this.#treeBox, {
      children: (nodeId) => askChildren(endpoint, nodeId),
      onFocus: (node, way) => { this.#look(endpoint, node, way); },
      onOpen: (node, way) => { this.#take(endpoint, node, way); },
    });
    this.#tree = tree;
    tree.load().then(() => { this.#poll(endpoint); }, (error: unknown) => {
      if (this.#tree === tree) this.#failed(endpoint, error);
    });
  }

  #failed(endpoint: FormEndpoint, error: unknown): void {
    this.#treeBox.empty();
    this.#problem.text(problemText(error));
    const verdict = error instanceof AnswerError ? error.verdict : undefined;
    if (verdict !== undefined) new TrustPanel(this.#trust, (now) => { if (now?.trusted === true) this.load(); }).show(endpoint.url, verdict);
  }

  /** Values of what can be seen, again and again while somebody looks. */
  #poll(endpoint: FormEndpoint): void {
    if (this.#closed) return;
    const tree = this.#tree;
    const wanted = document.hidden ? [] : [...new Set([...(this.#shown === '' ? [] : [this.#shown]), ...tree?.visibleVariables(MOST_VALUES - 1) ?? []])];
    const asked = wanted.length === 0 ? Promise.resolve([]) : askValues(endpoint, wanted);
    asked.then((values) => {
      tree?.showValues(values);
      const focused = values.find(({ nodeId }) => nodeId === this.#shown);
      if (focused !== undefined) this.#showValue(focused);
    }, (error: unknown) => { this.#problem.text(problemText(error)); }).finally(() => {
      if (!this.#closed && this.#tree === tree) this.#timer = window.setTimeout(() => { this.#poll(endpoint); }, VALUES_EVERY_MS);
    });
  }

  #look(endpoint: FormEndpoint, node: TreeNode, way: readonly TreeNode[]): void {
    this.#focused = node.nodeId;
    askDetail(endpoint, node.nodeId).then((detail) => {
      if (this.#focused === node.nodeId) this.#showDetail(endpoint, detail, node, way);
    }, (error: unknown) => {
      if (this.#focused === node.nodeId) this.#detail.empty().append($('<div class="waybill-wrong">').text(problemText(error)));
    });
  }

  #showDetail(endpoint: FormEndpoint, detail: NodeDetail, node: TreeNode, way: readonly TreeNode[]): void {
    const { value, euRange, unit = '', access, enumTexts, arguments: inputs } = detail;
    this.#shown = detail.kind === 'variable' && access?.read !== false ? node.nodeId : '';
    this.#unit = unit;
    [this.#value, this.#at] = [$('<span>'), $('<span>')];
    if (value !== undefined) this.#showValue(value);
    const refused = this.#options.kinds.length === 0 ? '' : this.#options.kinds.includes(detail.kind) ? this.#options.refuse?.(detail) : text(`browse.notKind.${this.#options.kinds[0]!}`);
    const can = [...(access?.read === true ? ['read'] : []), ...(access?.write === true ? ['write'] : []), ...(access?.history === true ? ['history'] : [])];
    this.#detail.empty().append(
      $('<div class="waybill-good">').text([...way.map(({ name }) => name), detail.name].join(' / ')),
      ...(detail.description === '' ? [] : [$('<div>').text(detail.description)]),
      facts([
        [text('browse.type'), detail.dataType ?? text(`browse.kind.${detail.kind}`)],
        [text('browse.value'), value === undefined ? '' : this.#value],
        [text('browse.at'), value === undefined ? '' : this.#at],
        [text('browse.range'), euRange === undefined ? '' : `${euRange.low} – ${euRange.high} ${unit}`.trim()],
        [text('browse.texts'), enumTexts === undefined ? '' : enumTexts.map((each, at) => `${at} ${each}`).join(', ')],
        [text('browse.inputs'), inputs === undefined ? '' : inputs.map((each) => `${each.name}: ${each.dataType}`).join(', ')],
        [text('browse.access'), access === undefined ? '' : can.length === 0 ? text('browse.can.nothing') : can.map((each) => text(`browse.can.${each}`)).join(', ')],
        [text('browse.nodeId'), $('<code>').text(detail.nodeId)],
      ]),
      refused === undefined ? $('<div class="waybill-line waybill-try-buttons">').append(button('browse.take', () => { this.#take(endpoint, node, way, detail); }, 'primary')) : refused === '' ? '' : $('<div class="waybill-hint">').text(refused),
    );
  }

  #showValue({ status, text: said, at }: ReadValue): void {
    this.#value.text(status === 'Good' ? `${said} ${this.#unit}`.trim() : status).toggleClass('waybill-tree-bad', status !== 'Good');
    this.#at.text(at === undefined ? '' : new Date(at).toLocaleString());
  }

  #take(endpoint: FormEndpoint, node: TreeNode, way: readonly TreeNode[], known?: NodeDetail): void {
    if (!this.#options.kinds.includes(node.kind)) return;
    (known === undefined ? askDetail(endpoint, node.nodeId) : Promise.resolve(known)).then((detail) => {
      if (this.#options.refuse?.(detail) !== undefined) return;
      this.#options.pick({
        nodeId: detail.nodeId, name: detail.name || node.name, kind: detail.kind, path: [...way.map(({ name }) => name), node.name], parentId: way.at(-1)?.nodeId ?? 'i=85', dataType: detail.dataType ?? '', detail,
      });
    }, (error: unknown) => { this.#problem.text(problemText(error)); });
  }

  #find(): void {
    const endpoint = this.#options.endpoint();
    const wanted = String(this.#search.val() ?? '').trim();
    const search = ++this.#searches;
    if (wanted.length < 2 || endpoint === undefined) {
      this.#found.empty();
      return;
    }
    this.#found.empty().append($('<div class="waybill-hint">').text(text('browse.searching')));
    askSearch(endpoint, wanted).then(({ found, complete, looked }) => {
      if (search !== this.#searches) return;
      const said = found.length === 0 ? text(complete ? 'browse.notFound' : 'browse.notFoundYet', { text: wanted, looked }) : complete ? '' : text('browse.foundSome', { count: found.length, looked });
      this.#found.empty().append($('<ul class="waybill-offers">').append(found.map((each) => this.#hit(each))), ...(said === '' ? [] : [$('<div class="waybill-hint">').text(said)]));
    }, (error: unknown) => { if (search === this.#searches) this.#found.empty().append($('<div class="waybill-wrong">').text(problemText(error))); });
  }

  #hit({ path, way }: Found): JQuery {
    return $('<li>').append($('<button type="button" class="waybill-offer">').append($('<strong>').text(path.at(-1) ?? ''), $('<span>').text(path.slice(0, -1).join(' / '))).on('click', () => {
      this.#found.empty();
      this.#search.val('');
      void this.#tree?.reveal(way);
    }));
  }
}
