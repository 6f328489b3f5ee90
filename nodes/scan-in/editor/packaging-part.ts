import { openRowList, readRowList, type Column } from '../../../src/editor/browser/row-list.ts';
import { textsOf } from '../../../src/editor/browser/texts.ts';
import { gtin14, packagingProblems, readPackagingList, type PackagingProblem } from '../../../src/governance/gate/rules/packaging-levels.ts';
import type { PackagingRowConfig } from '../migrations.ts';

const text = textsOf('scan-in');
const SHOWN = 5;
const PAUSE_MS = 300;
/** A longer list is changed as text: a browser takes seconds for thousands of fields. */
const MOST_SHOWN = 200;
const GTIN = { inputmode: 'numeric', spellcheck: 'false', autocomplete: 'off' };
const COLUMNS: readonly Column[] = [
  { property: 'gtin', attributes: GTIN }, { property: 'quantity', attributes: { inputmode: 'decimal' } }, { property: 'contained', attributes: { ...GTIN, placeholder: text('placeholder.contained') } },
  { property: 'unit', attributes: { placeholder: text('placeholder.unit') } },
];

/** What is wrong, with the row that it is about: the sentence for a list. */
export function packagingText(problem: PackagingProblem): string {
  return text('packaging.inRow', { row: problem.row, what: sentence(problem) });
}

function sentence({ code, values }: PackagingProblem): string {
  return text(`packaging.problem.${code}`, values);
}

/** The list of packaging levels: rows, a field into which a list is pasted, and what is wrong with either. */
export class PackagingPart {
  readonly #list = $('#node-input-packaging-list');
  readonly #said = $('#node-input-packaging-said');
  readonly #pasted = $('#node-input-packaging-paste');
  /** The rows of a list that is too long for fields. */
  #long: readonly PackagingRowConfig[] | undefined;
  #pause: ReturnType<typeof setTimeout> | undefined;

  constructor(rows: readonly PackagingRowConfig[]) {
    openRowList(this.#list, COLUMNS, [], text, () => {
      clearTimeout(this.#pause);
      this.#pause = setTimeout(() => { this.#judge(); }, PAUSE_MS);
    });
    $('#node-input-packaging-add').on('click', () => { this.#take(this.rows()); });
    $('#node-input-packaging-replace').on('click', () => { this.#take([]); });
    $('#node-input-packaging-write').on('click', () => { this.#pasted.val(this.rows().map(({ gtin, contained, quantity, unit }) => [gtin, contained, quantity, unit].join(';')).join('\n')).trigger('focus'); });
    this.#show(rows);
    this.#pasted.attr('aria-label', text('packaging.paste'));
    this.#judge();
  }

  rows(): PackagingRowConfig[] {
    return this.#long === undefined ? readRowList<PackagingRowConfig>(this.#list, COLUMNS) : [...this.#long];
  }

  close(): void {
    clearTimeout(this.#pause);
  }

  #judge(): void {
    const rows = this.rows();
    const problems = packagingProblems(rows);
    if (problems.length > 0) this.#complain(problems.map(packagingText));
    else this.#say(rows.length === 0 ? '' : this.#counted('packaging.rows', { rows: rows.length }));
  }

  /** Takes what was pasted behind these rows; nothing of it when something is wrong. A trade item that is there already is changed. */
  #take(before: readonly PackagingRowConfig[]): void {
    const list = readPackagingList(String(this.#pasted.val()));
    if (list.rows.length + list.problems.length === 0) {
      this.#complain([text('packaging.empty')]);
      this.#pasted.trigger('focus');
      return;
    }
    const pasted = new Set(list.rows.map(({ gtin }) => gtin14(gtin)));
    const kept = before.filter(({ gtin }) => !pasted.has(gtin14(gtin)));
    const rows = [...kept, ...list.rows];
    const wrong = [
      ...list.problems.map(({ line, code }) => text('packaging.inLine', { line, what: text(`packaging.list.${code}`) })),
      ...packagingProblems(rows).map((problem) => {
        const line = list.rows[problem.row - 1 - kept.length]?.line;
        return line === undefined ? packagingText(problem) : text('packaging.inLine', { line, what: sentence(problem) });
      }),
    ];
    if (wrong.length > 0) {
      this.#complain([text('packaging.notTaken'), ...wrong]);
      return;
    }
    this.#show(rows.map(({ gtin, contained, quantity, unit }) => ({ gtin, contained, quantity, unit })));
    this.#pasted.val('');
    this.#say(this.#counted('packaging.taken', { taken: list.rows.length, rows: rows.length }));
  }

  #show(rows: readonly PackagingRowConfig[]): void {
    this.#long = rows.length > MOST_SHOWN ? rows : undefined;
    this.#list.editableList('empty');
    this.#list.closest('.red-ui-editableList').toggle(this.#long === undefined);
    if (this.#long === undefined) this.#list.editableList('addItems', [...rows]);
  }

  /** How many there are, and where they are when they are too many for fields. */
  #counted(key: string, values: Readonly<Record<string, number>>): string {
    return this.#long === undefined ? text(key, values) : `${text(key, values)} ${text('packaging.long', { most: MOST_SHOWN })}`;
  }

  #say(said: string): void {
    this.#said.removeClass('waybill-wrong').addClass('waybill-hint').text(said);
  }

  #complain(sentences: readonly string[]): void {
    const shown = sentences.slice(0, SHOWN + 1);
    const more = sentences.length - shown.length;
    this.#said.removeClass('waybill-hint').addClass('waybill-wrong').empty();
    [...shown, ...(more > 0 ? [text('packaging.more', { more })] : [])].forEach((line) => { $('<div>').text(line).appendTo(this.#said); });
  }
}
