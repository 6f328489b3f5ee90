import type { Texts } from '../../../src/editor/browser/texts.ts';
import { turnInto } from '../../../src/editor/browser/typed-inputs.ts';
import type { Answer, ColumnType, Condition, Table } from '../migrations.ts';

const TYPES: readonly ColumnType[] = ['number', 'decimal', 'string', 'boolean', 'date'];

/** Which column the panel below the table is about. */
export interface ColumnRef { readonly side: 'inputs' | 'outputs'; readonly index: number }

/** Fields of one column; every change is told, `place` when columns were added, moved or removed. */
export function columnPanel(table: Table, at: ColumnRef, text: Texts, changed: (kind: 'value' | 'place', at?: ColumnRef) => void): JQuery {
  const column = table[at.side][at.index];
  const panel = $('<div class="waybill-column-panel">');
  if (column === undefined) return panel;
  const heading = $('<div class="waybill-column-head">').appendTo(panel);
  $('<b>').text(text(at.side === 'inputs' ? 'column.condition' : 'column.answer', { n: at.index + 1 })).appendTo(heading);
  heading.append(...moves(table, at, text, changed));
  if (isCondition(column)) conditionFields(panel, column, text, () => { changed('value'); });
  else field(panel, text('column.name'), column.name, (value) => { column.name = value.trim(); }, () => { changed('value'); });
  const types = $('<select>').attr('aria-label', text('column.type'));
  TYPES.filter((type) => at.side === 'outputs' || type !== 'decimal').forEach((type) => $('<option>').val(type).text(text(`type.${type}`)).appendTo(types));
  types.val(column.type).on('change', () => {
    column.type = String(types.val()) as ColumnType;
    changed('place', at);
  });
  line(panel, text('column.type'), types);
  if (column.type === 'string') {
    field(panel, text('column.values'), column.values.join(', '), (value) => { column.values = value.split(',').map((each) => each.trim()).filter((each) => each !== ''); }, () => { changed('value'); }, text('column.valuesHint'));
  }
  return panel;
}

function isCondition(column: Condition | Answer): column is Condition {
  return 'source' in column;
}

function conditionFields(panel: JQuery, column: Condition, text: Texts, changed: () => void): void {
  field(panel, text('column.label'), column.label, (value) => { column.label = value; }, changed, text('column.labelPlaceholder'));
  const source = $('<input type="text" style="width: 100%">').val(column.source);
  line(panel, text('column.source'), source);
  turnInto(source, ['facts', 'jsonata', 'msg']);
  source.typedInput('type', column.sourceType);
  source.on('change', () => {
    column.source = source.typedInput('value');
    column.sourceType = String(source.typedInput('type')) as Condition['sourceType'];
    changed();
  });
}

function line(panel: JQuery, label: string, input: JQuery): void {
  const id = `waybill-column-${Math.random().toString(36).slice(2)}`;
  input.attr('id', id);
  $('<div class="waybill-column-line">').append($('<label>').attr('for', id).text(label), $('<div class="waybill-column-field">').append(input)).appendTo(panel);
}

function field(panel: JQuery, label: string, value: string, set: (value: string) => void, changed: () => void, placeholder = ''): void {
  const input = $('<input type="text">').val(value).attr('placeholder', placeholder);
  input.on('input', () => {
    set(String(input.val()));
    changed();
  });
  line(panel, label, input);
}

function moves(table: Table, at: ColumnRef, text: Texts, changed: (kind: 'place', at?: ColumnRef) => void): JQuery[] {
  const columns = table[at.side] as (Condition | Answer)[];
  const cells = at.side === 'inputs' ? 'when' as const : 'then' as const;
  const move = (by: number): void => {
    const to = at.index + by;
    if (to < 0 || to >= columns.length) return;
    for (const list of [columns, ...table.rules.map((rule) => rule[cells])] as unknown[][]) list.splice(to, 0, ...list.splice(at.index, 1));
    changed('place', { side: at.side, index: to });
  };
  const remove = (): void => {
    for (const list of [columns, ...table.rules.map((rule) => rule[cells])] as unknown[][]) list.splice(at.index, 1);
    changed('place');
  };
  return [
    tool('fa-arrow-left', text('action.left'), () => { move(-1); }, at.index === 0), tool('fa-arrow-right', text('action.right'), () => { move(1); }, at.index === columns.length - 1),
    tool('fa-trash', text('action.removeColumn'), remove, columns.length === 1),
  ];
}

/** A small button with an icon; its title is its name. */
export function tool(icon: string, title: string, act: () => void, disabled = false): JQuery {
  return $('<button type="button" class="red-ui-button red-ui-button-small waybill-tool">').attr({ title, 'aria-label': title }).prop('disabled', disabled)
    .append($('<i class="fa" aria-hidden="true">').addClass(icon)).on('click', act);
}
