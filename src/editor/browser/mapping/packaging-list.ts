import { packagingProblems, readPackagingList } from '../../../governance/gate/rules/packaging-levels.ts';
import type { PackagingRow } from '../../../governance/gate/rules/packaging-levels.ts';
import { textsOf } from '../texts.ts';
import { text } from './texts.ts';

/** The sentences about packaging levels stand with the node that had them first. */
const sentences = textsOf('scan-in');
const SHOWN = 5;

/** Packaging levels that a mapping converts by, as a list of text: one line each, `GTIN;contained GTIN;quantity;unit`. */
export class PackagingList {
  readonly element = $('<details class="waybill-own waybill-map-packaging">');
  readonly #summary = $('<summary>');
  readonly #said = $('<div role="status">');
  readonly #changed: () => void;
  #rows: readonly PackagingRow[];

  constructor(rows: readonly PackagingRow[], changed: () => void) {
    this.#rows = rows;
    this.#changed = changed;
    const area = $('<textarea class="waybill-pasted" rows="5" spellcheck="false">').attr({ 'aria-label': text('packaging.title'), 'placeholder': 'gtin;contained;quantity;unit' })
      .val(rows.map(({ gtin, contained, quantity, unit }) => [gtin, contained, quantity, unit].join(';')).join('\n'));
    area.on('input change', () => { this.#read(String(area.val() ?? '')); });
    this.element.append(this.#summary, $('<div class="waybill-hint">').text(text('packaging.hint')), area, this.#said);
    this.#count();
  }

  rows(): readonly PackagingRow[] {
    return this.#rows;
  }

  #read(written: string): void {
    const list = readPackagingList(written);
    const problems = [
      ...list.problems.map(({ line, code }) => sentences('packaging.inLine', { line, what: sentences(`packaging.list.${code}`) })),
      ...packagingProblems(list.rows).map(({ row, code, values }) => sentences('packaging.inLine', { line: list.rows[row - 1]?.line ?? row, what: sentences(`packaging.problem.${code}`, values) })),
    ];
    this.#said.attr('class', problems.length > 0 ? 'waybill-wrong' : 'waybill-hint').text(problems.slice(0, SHOWN).join(' '));
    this.#rows = list.rows.map(({ gtin, contained, quantity, unit }) => ({ gtin, contained, quantity, unit }));
    this.#count();
    this.#changed();
  }

  #count(): void {
    this.#summary.text(text('packaging.count', { count: this.#rows.length }));
  }
}
