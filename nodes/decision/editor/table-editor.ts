import type { Texts } from '../../../src/editor/browser/texts.ts';
import type { Rule, Table } from '../migrations.ts';
import { columnPanel, tool } from './columns.ts';
import type { ColumnRef } from './columns.ts';
import { parameterList } from './parameters.ts';
import { asCell, readPasted } from './pasted.ts';
import { checkTable, readDmn, writeDmn } from './server.ts';
import type { Finding } from './server.ts';
import { TABLE_STYLES } from './styles.ts';

/** How long after the last key the server is asked, ms. */
const CHECK_AFTER = 500;

/** The decision table in the dialog: cells, columns, parameters, what the server says of them. */
export class TableEditor {
  readonly #table: Table;
  readonly #text: Texts;
  readonly #name: () => string;
  readonly #grid = $('<div class="waybill-table-scroll" tabindex="-1">');
  readonly #column = $('<div>');
  readonly #parameters = $('<div>');
  readonly #findings = $('<div class="waybill-findings" role="status" aria-live="polite">');
  #selected: ColumnRef | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asked = 0;

  constructor(host: JQuery, table: Table, text: Texts, name: () => string) {
    this.#table = table;
    this.#text = text;
    this.#name = name;
    host.empty().append($('<style>').text(TABLE_STYLES), this.#policy(), this.#grid, this.#buttons(), this.#column, this.#findings, $('<h4 class="waybill-section">').text(text('section.parameters')), $('<div class="waybill-hint">').text(text('hint.parameters')), this.#parameters, this.#addParameter());
    this.#draw();
  }

  table(): Table {
    return this.#table;
  }

  #policy(): JQuery {
    const select = $('<select id="waybill-decision-policy">');
    (['unique', 'first', 'collect'] as const).forEach((policy) => $('<option>').val(policy).text(this.#text(`policy.${policy}`)).appendTo(select));
    const how = $('<select>').attr('aria-label', this.#text('label.aggregation'));
    (['list', 'sum', 'min', 'max', 'count'] as const).forEach((each) => $('<option>').val(each).text(this.#text(`aggregation.${each}`)).appendTo(how));
    select.val(this.#table.hitPolicy).on('change', () => {
      this.#table.hitPolicy = String(select.val()) as Table['hitPolicy'];
      how.toggle(this.#table.hitPolicy === 'collect');
      this.#check();
    });
    how.val(this.#table.aggregation).toggle(this.#table.hitPolicy === 'collect').on('change', () => {
      this.#table.aggregation = String(how.val()) as Table['aggregation'];
      this.#check();
    });
    return $('<div class="waybill-line">').append($('<label for="waybill-decision-policy" class="waybill-policy-label">').text(this.#text('label.policy')), select, how);
  }

  #draw(): void {
    const { inputs, outputs, rules } = this.#table;
    const head = $('<tr>').append($('<th scope="col" class="waybill-rule-no">').text('#'));
    inputs.forEach((column, index) => head.append(this.#heading({ side: 'inputs', index }, column.label || column.source || this.#text('column.condition', { n: index + 1 }))));
    outputs.forEach((column, index) => head.append(this.#heading({ side: 'outputs', index }, column.name || this.#text('column.answer', { n: index + 1 }))));
    head.append($('<th scope="col">').text(this.#text('column.note')), $('<th scope="col">').append($('<span class="waybill-hidden">').text(this.#text('column.actions'))));
    const body = $('<tbody>');
    rules.forEach((rule, i) => body.append(this.#row(rule, i)));
    this.#grid.empty().append($('<table class="waybill-decision">').append($('<thead>').append(head), body));
    this.#column.empty();
    if (this.#selected !== undefined) this.#column.append(columnPanel(this.#table, this.#selected, this.#text, (kind, at) => { this.#columnChanged(kind, at); }));
    this.#parameters.empty().append(parameterList(this.#table, this.#text, (kind) => {
      if (kind === 'place') this.#draw();
      else this.#check();
    }));
    this.#check();
  }

  #columnChanged(kind: 'value' | 'place', at: ColumnRef | undefined): void {
    if (kind === 'value') {
      this.#headings();
      this.#check();
      return;
    }
    this.#selected = at;
    this.#draw();
  }

  /** Only the texts of the headings, so that the field that is being typed in keeps the focus. */
  #headings(): void {
    const texts = [...this.#table.inputs.map((column) => column.label || column.source), ...this.#table.outputs.map(({ name }) => name)];
    this.#grid.find('.waybill-column').each((i, button) => { $(button).find('span').text(texts[i] || '…'); });
  }

  #heading(at: ColumnRef, label: string): JQuery {
    const chosen = this.#selected?.side === at.side && this.#selected.index === at.index;
    const button = $('<button type="button" class="waybill-column">').attr({ 'aria-expanded': String(chosen), title: this.#text('action.column') }).append($('<span>').text(label), $('<i class="fa fa-caret-down" aria-hidden="true">'));
    button.on('click', () => {
      this.#selected = chosen ? undefined : at;
      this.#draw();
      this.#grid.find('.waybill-column').eq(at.side === 'inputs' ? at.index : this.#table.inputs.length + at.index).trigger('focus');
    });
    return $('<th scope="col">').addClass(at.side === 'inputs' ? 'waybill-when' : 'waybill-then').append(button);
  }

  #row(rule: Rule, i: number): JQuery {
    const row = $('<tr>').attr('data-rule', rule.id).toggleClass('waybill-central', rule.central).append($('<th scope="row" class="waybill-rule-no">').text(rule.id));
    const cells = [...this.#table.inputs.map((column, c) => [rule.when, c, column.label || column.source] as const), ...this.#table.outputs.map((column, c) => [rule.then, c, column.name] as const)];
    cells.forEach(([list, c, label], position) => row.append($('<td>').addClass(list === rule.when ? 'waybill-when' : 'waybill-then').append(this.#cell(rule, list, c, `${label} ${rule.id}`, i, position))));
    const note = $('<input type="text">').val(rule.note).attr('aria-label', `${this.#text('column.note')} ${rule.id}`).prop('disabled', rule.central).on('input', function () { rule.note = String($(this).val()); });
    return row.append($('<td>').append(note), $('<td class="waybill-row-tools">').append(...this.#rowTools(rule, i)));
  }

  #cell(rule: Rule, list: string[], c: number, label: string, row: number, position: number): JQuery {
    const input = $('<input type="text" spellcheck="false" autocomplete="off">').val(list[c] ?? '').attr({ 'aria-label': label, 'data-row': row, 'data-cell': position }).prop('disabled', rule.central);
    input.on('input', () => {
      list[c] = String(input.val());
      this.#check();
    });
    input.on('keydown', (event) => { this.#keys(event, row, position); });
    input.on('paste', (event) => {
      const pasted = (event.originalEvent as ClipboardEvent).clipboardData?.getData('text/plain') ?? '';
      if (!/[\t\n]/.test(pasted.trimEnd())) return;
      event.preventDefault();
      this.#paste(readPasted(pasted), row, position);
    });
    return input;
  }

  #keys(event: JQuery.KeyDownEvent, row: number, position: number): void {
    const to = event.key === 'Enter' || event.key === 'ArrowDown' ? row + 1 : event.key === 'ArrowUp' ? row - 1 : undefined;
    if (to === undefined) return;
    // Enter would close the dialog.
    event.preventDefault();
    event.stopPropagation();
    if (event.key === 'Enter' && to === this.#table.rules.length) this.#addRule();
    this.#focus(to, position);
  }

  #focus(row: number, position: number): void {
    this.#grid.find(`input[data-row="${row}"][data-cell="${position}"]`).trigger('focus').trigger('select');
  }

  /** A block of a spreadsheet, from this cell to the right and down; rows that are missing are added, central ones passed over. */
  #paste(block: readonly (readonly string[])[], row: number, position: number): void {
    const { inputs, outputs, parameters } = this.#table;
    const names = parameters.map(({ name }) => name);
    let target = row;
    for (const values of block) {
      while (this.#table.rules[target]?.central === true) target += 1;
      if (this.#table.rules[target] === undefined) this.#table.rules.push(this.#newRule());
      const rule = this.#table.rules[target];
      target += 1;
      if (rule === undefined) continue;
      values.forEach((value, offset) => {
        const cell = position + offset;
        if (cell < inputs.length) rule.when[cell] = asCell(value, inputs[cell]?.type ?? 'string', names);
        else if (cell < inputs.length + outputs.length) rule.then[cell - inputs.length] = asCell(value, outputs[cell - inputs.length]?.type ?? 'string', names);
        else if (cell === inputs.length + outputs.length) rule.note = value.trim();
      });
    }
    this.#draw();
    this.#focus(row, position);
  }

  #rowTools(rule: Rule, i: number): JQuery[] {
    const { rules } = this.#table;
    const then = (change: () => void) => (): void => {
      change();
      this.#draw();
    };
    return [
      tool('fa-arrow-up', this.#text('action.up'), then(() => { rules.splice(i - 1, 0, ...rules.splice(i, 1)); }), i === 0),
      tool('fa-arrow-down', this.#text('action.down'), then(() => { rules.splice(i + 1, 0, ...rules.splice(i, 1)); }), i === rules.length - 1),
      tool('fa-clone', this.#text('action.copy'), then(() => { rules.splice(i + 1, 0, { ...structuredClone(rule), id: this.#freeId(), central: false }); })),
      tool(rule.central ? 'fa-lock' : 'fa-unlock-alt', this.#text(rule.central ? 'action.unlock' : 'action.lock'), then(() => { rule.central = !rule.central; })),
      tool('fa-trash', this.#text('action.removeRule'), then(() => { rules.splice(i, 1); }), rule.central),
    ];
  }

  #freeId(): string {
    const taken = new Set(this.#table.rules.map(({ id }) => id));
    for (let n = this.#table.rules.length + 1; ; n += 1) if (!taken.has(String(n))) return String(n);
  }

  #newRule(): Rule {
    return { id: this.#freeId(), when: this.#table.inputs.map(() => '-'), then: this.#table.outputs.map(() => ''), note: '', central: false };
  }

  #addRule(): void {
    this.#table.rules.push(this.#newRule());
    this.#draw();
  }

  #addColumn(side: ColumnRef['side']): void {
    const { inputs, outputs, rules } = this.#table;
    if (side === 'inputs') {
      inputs.push({ label: '', source: '', sourceType: 'facts', type: 'string', values: [] });
      rules.forEach((rule) => rule.when.push('-'));
      this.#selected = { side, index: inputs.length - 1 };
    } else {
      outputs.push({ name: `result${outputs.length + 1}`, type: 'string', values: [] });
      rules.forEach((rule) => rule.then.push(''));
      this.#selected = { side, index: outputs.length - 1 };
    }
    this.#draw();
    this.#column.find('input').first().trigger('focus');
  }

  #buttons(): JQuery {
    const button = (label: string, icon: string, act: () => void): JQuery => $('<button type="button" class="red-ui-button red-ui-button-small">').append($('<i class="fa" aria-hidden="true">').addClass(icon), document.createTextNode(` ${this.#text(label)}`)).on('click', act);
    const file = $('<input type="file" accept=".dmn,.xml" class="waybill-hidden" tabindex="-1" aria-hidden="true">').on('change', () => { void this.#import(file); });
    return $('<div class="waybill-table-buttons">').append(
      button('action.addRule', 'fa-plus', () => { this.#addRule(); }), button('action.addCondition', 'fa-plus', () => { this.#addColumn('inputs'); }), button('action.addAnswer', 'fa-plus', () => { this.#addColumn('outputs'); }),
      button('action.import', 'fa-upload', () => { file.trigger('click'); }), button('action.export', 'fa-download', () => { void this.#export(); }), file,
      $('<div class="waybill-hint">').html(this.#text('hint.table')),
    );
  }

  #addParameter(): JQuery {
    return $('<button type="button" class="red-ui-button red-ui-button-small">').append($('<i class="fa fa-plus" aria-hidden="true">'), document.createTextNode(` ${this.#text('action.addParameter')}`)).on('click', () => {
      this.#table.parameters.push({ name: `limit${this.#table.parameters.length + 1}`, type: 'number', value: '0', min: '', max: '', scope: 'site' });
      this.#draw();
      this.#parameters.find('input').last().trigger('focus');
    });
  }

  async #import(file: JQuery): Promise<void> {
    const [chosen] = Array.from((file.get(0) as HTMLInputElement | undefined)?.files ?? []);
    file.val('');
    if (chosen === undefined) return;
    try {
      const { name, table, notes } = await readDmn(await chosen.text());
      Object.assign(this.#table, table);
      this.#selected = undefined;
      const named = $('#node-input-tableName');
      if (String(named.val()) === '') named.val(`${name.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '') || 'decision'}@1`).trigger('change');
      this.#draw();
      if (notes.length > 0) RED.notify($('<div>').text(notes.join(' ')).html(), 'warning');
    } catch (error) {
      RED.notify($('<div>').text((error as Error).message).html(), 'error');
    }
  }

  async #export(): Promise<void> {
    try {
      const name = this.#name().split('@')[0] || 'decision';
      const url = URL.createObjectURL(new Blob([await writeDmn(name, this.#table)], { type: 'application/xml' }));
      $('<a>').attr({ href: url, download: `${name}.dmn` }).get(0)?.click();
      setTimeout(() => { URL.revokeObjectURL(url); }, 10_000);
    } catch (error) {
      RED.notify($('<div>').text((error as Error).message).html(), 'error');
    }
  }

  #check(): void {
    clearTimeout(this.#timer);
    const asked = this.#asked += 1;
    this.#timer = setTimeout(() => {
      checkTable(this.#table).then(
        (findings) => { if (asked === this.#asked) this.#show(findings); },
        (error: unknown) => { if (asked === this.#asked) this.#show([{ level: 'warning', text: this.#text('error.notChecked', { reason: (error as Error).message }) }]); },
      );
    }, CHECK_AFTER);
  }

  #show(findings: readonly Finding[]): void {
    this.#grid.find('input').removeClass('input-error').removeAttr('aria-invalid').removeAttr('title');
    this.#findings.empty();
    if (findings.length === 0) this.#findings.append($('<div class="waybill-good">').append($('<i class="fa fa-check" aria-hidden="true">'), document.createTextNode(` ${this.#text('finding.none')}`)));
    for (const { level, text, rule, input, output } of findings) {
      this.#findings.append($('<div>').addClass(`waybill-finding-${level}`).append($('<i class="fa" aria-hidden="true">').addClass(level === 'error' ? 'fa-times-circle' : 'fa-exclamation-triangle'), $('<span>').text(` ${text}`)));
      const cell = input ?? (output === undefined ? undefined : this.#table.inputs.length + output);
      if (rule === undefined || cell === undefined) continue;
      const row = this.#table.rules.findIndex(({ id }) => id === rule);
      this.#grid.find(`input[data-row="${row}"][data-cell="${cell}"]`).addClass('input-error').attr({ 'aria-invalid': 'true', title: text });
    }
  }
}
